"""What honest students write in Jupyter looks right to who grades it at the desk."""

from __future__ import annotations

import re
from html import unescape

import pytest

from autograder.reports.markdown import shown


def words(html: str) -> str:
    """What a person reads, without spaces."""
    return unescape(re.sub(r"<[^>]*>|\s", "", html))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (r"$\arg\max_k r_k$", "argmaxkrk"),
        (r"$\operatorname*{arg\,max}_\theta \ell$", "argmaxθℓ"),
        (r"$a \not= b$", "a≠b"),
        (r"$a \not\in B$", "a∉B"),
        (r"$a \not\subset B$", "anot⊂B"),
        (r"$\begin{aligned} a &= b \\ &\geq c \end{aligned}$", "a=b≥c"),
        (r"$\begin{alignedat}{2} a &= b \end{alignedat}$", "a=b"),
        (r"$\begin{eqnarray} a &=& b \end{eqnarray}$", "a=b"),
        (r"$\begin{dcases} 1 & x \\ 2 & y \end{dcases}$", "{1x2y"),
        (r"$a \label{one} = b \nonumber$", "a=b"),
    ],
)
def test_a_formula_that_the_converter_does_not_know_is_shown_in_words_that_it_knows(
    typed: str, read: str
) -> None:
    html = shown(typed)
    assert "<code>" not in html
    assert words(html) == read


ALIGN = "\\begin{align*}\na &= b_1 \\\\\n&= c_2\n\\end{align*}"


@pytest.mark.parametrize("marks", ["\n", "\n\n$$\n", "$$", "$"])
def test_an_environment_is_a_formula_with_and_without_dollars(marks: str) -> None:
    html = shown(f"so {marks}{ALIGN}{marks[::-1]} and")
    assert html.count("<mtable") == 1
    assert words(html) == "soa=b1=c2and"


@pytest.mark.parametrize("typed", [f"```\n{ALIGN}\n```", "`\\begin{align}a\\end{align}`"])
def test_an_environment_in_code_is_code(typed: str) -> None:
    assert "<math" not in shown(typed)
    assert "begin{align" in shown(typed)
