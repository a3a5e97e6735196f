# `make` alone explains the commands.
PYTHON ?= python3
PY := .venv/bin/python
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# A single thread for linear algebra: the two cores are shared by processes.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help install course book serve test attacks lint bench pdf lock clean

help:           ## what each command does
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

.venv/installed: requirements.lock pyproject.toml
	@.ci/system-packages course
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo "Installing Python packages (a minute or two)"
	@$(PY) -m pip install --quiet --require-hashes --requirement requirements.lock
	@$(PY) -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

install: .venv/installed ## the virtual environment and the system packages
	@.ci/system-packages course

course: install book ## the book, and a sample class released, graded and reported
	@$(PY) -m tests.support.sample_class _build/course

book: install   ## the book, strictly, into _build/html
	@$(PY) book/build.py

serve:          ## book, feedback and class report on http://localhost:8000
	@test -e _build/html/index.html || { echo "Nothing to serve yet: run 'make course' first." >&2; exit 1; }
	@mkdir -p _build/serve
	@ln -sfn ../html _build/serve/book
	@ln -sfn ../course/feedback _build/serve/feedback
	@ln -sfn ../course/report _build/serve/report
	@$(PY) -m http.server --bind 127.0.0.1 --directory _build/serve 8000

test: install   ## the whole test suite, with the time each folder took
	@.ci/system-packages test
	@$(PY) -m pytest tests

attacks: install ## the table of attacks and malformed submissions
	@$(PY) -m pytest tests/attacks tests/malformed -v --no-header

lint: install   ## ruff, mypy, codespell
	@$(PY) -m pytest tests/unit/test_lint.py

bench: install  ## speed against scikit-learn and against nbgrader (not a test)
	@$(PY) benchmarks/gmmlib_speed.py
	@$(PY) benchmarks/grading_speed.py

pdf: book       ## the whole book on paper: _build/book.pdf
	@.ci/system-packages test
	@$(PY) book/build.py --pdf

lock: install   ## the newest versions that pyproject.toml allows, into requirements.lock
	@$(PY) -m pip install --quiet uv
	@$(PY) -m uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    --upgrade --quiet --output-file requirements.lock

clean:          ## everything that the commands made, but for the virtual environment
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
