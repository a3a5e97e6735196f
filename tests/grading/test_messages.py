"""What a student is told: the first words that help, the cause behind a consequence, a call that shows it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from autograder.check import check
from autograder.judge.packages import THERE, missed, sentence
from autograder.reports.figure import compared, compared_in_words
from autograder.sandbox.packages import package_binds
from autograder.values import UNPAID, Drawn, Picture, from_json
from tests.support.courses import GradedClass, command, filled, graded, hand_in, new_course, right

COLAB = "points = np.loadtxt('/content/points.csv', delimiter=',')\n"
ANSWERS: dict[str, dict[str, str]] = {
    "package": {"scaled": "import joblib\ndef scaled(X, centre, spread):\n    return joblib.dump(X)"},
    "package inside": {"scaled": "def scaled(X, centre, spread):\n    import joblib\n    return X"},
    "colab path": {"scaled": COLAB + right()["scaled"]},
    "curly quotes": {"scaled": "def scaled(X, centre, spread):\n    “words”\n    return X"},
    "misspelt": {"scaled": "def scale(X, centre, spread):\n    return X"},
    "fences": {"scaled": "```python\ndef scaled(X, centre, spread):\n    return X\n```"},
    "merged": {"scaled": "<<<<<<< HEAD\ndef scaled(X, centre, spread):\n=======\n    return X\n>>>>>>> main"},
    "numbered": {"scaled": "1 def scaled(X, centre, spread):\n2\n3     return X"},
    "copied spaces": {"scaled": "def scaled(X, centre, spread):\n\u00a0\u00a0\u00a0\u00a0return X"},
    "raises": {"scaled": "def scaled(X, centre, spread):\n    raise ValueError('no <b>spread</b>')"},
    "offset": {"scaled": "def scaled(X, centre, spread):\n    return (X - centre) / spread + 1"},
    "turned": {"scaled": "def scaled(X, centre, spread):\n    return ((X - centre) / spread).T"},
    "nothing": {"scaled": "def scaled(X, centre, spread):\n    (X - centre) / spread"},
    "leaks": {
        "scaled": "seen = []\ndef scaled(X, centre, spread):\n"
        "    seen.append(float(X.sum()))\n    raise ValueError(seen)"
    },
    "loop": {"scaled": "def scaled(X, centre, spread):\n    while True: pass"},
    "decorated": {"scaled": "from numba import njit\n@njit\ndef scaled(X, centre, spread):\n    return X"},
    "web page": {"scaled": "def scaled(X, centre, spread):\n    if 1 &lt; 2:\n        return X"},
    "method": {"scaled": "class Cloud:\n    def scaled(X, centre, spread):\n        return X"},
    "comment": {"scaled": "# def scaled(X, centre, spread):\n#     return X"},
    "self": {"scaled": "def scaled(self, X, centre, spread):\n    return X"},
    "asks": {"scaled": "def scaled(X, centre, spread):\n    return X / float(input('spread? '))"},
    "quotes": {"scaled": "def scaled(X, centre, spread):\n    return f'{'X'} {'"},
    "right": {},
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> GradedClass:
    course = new_course(tmp_path_factory.mktemp("messages") / "course")
    for name, answers in ANSWERS.items():
        hand_in(course, name, filled(answers))
    results = graded(course)
    written = command("feedback", "tiny", "--course", course)
    assert written.returncode == 0, written.stderr
    return GradedClass(course, results)


def scaled(told: GradedClass, student: str) -> dict[str, Any]:
    questions = {question["id"]: question for question in told.results[student]["questions"]}
    return questions["tiny.scaled"]  # type: ignore[no-any-return]


def page(told: GradedClass, student: str) -> str:
    return (told.course / "feedback" / student / "tiny" / "tiny.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("student", "words"),
    [
        ("package", "`joblib` is not there while grading; NumPy, SciPy and matplotlib are."),
        ("package inside", "`joblib` is not there while grading; NumPy, SciPy and matplotlib are."),
        ("colab path", "its cell stopped with FileNotFoundError in line 1: /content/points.csv not found"),
        ("colab path", "the files released with the notebook lie beside it"),
        ("curly quotes", "its cell stopped with SyntaxError in line 2"),
        (
            "misspelt",
            "after the cell that should define it, which defines scale. Is that the one? Then call it",
        ),
        ("fences", "invalid syntax. Lines with ``` belong to Markdown: take them out of the cell."),
        ("merged", "invalid syntax. The cell has marks of a merge conflict of git in it"),
        ("numbered", "invalid syntax. Line numbers came with copied text"),
        ("copied spaces", "U+00A0. It looks like a space"),
        ("curly quotes", "quotation marks are straight: type them anew."),
        ("raises", "scaled stopped with an error (ValueError in line 2)."),
        ("turned", "Rows and columns are swapped"),
        ("nothing", "Is a return statement missing?"),
        ("offset", "none of the 3 checks passes"),
        ("decorated", "its cell stopped with NameError in line 2"),
        ("decorated", "`numba` is not there while grading; NumPy, SciPy and matplotlib are."),
        ("web page", "came with text of a web page: type"),
        ("method", "its def is indented, so it belongs to a class or to another function."),
        ("comment", "its def stands behind a #, so it is a comment."),
        ("self", "It is called as scaled(X, centre, spread), its arguments in this order."),
        ("asks", "While grading nobody answers input()"),
        ("quotes", "its cell stopped with SyntaxError in line 2"),
    ],
)
def test_the_reason_reaches_results_and_page(told: GradedClass, student: str, words: str) -> None:
    question = scaled(told, student)
    said = " ".join(check["message"] for check in question["checks"])
    assert words.lower() in said.lower()
    assert words.lower() in page(told, student).lower()


@pytest.mark.parametrize("student", sorted(set(ANSWERS) - {"right", "turned"}))
def test_where_nothing_passes_there_is_a_reason_and_no_message_is_empty(
    told: GradedClass, student: str
) -> None:
    question = scaled(told, student)
    assert question["score"] == 0.0
    messages = [check["message"] for check in question["checks"]]
    assert all(messages)
    assert messages[0] != UNPAID


def test_the_page_shows_a_call_on_public_numbers_with_what_the_error_says(told: GradedClass) -> None:
    text = page(told, "raises")
    assert "ValueError in line 2 of the cell: no &lt;b&gt;spread&lt;/b&gt;" in text
    assert "A call that does not come out right: two features" in text


def test_no_text_of_an_error_comes_from_secret_numbers(told: GradedClass) -> None:
    path = told.course / ".autograder" / "results" / "tiny" / "leaks.json"
    (question,) = (q for q in from_json(path.read_text("utf-8")).result.questions if q.id == "tiny.scaled")
    assert question.example is not None
    sums = check_sums()
    shown = question.example.returned.partition("[")[2].rstrip("]")
    assert [float(part.split("(")[-1].rstrip(")")) for part in shown.split(", ")] == pytest.approx(sums[:1])


def check_sums() -> list[float]:
    """The sums of the public inputs, drawn as for everybody."""
    from tests.support.questions.tiny import QUESTIONS

    scaled = next(question for question in QUESTIONS if question.id == "tiny.scaled")
    return [float(np.sum(case.arguments[0])) for case in scaled.public_cases]


def test_an_endless_loop_has_a_sentence_in_place_of_a_call(told: GradedClass) -> None:
    assert scaled(told, "loop")["status"] == "timed-out"
    assert "A call that does not end has no result to show." in page(told, "loop")
    assert told.results["loop"]["incidents"] == []


def test_a_right_answer_has_no_reason_and_no_call(told: GradedClass) -> None:
    assert {check["message"] for check in scaled(told, "right")["checks"]} == {""}
    assert "A call that does not come out right" not in page(told, "right")


def test_scores_are_written_as_people_write_them(told: GradedClass) -> None:
    numbers = [
        number
        for result in told.results.values()
        for question in result["questions"]
        for number in (
            question["score"],
            *(c[key] for c in question["checks"] for key in ("points", "max_points")),
        )
    ]
    assert all(len(json.dumps(number)) <= 11 for number in numbers)


# --------------------------------------------------------------------------- check, beforehand


def probabilities(X: Any, n_centroids: int, rng: int) -> Any:
    chosen = np.random.default_rng(rng).choice(len(X), n_centroids, p=np.full(len(X), 0.5))
    return X[chosen]


def test_a_random_function_is_told_what_numpy_says_and_where() -> None:
    text = repr(check("starts.kmeans_plus_plus", probabilities))
    assert "probabilities do not sum to 1" in text.lower()
    assert f"line {probabilities.__code__.co_firstlineno + 1}" in text


def test_a_package_that_is_not_there_while_grading_is_told_beforehand() -> None:
    import sklearn.utils

    def aic(log_likelihood: float, n_parameters: int) -> float:
        return 2.0 * n_parameters - 2.0 * float(sklearn.utils.check_array([[log_likelihood]])[0, 0])

    report = check("selection.aic", aic)
    assert report
    assert "But: `sklearn` is not there while grading; NumPy, SciPy and matplotlib are." in repr(report)


def test_what_is_called_there_is_there_while_grading() -> None:
    modules = {bind.target.rpartition("/")[2].removesuffix(".py") for bind in package_binds()}
    assert THERE - {"autograder", "tqdm"} <= modules


def test_packages_are_read_from_what_errors_say() -> None:
    errors = [
        "ModuleNotFoundError: No module named 'a.b'",
        "No module named 'c'",
        "sklearn.x is not available while grading",
    ]
    assert missed(errors) == ("a", "c", "sklearn")
    assert sentence(("a", "c")).startswith("`a` and `c` are not there")


# --------------------------------------------------------------------------- the picture


def test_a_picture_says_in_words_what_it_shows_and_draws_both_answers() -> None:
    points = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))
    spread = ((1.0, 0.0, 1.0), (1.0, 0.5, 1.0))
    centres = ((0.0, 0.0), (1.0, 1.0))
    picture = Picture(
        points, Drawn((0, 1, 1), ((9.0, 9.0), (1.0, 1.0)), spread), Drawn((0, 0, 1), centres, spread)
    )
    assert "1 points have another owner" in compared_in_words(picture)
    assert "Centres returned: (9, 9), (1, 1); expected: (0, 0), (1, 1)." in compared_in_words(picture)
    svg = compared(picture)
    assert svg.count('class="ellipse') == 4
    assert svg.count('class="ring"') == 1
    assert 'role="img" aria-label=' in svg
