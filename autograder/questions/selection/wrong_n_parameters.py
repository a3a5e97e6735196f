"""What students get wrong in selection.n_parameters."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable

from autograder.questions import Catalogue


def _weights(K: int) -> float:
    return K - 1


def _means(K: int, d: int) -> float:
    return K * d


def _covariances(K: int, d: int, kind: str) -> float:
    return {"full": K * d * (d + 1) / 2, "tied": d * (d + 1) / 2, "diag": K * d, "spherical": K}[kind]


def _part_by_part(
    K: int,
    d: int,
    kind: str,
    *,
    weights: Callable[[int], float] = _weights,
    means: Callable[[int, int], float] = _means,
    covariances: Callable[[int, int, str], float] = _covariances,
) -> float:
    """Count the free numbers in weights, means and covariances."""
    return weights(K) + means(K, d) + covariances(K, d, kind)


wrong = Catalogue(see="selection-n-parameters", steps=_part_by_part)


@wrong(step="weights")
def weights_all_free(K):
    """K weights are counted; they sum to 1, so only K - 1 are free."""
    return K


@wrong(step="weights")
def weights_forgotten(K):
    """The K - 1 free weights are not counted."""
    return 0


@wrong(step="means")
def means_forgotten(K, d):
    """The K d coordinates of the means are not counted."""
    return 0


@wrong(step="means")
def one_number_per_mean(K, d):
    """Each mean is counted as one number; it has d coordinates."""
    return K


@wrong(step="means")
def one_mean_for_all(K, d):
    """The means are counted once; each of the K components has its own."""
    return d


@wrong(step="covariances")
def symmetry_forgotten(K, d, kind):
    """d² numbers are counted for a covariance; it is symmetric, d(d+1)/2 are free."""
    return {"full": K * d * d, "tied": d * d}.get(kind, _covariances(K, d, kind))


@wrong(step="covariances")
def symmetry_not_halved(K, d, kind):
    """d(d+1) numbers are counted for a covariance; it must be halved."""
    return _covariances(K, d, kind) * (2 if kind in ("full", "tied") else 1)


@wrong()
def covariances_only(K, d, kind):
    """Only the covariances are counted; weights and means are free as well."""
    return _covariances(K, d, kind)


@wrong()
def arguments_swapped(K, d, kind):
    """The arguments are swapped: first the number of components, then that of features."""
    return _part_by_part(d, K, kind)


@wrong()
def always_full(K, d, kind):
    """Every type is counted like "full": `kind == "full" or "tied"` is always true."""
    return _part_by_part(K, d, "full")


@wrong(step="covariances")
def diagonal_forgotten(K, d, kind):
    """d(d-1)/2 leaves out the variances on the diagonal; d(d+1)/2 are free."""
    return {"full": K * d * (d - 1) / 2, "tied": d * (d - 1) / 2}.get(kind, _covariances(K, d, kind))


@wrong(step="covariances")
def one_full_covariance(K, d, kind):
    """A full covariance is counted once; each component has its own."""
    return d * (d + 1) / 2 if kind == "full" else _covariances(K, d, kind)


@wrong(step="covariances")
def tied_counted_for_each(K, d, kind):
    """The tied covariance is counted K times; all components share it."""
    return K * d * (d + 1) / 2 if kind == "tied" else _covariances(K, d, kind)


@wrong(step="covariances")
def tied_diagonal(K, d, kind):
    """The tied covariance is counted as d variances; it is a full matrix."""
    return d if kind == "tied" else _covariances(K, d, kind)


@wrong(step="covariances")
def one_diagonal_for_all(K, d, kind):
    """The diagonal covariance is counted once; each component has its own."""
    return d if kind == "diag" else _covariances(K, d, kind)


@wrong(step="covariances")
def one_sphere_for_all(K, d, kind):
    """One variance is counted for all spherical components; each has its own."""
    return 1 if kind == "spherical" else _covariances(K, d, kind)


@wrong(step="covariances")
def sphere_counted_per_feature(K, d, kind):
    """A spherical component is counted with d variances; it has one."""
    return K * d if kind == "spherical" else _covariances(K, d, kind)
