# `make` alone explains the commands.
PYTHON ?= python3
PY := .venv/bin/python
# Where `make serve` shows the book; links in notebooks and feedback lead to 8000.
PORT ?= 8000
# Processes that run the tests; 0 is the one that pytest is anyway. Three for two cores: tests often wait.
PROCESSES ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# A single thread for linear algebra: the two cores are shared by processes.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help install compiled system course book serve unit test attacks hub lint mutants bench pictures pdf lock clean

help:           ## what each command does
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

# Debian packages: for the course, or for the tests too. What is installed is said first; APT=no refuses.
SYSTEM := course
test pdf pictures: SYSTEM := test
system:
	@APT=$(APT) tools/system-packages $(SYSTEM)

.venv/installed: requirements.lock pyproject.toml tools/python-packages | system
	@test -x $(PY) || $(PYTHON) -m venv .venv
	@echo "Installing Python packages into .venv (about half a minute)"
	@tools/python-packages
	@touch $@

install: .venv/installed ## the virtual environment and the system packages

course: install book ## the book, and a sample class released, graded and reported
	@$(PY) -m tests.support.sample_class _build/course

book: install   ## the book, strictly, into _build/html
	@$(PY) book/build.py

serve:          ## book, feedback and class report on http://localhost:8000; PORT=8001
	@test -e _build/html/index.html || { echo "Nothing to serve yet: run 'make course' first." >&2; exit 1; }
	@$(PY) -c 'import socket; socket.create_server(("127.0.0.1", $(PORT)))' 2>/dev/null || \
	    { echo "Port $(PORT) is taken. For another one type: make serve PORT=8001" >&2; exit 1; }
	@mkdir -p _build/serve
	@ln -sfn ../html _build/serve/book
	@ln -sfn ../course/feedback _build/serve/feedback
	@ln -sfn ../course/report _build/serve/report
	@$(PY) -m http.server --bind 127.0.0.1 --directory _build/serve $(PORT)

# The tests start a thousand processes; where Python is told to write no compiled files, each would compile these.
compiled: install
	@$(PY) -m compileall -q autograder gmmlib book/figures book/_ext

unit: compiled  ## the quick tests: two minutes
	@$(PY) -m pytest tests/unit tests/truth tests/properties --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

test: compiled  ## the whole test suite, with the time each folder took
	@$(PY) -m pytest tests --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder

attacks: install ## the table of attacks and malformed submissions
	@$(PY) -m pytest tests/attacks tests/malformed -v --no-header

hub: install    ## a real JupyterHub and its exchange, among real accounts (as root)
	@$(PY) -m pytest tests/hub -rs

lint: install   ## ruff, mypy, codespell
	@$(PY) -m pytest tests/unit/test_lint.py

mutants: install ## which wrong answers the questions take for right (not a test); ONLY=em.fit
	@$(PY) -m tools.mutants $(ONLY)

bench: compiled ## speed against scikit-learn and nbgrader, and in the page (not a test)
	@$(PY) benchmarks/gmmlib_speed.py
	@$(PY) benchmarks/good_answers.py
	@$(PY) benchmarks/grading_speed.py
	@$(PY) book/build.py
	@$(PY) benchmarks/page.py

pictures: book  ## the README's pictures and the output of check in it
	@$(PY) -m tools.pictures

pdf: book       ## the whole book on paper: _build/book.pdf
	@$(PY) book/build.py --pdf

# Hashes and no addresses. The Hub of the tests has the versions of requirements.lock.
COMPILE := .venv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --no-emit-find-links --custom-compile-command "make lock" --upgrade --quiet
lock: install   ## the newest versions that pyproject.toml allows, into requirements.lock
	@$(COMPILE) pyproject.toml --all-extras --output-file requirements.lock
	@$(COMPILE) tests/hub/hub.in pyproject.toml --extra grade --constraint requirements.lock --output-file tests/hub/hub.lock
	@$(COMPILE) tests/hub/ngshare.in --output-file tests/hub/ngshare.lock
	@$(COMPILE) tests/hub/ngshare-exchange.in --no-deps --output-file tests/hub/ngshare-exchange.lock
	@cd tests/hub && npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund --silent

clean:          ## everything that the commands made, but for the virtual environment
	@rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis
