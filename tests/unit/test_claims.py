"""What README, THREATS and CITATION say of the repository is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from autograder import __version__
from autograder.questions import ASSIGNMENTS, of_assignment
from tools.pictures import LIMIT, PICTURES, README, check_output, shown_output

ROOT = Path(__file__).parents[2]
ATTACKS, MALFORMED = (ROOT / "tests" / "THREATS.md").read_text("utf-8").split("## Malformed but honest")
ROW = re.compile(r"^\| (\d+) \| .* \| (.*?) ?\|$", re.MULTILINE)
#: How a test cites a line of each list.
CITES_ATTACK = r"Trick\(\s*(\d+),|@attack\(\s*(\d+)[,)]|def test_(\d+)_"
CITES_MALFORMED = r"@line\(\s*(\d+)[,)]|def test_(31)_"


def listed(text: str) -> dict[int, str]:
    """Mark of each line, by its number."""
    return {int(number): mark for number, mark in ROW.findall(text)}


def cited(pattern: str, *folders: str) -> set[int]:
    """Numbers that tests cite."""
    files = [path for folder in folders for path in (ROOT / "tests" / folder).rglob("*.py")]
    found = (match for path in files for match in re.findall(pattern, path.read_text("utf-8")))
    return {int(number) for match in found for number in match if number}


@pytest.mark.parametrize(
    ("text", "citations"),
    [
        (ATTACKS, cited(CITES_ATTACK, "attacks", "malformed", "grading", "browser", "unit")),
        (MALFORMED, cited(CITES_MALFORMED, "malformed")),
    ],
    ids=["attacks", "malformed"],
)
def test_the_threats_marked_as_tested_are_those_that_tests_cite(text: str, citations: set[int]) -> None:
    assert {number for number, mark in listed(text).items() if mark == "✓"} == citations


@pytest.mark.parametrize(("text", "count"), [(ATTACKS, 98), (MALFORMED, 44)], ids=["attacks", "malformed"])
def test_each_threat_has_a_number_of_its_own(text: str, count: int) -> None:
    numbers = [int(number) for number, _ in ROW.findall(text)]
    assert sorted(numbers) == list(range(1, count + 1))


def test_the_readme_shows_what_check_prints() -> None:
    assert shown_output() == check_output(), "run `make pictures`"


def test_the_readme_counts_questions_misconceptions_attacks_and_malformed_submissions() -> None:
    questions = [question for assignment in ASSIGNMENTS for question in of_assignment(assignment)]
    entries = [entry for question in questions for entry in question.misconceptions]
    slips = sum(entry.slip for entry in entries)
    tricks = (ROOT / "tests/attacks/tricks.py").read_text("utf-8").count("\n    Trick(")
    lines = (ROOT / "tests/malformed/test_malformed_but_honest.py").read_text("utf-8").count("\n@line(")
    text = " ".join(README.read_text("utf-8").split())
    assert f"{len(entries) - slips} wrong implementations of {len(questions)} functions" in text
    assert f"{slips} slips that any function may have" in text
    assert f"{tricks} tricks while a notebook runs" in text
    assert f"{lines} broken but honest submissions" in text


def test_each_picture_of_the_readme_is_there_in_both_themes_small_and_described() -> None:
    pictures = re.findall(r'srcset="([^"]+)"><img src="([^"]+)" alt="([^"]{40,})"', README.read_text("utf-8"))
    assert len(pictures) == 4
    for dark, light, _ in pictures:
        assert (dark, light) == (light.replace("-light", "-dark"), dark.replace("-dark", "-light"))
    shown = {ROOT / path for dark, light, _ in pictures for path in (dark, light)}
    assert shown == set(PICTURES.glob("*.png"))
    assert all(path.stat().st_size <= LIMIT for path in shown)


PAGES = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "tests/THREATS.md", "book/README.md")


@pytest.mark.parametrize("page", PAGES)
def test_links_to_files_lead_somewhere(page: str) -> None:
    path = ROOT / page
    text = re.sub(r"^( {4}|```).*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    local = [target for target in targets if not target.startswith(("http", "#"))]
    assert [target for target in local if not (path.parent / target.partition("#")[0]).exists()] == []


def test_a_version_is_released_in_the_citation_exactly_if_the_changelog_says_so() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == __version__
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    heading = re.search(rf"^## {re.escape(__version__)} – (.+)$", changelog, re.MULTILINE)
    assert heading is not None
    released = str(citation.get("date-released", "unreleased"))
    assert heading[1] == released
