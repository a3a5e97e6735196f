"""What a report says, as data: the same that its text and its page say, and plain enough for JSON."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from html import escape

import numpy as np
import pytest

from autograder.check import Content, as_json, check
from autograder.check.asking import PRINT_LIMIT
from autograder.links import book_url
from autograder.questions import find


def mistaken(X, responsibilities):
    """Divide the scatter by one less, as for the variance of a sample."""
    name = "covariances-divided-by-count-minus-one"
    mistake = next(entry for entry in find("em.m_step").misconceptions if entry.name == name)
    return mistake.implementation(X, responsibilities)


def test_a_mistake_is_given_by_name_and_sentence_with_the_call_and_the_places() -> None:
    content = check("em.m_step", mistaken).content()
    assert (content.name, content.kind, content.status) == ("m_step", "judged", "graded")
    assert not content.right
    assert content.misconception == "covariances-divided-by-count-minus-one"
    assert content.diagnosis.startswith("The scatter is divided by N_k - 1")
    assert content.example is not None
    assert "covariances" in content.example.returned
    assert "covariances" in content.example.expected
    assert content.example.line is None
    assert content.read[0].address == book_url(content.read[0].label)
    failed = [line for line in content.checks if not line.passed]
    assert 0 < len(failed) < len(content.checks)
    assert content.misconception in {line.misconception for line in failed}


def test_text_and_page_say_what_the_content_says() -> None:
    report = check("em.m_step", mistaken)
    content, text, page = report.content(), repr(report), report._repr_html_()
    assert content.example is not None
    said = [content.headline, content.diagnosis, content.example.case]
    said += [line.title for line in content.checks] + [place.address for place in content.read]
    for sentence in said:
        assert sentence in text
        assert escape(sentence, quote=False) in page or escape(sentence) in page


def test_json_holds_every_value() -> None:
    content = check("em.m_step", mistaken).content()
    told = json.loads(as_json(content))
    assert told["right"] is False
    assert told["misconception"] == content.misconception
    assert [line["title"] for line in told["checks"]] == [line.title for line in content.checks]
    assert told["example"]["call"] == content.example.call if content.example else False
    assert told["read"] == [{"label": place.label, "address": place.address} for place in content.read]


def test_the_line_of_an_error_is_a_number() -> None:
    def m_step(X, responsibilities):
        raise ValueError("no")

    content = check("em.m_step", m_step).content()
    assert content.status == "raised"
    assert content.example is not None
    assert content.example.line == m_step.__code__.co_firstlineno + 1


def test_what_was_not_judged_has_a_headline_alone() -> None:
    def m_step(X, responsibilities):
        raise NotImplementedError

    stub, problem = check("em.m_step", m_step).content(), check("em.nothing", print).content()
    assert stub == Content("m_step", "not-written", False, "not-written", stub.headline)
    assert problem == Content("nothing", "problem", False, "", problem.headline)


def test_a_right_function_has_nothing_but_passed_checks() -> None:
    content = check("selection.aic", find("selection.aic").reference).content()
    assert content.right
    assert all(line.passed and not line.reasons for line in content.checks)
    assert (content.diagnosis, content.misconception, content.example, content.read) == ("", None, None, ())


def test_what_a_function_prints_is_kept_up_to_a_limit() -> None:
    def aic(log_likelihood, n_parameters):
        print("noise" * PRINT_LIMIT)
        return -2 * log_likelihood + 2 * n_parameters

    content = check("selection.aic", aic).content()
    assert content.right
    assert content.printed.startswith("noisenoise")
    assert len(content.printed) == PRINT_LIMIT


def test_a_lone_surrogate_in_what_is_printed_stays_valid_json() -> None:
    def aic(log_likelihood, n_parameters):
        print("\ud800")
        return np.nan

    as_json(check("selection.aic", aic).content()).encode()


def test_the_content_cannot_be_changed() -> None:
    content = check("selection.aic", find("selection.aic").reference).content()
    with pytest.raises(FrozenInstanceError):
        content.right = False  # type: ignore[misc]
