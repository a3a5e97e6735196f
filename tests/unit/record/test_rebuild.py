"""What a student writes keeps its words and loses what would act on the page of who grades."""

from __future__ import annotations

import html
import re
import time
from pathlib import Path
from typing import Any

import pytest
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import markdown2html_mistune as markdown2html

from autograder.course.release import Release
from autograder.intake import formulas
from autograder.record.rebuild import BRACKETS, WORD_JOINER, _language, _outputs, defused
from autograder.values import CellOutput

SOLUTIONS = Path(__file__).parents[3] / "solutions"


@pytest.mark.parametrize(
    "formula",
    [
        r"\mmlToken{mtext}[id=why]{x}",
        r"\bbox[margin:-300px]{x}",
        r"\rlap{\raise{20em}{6/6}}",
        r"\rule{100em}{100em}",
        r"\Rule{100em}{100em}{0em}",
        r"\toggle{a}{b}\endtoggle",
        r"\htmlId{why}{x}",
    ],
)
def test_a_formula_gets_no_attributes_and_covers_nothing(formula: str) -> None:
    command = formula.partition("{")[0].partition("[")[0]
    assert command not in defused(f"${formula}$")


@pytest.mark.parametrize(
    "command",
    [
        r"\hspace",
        r"\hskip",
        r"\mspace",
        r"\mskip",
        r"\kern",
        r"\mkern",
        r"\negthinspace",
        r"\vspace",
        r"\skew",
        r"\above",
        r"\genfrac",
        r"\uproot",
        r"\mathclap",
        r"\llap",
        r"\smash",
        r"\href",
        r"\require",
        r"\csname",
        r"\let",
        r"\unheardof",
    ],
)
def test_only_commands_that_are_known_to_be_harmless_are_left(command: str) -> None:
    for text in (f"${command}{{-9em}}x$", f"${command}-9em$", f"\\{command}-9em", f"$\\x{{{command} -9em}}$"):
        assert command not in defused(text)


@pytest.mark.parametrize(
    "text",
    [
        r"a\\[-9em] b",
        "a\\\\ * \n [ -9em] b",
        r"\\\\[-#1em]",
        rf"a\\[-9em{' ' * 60}] b",
        r"a\\[9 00em] b",
        r"\!\!\!x",
        r"\\!x",
        r"\\\!",
    ],
)
def test_no_row_and_no_step_goes_back_over_what_was_there(text: str) -> None:
    shown = defused(text)
    assert not re.search(r"\\\\[\s*]*\[", shown)
    assert r"\!" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (r"\newcommand{\r}[1]{\\#1} \r{[-9em]}", r"{\\{}#1{}} \rStudent{[-9em]}"),
        (r"\newcommand{\r}{\\}\r[900em]", r"{\\{}}\rStudent[900em]"),
        (r"\def\r#1{x#1[-9em]}\r\\", r"x#1{}[-9em]}\rStudent\\"),
        (r"\def\r#1#2{x#1#2}\r\\{[-9em]}", r"#1#2{x#1{}#2{}}\rStudent\\{[-9em]}"),
        (r"\def\r#1{\over#1}\r{\\}[-9em]", r"#1{\over#1{}}\rStudent{\\{}}[-9em]"),
    ],
)
def test_no_command_of_a_student_puts_such_a_row_together(text: str, shown: str) -> None:
    assert shown in defused(text)


@pytest.mark.parametrize(
    "text",
    [r"\def\f#1;{x#1hspace{-9em}}\f\;", r"\def\f #1 {x#1href{a}{b}}\f\ ", r"\def\f[#1]{x#1require}\f[\]"],
)
def test_no_command_of_a_student_ends_its_argument_in_the_middle_of_another_one(text: str) -> None:
    assert r"\def" not in defused(text)


@pytest.mark.parametrize(
    "text",
    [
        r"\newcommand{\N}[2]{\mathcal{N}(#1|#2)}",
        r"\renewcommand \N {x}",
        r"\newcommand*{\E}[2][p]{x_a #1 y}",
        r"\DeclareMathOperator{\N}{tr}",
        r"\def\N#1#2{x #1 y}",
    ],
)
def test_a_definition_as_mathematicians_write_it_is_kept(text: str) -> None:
    shown = defused(text).replace(WORD_JOINER, "")
    assert shown == re.sub(r"\\([NE])\b", r"\\\1Student", text)


def test_a_row_that_ends_is_no_step_back() -> None:
    text = r"\begin{pmatrix} a & b \\ [c] & -d \\[2pt] e & f \end{pmatrix}"
    assert defused(text) == text


def test_a_definition_of_a_student_changes_no_other_formula_and_passes_for_no_command() -> None:
    assert defused(r"$\def\sum{6} \sum_i$") == r"$\def\sumStudent{6} \sumStudent_i$"
    assert defused(r"`\newcommand{\hspace}{}` $\hspace{-9em}$").count(r"\hspaceStudent") == 2
    assert defused(r"$\E x$", defined={"E"}) == r"$\EStudent x$"
    assert defused(r"$\E x$", released={"E"}) == r"$\E x$"


@pytest.mark.parametrize(
    "text",
    [
        "\\def%\n\\sum{6}",
        r"\def\f#1{\def#1{6}}\f\sum",
        r"\let\x=\def\x\sum{6}",
        r"\newcommand{\a}{\def}\a\sum{6}",
        r"\def" + 30 * " " + r"\sum{6}",
        r"\def\def\sum{6}",
    ],
)
def test_no_definition_reaches_the_instructors_formulas_by_a_detour(text: str) -> None:
    known = r"\\(?:def|let|newcommand)(?![A-Za-z])(?!\s?\{?\\[A-Za-z]+Student)"
    assert not re.search(known, defused(text))


def test_letters_that_turn_the_text_around_them_are_left_out() -> None:
    assert defused("full \u202estniop\u202c \u2066x\u2069") == "full stniop x"


def test_accents_do_not_pile_up_over_other_lines() -> None:
    assert defused("e" + 500 * "\u0301\u20dd\u0e49") == "e" + "\u0301\u20dd\u0e49\u0301"
    assert defused("e" + 30_000 * "\u302e\U0001d165") == "e" + 2 * "\u302e\U0001d165"  # else slow to sort
    assert defused("Nguye\u0302\u0303n, שָׁלוֹם") == "Nguye\u0302\u0303n, שָׁלוֹם"


def test_accents_do_not_pile_up_in_what_is_printed_and_raised_either() -> None:
    pile, low = "e" + 500 * "\u0301", "e" + 4 * "\u0301"
    printed, raised = _outputs(Release("em", (), ""), None, CellOutput(0, pile, f"ValueError: {pile}"), {})
    assert printed["text"] == low
    assert (raised["evalue"], raised["traceback"]) == (low, [f"ValueError: {low}"])


def test_code_on_whose_colours_formgrader_works_for_minutes_is_shown_without() -> None:
    floods = ("x = 1" + "\n " * 100_000 + "\ny = 2", "x = 1\n" * 500_000)
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "source": source, "metadata": {}} for source in ("x = 1", *floods, "y = 2")
    ]
    assert _language(cells[:1]) == {"name": "python"}
    highlight = Highlight2HTML(pygments_lexer=_language(cells)["pygments_lexer"])
    spent = time.process_time()
    coloured = ['class="o"' in highlight(cell["source"], metadata=cell["metadata"]) for cell in cells]
    assert coloured == [True, False, False, True]
    assert time.process_time() - spent < 30.0  # with colours it takes hours


@pytest.mark.parametrize("piece", ["[", "![", "[^a", "[]", "[a](b"])
def test_a_text_full_of_brackets_is_shown_in_seconds(piece: str) -> None:
    shown = defused(piece * 15_000)
    assert shown.count("[") == BRACKETS  # with all of them formgrader works on one such text for 12 s
    words = re.sub("<[^>]*>", "", markdown2html(shown)).strip()
    assert html.unescape(words).replace(" ", "").count("[") >= 15_000 - BRACKETS
    listing = "```\n" + "[1.5, 2.5],\n" * 2_900 + "```\n[a](https://x.org)"
    assert defused(listing) == listing


def test_ordinary_formulas_and_links_stay_as_they_are() -> None:
    text = r"$\hat\mu_k = \frac{1}{N_k}\sum_i r_{ik}\, x_i \quad \tilde\Sigma^{-1} \operatorname{tr} \space$ [a](https://x.org)"
    assert defused(text) == text


def test_every_formula_of_the_course_may_be_written_by_a_student() -> None:
    unknown = {
        name
        for page in SOLUTIONS.glob("*/*.py")
        for formula in re.findall(r"\$[^$]+\$", page.read_text(encoding="utf-8"))
        for name in re.findall(r"\\([A-Za-z]+)", formula)
    } - formulas.ALLOWED
    assert not unknown
