"""Numbers that pages, quizzes and cards say in their sentences are those that come out."""

from __future__ import annotations

import inspect
import math
import re
from itertools import permutations

import numpy as np
import pytest
from scipy.stats import gaussian_kde, norm

from book import build
from book.figures import collapse, missing, outlook, scale, starts
from gmmlib import em
from gmmlib.blocked import LARGEST_D_FOR_FEATURES
from gmmlib.datasets import galaxies, old_faithful
from gmmlib.gaussian import DOUBTFUL
from gmmlib.kmeans import assign, distortion, update
from gmmlib.missing import condition_gaussian, impute, regress
from gmmlib.missing import fit as fit_with_gaps
from gmmlib.selection import bic, n_parameters
from gmmlib.statistics import Statistics
from tests.support.reading import read

BOOK = build.ROOT / "book"
X = old_faithful()


def sentences(page: str) -> str:
    """A page's source, blanks squeezed."""
    return " ".join((BOOK / f"{page}.md").read_text("utf-8").split())


# --------------------------------------------------------------------------- answers of the quick checks


def two_k_means_steps() -> float:
    points, centroids = np.array([[0.0], [2.0], [4.0], [9.0]]), np.array([[1.0], [5.0]])
    labels = assign(points, centroids)
    return distortion(points, update(points, labels, centroids), labels)


def merged_scatter() -> float:
    """Count 3, mean 10, scatter 6, as 10 and two points beside it; and one point at 14."""
    beside = math.sqrt(3)
    part = Statistics.of(np.array([[10 - beside], [10.0], [10 + beside]]), np.ones((3, 1)))
    return float((part + Statistics.of(np.array([[14.0]]), np.ones((1, 1)))).scatters[0, 0, 0])


COSTS = np.array([[1, 2, 8], [2, 6, 9], [7, 8, 3]])
ANSWERS = {
    "kmeans-one-round": two_k_means_steps,
    "soft-rare": lambda: 0.01 * 11 / (0.01 * 11 + 0.99),
    "em-effective-count": lambda: float(np.average([0, 2, 4, 9], weights=[1, 0.5, 0.5, 0])),
    "numerics-two-thousand": lambda: float(np.logaddexp(-1000.0, -1000.0)),
    "starts-plus-plus": lambda: 9 / (0 + 1 + 4 + 9),
    "collapse-decade": lambda: float(2 * (norm.logpdf(0, scale=0.1) - norm.logpdf(0, scale=1))),
    "labels-copies": lambda: len(list(permutations(range(4)))),
    "labels-cheapest": lambda: min(sum(COSTS[k, j] for k, j in enumerate(p)) for p in permutations(range(3))),
    "selection-count": lambda: n_parameters(3, 3, "full"),
    "missing-mean-variance": lambda: 0.7 * 40,
    "missing-number": lambda: float(
        condition_gaussian(np.zeros(2), np.array([[4.0, 3.0], [3.0, 9.0]]), [0], [[10.0]])[1][0, 0]
    ),
    "scale-between": merged_scatter,
    "outlook-trust": lambda: (4 + 1) / (4 + 9.8**2),
}


def test_the_numbers_that_quick_checks_take_for_right_are_right() -> None:
    said = {}
    for path in BOOK.glob("*.md"):
        found = re.findall(r"\{quiz\} ([\w-]+)\n:answer: (\S+)\n:tolerance: (\S+)", path.read_text("utf-8"))
        said |= {name: (float(answer), float(tolerance)) for name, answer, tolerance in found}
    assert said.keys() == ANSWERS.keys()
    for name, (answer, tolerance) in said.items():
        assert ANSWERS[name]() == pytest.approx(answer, abs=tolerance), name


# --------------------------------------------------------------------------- what a formula gives


def power_of_ten(value: float) -> str:
    """In TeX, cut off and not rounded."""
    return f"10^{{{math.floor(math.log10(value))}}}"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("kmeans", f"{272 * 271 // 2 + 1:,} for 272 points"),
        ("numerics", f"where a pivot is below ${power_of_ten(DOUBTFUL)}$"),
        ("numerics", f"gmmlib builds it for up to {LARGEST_D_FOR_FEATURES} features"),
        ("numerics", f"$e^{{-250}}$, about ${power_of_ten(math.exp(-250))}$"),
        ("starts", rf"\approx {0.00099 * 0.99 / (1 - 0.99):.3f}$"),
        ("starts", f"{1e-3 * len(X):.2f} nats a round for Old Faithful"),
        ("starts", f"by more than some {math.sqrt(2 * 1e-3):.3f} standard errors"),
        ("starts", f"(${power_of_ten(inspect.signature(em.fit).parameters['tol'].default)}$ nats in gmmlib"),
        ("selection", f"both have {n_parameters(1, 3, 'tied')} parameters at $K = 1$"),
        ("missing", f"- {0.7**2 * 40:.1f}"),
        ("scale", f"{5 * (1 + 3 + 3 * 4 // 2)} numbers and its log-likelihood"),
        ("scale", f"600 down to a γ of {602**-0.6:.2f} against 6 down to {8**-0.6:.1f}"),
        ("outlook", f"For $n = 175$ this is {math.sqrt(176 * (3 + 4 / 175)):.1f} σ"),
        ("capstone", rf"$(79/82)^{{82}} \approx {(79 / 82) ** 82:.2f}$"),
        ("interview", f"has a peak near {norm.pdf(0, scale=0.01):.0f}."),
        ("interview", rf"\approx{1 / (1 + math.exp(-0.9)):.2f}$ for three"),
    ],
)
def test_a_number_in_a_sentence_is_what_its_formula_gives(page: str, said: str) -> None:
    assert said in sentences(page)


def test_the_cards_on_size_and_digits_are_right() -> None:
    typical = 0.5 * (math.log(2 * math.pi) + 1)
    for log_density in (0.5 * 45**2, 700 * typical):  # num-logsumexp: either is near 1000
        assert math.exp(-log_density) == 0.0
        assert log_density == pytest.approx(1000, rel=0.02)
    alike = 0.9 + 0.1 * np.eye(700)  # features that are not independent
    assert -700 < -700 * typical - 0.5 * np.linalg.slogdet(alike)[1] < 0
    sample, parameters = 100_000, 100  # scale-sample
    assert parameters / (2 * sample) < 1e-3
    assert (1 - 1e-6) ** sample > 0.9  # most samples hold no point of a component with one in a million
    assert np.linalg.det(0.1 * np.eye(400)) == 0.0  # num-cholesky
    lost = np.finfo(float).eps * np.array([2e7, 1e8]) ** 2  # num-centre, in variances
    assert lost[0] < 1 < lost[1]


def test_the_bootstrap_of_200_draws_has_an_error_of_five_percent() -> None:
    deviations = np.random.default_rng(1).standard_normal((4000, 200)).std(axis=1)
    assert deviations.std() == pytest.approx(0.05, abs=0.003)


# --------------------------------------------------------------------------- intro to em


def test_eruptions_last_about_two_minutes_or_a_little_over_four() -> None:
    assert "about two minutes or for a little over four" in sentences("intro")
    grid = np.linspace(1, 6, 501)
    density = gaussian_kde(X[:, 0])(grid)
    tops = grid[1:-1][(density[1:-1] > density[:-2]) & (density[1:-1] > density[2:])]
    assert tops == pytest.approx([2.0, 4.4], abs=0.15)
    assert [np.median(X[X[:, 0] < 3, 0]), np.median(X[X[:, 0] > 3, 0])] == pytest.approx([2.0, 4.3], abs=0.1)


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_crescents_inner_tip_is_nearer_to_the_other_crescents_middle(seed: int) -> None:
    from book.figures import kmeans

    points, truth = kmeans.crescents(np.random.default_rng(seed))
    middles = np.array([points[truth == k].mean(axis=0) for k in (0, 1)])
    nearer = assign(points, middles)
    for k in (0, 1):
        mine = points[truth == k]
        tips = mine[:, 0].argsort()[[0, -1]]
        assert np.sum(nearer[truth == k][tips] != k) == 1


# --------------------------------------------------------------------------- numerics


def test_a_logarithm_of_size_a_million_costs_six_of_sixteen_digits() -> None:
    share = math.exp(math.log(0.3) - (-1e6 + math.log(1.0)) - 1e6)
    assert share == pytest.approx(0.3, abs=1e-9)
    assert np.spacing(1e6) / np.finfo(float).eps == pytest.approx(1e6, rel=0.6)


def test_terms_cut_off_at_250_are_seen_in_no_sum() -> None:
    assert math.exp(-250) == pytest.approx(1e-109, rel=2)
    assert 1.0 + 10**9 * math.exp(-250) == 1.0


@pytest.mark.parametrize("seed", [3, 4])
def test_points_made_from_the_factor_itself_give_their_distance_back(seed: int) -> None:
    from scipy.linalg import hilbert, solve_triangular

    L, z = np.linalg.cholesky(hilbert(12)), np.random.default_rng(seed).standard_normal((12, 50))
    again = np.sum(solve_triangular(L, L @ z, lower=True) ** 2, axis=0)
    assert again == pytest.approx(np.sum(z**2, axis=0), rel=1e-3)


def test_the_naive_variance_is_gone_at_a_thousand_million_minutes_and_about_the_first_it_is_not() -> None:
    waits = X[:, 1]
    far = waits + 1e9
    assert np.mean(far * far) - np.mean(far) ** 2 == 0.0
    about = far - far[0]
    assert np.mean(about * about) - np.mean(about) ** 2 == pytest.approx(waits.var(), rel=1e-13)
    assert np.spacing((1e8 + waits.mean()) ** 2) == 2.0  # where squares are even numbers


# --------------------------------------------------------------------------- starts, collapse


def test_some_runs_on_the_galaxies_rest_for_tens_of_e_steps_and_then_rise() -> None:
    rested = []
    for run in starts.fifty(1 / 16, 3000):
        gains = np.diff(run.history)
        later = np.maximum.accumulate(gains[::-1])[::-1]
        rested.append(int(np.sum((gains < 0.01) & (later > 0.02))))
    assert sum(rest >= 20 for rest in rested) >= 2


def test_where_the_curve_of_a_shrinking_component_rises_above_three_components() -> None:
    base = collapse.three_components().log_likelihood(galaxies())
    sigmas = np.geomspace(1e-3, 1, 241)
    gains = np.array([collapse.spike_log_likelihood(s) for s in sigmas]) - base
    assert sigmas[gains < 0].min() == pytest.approx(0.14, abs=0.01)
    inner = (sigmas > 0.008) & (sigmas < 0.1)
    assert sigmas[inner][gains[inner].argmax()] == pytest.approx(0.02, abs=0.005)
    assert gains[(sigmas > 0.003) & (sigmas < 0.012)].min() < gains[inner].max()  # the dip


# --------------------------------------------------------------------------- missing, scale, outlook


def test_where_the_duration_decides_fewer_than_half_of_the_long_eruptions_keep_their_waits() -> None:
    kept = ~np.isnan(missing.with_gaps("duration")[:, 1])
    long = X[:, 0] > 3
    assert 0.3 < kept[long].mean() < 0.5 < 0.8 < kept[~long].mean()
    assert "fewer than half of the waiting times are left" in sentences("missing")


@pytest.mark.parametrize("seed", [5, 6, 7])
def test_where_the_wait_decides_em_makes_the_deviation_even_smaller_than_complete_rows_do(seed: int) -> None:
    table = X.copy()
    lost = np.random.default_rng(seed).random(len(X)) < np.where(X[:, 1] > 80, 0.8, 0.1)
    table[lost, 1] = np.nan
    deviation = missing.of_mixture(fit_with_gaps(table, 2).mixture)[1]
    assert deviation < np.nanstd(table[:, 1]) < X[:, 1].std()


def test_the_band_of_the_regression_is_widest_where_the_kinds_meet() -> None:
    durations = np.linspace(1.4, 5.3, 400)
    _, variance = regress(missing.eruptions(), [0], durations[:, None])
    assert 2.6 < durations[variance[:, 0, 0].argmax()] < 3.2


def test_a_shift_of_the_missing_waits_moves_the_mean_by_their_share() -> None:
    table = missing.with_gaps("waiting")
    lost = np.isnan(table[:, 1])
    filled = impute(table, missing.fit_with_gaps("waiting").mixture)
    filled[lost, 1] += 6
    assert abs(filled[:, 1].mean() - X[:, 1].mean()) < 0.3  # the last line of the page's cell


@pytest.mark.parametrize("seconds", [3e-8, 1e-7, 3e-7])
def test_a_few_workers_are_the_end_for_a_hundred_thousand_points_and_a_billion_feed_a_cluster(
    seconds: float,
) -> None:
    """For a point of the E-step: from a quick machine to a slow one; a message takes a thousandth."""

    def best(n: float) -> int:
        workers = np.unique(np.geomspace(1, 10**6, 4000).round())
        return int(workers[(seconds * n / workers + 2e-3 * np.log2(workers)).argmin()])

    assert best(1e5) <= 11
    assert best(1e9) > 5_000


def test_of_the_three_exponents_the_smallest_is_best_in_the_figure() -> None:
    behind = [scale.behind(scale.online_run(a)[-1][1]) for a in (0.6, 0.8, 0.99)]
    assert behind[0] == min(behind)


def test_one_by_one_a_million_squares_lose_a_few_parts_in_ten_thousand() -> None:
    squares = np.square(np.random.default_rng(8).standard_normal(1_000_000)).astype(np.float32)
    error = abs(np.cumsum(squares)[-1] / squares.sum(dtype=float) - 1)
    assert 1e-5 < error < 1e-3


def test_how_many_eruptions_the_mixture_draws_in_the_middle_and_above_five_minutes() -> None:
    mixture = outlook.clean().mixture
    deviations = np.sqrt(mixture.covariances[:, 0, 0])

    def share(low: float, high: float) -> float:
        ends = norm.cdf((np.array([[low], [high]]) - mixture.means[:, 0]) / deviations)
        return float(mixture.weights @ (ends[1] - ends[0]))

    middle, above = np.sum((X[:, 0] > 2.5) & (X[:, 0] < 3.5)), np.sum(X[:, 0] > 5)
    assert middle - 272 * share(2.5, 3.5) == pytest.approx(3, abs=0.5)
    assert above == 3
    assert 272 * share(5, np.inf) == pytest.approx(7, abs=0.5)


def test_without_scaling_the_first_axis_of_the_eruptions_is_the_wait() -> None:
    directions = np.linalg.eigh(np.cov(X.T))[1]
    assert abs(directions[1, -1]) > 0.99


def test_small_errors_in_many_covariances_add_up_to_dozens_of_nats() -> None:
    d, rng = 150, np.random.default_rng(3)
    first, second = (rng.standard_normal((200, d)) for _ in range(2))
    second[:, 0] += 2
    fits = [em.m_step(part, np.ones((200, 1))) for part in (first, second)]
    fresh = rng.standard_normal((500, d))
    apart = fits[0].log_density(fresh) - fits[1].log_density(fresh)
    assert 24 < np.median(np.abs(apart)) < 240


def test_given_enough_points_bic_spends_a_second_component_on_a_skewed_group() -> None:
    rng = np.random.default_rng(4)
    for n, more in ((20, False), (1000, True)):
        points = rng.gamma(4.0, size=(n, 1))
        heights = {K: em.fit(points, K, rng=0).log_likelihood for K in (1, 2)}
        price = {K: bic(heights[K], n_parameters(K, 1, "full"), n) for K in (1, 2)}
        assert bool(price[2] < price[1]) == more


# --------------------------------------------------------------------------- capstone: the model answer


def test_the_model_answer_of_the_capstone_says_what_the_page_computes(pages: dict[str, str]) -> None:
    notebook = (build.ROOT / "solutions" / "capstone" / "capstone.py").read_text("utf-8")
    answer = re.sub(r"\s*\n# ?", " ", notebook.split("**Model answer")[1].split("**Rubric")[0])
    printed = read(pages["book/capstone"]).text

    found = re.search(r"four beats three in (\d+) of 10 splits.*?on average by -([\d.]+) ± ([\d.]+)", printed)
    assert found
    assert f"four did better in {found[1]} of 10 splits" in answer
    assert f"on average worse (by {found[2]}, with an error of {found[3]})" in answer
    found = re.search(r"three beat two in \d+ of 10 splits, on average by -([\d.]+) ± ([\d.]+)", printed)
    assert found
    assert f"worse by {found[1]}, with an error of {found[2]}" in answer

    rows = dict(re.findall(r"full +(\d) +\d+ +-[\d.]+ +([\d.]+ +[\d.]+) +\d+ km/s", printed))
    aic_of, bic_of = ({K: row.split()[column] for K, row in rows.items()} for column in (0, 1))
    assert f"BIC is lowest for three groups ({bic_of['3']}; four {bic_of['4']}" in answer
    assert f"AIC prefers four ({aic_of['4']} against {aic_of['3']})" in answer
    assert f"AIC is lower still ({aic_of['5']} and {aic_of['6']})" in answer
    assert min(bic_of, key=lambda K: float(bic_of[K])) == "3"
    behind = float(bic_of["4"]) - float(bic_of["3"])
    share = 1 / (1 + math.exp(behind / 2))
    assert f"Four is {behind:.1f} behind" in sentences("capstone")
    assert f"a probability of {share:.2f} against {1 - share:.2f}" in sentences("capstone")
    assert f"AIC wants six, by {float(aic_of['5']) - float(aic_of['6']):.1f} before five" in sentences(
        "capstone"
    )
    assert float(bic_of["2"]) - float(bic_of["3"]) == pytest.approx(20, abs=1)  # the page: 20 units of BIC

    reached = dict(re.findall(r"K = (\d): best +-[\d.]+, reached by (\d+) of 40", printed))
    assert f"Of the forty beginnings {reached['3']} reached the best three" in answer
    assert reached["4"] == "1"
    assert "but only one the best four" in answer


def test_brackets_of_the_model_answer_are_those_of_the_report() -> None:
    answer = (build.ROOT / "solutions" / "capstone" / "capstone.py").read_text("utf-8")
    report = (BOOK / "capstone.md").read_text("utf-8").split("(capstone-report)=")[1]
    brackets = re.findall(r"\(([\d,]+ to [\d,]+)\)", report.split("Brackets say")[0])
    assert len(brackets) == 3
    for bracket in brackets:
        assert f"({bracket})" in answer
