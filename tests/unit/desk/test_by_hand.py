"""Answers alike, and personal links: pure functions of the desk."""

from __future__ import annotations

import time

import pytest

from autograder.course.directory import open_course
from autograder.desk.by_hand import alike, key_of
from autograder.desk.links import Link, address_of, origin_of, read, signed
from autograder.record.by_hand import Written
from tests.support.courses import released


def answer(student: str, text: str) -> Written:
    return Written(student, student, text, None, "", True, False)


def test_spaces_capitals_and_forms_of_letters_do_not_tell_answers_apart() -> None:
    texts = ("Über  alles", "u\u0308ber\nALLES", "über alles.")
    groups = alike([answer(str(n), text) for n, text in enumerate(texts)], b"secret")
    assert sorted(len(group.students) for group in groups) == [1, 2]


def test_words_beside_a_formula_are_the_same_in_capital_letters() -> None:
    texts = (
        "The variance is $S_k / N_k$ = Σ.",
        "the  VARIANCE is\n$S_k/N_k$ = Σ.",
        "the variance is $s_k / N_k$ = Σ.",
    )
    groups = alike([answer(str(n), text) for n, text in enumerate(texts)], b"secret")
    assert sorted(len(group.students) for group in groups) == [1, 2]


def test_signs_of_a_formula_do_tell_answers_apart() -> None:
    assert len({key_of(text) for text in ("$a<b$", "$a>b$", "$a-b$", "$a+b$")}) == 4


@pytest.mark.parametrize(
    "texts",
    [
        (r"$\Sigma = S / n$", r"$\sigma = s / n$"),
        (r"so \Sigma = S / n", r"so \sigma = s / n"),
        ("Sigma is S / n", "sigma is S / n"),
        ("$Var$", "$var$"),
        ("AB has a trace", "ab has a trace"),
        ("log(N) K_k", "log(n) k_k"),
        ("2⁵", "25"),
        ("σ²", "σ2"),
    ],
)
def test_letters_that_mean_something_else_in_a_formula_tell_answers_apart(texts: tuple[str, str]) -> None:
    """Else who wrote the wrong one would get the points of the right one, unseen."""
    assert len({key_of(text) for text in texts}) == 2


def test_two_pictures_are_two_answers_although_the_words_are_the_same() -> None:
    assert len({key_of("[sheet.jpg]", pictures) for pictures in ((), ("a",), ("b",), ("a", "b"))}) == 4


def test_the_order_of_answers_says_nothing_of_the_names() -> None:
    """Renamed students stand in the same order; another course has another order."""
    texts = [f"answer {number}" for number in range(20)]
    order = [group.key for group in alike([answer(f"a{n}", t) for n, t in enumerate(texts)], b"one")]
    renamed = [group.key for group in alike([answer(f"z{99 - n}", t) for n, t in enumerate(texts)], b"one")]
    elsewhere = [group.key for group in alike([answer(f"a{n}", t) for n, t in enumerate(texts)], b"two")]
    assert order == renamed
    assert order != elsewhere


def test_a_link_stands_for_what_was_signed_until_its_time_is_over() -> None:
    course = open_course(released())
    link = Link("Ada Öz/..<b>", "em", int(time.time()) + 100)
    assert read(course, signed(course, link)) == link
    assert read(course, signed(course, Link("ada", "em", int(time.time()) - 1))) is None
    assert address_of(course, "https://x.org/", link) == f"https://x.org/h/{signed(course, link)}"


def test_an_address_of_a_desk_has_a_host_and_nothing_behind_it() -> None:
    assert origin_of("https://Desk.Example.org:8443") == (
        "desk.example.org:8443",
        "https://desk.example.org:8443",
    )
