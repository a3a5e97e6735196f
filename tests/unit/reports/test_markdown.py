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
        (r"$\begin{aligned} a &= b \\[4pt] &= c \\ [-1.5 ex] &= [d] \end{aligned}$", "a=b=c=[d]"),
        (r"$\begin{vmatrix} a & b \\ c & d \end{vmatrix}$", "|abcd|"),
        (r"$\begin{Vmatrix} a \end{Vmatrix}$", "‖a‖"),
        ("$ s^2 = 1 $", "s2=1"),
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


def test_sums_of_money_are_no_formula() -> None:
    assert "<math" not in shown("from $ 5 to $ 6 or $ 7")


@pytest.mark.parametrize("matrix", ["vmatrix", "Vmatrix"])
def test_the_bars_of_a_determinant_are_as_tall_as_it(matrix: str) -> None:
    assert shown(rf"$\begin{{{matrix}}} a \\ b \end{{{matrix}}}$").count('stretchy="true"') == 2


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (r"$\log p(x)$", "log p(x)"),
        (r"$x y \log s^2$", "xy log s2"),
        (r"$\log(x)$", "log(x)"),
        (r"$-\log \frac{a}{b}$", "−log ab"),
        (r"$x^{\log y}$", "xlog y"),
    ],
)
def test_log_and_its_like_stand_apart_from_letters(typed: str, read: str) -> None:
    spaced = re.sub("<mspace[^>]*>", " ", shown(typed).strip())
    assert unescape(re.sub(r"<[^>]*>", "", spaced)) == read


def test_argmax_stands_upright() -> None:
    assert "<mi>a</mi>" not in shown(r"$\operatorname*{arg\,max}_k r$ and $\operatorname{arg\, min}_k r$")
