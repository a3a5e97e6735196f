"""Copies are found whatever was renamed, moved or commented; independent right answers are not."""

from __future__ import annotations

import random
import re

import pytest

from autograder.course.releasing import notebook_of
from autograder.insight import parsing
from autograder.insight.parsing import Code, code_of, parsed
from autograder.insight.similar import Likeness, compare, digests
from autograder.reports.similar_page import similar_page
from tests.support.breaking import breaks
from tests.support.courses import ROOT
from tests.support.sample_class import build

FUNCTIONS = ("e_step", "m_step", "fit")
INDEPENDENT = ("bela", "chen", "dana")  # right, each in a style of their own
NAMES = (
    "log_joint",
    "largest",
    "counts",
    "responsibilities",
    "means",
    "covariances",
    "log_likelihoods",
    "step",
)


def cells(name: str) -> list[str]:
    """What a student of the sample class wrote."""
    answers = build.answers((build.STUDENTS / f"{name}.py").read_text(encoding="utf-8"))
    return [answers[function] for function in FUNCTIONS]


def solution() -> list[str]:
    notebook = notebook_of(ROOT / "solutions" / "em" / "em.py")
    named = {
        cell["metadata"].get("nbgrader", {}).get("grade_id"): cell["source"] for cell in notebook["cells"]
    }
    return [named[function] for function in FUNCTIONS]


MODEL = {"the model answer": code_of(solution())}


def likeness(students: dict[str, list[str]], others: dict[str, Code] | None = None) -> Likeness:
    codes = {name: code_of(sources) for name, sources in students.items()}
    return compare("em", codes, frozenset(), others or {})


def renamed(sources: list[str]) -> list[str]:
    pattern = re.compile(r"\b(" + "|".join(NAMES) + r")\b")
    return [pattern.sub(lambda name: f"v{NAMES.index(name[1])}", source) for source in sources]


def commented(sources: list[str]) -> list[str]:
    """Other comments, a docstring, annotations, blank lines."""
    made = []
    for source in sources:
        lines = "\n".join(f"{line}  # {number}\n" for number, line in enumerate(source.split("\n")))
        heading = re.compile(r"(def \w+\([^()]*\)):.*\n")
        made.append(heading.sub(r'\1 -> object:\n    """My own words."""\n', lines, count=1))
    return made


@pytest.mark.parametrize(
    "changed", [renamed, commented, lambda sources: sources[::-1], lambda sources: ["\n\n".join(sources)]],
    ids=["renamed", "commented", "reordered", "in one cell"],
)  # fmt: skip
def test_a_copy_has_the_same_structure(changed) -> None:
    found = likeness({"one": cells("dana"), "other": changed(cells("dana"))})
    assert [version.people for version in found.same] == [("one", "other")]


def test_a_copy_with_some_lines_rewritten_is_a_pair() -> None:
    source = cells("bela")
    source[1] = source[1].replace("range(", "range(0, ").replace("+=", "-= -1 *")
    found = likeness({"one": cells("bela"), "other": source})
    ((pair,),) = [found.pairs]
    assert {pair.first.people[0], pair.second.people[0]} == {"one", "other"}
    assert 0.6 <= pair.share < 1.0


def test_independent_right_answers_are_not_listed() -> None:
    found = likeness({name: cells(name) for name in INDEPENDENT}, MODEL)
    assert (found.compared, found.same, found.pairs, found.published) == (3, (), (), ())


def test_everyone_copying_the_model_answer_is_listed_under_it_once() -> None:
    copies = {f"s{number}": renamed(solution()) if number % 2 else solution() for number in range(40)}
    found = likeness(copies | {"chen": cells("chen")}, MODEL)
    ((pair,),) = [found.published]
    assert set(pair.first.people) == set(copies)
    assert pair.share == 1.0
    assert found.pairs == found.same == ()


def test_copies_that_were_edited_a_little_are_all_listed_under_the_model_answer() -> None:
    rng = random.Random(0)
    copies = {}
    for number in range(40):
        source = solution()
        source[rng.randrange(3)] += (
            f"\n\n\ndef more(x):\n    return x.{rng.choice('abcdef')}({number}) + x[{number}:]\n"
        )
        copies[f"s{number}"] = source
    found = likeness(copies, MODEL)
    assert {name for pair in found.published for name in pair.first.people} == set(copies)
    assert found.pairs == ()


def test_what_everybody_was_given_explains_itself() -> None:
    given = digests(code_of(cells("chen")))
    codes = {name: code_of(cells("chen")) for name in ("one", "other")}
    assert compare("em", codes, given, {}) == Likeness("em", 2, (), (), ())


def test_what_many_have_in_common_is_an_idiom() -> None:
    """The class shares a long helper; two of them share more."""
    helper = cells("bela")[0]
    students = {}
    for number in range(30):
        own = "\n".join(f"    x = x.f{number}_{line}({line}) * {number} - {line}" for line in range(40))
        students[f"s{number}"] = [helper, f"def own(x):\n{own}\n    return x"]
    assert likeness(students).pairs == ()
    students["copy"] = [*renamed(students["s3"]), "y = 1"]
    found = likeness(students)
    assert [version.people for version in found.same] + [
        pair.first.people + pair.second.people for pair in found.pairs
    ] in ([("copy", "s3")], [("s3", "copy")])


def test_what_cannot_be_parsed_costs_nobody_else_anything() -> None:
    odd = ["def f(:\n", "(" * 5000, "x = " + "-" * 90_000 + "1", "\0", "x = '\ud800'", "x" * 1_000_000]
    found = parsed({**{f"odd{n}": [source] for n, source in enumerate(odd)}, "chen": cells("chen")})
    assert [found[f"odd{n}"].fragments for n in range(len(odd))] == [()] * len(odd)
    assert found["chen"] == code_of(cells("chen"))


@pytest.mark.parametrize(
    "above", ["%%time\n", "%config InlineBackend.figure_format = 'svg'\n!ls\n", "#" + "x" * 200_000 + "\n"]
)
def test_96_a_copy_is_found_below_magics_and_a_long_comment(above: str) -> None:
    found = likeness({"ada": cells("bela"), "eve": [above + source for source in cells("bela")]})
    (version,) = found.same
    assert set(version.people) == {"ada", "eve"}
    assert found.partly == ()


@pytest.mark.parametrize("hidden", ["exec({!r})", "{} = = 1", "x = '" + "y" * 200_000 + "'  # {}"])
def test_96_whose_code_cannot_be_compared_is_named(hidden: str) -> None:
    first, *others = cells("bela")
    found = likeness({"ada": cells("chen"), "eve": [hidden.format(first.splitlines()[0]), *others]})
    assert found.partly == ("eve",)
    assert "eve" in similar_page(found).partition('id="partly"')[2].partition("</section>")[0]


def test_who_ends_the_parser_is_left_out_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_parse", breaks)
    found = parsed({"odd": ["x = 1"], "chen": cells("chen"), "bela": cells("bela")})
    assert found["odd"].fragments == ()
    assert all(found[name] == code_of(cells(name)) for name in ("chen", "bela"))


def test_the_page_shows_both_sides_marks_what_is_common_and_gives_no_verdict() -> None:
    page = similar_page(likeness({"<ada>": solution(), "chen": cells("chen")}, MODEL))
    assert "places to look, not verdicts" in page
    assert "the model answer" in page
    assert "100% in common" in page
    assert page.count("<pre") == 2
    assert page.count("<mark>") > 20
    assert "<ada>" not in page
    assert not re.search(r"plagiar|cheat|copied|guilty", page.split("</style>")[1], re.I)
