"""How long the lessons are, and whether they say so."""

from __future__ import annotations

import re

import pytest

from tests.book.test_pages import LESSONS
from tests.support.reading import reading_time


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_first_reading_of_a_lesson_fits_into_one_sitting(lesson: str, pages: dict[str, str]) -> None:
    assert reading_time(pages[f"book/{lesson}"]).prose <= 3000


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_takes_the_minutes_that_its_head_promises(lesson: str, pages: dict[str, str]) -> None:
    source = pages[f"book/{lesson}"]
    facts = re.search(r'<p class="lesson-facts">(.*?)</p>', source)
    assert facts, "a lesson's head names its minutes"
    first = re.search(r"first reading (\d+) minutes", facts[1])
    second = re.search(r"what is folded, (\d+) more", facts[1])
    time = reading_time(source)
    assert first
    assert int(first[1]) == pytest.approx(time.first_minutes, abs=3)
    assert (int(second[1]) if second else 0) == pytest.approx(time.second_minutes, abs=3)


def test_words_behind_a_fold_belong_to_the_second_reading() -> None:
    page = """<p>outside</p><article><p>one two <math display="block"><mi>x</mi></math> three</p>
    <details class="fold"><summary>four</summary><p>five six<br>seven</p></details>
    <details class="hide"><summary>Show</summary><pre>x = 1</pre></details><pre>y = 2</pre></article>"""
    time = reading_time(page)
    assert (time.prose, time.first, time.second) == (4, 4 + 20 + 3, 3)
