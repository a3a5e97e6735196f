"""How many components, and of what shape: parameter counts and information criteria. Lower is better."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gmmlib import em
from gmmlib._checks import (
    FloatArray,
    as_count,
    as_generator,
    as_number,
    as_points,
    as_sample_weight,
    present,
)
from gmmlib.covariance import FAMILIES, family
from gmmlib.errors import CollapsedComponentError, ConvergenceWarning, InvalidInputError
from gmmlib.loop import Fit
from gmmlib.mixture import Mixture
from gmmlib.statistics import as_responsibilities


def n_parameters(n_components: int, n_features: int, covariance_type: str) -> int:
    """Count the free parameters of a mixture.

    Parameters
    ----------
    n_components : K >= 1
    n_features : d >= 1
    covariance_type : full, tied, diag or spherical

    Source: book/selection.md, equation selection-n-parameters.
    """
    K, d = as_count(n_components, "n_components"), as_count(n_features, "n_features")
    return (K - 1) + K * d + family(covariance_type).n_covariance_parameters(K, d)


def aic(log_likelihood: float, n_parameters: int) -> float:
    """Return Akaike's criterion, -2 ℓ + 2 p; lower is better.

    Source: book/selection.md, equation selection-aic; Akaike (1974).
    """
    p = as_count(n_parameters, "n_parameters", 0)
    return -2.0 * as_number(log_likelihood, "log_likelihood") + 2.0 * p


def bic(log_likelihood: float, n_parameters: int, n_samples: float) -> float:
    """Return the Bayesian information criterion, -2 ℓ + p log n; lower is better (mclust: its negative).

    Source: book/selection.md, equation selection-bic; Schwarz (1978).
    """
    n = as_number(n_samples, "n_samples", above=0.0)
    p = as_count(n_parameters, "n_parameters", 0)
    return -2.0 * as_number(log_likelihood, "log_likelihood") + p * float(np.log(n))


def icl(
    log_likelihood: float,
    n_parameters: int,
    responsibilities: FloatArray,
    *,
    definition: str = "entropy",
    sample_weight: FloatArray | None = None,
) -> float:
    """Return the integrated completed likelihood: BIC plus a price for overlap; lower is better.

    Parameters
    ----------
    log_likelihood : ℓ in nats
    n_parameters : p
    responsibilities : (n, K)
    definition : "entropy" adds 2 Σ_i H(r_i) = -2 Σ_ik r_ik log r_ik (McLachlan & Peel 2000);
        "map" adds -2 Σ_i log max_k r_ik, as mclust does (Biernacki, Celeux & Govaert 2000)
    sample_weight : (n,) >= 0, how often each point counts; None for once

    Source: book/selection.md, equation selection-icl.
    """
    R = as_responsibilities(responsibilities, len(np.atleast_1d(responsibilities)))
    given = as_sample_weight(sample_weight, len(R))
    weight = np.ones(len(R)) if given is None else given
    if definition == "entropy":
        safe = np.where(R > 0, R, 1.0)
        price = -(R * np.log(safe)).sum(axis=1)
    elif definition == "map":
        price = -np.log(R.max(axis=1))
    else:
        raise InvalidInputError(f'definition must be "entropy" or "map", not {definition!r}.')
    return bic(log_likelihood, n_parameters, float(weight.sum())) + 2.0 * float(weight @ price)


# --------------------------------------------------------------------------- a table of fits


@dataclass(frozen=True, eq=False)
class Candidate:
    """One fitted mixture and its criteria; where it cannot be fitted `fit` is None and `problem` says why."""

    n_components: int
    covariance_type: str
    n_parameters: int
    log_likelihood: float
    aic: float
    bic: float
    icl: float
    fit: Fit | None
    problem: str = ""


@dataclass(frozen=True, eq=False)
class Selection:
    """Candidates by number of components and covariance family: prints as a table, plots as curves."""

    candidates: tuple[Candidate, ...]
    criterion: str = "bic"

    @property
    def best(self) -> Candidate:
        """The candidate with the smallest value of the criterion."""
        return min(self.candidates, key=lambda c: _last_if_nan(getattr(c, self.criterion)))

    def curves(self, criterion: str | None = None) -> dict[str, dict[int, float]]:
        """Return for each family the criterion by number of components."""
        name = _criterion(criterion or self.criterion)
        curves: dict[str, dict[int, float]] = {}
        for c in self.candidates:
            curves.setdefault(c.covariance_type, {})[c.n_components] = getattr(c, name)
        return curves

    def plot(self, ax: Any = None, criterion: str | None = None) -> Any:
        """Draw the curves with matplotlib; returns the Axes."""
        from gmmlib.plot import criterion_curves

        name = criterion or self.criterion
        return criterion_curves(self.curves(name), ax, name=name.upper())

    def __str__(self) -> str:
        """Return a table of all candidates; the best is starred."""
        rows = [f"  {'family':<10}{'K':>3}{'p':>6}{'log-likelihood':>17}{'AIC':>12}{'BIC':>12}{'ICL':>12}"]
        for c in self.candidates:
            star = "*" if c is self.best else " "
            numbers = f"{c.log_likelihood:>17.3f}{c.aic:>12.2f}{c.bic:>12.2f}{c.icl:>12.2f}"
            tail = f"  {c.problem}" if c.problem else ""
            rows.append(
                f"{star} {c.covariance_type:<10}{c.n_components:>3}{c.n_parameters:>6}{numbers}{tail}"
            )
        return "\n".join([*rows, f"* smallest {self.criterion.upper()}; lower is better"])


def select(
    X: FloatArray,
    components: Iterable[int],
    covariance_types: Sequence[str] = tuple(FAMILIES),
    *,
    criterion: str = "bic",
    rng: np.random.Generator | int | None = 0,
    **settings: Any,
) -> Selection:
    """Fit every number of components in every family, and compare.

    Parameters
    ----------
    X : (n, d) points
    components : numbers of components to try, such as range(1, 7)
    covariance_types : families to try
    criterion : "bic", "aic" or "icl" (entropy definition), for the best
    rng : generator or seed
    settings : further settings of gmmlib.fit, such as cure, n_starts, sample_weight

    Raises
    ------
    InvalidInputError
        As gmmlib.fit does; a collapse, or fewer points than components, is here a row that says so.

    Source: book/selection.md, equations selection-bic and selection-icl.
    """
    _criterion(criterion)
    rng = as_generator(rng)
    numbers = [as_count(K, "components") for K in components]
    if not numbers or not covariance_types:
        raise InvalidInputError(
            "Nothing to select from: give at least one number of components and one family."
        )
    X = as_points(X)
    candidates = [_candidate(X, K, name, rng, settings) for name in covariance_types for K in numbers]
    return Selection(tuple(candidates), criterion)


def _candidate(
    X: FloatArray, K: int, covariance_type: str, rng: np.random.Generator, settings: dict[str, Any]
) -> Candidate:
    """Fit K components of one family to X (n, d), and compute the criteria."""
    p, weight = n_parameters(K, X.shape[1], covariance_type), settings.get("sample_weight")
    nan, n_points = float("nan"), len(present(X, as_sample_weight(weight, len(X)))[0])
    if n_points < K:
        problem = f"more components than points ({n_points})"
        return Candidate(K, covariance_type, p, nan, nan, nan, nan, None, problem)
    try:
        fit = em.fit(X, K, covariance_type=covariance_type, rng=rng, **settings)
    except CollapsedComponentError as error:
        return Candidate(K, covariance_type, p, nan, nan, nan, nan, None, f"collapsed ({error.reason})")
    n = float(len(X) if weight is None else np.sum(weight))
    R, ll = fit.mixture.responsibilities(X), fit.log_likelihood
    price = icl(ll, p, R, sample_weight=weight)
    return Candidate(K, covariance_type, p, ll, aic(ll, p), bic(ll, p, n), price, fit)


def _criterion(name: str) -> str:
    """Return the name of a criterion, checked."""
    if name not in ("aic", "bic", "icl"):
        raise InvalidInputError(f"criterion must be aic, bic or icl, not {name!r}.")
    return name


def _last_if_nan(value: float) -> float:
    """Return the value, or infinity for NaN, so that it sorts last."""
    return value if np.isfinite(value) else float("inf")


# --------------------------------------------------------------------------- one component more?


@dataclass(frozen=True, eq=False)
class BootstrapTest:
    """Outcome of the bootstrap likelihood-ratio test.

    Parameters
    ----------
    statistic : 2 (ℓ_K+1 - ℓ_K) of the data
    replicates : (B,) the same for data drawn from the K-component fit
    p_value : (1 + how many replicates reach the statistic) / (B + 1)
    """

    statistic: float
    replicates: FloatArray
    p_value: float


def bootstrap_test(
    X: FloatArray,
    n_components: int,
    *,
    n_replicates: int = 99,
    rng: np.random.Generator | int | None = 0,
    **settings: Any,
) -> BootstrapTest:
    """Test whether K + 1 components describe the data better than K; the chi-square law does not hold here.

    Parameters
    ----------
    X : (n, d) points
    n_components : K
    n_replicates : B, data sets drawn from the fit with K components
    rng : generator or seed
    settings : further settings of gmmlib.fit, such as covariance_type, cure, n_starts

    Source: book/selection.md, equation selection-bootstrap; McLachlan (1987).
    """
    X = as_points(X)
    K, B = as_count(n_components, "n_components"), as_count(n_replicates, "n_replicates")
    rng = as_generator(rng)
    statistic, smaller = _likelihood_ratio(X, K, rng, settings)
    with warnings.catch_warnings():  # a component too many makes EM slow, again and again
        warnings.simplefilter("ignore", ConvergenceWarning)
        replicates = np.array(
            [_likelihood_ratio(smaller.sample(len(X), rng)[0], K, rng, settings)[0] for _ in range(B)]
        )
    return BootstrapTest(statistic, replicates, (1.0 + float((replicates >= statistic).sum())) / (B + 1.0))


def _likelihood_ratio(
    X: FloatArray, K: int, rng: np.random.Generator, settings: dict[str, Any]
) -> tuple[float, Mixture]:
    """Return 2 (ℓ_K+1 - ℓ_K) of X (n, d), and the mixture of K components."""
    smaller = em.fit(X, K, rng=rng, **settings)
    larger = em.fit(X, K + 1, rng=rng, **settings)
    return 2.0 * (larger.log_likelihood - smaller.log_likelihood), smaller.mixture
