"""The build: strict, quick when nothing changed, and not fooled by an edited library."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from book import build

sys.path.insert(0, str(build.ROOT / "book" / "_ext"))

from gmm_book import execution, mathml

MACROS = {"\\N": "\\mathcal{N}"}


@pytest.fixture(scope="module")
def renderer() -> mathml.Renderer:
    renderer = mathml.Renderer(build.BUILD / "temml", MACROS)
    yield renderer
    renderer.close()


def test_a_second_build_of_an_unchanged_book_builds_nothing(
    html: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "jupyter_book", lambda *_: pytest.fail("it was built again"))
    assert build.build_book() == 0


def test_a_line_that_the_kernel_sends_in_pieces_stays_one_line(tmp_path: Path) -> None:
    print_in_pieces = 'print(272, end="", flush=True); print(" eruptions", flush=True)'
    notebook = new_notebook(cells=[new_code_cell(print_in_pieces)])
    execution._execute(tmp_path / "page.md", notebook, 120)
    assert [output.text for output in notebook.cells[0].outputs] == ["272 eruptions\n"]


def test_tex_becomes_mathml(renderer: mathml.Renderer) -> None:
    mathml_text = renderer.render(r"\sqrt{x_i} \le \N(x)", display=False)
    assert mathml_text.startswith("<math>")
    assert "<msqrt>" in mathml_text
    assert "𝒩" in mathml_text


def test_tex_that_is_wrong_is_an_error_and_not_a_red_formula(renderer: mathml.Renderer) -> None:
    with pytest.raises(mathml.TexError, match="fracc"):
        renderer.render(r"\fracc{1}{2}", display=True)


def test_a_definition_in_one_formula_does_not_leak_into_the_next(renderer: mathml.Renderer) -> None:
    renderer.render(r"\gdef\leak{x} \leak", display=False)
    with pytest.raises(mathml.TexError):
        renderer.render(r"\leak + 1", display=False)


@pytest.fixture
def small_tree(tmp_path: Path) -> Path:
    for name in ("gmmlib/em.py", "book/figures/em.py", "book/figures/frame.py", "book/figures/soft.py"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text("from .frame import Picture\n" if "em.py" in name else "x = 1\n")
    yield tmp_path
    execution._content.cache_clear()


def edited_mark(tree: Path, name: str, page: str) -> tuple[str, str]:
    execution._content.cache_clear()
    before = execution.code_mark(tree, page)
    (tree / name).write_text("x = 2\n")
    execution._content.cache_clear()
    return before, execution.code_mark(tree, page)


@pytest.mark.parametrize("name", ["gmmlib/em.py", "book/figures/em.py", "book/figures/frame.py"])
def test_an_edit_of_what_a_page_imports_executes_it_again(small_tree: Path, name: str) -> None:
    before, after = edited_mark(small_tree, name, "from figures.em import bound\nfrom gmmlib import em\n")
    assert before != after


def test_an_edit_of_another_pages_figures_does_not(small_tree: Path) -> None:
    before, after = edited_mark(small_tree, "book/figures/soft.py", "from figures.em import bound\n")
    assert before == after


def test_a_page_that_imports_nothing_of_ours_is_executed_once(small_tree: Path) -> None:
    before, after = edited_mark(small_tree, "gmmlib/em.py", "print(1)\n")
    assert before == after


def test_the_lock_file_of_the_formula_renderer_names_no_host() -> None:
    assert "resolved" not in (mathml.HERE / "package-lock.json").read_text("utf-8")


def test_nothing_generated_stands_outside_the_build_folder() -> None:
    assert not list((build.ROOT / "book").rglob("node_modules"))
    assert shutil.which("git") is None or not list((build.ROOT / "book").rglob("*.ipynb"))


def test_the_book_on_paper_names_no_folder_of_the_machine_that_built_it() -> None:
    card = 'pip install <a data-wheel href="../_static/runtime/course.whl">course.whl</a>'
    assert build.for_paper(card) == "pip install (address of the book)/_static/runtime/course.whl"
    assert build.for_paper('<a href="book/intro.html#em">') == '<a href="#em">'


def test_links_of_the_book_on_paper_say_the_page_that_they_lead_to() -> None:
    pdf = (
        b"3 0 obj\n<</Type /Page\n>>\n9 0 obj\n<</Type /Page\n>>\n4 0 obj\n<</Type /Pages\n>>\n"
        b"5 0 obj\n<</document-book#2Fem [3 0 R /XYZ 0 800 0]\n/em-jensen [9 0 R /XYZ 0 700 0]\n"
        b"/em [3 0 R /XYZ 0 121.9 0]>>\n6 0 obj\n<</Title (EM)\n/Dest [9 0 R /XYZ 0 700 0]>>\n"
    )
    numbers = build.page_numbers(pdf)
    assert numbers == {"document-book/em": 1, "em-jensen": 2, "em": 2}  # the last at the foot of page 1
    link = '<a class="reference internal" href="#em-jensen"><span class="std std-ref">here</span></a>'
    assert build.with_page_numbers(link, numbers) == f'{link}<span class="on-page">p.&nbsp;2</span>'
    entry = '<a class="reference internal nav-link" href="#document-book/em">3. EM</a>'
    assert build.with_page_numbers(entry, numbers) == f'{entry}<span class="on-page">1</span>'
    equation = '<a class="reference internal" href="#equation-em-kl">(3.4)</a>'
    assert build.with_page_numbers(equation, numbers) == equation


def test_on_paper_a_citation_leads_to_its_work_and_a_call_that_only_draws_is_left_out() -> None:
    cited = '<a class="reference internal" href="#id35" title="Smoothing">1991</a>'
    work = '<div class="citation" id="id35" role="listitem">'
    assert build.for_paper(cited + work).count("work-35") == 2

    def source(code: str) -> str:
        return f'<details class="admonition hide above-input"><pre><span></span>{code}\n</pre></details>\n'

    assert build.for_paper(source("<b>figures</b>.jensen()")) == ""
    kept = source("X = old_faithful()\nfigures.scan(X)")
    assert build.for_paper(kept) == kept


def test_on_paper_links_lead_into_headings_which_may_begin_a_page() -> None:
    chapter = '<span id="document-book/em"></span><section id="em-two">\n<span id="em"></span><h2>EM</h2>'
    links = '<a href="#document-book/em"><a href="#em"><a href="#equation-em-kl">'
    text = build.for_paper(chapter + links)
    assert (
        '<span id="em"></span><h2><span id="in-document-book/em"></span><span id="in-em"></span>EM</h2>'
        in text
    )
    assert text.endswith('<a href="#in-document-book/em"><a href="#in-em"><a href="#equation-em-kl">')
