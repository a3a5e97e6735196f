"""One mistake costs once: a wrong helper is replaced however it is reached, in grading and in check."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autograder.check import check
from autograder.execute.run import Endless, execute
from autograder.judge.points import judge
from autograder.judge.result import Judged
from autograder.questions import find
from autograder.sandbox.limits import Limits
from autograder.sandbox.pool import Pool
from autograder.values import Asked, Cell, QuestionAnswers, Submission, Substitute
from tests.support.questions.tiny import QUESTIONS

START = "import numpy as np, functools, sys\nclass Box: pass\n"
WRONG_BIC = "def bic(log_likelihood, n_parameters, n_samples):\n    return log_likelihood + n_samples\n"
CHOOSE = """
def choose(log_likelihoods, n_parameters, n_samples):
    values = [{bic}(l, p, n_samples) for l, p in zip(log_likelihoods, n_parameters)]
    return int(np.argmin(values))
"""

#: How a function reaches its helper: the cell of bic, the cell of choose.
WAYS = {
    "by its name": (WRONG_BIC, CHOOSE.format(bic="bic")),
    "alias": (WRONG_BIC, "schwarz = bic\n" + CHOOSE.format(bic="schwarz")),
    "alias in the same cell": (WRONG_BIC + "schwarz = bic\n", CHOOSE.format(bic="schwarz")),
    "partial": (WRONG_BIC, "score = functools.partial(bic)\n" + CHOOSE.format(bic="score")),
    "vectorised": (
        WRONG_BIC + "many = np.vectorize(bic)\n",
        "def choose(l, p, n): return int(np.argmin(many(l, p, n)))",
    ),
    "default argument": (WRONG_BIC, "def choose(l, p, n, criterion=bic):\n"
                         "    return int(np.argmin([criterion(a, b, n) for a, b in zip(l, p)]))"),
    "closure": (WRONG_BIC, "def chooser(criterion):\n    def choose(l, p, n):\n"
                "        return int(np.argmin([criterion(a, b, n) for a, b in zip(l, p)]))\n"
                "    return choose\nchoose = chooser(bic)"),
    "lambda": ("bic = lambda log_likelihood, n_parameters, n_samples: n_samples\nother = bic\n",
               CHOOSE.format(bic="other")),
    "in a list": (WRONG_BIC, "criteria = {'bic': [bic]}\n" + CHOOSE.format(bic="criteria['bic'][0]")),
    "attribute": (WRONG_BIC, "box = Box()\nbox.criterion = bic\n" + CHOOSE.format(bic="box.criterion")),
    "cached": (
        "@functools.cache\n" + WRONG_BIC + "bic(1.0, 2, 3)\nold = bic\n", CHOOSE.format(bic="old"),
    ),
    "decorated": (
        "def logged(f):\n    @functools.wraps(f)\n    def inside(*a, **k): return f(*a, **k)\n"
        "    return inside\n"
        "@logged\n" + WRONG_BIC + "old = bic\n", CHOOSE.format(bic="old"),
    ),
    "helper with a closure of its own": (
        "def make(two, log):\n"
        "    def bic(log_likelihood, n_parameters, n_samples): return two * log_likelihood + log(n_samples)\n"
        "    return bic\nbic = make(2, np.log)\nold = bic\n", CHOOSE.format(bic="old"),
    ),
    "stub": ("def bic(log_likelihood, n_parameters, n_samples):\n    raise NotImplementedError\nold = bic\n",
             CHOOSE.format(bic="old")),
    "asked with arrays": (WRONG_BIC + "old = bic\n",
                          "def choose(l, p, n): return int(np.argmin(old(l, p, n)))"),
    "asked by keyword": (WRONG_BIC, "old = bic\n" + CHOOSE.format(bic="old").replace(
        "(l, p, n_samples)", "(n_samples=n_samples, log_likelihood=l, n_parameters=p)")),
    "another order": (
        "def bic(n_samples, n_parameters, log_likelihood): return log_likelihood\nold = bic\n",
        CHOOSE.format(bic="old").replace("(l, p, n_samples)", "(n_samples, p, l)"),
    ),
    "module of the student's own": (
        f"from pathlib import Path\nPath('mine.py').write_text({WRONG_BIC!r})\n"
        "import mine\nfrom mine import bic\n",
        CHOOSE.format(bic="mine.bic"),
    ),
    "method": ("class Prices:\n    def bic(self, l, p, n): return l + n\nbic = Prices().bic\n",
               CHOOSE.format(bic="Prices().bic")),
    "method of a class": (
        "class Prices:\n    @classmethod\n    def bic(cls, l, p, n): return l + n\nbic = Prices.bic\n",
        CHOOSE.format(bic="Prices.bic"),
    ),
    "object that is called": (
        "class Bic:\n    def __call__(self, l, p, n): return l + n\nbic = Bic()\n",
        CHOOSE.format(bic="Bic()"),
    ),
    "object that knows no attributes": (
        "class Bic:\n    def __getattr__(self, name): raise RuntimeError(name)\n"
        "    def __call__(self, l, p, n): return l + n\nbic = Bic()\n",
        CHOOSE.format(bic="bic"),
    ),
    "object around the function": (
        "class Fast:\n    def __init__(self, f): self.f = f\n"
        "    def __call__(self, *a): return self.f(*a)\n@Fast\n" + WRONG_BIC,
        "@Fast" + CHOOSE.format(bic="bic.f"),
    ),
    "decorated without functools.wraps": (
        "def plain(f):\n    def inside(*a): return f(*a)\n    return inside\n"
        "@plain\n" + WRONG_BIC + "old = bic\n", "@plain" + CHOOSE.format(bic="old"),
    ),
    "other name behind it": (
        "def mine(l, p, n): return l + n\ndef bic(l, p, n):\n    'BIC'\n    return mine(l, p, n)\n",
        CHOOSE.format(bic="mine"),
    ),
    "other name and order behind it": (
        "def mine(n_samples, n_parameters, log_likelihood): return log_likelihood + n_samples\n"
        "def bic(l, p, n): return mine(n, p, l)\n",
        CHOOSE.format(bic="mine").replace("(l, p, n_samples)", "(n_samples, p, l)"),
    ),
    "static method behind it": (
        "class Prices:\n    @staticmethod\n    def bic(*a, **k): return a[0]\n"
        "def bic(*a, **k): return Prices.bic(*a, **k)\n", CHOOSE.format(bic="Prices.bic"),
    ),
    "other names": (
        "def bic(l, p, n): return l + n\n",
        CHOOSE.format(bic="bic").replace("(l, p, n_samples)", "(n=n_samples, l=l, p=p)"),
    ),
    "further parameters": (
        "def bic(log_likelihood, n_parameters, n_samples, base=2, *, show=False): return n_samples\n",
        CHOOSE.format(bic="bic").replace("(l, p, n_samples)", "(l, p, n_samples, 10, show=False)"),
    ),
    "one more parameter that it needs": (
        "def bic(l, p, n, log): return p * log(n) - 2 * l\n",
        CHOOSE.format(bic="bic").replace("(l, p, n_samples)", "(l, p, n_samples, np.log)"),
    ),
    "the negative, turned back": (
        "def bic(l, p, n): return 2 * l - p * np.log(n)\n", CHOOSE.format(bic="-bic"),
    ),
    "one value more": (
        "def bic(l, p, n): return p * np.log(n) - 2 * l, p\n",
        CHOOSE.format(bic="bic").replace("n_samples) for", "n_samples)[0] for"),
    ),
    "by name, wrong": (
        "def bic(l, p, n): return {'bic': l + n}\n",
        CHOOSE.format(bic="bic").replace("n_samples) for", "n_samples)['bic'] for"),
    ),
    "as a column, wrong": (
        "def bic(l, p, n): return np.array([[l + n]])\n",
        CHOOSE.format(bic="bic").replace("n_samples) for", "n_samples)[0, 0] for"),
    ),
    "redefined behind its check": (
        WRONG_BIC, "old = bic\ndef bic(a, b, c): return 0.0\n" + CHOOSE.format(bic="old"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(Limits(cell_cpu=5)) as pool:
        yield pool


def graded(pool: Pool, cells: tuple[Cell, ...], *names: str) -> dict[str, float]:
    """The share of each question's points that a notebook of these cells earns."""
    questions = {name: find(name) for name in names}
    asked = {
        name: Asked(question, question.draw(np.random.default_rng(8))) for name, question in questions.items()
    }

    def share(name: str, answers: QuestionAnswers) -> float:
        return judge(questions[name], asked[name].cases, answers, 1.0).score

    submission = Submission("ada", "selection", "graded", cells, dict.fromkeys(names, 1.0))
    execution = execute(submission, asked, pool, share)
    return {name: share(name, execution.answers[name]) for name in names}


def cells_of(*sources: str) -> tuple[Cell, ...]:
    """Cells in order; a source that names a question is its check cell."""
    names = ("selection.", "missing.", "em.", "labels.", "collapse.", "scale.", "tiny.")
    return tuple(
        Cell(number, "", source, source) if source.startswith(names) else Cell(number, source)
        for number, source in enumerate(sources)
    )


@pytest.mark.parametrize("way", WAYS)
def test_choose_earns_everything_although_its_bic_is_wrong(pool: Pool, way: str) -> None:
    bic, choose = WAYS[way]
    cells = cells_of(START, bic, "selection.bic", choose, "selection.choose")
    scores = graded(pool, cells, "selection.bic", "selection.choose")
    assert scores["selection.bic"] < 0.5
    assert scores["selection.choose"] == 1.0


@pytest.mark.parametrize("between", ["x = 3", "print('anything that may do more than bind names')"])
def test_it_does_not_matter_where_the_helper_and_its_user_stand(pool: Pool, between: str) -> None:
    bic, choose = WAYS["alias"]
    cells = cells_of(START, bic, "selection.bic", between, choose, "selection.choose", between)
    assert graded(pool, cells, "selection.bic", "selection.choose")["selection.choose"] == 1.0


def test_a_wrong_helper_is_as_wrong_as_before_when_the_question_is_over(pool: Pool) -> None:
    with pool.session() as session:
        for number, source in enumerate((START, WRONG_BIC + "old = bic\n", CHOOSE.format(bic="old"))):
            session.run_cell(Cell(number, source))
        asked = find("selection.choose")
        cases = asked.draw(np.random.default_rng(1))
        bic = find("selection.bic")
        session.ask("choose", cases, {"bic": Substitute(bic.parameters, bic.reference)}, parts=1)
        output = session.run_cell(Cell(9, "print(bic(1, 2, 3), old(1, 2, 3), bic.__kwdefaults__)"))
        assert output.text == "4 4 None\n"


def test_a_function_of_a_library_keeps_its_code(pool: Pool) -> None:
    source = "from statistics import mean as bic\nold = bic\n"
    cells = cells_of(START, source, "selection.bic", CHOOSE.format(bic="old"), "selection.choose")
    assert graded(pool, cells, "selection.bic", "selection.choose")["selection.choose"] < 1.0


@pytest.mark.parametrize("way", ["alias", "method", "by name, wrong"])
def test_who_chooses_wrongly_pays_for_that_beside_the_helper(pool: Pool, way: str) -> None:
    bic, choose = WAYS[way]
    cells = cells_of(START, bic, "selection.bic", choose.replace("argmin", "argmax"), "selection.choose")
    assert graded(pool, cells, "selection.bic", "selection.choose")["selection.choose"] < 0.5


# --------------------------------------------------------------------------- in check


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """A namespace as a notebook's, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield ModuleType("__main__")
    sys.modules.pop("mine", None)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "redefined behind its check"])
def test_check_tries_the_function_with_a_right_helper(notebook: ModuleType, way: str) -> None:
    bic, choose = WAYS[way]
    for source in (START, bic, choose):
        exec(source, vars(notebook))
    before = notebook.bic
    report = check("selection.choose", notebook.choose)
    assert report, repr(report)
    assert "bic is not right yet" in repr(report)
    assert notebook.bic is before
    assert not check("selection.bic", notebook.bic)


# --------------------------------------------------------------------------- each question that uses another

USERS = {
    "selection.icl": (
        "bic",
        "def icl(log_likelihood, n_parameters, responsibilities, criterion=bic):\n"
        "    R = responsibilities\n"
        "    entropy = -(R * np.log(np.where(R > 0, R, 1))).sum()\n"
        "    return criterion(log_likelihood, n_parameters, len(R)) + 2 * entropy\n",
    ),
    "selection.bic": (
        "aic",
        "def bic(log_likelihood, n_parameters, n_samples):\n"
        "    return aic(log_likelihood, n_parameters) + n_parameters * (np.log(n_samples) - 2)\n",
    ),
    "collapse.m_step_map": (
        "diagnose",
        "def m_step_map(X, responsibilities):\n"
        "    (n, d), R = X.shape, responsibilities\n"
        "    N = diagnose(X, R, np.array([np.eye(d)] * R.shape[1]))[0]\n"
        "    centre = X.mean(axis=0)\n"
        "    prior = (X - centre).T @ (X - centre) / n / len(N) ** (2 / d)\n"
        "    means, covariances = [], []\n"
        "    for r, count in zip(R.T, N):\n"
        "        z = r @ (X - centre) / count\n"
        "        Z = X - centre - z\n"
        "        means.append(centre + count / (count + 0.01) * z)\n"
        "        W = (r[:, None] * Z).T @ Z + 0.01 * count / (0.01 + count) * np.outer(z, z)\n"
        "        covariances.append((prior + W) / (2 * d + 4 + count))\n"
        "    return N / n, np.array(means), np.array(covariances)\n",
    ),
    "scale.merge_statistics": (
        "statistics",
        "def merge_statistics(counts, means, scatters, other_counts, other_means, other_scatters):\n"
        "    merged = []\n"
        "    blocks = counts, means, scatters, other_counts, other_means, other_scatters\n"
        "    for N, m, A, n, o, B in zip(*blocks):\n"
        "        total, mean, between = statistics(np.array([m, o]), np.array([[N], [n]]))\n"
        "        merged.append((total[0], mean[0], A + B + between[0]))\n"
        "    return tuple(map(np.array, zip(*merged)))\n",
    ),
    "labels.match_components": (
        "bhattacharyya",
        "from itertools import permutations\ndistance = bhattacharyya\n"
        "def match_components(means, covariances, other_means, other_covariances):\n"
        "    cost = [[distance(m, C, o, D) for o, D in zip(other_means, other_covariances)]\n"
        "            for m, C in zip(means, covariances)]\n"
        "    return min(permutations(range(len(means))),\n"
        "               key=lambda order: sum(cost[k][j] for k, j in enumerate(order)))\n",
    ),
    "missing.m_step_missing": (
        "condition",
        "conditioned = functools.partial(condition)\n"
        "def m_step_missing(X, responsibilities, means, covariances):\n"
        "    R, (n, d) = responsibilities, X.shape\n"
        "    new_means, new_covariances = [], []\n"
        "    for r, m, C in zip(R.T, means, covariances):\n"
        "        filled, extra = X.copy(), np.zeros((d, d))\n"
        "        for i, x in enumerate(X):\n"
        "            a, b = np.flatnonzero(~np.isnan(x)), np.flatnonzero(np.isnan(x))\n"
        "            if len(b):\n"
        "                mean, rest = conditioned(m, C, a, x[a])\n"
        "                filled[i, b] = mean\n"
        "                extra[np.ix_(b, b)] += r[i] * rest\n"
        "        mean = filled[0] + r @ (filled - filled[0]) / r.sum()\n"
        "        Z = filled - mean\n"
        "        new_means.append(mean)\n"
        "        new_covariances.append(((r[:, None] * Z).T @ Z + extra) / r.sum())\n"
        "    return R.mean(axis=0), np.array(new_means), np.array(new_covariances)\n",
    ),
    "em.fit": (
        "e_step",
        "step = e_step\n"
        "def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):\n"
        "    history = []\n"
        "    for number in range(max_iter):\n"
        "        R, total = step(X, weights, means, covariances)\n"
        "        history.append(total)\n"
        "        if len(history) > 1 and history[-1] - history[-2] < tol: break\n"
        "        if number < max_iter - 1: weights, means, covariances = m_step(X, R)\n"
        "    return weights, means, covariances, np.array(history)\n",
    ),
}


@pytest.mark.parametrize("question_id", USERS)
def test_every_question_that_uses_another_is_judged_with_a_right_one(pool: Pool, question_id: str) -> None:
    helper, source = USERS[question_id]
    question = find(question_id)
    used = next(name for name in question.uses if name.endswith(helper))
    wrong = f"def {helper}({', '.join(find(used).parameters)}):\n    return 0.0\n"
    cells = cells_of(START, wrong, used, source, question_id)
    if question_id == "em.fit":  # without an m_step of its own: one is put in its place
        cells = cells_of(START, wrong, used, source, question_id, "em.m_step")
    names = [used, question_id, *(("em.m_step",) if question_id == "em.fit" else ())]
    assert graded(pool, cells, *names)[question_id] == 1.0
    names_of_notebook: dict[str, object] = {}
    exec(START + wrong + source, names_of_notebook)
    report = check(question_id, names_of_notebook[question.name])
    assert report, repr(report)


OTHER_ORDER = (
    "def e_step(X, weights, means, covariances):\n"
    "    logs = []\n"
    "    for w, m, C in zip(weights, means, covariances):\n"
    "        Z = np.linalg.solve(np.linalg.cholesky(C), (X - m).T)\n"
    "        constant = X.shape[1] * np.log(2 * np.pi) + np.linalg.slogdet(C)[1]\n"
    "        logs.append(np.log(w) - 0.5 * ((Z ** 2).sum(axis=0) + constant))\n"
    "    logs = np.array(logs).T\n"
    "    total = np.logaddexp.reduce(logs, axis=1)\n"
    "    return total.sum(), np.exp(logs - total[:, None])\n"
)


#: What e_step returns where its weights are missing, and how fit takes it.
FORMS = {
    "named tuple": ("Step(R, total)", "out = step(*now); R, total = out.R, out.total"),
    "dictionary": ("{'total': total, 'R': R}", "out = step(*now); R, total = out['R'], out['total']"),
    "object": ("SimpleNamespace(R=R, total=total)", "out = step(*now); R, total = out.R, out.total"),
    "lists": ("[R.tolist(), total]", "R, total = step(*now); R = np.array(R + [])"),
    "other order": ("total, R", "total, R = step(*now)"),
    "transposed": ("R.T, total", "R, total = step(*now); R = R.T"),
    "three values": ("R, total, len(R)", "R, total, _ = step(*now)"),
}


@pytest.mark.parametrize("form", FORMS)
def test_right_values_come_in_the_form_that_the_user_of_a_wrong_helper_expects(pool: Pool, form: str) -> None:
    returned, taken = FORMS[form]
    wrong = OTHER_ORDER.replace("return total.sum(), np.exp(logs - total[:, None])", "{}").format(
        "R, total = np.exp(logs - total[:, None]), total.sum()\n    return " + returned
    )
    wrong = "from types import SimpleNamespace\nfrom collections import namedtuple\n" + (
        "Step = namedtuple('Step', 'R total')\n" + wrong.replace("np.log(w) - ", "-")
    )
    fit = USERS["em.fit"][1].replace(
        "R, total = step(X, weights, means, covariances)",
        f"now = X, weights, means, covariances; {taken}",
    )
    cells = cells_of(START, wrong, "em.e_step", fit, "em.fit", "em.m_step")
    scores = graded(pool, cells, "em.e_step", "em.fit", "em.m_step")
    assert scores["em.e_step"] < 1.0
    assert scores["em.fit"] == 1.0
    notebook: dict[str, object] = {}
    exec(START + wrong + fit, notebook)
    assert check("em.fit", notebook["fit"])


@pytest.mark.parametrize("unpacked", ["total, R", "R, total"], ids=["as it comes", "as it should come"])
def test_values_in_another_order_cost_nothing_where_they_are_unpacked(pool: Pool, unpacked: str) -> None:
    fit = USERS["em.fit"][1].replace("R, total", unpacked)
    cells = cells_of(START, OTHER_ORDER, "em.e_step", fit, "em.fit", "em.m_step")
    scores = graded(pool, cells, "em.e_step", "em.fit", "em.m_step")
    assert scores["em.e_step"] < 1.0
    assert scores["em.fit"] == 1.0
    notebook: dict[str, object] = {}
    exec(START + OTHER_ORDER + fit, notebook)
    assert check("em.fit", notebook["fit"])
    assert not check("em.e_step", notebook["e_step"])


@pytest.mark.parametrize("between", ["x = 3", "print('anything that may do more than bind names')"])
@pytest.mark.parametrize("mended_later", [True, False])
def test_94_values_in_another_order_are_tried_with_the_notebook_as_it_was_at_the_check(
    pool: Pool, between: str, mended_later: bool
) -> None:
    right = USERS["em.fit"][1].replace("R, total", "total, R")
    wrong = "def fit(X, weights, means, covariances, tol=1e-6, max_iter=200): return 0.0\n"
    first, later = (wrong, right) if mended_later else (right, wrong)
    cells = cells_of(START, OTHER_ORDER, "em.e_step", first, "em.fit", "em.m_step", between, later)
    scores = graded(pool, cells, "em.e_step", "em.fit", "em.m_step")
    assert (scores["em.fit"] == 1.0) is not mended_later


SPREAD_FIRST = """
def moments(X):
    centre = X.mean(axis=0)
    return np.sqrt(((X - centre) ** 2).sum() / len(X)), centre
"""
ENDLESS_FOR_ONE_FEATURE = """
def standardise(X):
    spread, centre = moments(X)
    while X.shape[1] == 1 and np.ndim(spread) == 0: pass
    return (X - centre) / spread
"""


def test_94_a_loop_without_an_end_in_the_second_try_gives_the_same_points_without_a_second_wait(
    pool: Pool,
) -> None:
    asked = {
        question.id: Asked(question, question.draw(np.random.default_rng(8)))
        for question in QUESTIONS
        if question.id != "tiny.scaled"
    }
    sources = (START, SPREAD_FIRST, "tiny.moments", ENDLESS_FOR_ONE_FEATURE, "tiny.standardise")
    submission = Submission("ada", "tiny", "graded", cells_of(*sources), dict.fromkeys(asked, 1.0))
    judged = Judged(submission, asked)
    first = execute(submission, asked, pool, judged.share)
    score = judged("tiny.standardise", first.answers["tiny.standardise"]).score
    assert 0.0 < score < 1.0
    again = execute(submission, asked, pool, judged.share, endless=Endless("", first.endless))
    assert judged("tiny.standardise", again.answers["tiny.standardise"]).score == score
    assert again.endless == first.endless
    assert again.cpu_seconds < first.cpu_seconds / 2


ENDLESS_IN_OUR_ORDER = """
def standardise(X):
    spread, centre = moments(X)
    Z = X - centre
    while np.abs(np.sqrt((Z ** 2).sum() / len(Z)) - 1).max() > 1e-6:
        Z = Z / spread
    return Z
"""
ENDS_THE_PROCESS_TOO = "import os\ndef scaled(X, centre, spread): os._exit(1)\n"


@pytest.mark.parametrize("also", ["", ENDS_THE_PROCESS_TOO], ids=["alone", "beside what ends the process"])
def test_a_loop_without_an_end_in_the_first_try_is_tried_with_the_values_in_the_students_order(
    pool: Pool, also: str
) -> None:
    names = ("tiny.moments", *(("tiny.scaled",) if also else ()), "tiny.standardise")
    asked = {
        question.id: Asked(question, question.draw(np.random.default_rng(8)))
        for question in QUESTIONS
        if question.id in names
    }
    sources = (START, SPREAD_FIRST, "tiny.moments", also, *names[1:-1], ENDLESS_IN_OUR_ORDER, names[-1])
    submission = Submission("ada", "tiny", "graded", cells_of(*sources), dict.fromkeys(asked, 1.0))
    judged = Judged(submission, asked)
    first = execute(submission, asked, pool, judged.share)
    assert judged("tiny.moments", first.answers["tiny.moments"]).score < 1.0
    assert judged("tiny.standardise", first.answers["tiny.standardise"]).score == 1.0
    again = execute(submission, asked, pool, judged.share, endless=Endless("", first.endless))
    assert judged("tiny.standardise", again.answers["tiny.standardise"]).score == 1.0
    assert again.endless == first.endless != {}
    assert again.cpu_seconds < first.cpu_seconds / 2


def test_a_loop_that_ends_with_neither_order_is_tried_twice_and_not_more(pool: Pool) -> None:
    asked = {
        question.id: Asked(question, question.draw(np.random.default_rng(8)))
        for question in QUESTIONS
        if question.id != "tiny.scaled"
    }
    endless = "def standardise(X):\n    spread, centre = moments(X)\n    while True: pass\n"
    sources = (START, SPREAD_FIRST, "tiny.moments", endless, "tiny.standardise")
    submission = Submission("ada", "tiny", "graded", cells_of(*sources), dict.fromkeys(asked, 1.0))
    judged = Judged(submission, asked)
    execution = execute(submission, asked, pool, judged.share)
    assert execution.answers["tiny.standardise"].status == "timed-out"
    assert len(execution.endless) == 2


BY_AIC = [
    "aic(log_likelihood, n_parameters) + n_parameters * (np.log(n_samples) - 2)",
    "aic(log_likelihood, n_parameters * np.log(n_samples) / 2)",
]


@pytest.mark.parametrize("by_aic", BY_AIC)
@pytest.mark.parametrize("asked", ["one by one", "with arrays"])
def test_what_a_helper_uses_in_turn_costs_the_functions_above_it_nothing(
    pool: Pool, asked: str, by_aic: str
) -> None:
    wrong = "def aic(log_likelihood, n_parameters):\n    return log_likelihood\n"
    bic = f"def bic(log_likelihood, n_parameters, n_samples): return {by_aic}\n"
    choose = CHOOSE.format(bic="bic") if asked == "one by one" else WAYS["asked with arrays"][1]
    choose = choose.replace("old(", "bic(")
    cells = cells_of(START, wrong, "selection.aic", bic, "selection.bic", choose, "selection.choose")
    scores = graded(pool, cells, "selection.aic", "selection.bic", "selection.choose")
    assert scores["selection.aic"] < 0.5
    assert scores["selection.bic"] == scores["selection.choose"] == 1.0
