"""What a student writes keeps its words and loses what would act on the page of who grades."""

from __future__ import annotations

import pytest

from autograder.record.rebuild import defused


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


@pytest.mark.parametrize("defining", [r"\def\sum{6}", r"\let\sum=\prod", r"\renewcommand{\sum}{6}"])
def test_a_definition_does_not_change_the_instructors_formulas(defining: str) -> None:
    assert defining not in defused(f"${defining}$", {"sum"})
    assert defining in defused(f"${defining}$", {"frac"})


def test_letters_that_turn_the_text_around_them_are_left_out() -> None:
    assert defused("full \u202estniop\u202c \u2066x\u2069") == "full stniop x"


def test_ordinary_formulas_and_links_stay_as_they_are() -> None:
    text = r"$\hat\mu_k = \frac{1}{N_k}\sum_i r_{ik}\, x_i \quad \newcommand{\own}{x}\own \space$ [a](https://x.org)"
    assert defused(text, {"sum", "frac"}) == text
