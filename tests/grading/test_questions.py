"""The questions are sharp: wrong answers lose points and are named, the reference earns everything."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import islice

import numpy as np
import pytest

from autograder.check.asking import answer, public_cases
from autograder.judge.diagnosis import MOST_PAIRS, Outcomes, answered_by
from autograder.judge.points import findings_of, judge, judge_seen
from autograder.judge.seen import expected, see
from autograder.judge.two_mistakes import pairs
from autograder.questions import ASSIGNMENTS, find, of_assignment
from autograder.questions.em.fit import reference as em_fit
from autograder.questions.labels.wrong_matches import cheapest, distances
from autograder.values import (
    Answer,
    Case,
    FloatArray,
    Misconception,
    Question,
    QuestionAnswers,
    QuestionResult,
)
from tests.support.functions import MAX, graded_on, named

QUESTIONS = [question for name in ASSIGNMENTS for question in of_assignment(name)]
MISTAKES = [(question, m) for question in QUESTIONS for m in question.misconceptions if not m.slip]


def ids(question: Question) -> str:
    return question.id


#: Of the inputs that most tests share: what wrong answers give there is computed once.
SEED = 3


@lru_cache(maxsize=100)
def drawn(question: Question, seed: int) -> tuple[Case, ...]:
    """The inputs of a seed, the same objects each time: the judge remembers what wrong answers give there."""
    return question.draw(np.random.default_rng(seed))


def graded(question: Question, function: Callable[..., object], seed: int) -> QuestionResult:
    return graded_on(drawn(question, seed), question, function)


# --------------------------------------------------------------------------- the questions themselves


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_the_reference_earns_everything_on_any_inputs(question: Question) -> None:
    for seed in range(5):
        result = graded(question, question.reference, seed)
        assert result.score == MAX, [verdict.message for verdict in result.checks if not verdict.passed]
        assert not named(result)


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_a_question_has_five_checks_or_more_each_titled_by_a_sentence(question: Question) -> None:
    assert len(question.checks) >= 5
    assert len({check.title for check in question.checks}) == len(question.checks)
    names = {case.name for case in public_cases(question)}
    for check in question.checks:
        assert check.title[0].isupper() or not check.title[0].isalpha()
        assert check.title.endswith(".")
        assert set(check.cases) <= names
        assert check.weight > 0
        assert check.see
    used = {name for check in question.checks for name in check.cases}
    assert used == names


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_inputs_are_finite_float64_of_graded_sizes(question: Question) -> None:
    for seed in range(3):
        for case in question.draw(np.random.default_rng(seed)):
            for argument in case.arguments:
                if isinstance(argument, np.ndarray):
                    assert argument.dtype in (np.float64, np.int64)
                    assert all(length <= 500 for length in argument.shape)
                    assert argument.size <= 50_000


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_another_seed_gives_other_numbers_and_the_same_seed_the_same(question: Question) -> None:
    first, same, other = (question.draw(np.random.default_rng(seed)) for seed in (1, 1, 2))

    def numbers(cases: tuple[Case, ...]) -> list[float]:
        inputs = [a for case in cases for a in case.arguments if not isinstance(a, str)]
        return [float(x) for a in inputs for x in np.ravel(a)]

    assert [case.name for case in first] == [case.name for case in other]
    assert np.array_equal(numbers(first), numbers(same), equal_nan=True)
    assert numbers(first) != numbers(other)


@pytest.mark.parametrize(("question_id", "least"), [("em.e_step", 14), ("em.m_step", 14), ("em.fit", 6)])
def test_the_catalogues_of_em_are_long(question_id: str, least: int) -> None:
    assert len(find(question_id).misconceptions) >= least


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_a_catalogue_has_five_entries_or_more_with_names_of_their_own(question: Question) -> None:
    assert len(question.misconceptions) >= 5
    assert len({mistake.name for mistake in question.misconceptions}) == len(question.misconceptions)
    for mistake in question.misconceptions:
        assert mistake.sentence.endswith((".", "?"))
        assert mistake.see


# --------------------------------------------------------------------------- wrong answers


@pytest.mark.parametrize(("question", "mistake"), MISTAKES, ids=[f"{q.id}-{m.name}" for q, m in MISTAKES])
def test_each_misconception_loses_points_and_is_named(question: Question, mistake: Misconception) -> None:
    result = graded(question, mistake.implementation, SEED)
    assert result.score < MAX
    assert named(result) == {mistake.name}
    told = [verdict.message for verdict in result.checks if mistake.sentence in verdict.message]
    assert len(told) == 1


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_each_slip_that_any_function_may_have_loses_points_and_is_named(question: Question) -> None:
    cases = drawn(question, SEED)
    asked = {case.name: see(case, None, question.returns, expected(case, question)) for case in cases}
    for slip in question.misconceptions:
        if slip.slip:
            came = {name: answered_by(slip, Outcomes(question), one) for name, one in asked.items()}
            result = judge_seen(question, came, QuestionAnswers("graded"), MAX)
            raised = sum(Outcomes(question).of(slip, one) is None for one in asked.values())
            assert 2 * raised < len(cases), slip.name
            assert result.score < MAX, slip.name
            assert named(result) == {slip.name}
            assert sum(slip.sentence in verdict.message for verdict in result.checks) == 1, slip.name


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_what_takes_long_gets_few_slips_in_its_inputs(question: Question) -> None:
    of_inputs = [entry for entry in question.misconceptions if entry.slip and not entry.afterwards]
    assert len(of_inputs) <= (0 if question.calls > 1 else 15)
    assert all(entry.sentence.startswith("Your numbers are those that come when") for entry in of_inputs)


@pytest.mark.parametrize("question_id", ["em.e_step", "em.fit", "soft.responsibilities", "kmeans.update"])
def test_a_slip_is_what_its_implementation_returns(question_id: str) -> None:
    question = find(question_id)
    for slip in [mistake for mistake in question.misconceptions if mistake.slip][::7]:
        assert named(graded(question, slip.implementation, SEED)) == {slip.name}


#: Mistakes whose cost depends on the draw, by how many points of weight, and why.
UNEVEN = {
    # a moving centroid changes labels near a border alone: a few points or none
    ("kmeans.assign", "centroids-moved-meanwhile"): 5.0,
    # how many rows are lost depends on how many have to be exchanged
    ("capstone.standard_order", "rows-exchanged-as-views"): 3.0,
    # what is cut off may be what single precision rounds off, too, which is allowed
    ("capstone.percentile_interval", "upper-cut-to-whole-numbers"): 0.5,
    # nonsense that has a property by chance, or has it not: one check of form
    ("labels.bhattacharyya", "entries-inverted"): 0.5,
    ("labels.bhattacharyya", "traces-for-determinants"): 0.5,
    ("missing.condition", "diagonal-kept-only"): 0.5,
    ("missing.condition", "unknown-features-in-reverse"): 0.5,
    ("missing.m_step_missing", "extra-subtracted"): 0.5,
    ("missing.m_step_missing", "extra-written-over"): 0.5,
    ("missing.m_step_missing", "deviation-for-variance"): 0.5,
    ("missing.m_step_missing", "hard-assignment"): 0.5,
}


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_a_mistake_costs_the_same_on_any_inputs(question: Question) -> None:
    first, *others = (_costs(question, seed) for seed in (SEED, 4, 5))
    for costs in others:
        for name in costs:
            allowed = UNEVEN.get((question.id, name), 0.0)
            assert costs[name] == pytest.approx(first[name], abs=allowed + 1e-9), name


def _costs(question: Question, seed: int) -> dict[str, float]:
    """The weights of the checks that each misconception fails, summed."""
    cases = drawn(question, seed)
    asked = {case.name: see(case, None, question.returns, expected(case, question)) for case in cases}
    costs = {}
    for mistake in question.misconceptions:
        answered = {name: answered_by(mistake, Outcomes(question), one) for name, one in asked.items()}
        findings = findings_of(question, answered)
        costs[mistake.name] = sum(
            check.weight * (1.0 - finding.score)
            for check, finding in zip(question.checks, findings, strict=True)
        )
    return costs


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_a_first_centroid_that_is_no_point_costs_nothing_in_the_draws_after_it(seed: int) -> None:
    """Whether or not the point nearest to it is drawn later, which is a matter of luck."""
    question = find("starts.kmeans_plus_plus")
    mistake = next(m for m in question.misconceptions if m.name == "mean-first")
    assert graded(question, mistake.implementation, seed).score == pytest.approx(7.2, abs=0.1)


def _stops_at(own_tol: float) -> Callable[..., object]:
    def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):  # type: ignore[no-untyped-def]
        return em_fit(X, weights, means, covariances, own_tol, max_iter)

    return fit


@pytest.mark.parametrize("own_tol", [1e-8, 1e-4, 1e-3, 1e-2, 0.1])
def test_a_loop_that_has_a_tol_of_its_own_loses_points_on_any_inputs(own_tol: float) -> None:
    for seed in range(6):
        assert 0.0 < graded(find("em.fit"), _stops_at(own_tol), seed).score < MAX


@pytest.mark.parametrize("question_id", ["em.e_step", "em.m_step", "soft.responsibilities"])
def test_of_two_wrongs_at_once_the_first_is_named(question_id: str) -> None:
    question = find(question_id)
    both_at_once = list(islice(pairs(question.misconceptions), MOST_PAIRS // question.calls))
    picked = np.random.default_rng(0).permutation(len(both_at_once))[:25]
    right, unnamed = 0, 0
    for position in picked:
        both = both_at_once[int(position)]
        result = graded(question, both.implementation, SEED)
        assert result.score < MAX
        names = named(result)
        right += names == {both.name}
        unnamed += not names
    assert unnamed == 0
    assert right >= 15  # else one mistake hides the other, and the visible one is named


def _shaped(question: Question, case: Case, fill: Callable[[tuple[int, ...]], object]) -> Answer:
    right = expected(case, question).values()
    return Answer("returned", tuple(np.asarray(fill(part.shape), dtype=float) for part in right))


THOUGHTLESS = {
    "zeros": np.zeros,
    "ones": np.ones,
    "nan": lambda shape: np.full(shape, np.nan),
    "infinity": lambda shape: np.full(shape, np.inf),
    "random": lambda shape: np.random.default_rng(5).random(shape),
    "rows that sum to one": lambda shape: np.full(shape, 1.0 / (shape[-1] if shape else 1.0)),
    "identity": lambda shape: np.broadcast_to(
        np.eye(shape[-1])[-shape[-2] :] if len(shape) > 1 and shape[-2] <= shape[-1] else np.zeros(shape),
        shape,
    ),
    "counting": lambda shape: np.arange(np.prod(shape, dtype=int)).reshape(shape),
}


@pytest.mark.parametrize("kind", THOUGHTLESS)
@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_an_answer_that_ignores_its_inputs_earns_a_fifth_at_most(question: Question, kind: str) -> None:
    cases = drawn(question, SEED)
    answers = {case.name: _shaped(question, case, THOUGHTLESS[kind]) for case in cases}
    result = judge(question, cases, QuestionAnswers("graded", answers), MAX)
    assert result.score <= 0.2 * MAX


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_answers_learnt_from_the_public_inputs_earn_a_fifth_at_most(question: Question) -> None:
    learnt = {case.name: expected(case, question) for case in public_cases(question)}
    cases = drawn(question, SEED)
    answers = {case.name: Answer("returned", tuple(learnt[case.name].values())) for case in cases}
    assert judge(question, cases, QuestionAnswers("graded", answers), MAX).score <= 0.2 * MAX


@pytest.mark.parametrize("question", QUESTIONS, ids=ids)
def test_giving_back_the_first_input_earns_a_fifth_at_most(question: Question) -> None:
    assert graded(question, lambda *inputs, **keywords: inputs[0], SEED).score <= 0.2 * MAX
    assert graded(question, lambda *inputs, **keywords: inputs, SEED).score <= 0.2 * MAX


# --------------------------------------------------------------------------- how an asking may end


@pytest.mark.parametrize(
    "status", ["not-written", "not-defined", "raised", "timed-out", "out-of-memory", "died"]
)
def test_every_ending_has_a_score_and_a_sentence(status: str) -> None:
    question = find("em.e_step")
    result = judge(question, public_cases(question), QuestionAnswers(status), 4.0)  # type: ignore[arg-type]
    assert (result.status, result.score, result.max_score) == (status, 0.0, 4.0)
    assert "e_step" in result.message or "process" in result.message
    assert [verdict.points for verdict in result.checks] == [0.0] * len(question.checks)
    assert sum(verdict.max_points for verdict in result.checks) == pytest.approx(4.0)


def test_what_was_answered_before_a_time_out_counts() -> None:
    question = find("em.m_step")
    cases = public_cases(question)
    answers = {case.name: answer(question.reference, case, 3)[0] for case in cases[:6]}
    result = judge(question, cases, QuestionAnswers("timed-out", answers), MAX)
    assert 0 < result.score < MAX
    assert result.status == "timed-out"


def test_messages_of_the_judge_hold_no_number_of_inputs_or_answers() -> None:
    question = find("em.e_step")
    result = graded(question, lambda X, w, m, C: (np.full((len(X), len(w)), 123.456), 789.0), SEED)
    text = " ".join(verdict.message for verdict in result.checks)
    assert "123" not in text
    assert "789" not in text


def test_points_of_the_checks_are_shares_of_the_points_of_the_cell() -> None:
    question = find("kmeans.update")
    result = graded(question, question.reference, SEED)
    assert sum(verdict.points for verdict in result.checks) == pytest.approx(MAX)
    assert result.score == MAX


@pytest.mark.parametrize(
    "cost", [np.square, np.sqrt, lambda D: 1 - np.exp(-D), lambda D: np.sqrt(1 - np.exp(-D))]
)
def test_the_smallest_sum_of_anything_but_the_distances_is_no_lottery(
    cost: Callable[[FloatArray], FloatArray],
) -> None:
    question = find("labels.match_components")
    for seed in range(6):
        assert graded(question, lambda *fits: cheapest(cost(distances(*fits))), seed).score < MAX / 5
