"""Which notes a person must look at, and that they come first."""

from __future__ import annotations

import re
from dataclasses import replace

from autograder.insight.look import ended_early, repairs, to_judge
from autograder.reports.class_findings import notes
from tests.support.made_class import everybody

LOST = "the picture a.heic cannot be shown: it is damaged; ask for it"


def test_what_a_person_must_judge_comes_before_what_was_only_put_right() -> None:
    (entry,) = everybody(looping=1).graded
    result = replace(entry.result, repairs=("restored a check cell", LOST))
    assert repairs(result) == [LOST, "restored a check cell"]
    assert to_judge(result) == [LOST]
    assert [*ended_early(result)] == ["fit timed out"]


def test_the_class_page_begins_with_incidents_and_with_whom_a_person_must_look_at() -> None:
    mild, lost = everybody(empty=2).graded
    lost = replace(lost, result=replace(lost.result, repairs=(LOST,)))
    page = notes([mild, lost, *everybody(looping=1).graded])
    headings = re.findall("<h3>(.*?)</h3>", page)
    assert headings == ["Incidents", "Time-outs and early ends", "Repairs"]
    assert page.index("ask for it") < page.index("restored a check cell")
