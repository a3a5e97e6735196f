"""What students get wrong in selection.n_parameters."""

# mypy: allow-untyped-defs
from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product

from autograder.judge.two_mistakes import at_once
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
    """One number too many is counted: the K weights sum to 1, so only K - 1 are free."""
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
    """Every type is counted like "full"; is there `kind == "full" or "tied"`, which is always true?"""
    return _part_by_part(K, d, "full")


@wrong()
def always_tied(K, d, kind):
    """Every type is counted like "tied": does the type play no part?"""
    return _part_by_part(K, d, "tied")


@wrong()
def always_diagonal(K, d, kind):
    """Every type is counted like "diag": does the type play no part?"""
    return _part_by_part(K, d, "diag")


@wrong()
def always_spherical(K, d, kind):
    """Every type is counted like "spherical": does an else overwrite the others?"""
    return _part_by_part(K, d, "spherical")


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


@wrong(step="means")
def means_doubled(K, d):
    """The means are counted twice; each has d coordinates, once."""
    return 2 * K * d


@wrong(step="means")
def means_of_all_but_one(K, d):
    """The coordinates of K - 1 means are counted; only the weights are bound by a sum."""
    return (K - 1) * d


@wrong(step="means")
def means_squared(K, d):
    """d² numbers are counted for each mean; it has d coordinates."""
    return K * d * d


@wrong(step="weights")
def weights_two_too_few(K):
    """One number too few is counted: the K weights sum to 1, which takes one away, so K - 1 are free."""
    return K - 2


@wrong(step="weights")
def one_weight(K):
    """One weight is counted in all; there are K, of which K - 1 are free."""
    return 1


@wrong(step="weights")
def one_weight_too_many(K):
    """Two numbers too many are counted: the K weights sum to 1, so only K - 1 are free."""
    return K + 1


@wrong(step="covariances")
def one_of_every_kind(K, d, kind):
    """Your count has one covariance for all components, whatever the type; only "tied" shares it."""
    return _covariances(K, d, kind) if kind == "tied" else _covariances(K, d, kind) / K


@wrong(step="covariances")
def covariances_forgotten(K, d, kind):
    """The covariances are not counted."""
    return 0


@wrong(step="covariances")
def full_counted_as_diagonal(K, d, kind):
    """A full covariance is counted with d variances; it has d(d+1)/2 free numbers."""
    return K * d if kind == "full" else _covariances(K, d, kind)


@wrong(step="covariances")
def symmetry_forgotten_when_full(K, d, kind):
    """d² numbers are counted for a full covariance; it is symmetric, d(d+1)/2 are free."""
    return K * d * d if kind == "full" else _covariances(K, d, kind)


@wrong(step="covariances")
def symmetry_forgotten_when_tied(K, d, kind):
    """d² numbers are counted for the tied covariance; it is symmetric, d(d+1)/2 are free."""
    return d * d if kind == "tied" else _covariances(K, d, kind)


@wrong(step="covariances")
def diagonal_of_pairs(K, d, kind):
    """A diagonal covariance is counted like a full one; it has d free numbers."""
    return K * d * (d + 1) / 2 if kind == "diag" else _covariances(K, d, kind)


@wrong(step="covariances")
def spherical_forgotten(K, d, kind):
    """A spherical component has one variance, which is not counted."""
    return 0 if kind == "spherical" else _covariances(K, d, kind)


@wrong(step="covariances")
def sphere_of_the_dimension(K, d, kind):
    """For spherical components d numbers are counted; it is one for each of the K components."""
    return d if kind == "spherical" else _covariances(K, d, kind)


@wrong(step="covariances")
def triangle_with_minus(K, d, kind):
    """d(d-1)/2 + 1 stands where d(d+1)/2 should."""
    triangle = d * (d - 1) / 2 + 1
    return {"full": K * triangle, "tied": triangle}.get(kind, _covariances(K, d, kind))


@wrong()
def one_component_only(K, d, kind):
    """The parameters of one component are counted; there are K of them."""
    return _part_by_part(1, d, kind)


@wrong()
def kinds_swapped(K, d, kind):
    """The types "diag" and "spherical" are swapped: diagonal means d variances, spherical one."""
    other = {"diag": "spherical", "spherical": "diag"}.get(kind, kind)
    return _part_by_part(K, d, other)


@wrong()
def tied_and_full_swapped(K, d, kind):
    """The types "tied" and "full" are swapped: tied means one matrix for all."""
    other = {"tied": "full", "full": "tied"}.get(kind, kind)
    return _part_by_part(K, d, other)


@wrong(step="covariances")
def brackets_lost(K, d, kind):
    """(d · d + 1) / 2 numbers are counted for a covariance; with its brackets it is d (d + 1) / 2."""
    if kind not in ("full", "tied"):
        return _covariances(K, d, kind)
    return (K if kind == "full" else 1) * (d * d + 1) // 2


@wrong(step="covariances")
def halved_before_the_product(K, d, kind):
    """d // 2 drops a half where d is odd: multiply first, d * (d + 1) // 2."""
    triangle = d // 2 * (d + 1)
    return {"full": K * triangle, "tied": triangle}.get(kind, _covariances(K, d, kind))


@wrong(step="covariances")
def halved_before_the_product_when_full(K, d, kind):
    """d // 2 drops a half where d is odd: multiply first, K * d * (d + 1) // 2."""
    return K * (d // 2) * (d + 1) if kind == "full" else _covariances(K, d, kind)


@wrong(step="covariances")
def one_of_the_simple_covariances(K, d, kind):
    """Diagonal and spherical covariances are counted once; each component has its own."""
    return {"diag": d, "spherical": 1}.get(kind, _covariances(K, d, kind))


@wrong(step="covariances")
def next_halved_before_the_product(K, d, kind):
    """(d + 1) // 2 drops a half where d is even: multiply first, d * (d + 1) // 2."""
    triangle = (d + 1) // 2 * d
    return {"full": K * triangle, "tied": triangle}.get(kind, _covariances(K, d, kind))


@wrong()
def everything_for_one_less(K, d, kind):
    """Everything is counted for K - 1 components; it is only of the weights that one is not free."""
    shared = _covariances(K, d, kind) if kind == "tied" else _covariances(K - 1, d, kind)
    return K - 1 + (K - 1) * d + shared


@wrong(step="covariances", alone=True)
def spherical_but_for_diagonal(K, d, kind):
    """Every type but "diag" is counted like "spherical": does an else belong to the last if alone?"""
    return _covariances(K, d, "diag" if kind == "diag" else "spherical")


@wrong(step="covariances", alone=True)
def diagonal_not_counted(K, d, kind):
    """The d variances of each diagonal covariance are not counted."""
    return 0 if kind == "diag" else _covariances(K, d, kind)


@wrong(step="covariances", alone=True)
def full_forgotten(K, d, kind):
    """The d(d+1)/2 numbers of each full covariance are not counted."""
    return 0 if kind == "full" else _covariances(K, d, kind)


@wrong(step="covariances", alone=True)
def tied_forgotten(K, d, kind):
    """The d(d+1)/2 numbers of the tied covariance are not counted."""
    return 0 if kind == "tied" else _covariances(K, d, kind)


@wrong(step="covariances", alone=True)
def diagonal_doubled(K, d, kind):
    """A diagonal covariance is counted with 2 d numbers; it has d."""
    return 2 * K * d if kind == "diag" else _covariances(K, d, kind)


@wrong(step="covariances", alone=True)
def triangle_too_large(K, d, kind):
    """(d+1)(d+2)/2 stands where d(d+1)/2 should."""
    triangle = (d + 1) * (d + 2) / 2
    return {"full": K * triangle, "tied": triangle}.get(kind, _covariances(K, d, kind))


@wrong(step="covariances", alone=True)
def diagonal_forgotten_when_full(K, d, kind):
    """d(d-1)/2 leaves out the variances on the diagonal of a full covariance; d(d+1)/2 are free."""
    return K * d * (d - 1) / 2 if kind == "full" else _covariances(K, d, kind)


@wrong(step="covariances", alone=True)
def diagonal_forgotten_when_tied(K, d, kind):
    """d(d-1)/2 leaves out the variances on the diagonal of the tied covariance; d(d+1)/2 are free."""
    return d * (d - 1) / 2 if kind == "tied" else _covariances(K, d, kind)


@wrong(step="covariances", alone=True)
def covariances_of_all_but_one(K, d, kind):
    """The covariances of K - 1 components are counted; only the weights are bound by a sum."""
    return _covariances(K, d, kind) if kind == "tied" else _covariances(K - 1, d, kind)


@wrong()
def weights_and_means_multiplied(K, d, kind):
    """The numbers of the weights and of the means are multiplied; they are added."""
    return (K - 1) * K * d + _covariances(K, d, kind)


# Two mistakes about different types, each of which shows in its own alone.
OF_ONE_TYPE = {
    "full": (one_full_covariance, full_counted_as_diagonal, symmetry_forgotten_when_full),
    "tied": (tied_counted_for_each, tied_diagonal, symmetry_forgotten_when_tied),
    "diag": (one_diagonal_for_all, diagonal_of_pairs),
    "spherical": (one_sphere_for_all, sphere_counted_per_feature, spherical_forgotten),
}
NAMED_TOGETHER = (
    {one_full_covariance, tied_counted_for_each},
    {symmetry_forgotten_when_full, symmetry_forgotten_when_tied},
    {one_diagonal_for_all, one_sphere_for_all},
)

for _one, _other in combinations(OF_ONE_TYPE, 2):
    for _first, _second in product(OF_ONE_TYPE[_one], OF_ONE_TYPE[_other]):
        if {_first, _second} in NAMED_TOGETHER:
            continue

        def _of_two_types(K, d, kind, one=_one, first=_first, second=_second):
            return first(K, d, kind) if kind == one else second(K, d, kind)

        _of_two_types.__doc__ = at_once(_first.__doc__ or "", _second.__doc__ or "")
        _names = f"{_first.__name__}-and-{_second.__name__}".replace("_", "-")
        wrong(step="covariances", paired=False, name=_names)(_of_two_types)
