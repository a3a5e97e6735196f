"""What travels is written as JSON and read back as what it was."""

import json

import pytest

from autograder.values import QuestionResult, Recorded, Result, Verdict, entry_of, from_json, to_json

CHECKS = (
    Verdict("Rows sum to one.", True, 1.0, 1.0),
    Verdict("The weights are \u03c0.", False, 1 / 3, 3.0, "a factor is missing", "no-weights", "em-weights"),
)
QUESTIONS = (
    QuestionResult("em.e_step", 4 / 3, 4.0, "graded", CHECKS),
    QuestionResult("em.fit", 0.0, 2.0, "timed-out", (), "fit took too long."),
)
RESULT = Result("ada", "em", "graded", 4 / 3, 6.0, QUESTIONS, ("restored a cell",), ("tried to cheat",))
RECORDED = Recorded("digest+2", "basis", "2026-11-21 10:00:00 UTC", RESULT)


def test_a_record_is_read_back_as_it_was_written() -> None:
    assert from_json(to_json(RECORDED)) == RECORDED


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "7", "{}", '{"result": 1}', '{"attempt": "a"}'])
def test_what_is_no_record_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


def test_a_record_with_a_field_that_is_unknown_here_is_a_value_error() -> None:
    values = json.loads(to_json(RECORDED))
    values["result"]["colour"] = "blue"
    with pytest.raises(ValueError, match="colour"):
        from_json(json.dumps(values))


def test_the_first_check_with_a_misconception_is_the_recognised_one() -> None:
    assert QUESTIONS[0].recognised is CHECKS[1]
    assert QUESTIONS[1].recognised is None


def test_an_entry_of_the_results_file_has_the_keys_of_the_contract() -> None:
    entry = json.loads(json.dumps(entry_of(RESULT)))
    assert set(entry) >= {"student", "status", "score", "seconds", "repairs", "incidents", "questions"}
    assert set(entry["questions"][0]) == {"id", "score", "max_score", "status", "checks"}
    wanted = {"title", "passed", "points", "max_points", "message", "misconception", "see"}
    assert set(entry["questions"][0]["checks"][0]) == wanted
    assert entry["questions"][0]["checks"][0]["misconception"] is None
    assert entry["repairs"] == ["restored a cell"]
