"""How many components, and of what shape: parameter counts and information criteria. Lower is better."""

from __future__ import annotations

import numpy as np

from gmmlib._checks import FloatArray, as_count, as_number
from gmmlib.covariance import family
from gmmlib.errors import InvalidInputError
from gmmlib.statistics import as_responsibilities


def n_parameters(n_components: int, n_features: int, covariance_type: str) -> int:
    """Number of free parameters of a mixture.

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
    """Akaike's criterion, -2 ℓ + 2 p; lower is better.

    Source: book/selection.md, equation selection-aic; Akaike (1974).
    """
    p = as_count(n_parameters, "n_parameters", 0)
    return -2.0 * as_number(log_likelihood, "log_likelihood") + 2.0 * p


def bic(log_likelihood: float, n_parameters: int, n_samples: float) -> float:
    """Bayesian information criterion, -2 ℓ + p ln n; lower is better (mclust prints its negative).

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
    """Integrated completed likelihood: BIC plus a price for components that overlap; lower is better.

    Parameters
    ----------
    log_likelihood : ℓ in nats
    n_parameters : p
    responsibilities : (n, K)
    definition : "entropy" adds 2 Σ_i H(r_i) = -2 Σ_ik r_ik ln r_ik (McLachlan & Peel 2000);
        "map" adds -2 Σ_i ln max_k r_ik, as mclust does (Biernacki, Celeux & Govaert 2000)
    sample_weight : (n,) >= 0, how often each point counts; None for once

    Source: book/selection.md, equation selection-icl.
    """
    R = as_responsibilities(responsibilities, len(np.atleast_1d(np.asarray(responsibilities))))
    weight = np.ones(len(R)) if sample_weight is None else np.asarray(sample_weight, dtype=float)
    if definition == "entropy":
        safe = np.where(R > 0, R, 1.0)
        price = -(R * np.log(safe)).sum(axis=1)
    elif definition == "map":
        price = -np.log(R.max(axis=1))
    else:
        raise InvalidInputError(f'definition must be "entropy" or "map", not {definition!r}.')
    return bic(log_likelihood, n_parameters, float(weight.sum())) + 2.0 * float(weight @ price)
