"""Detection of covariance collapse: how healthy each component of a mixture is. The cures: gmmlib.cures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gmmlib._checks import FloatArray
from gmmlib.covariance import Full
from gmmlib.cures import condition_number, data_variances
from gmmlib.em import e_step
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

LARGEST_CONDITION = 1e14            # beyond it a covariance is singular up to rounding


@dataclass(frozen=True)
class Diagnosis:
    """How healthy one component is.

    Parameters
    ----------
    component : its index
    count : Σ_i r_ik, the points it owns in effect
    condition : condition number of its covariance in units of its own deviations; infinity if singular
    share : its smallest variance, in any direction, as a share of the data's
    collapsed : whether it is singular up to rounding, or owns no more than d points in effect
    """

    component: int
    count: float
    condition: float
    share: float
    collapsed: bool


def diagnose(
    X: FloatArray, mixture: Mixture, sample_weight: FloatArray | None = None
) -> tuple[Diagnosis, ...]:
    """Look at each component of a mixture for signs of collapse on the data X (n, d).

    Source: book/collapse.md, section on detection.
    """
    responsibilities, _ = e_step(X, mixture, sample_weight)
    statistics = Statistics.of(X, responsibilities, sample_weight)
    unit = Full().unit(data_variances(statistics.total()))                   # (d, d)
    return tuple(
        _diagnosis(k, float(count), covariance, unit)
        for k, (count, covariance) in enumerate(zip(statistics.counts, mixture.covariances, strict=True))
    )


def _diagnosis(component: int, count: float, covariance: FloatArray, unit: FloatArray) -> Diagnosis:
    """Return how healthy a component with this count and covariance (d, d) is; unit (d, d) is the data's."""
    share = float(np.linalg.eigvalsh(covariance / unit)[0])
    condition = condition_number(covariance)
    collapsed = bool(count <= len(covariance) or condition > LARGEST_CONDITION)
    return Diagnosis(component, count, condition, share, collapsed)
