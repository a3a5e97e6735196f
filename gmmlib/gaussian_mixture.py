"""GaussianMixture with scikit-learn's names, conventions and messages, on top of gmmlib's EM.

Three things differ on purpose. `lower_bound_` and `lower_bounds_` belong to the parameters that are returned,
not to those one M-step before. `reg_covar` is a share of each feature's variance, a floor under every
variance, so that the unit of the data does not matter. And of several starts only the first and the best are
finished, the others run short, so that more starts cost little and never give a worse fit.

Parameters that are known need no fit: put them into `weights_`, `means_` and `covariances_`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np

from gmmlib._checks import FloatArray, IntArray, as_sample_weight, present, require_spread
from gmmlib._estimator import Estimator, as_rng, require_choice, require_parameter, sklearn_or_own
from gmmlib.blocked import Blocks
from gmmlib.covariance import FAMILIES, family
from gmmlib.cures import Floor, MaximumLikelihood
from gmmlib.errors import CollapsedComponentError, InvalidInputError
from gmmlib.loop import Fit, Maximiser, gain_of_bound, repeat, steps, together
from gmmlib.mixture import Mixture, log_sum_exp
from gmmlib.selection import aic, bic, n_parameters
from gmmlib.starts import best_of, starting_mixtures
from gmmlib.statistics import Statistics
from gmmlib.stopping import Absolute

INITS = {"kmeans": "kmeans", "k-means++": "k-means++", "random": "random", "random_from_data": "points"}
LARGE = 50_000       # points times components: with fewer an E-step is as quick as to foresee what it gains


class GaussianMixture(Estimator):
    """Gaussian mixture fitted by EM; constructor and methods as in sklearn.mixture.GaussianMixture.

    Parameters
    ----------
    n_components : K
    covariance_type : full, tied, diag or spherical
    tol : it stops when an iteration gains less than this per point [nats]; on large data also before an
        iteration that would gain less than a tenth of it, which the last M-step tells, see gmmlib.loop.steps
    reg_covar : floor under every variance, as a share of each feature's variance; 0 for none
    max_iter : largest number of M-steps
    n_init : number of starts
    init_params : kmeans, k-means++, random or random_from_data
    weights_init, means_init, precisions_init : parameters to start from; those left out come from init_params
    random_state : None, a seed, a RandomState or a Generator
    warm_start : whether fit goes on from the last solution
    verbose, verbose_interval : print progress of each start, or of its iterations

    Attributes
    ----------
    weights_ : (K,)
    means_ : (K, d)
    covariances_, precisions_, precisions_cholesky_ : (K, d, d), (d, d), (K, d) or (K,), by family
    converged_ : whether tol was met
    n_iter_ : number of M-steps of the best start
    lower_bound_ : log-likelihood per point of the parameters that are returned; of large data, where the last
        M-step was foreseen to gain little, the bound that it raised, less than tol / 20 below
    lower_bounds_ : the same after each M-step
    n_features_in_ : d
    feature_names_in_ : (d,) names of the columns of the data frame it was fitted to, if that had any
    """

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-3,
        reg_covar: float = 1e-8,
        max_iter: int = 100,
        n_init: int = 1,
        init_params: str = "kmeans",
        weights_init: Any = None,
        means_init: Any = None,
        precisions_init: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval

    # ----------------------------------------------------------------------- fitting

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Estimate the parameters by EM.

        Parameters
        ----------
        X : (n, d)
        y : ignored
        sample_weight : (n,) >= 0, how often each point counts; None for once

        Warns
        -----
        UserWarning
            If a feature has the same value at every point: the floor is its variance, as if it varied like
            the others on average. Without a floor (reg_covar=0) that is an error.
        """
        points, dtype = self._as_input(X, fitting=True)
        self._require_parameters(len(points))
        points, weight = present(points, as_sample_weight(sample_weight, len(points)))
        covariance_family = family(self.covariance_type)
        data = Blocks(points, weight, diagonal=covariance_family.diagonal)
        cure = Floor(self.reg_covar) if self.reg_covar > 0 else MaximumLikelihood()
        maximise = Maximiser(covariance_family, cure, self._with_spread(points, data.total))
        try:
            result = self._run(data, maximise)
        except CollapsedComponentError as error:
            raise InvalidInputError(
                "Fitting the mixture model failed because some components have ill-defined empirical "
                "covariance (for instance caused by singleton or collapsed samples). Try to decrease the "
                f"number of components, increase reg_covar, or scale the input data. ({error})"
            ) from error
        self._set_attributes(result, data.total.n, dtype)
        if not self.converged_ and self.max_iter > 0:
            warnings.warn(
                "Best performing initialization did not converge. Try different init parameters, or increase "
                "max_iter, tol, or check for degenerate data.",
                sklearn_or_own("ConvergenceWarning"),
                stacklevel=2,
            )
        return self

    def _with_spread(self, points: FloatArray, total: Statistics) -> Statistics:
        """Return the data's statistics with a scale for the floor of features that are constant."""
        if total.scatters[0].diagonal().all():                         # exactly 0 where a feature is constant
            return total
        constant = points.max(axis=0) == points.min(axis=0)
        if self.reg_covar == 0 or constant.all() or not constant.any():
            require_spread(points)
            return total
        warnings.warn(
            f"Features {np.flatnonzero(constant).tolist()} of X have the same value at every point: their "
            f"variances are held at the floor, reg_covar.",
            UserWarning,
            stacklevel=3,
        )
        scatters = total.scatters.copy()
        scatters[0, constant, constant] = np.diagonal(total.scatters[0])[~constant].mean()
        return replace(total, scatters=scatters)

    def _run(self, data: Blocks, maximise: Maximiser) -> Fit:
        """Run all starts, or go on from the last solution; end with an M-step and its log-likelihood."""
        tol = self.tol * data.total.n
        rule, large = Absolute(tol), len(data.points) * self.n_components >= LARGE
        foreseen = 0.1 * tol if large else 0.0       # only where the rule too would stop, one iteration later

        def run(starts: Sequence[Mixture | Fit], rounds: int) -> list[Fit | CollapsedComponentError]:
            results = together(data, [steps(maximise, start, rule, rounds, foreseen) for start in starts])
            for result in results:
                if isinstance(result, Fit):
                    self._print_progress(result, data.total.n)
            return results

        if self.warm_start and self.__sklearn_is_fitted__() and self.n_features_in_ == self._n_features():
            result = self._go_on(data, maximise, run)
        else:
            starts = self._starts(data, maximise)
            result = best_of(run, starts, max(self.max_iter, 1))
        if self.max_iter == 0:
            return result
        mixture = maximise(result.statistics)
        gain = gain_of_bound(result.mixture, mixture, result.statistics) if large else np.inf
        told = 2.0 * abs(gain) < foreseen      # the bound then says it nearly: no pass over the points for it
        last = result.log_likelihood + gain if told else data.log_likelihood(mixture)
        return replace(result, mixture=mixture, history=(*result.history, last))

    def _go_on(self, data: Blocks, maximise: Maximiser, run: Any) -> Fit:
        """Go on from the last solution; the gain of its last M-step counts, so that one round can tell."""
        resumed = repeat(data.expect, maximise, self._mixture(), Absolute(0.0), 1)
        before = getattr(self, "_bound_before", -np.inf) * data.total.n    # none if parameters were given
        gain = resumed.log_likelihood - before
        if abs(gain) < self.tol * data.total.n or self.max_iter <= 1:
            return replace(resumed, converged=bool(abs(gain) < self.tol * data.total.n))
        return best_of(run, [resumed], self.max_iter)

    def _starts(self, data: Blocks, maximise: Maximiser) -> list[Mixture]:
        """Return the mixtures to start from: what the caller gave, the rest as init_params says."""
        K, d = self.n_components, data.points.shape[1]
        given = self._given(K, d)
        if len(given) == 3:
            return [Mixture(**given)]
        starts = starting_mixtures(
            data.points,
            K,
            maximise,
            as_rng(self.random_state),
            init=INITS[self.init_params],
            n_starts=self.n_init,
            weight=data.weight,
        )
        if not given:
            return starts
        return [Mixture(**({"weights": s.weights, "means": s.means, "covariances": s.covariances} | given))
                for s in starts]

    def _given(self, K: int, d: int) -> dict[str, FloatArray]:
        """Return the starting parameters that the caller gave, checked."""
        given = {}
        if self.weights_init is not None:
            given["weights"] = _as_weights(self.weights_init, K)
        if self.means_init is not None:
            given["means"] = _as_shape(self.means_init, (K, d), "means")
        if self.precisions_init is not None:
            given["covariances"] = as_covariances(self.precisions_init, self.covariance_type, K, d)
        return given

    def _set_attributes(self, result: Fit, n: float, dtype: np.dtype[Any]) -> None:
        """Set the attributes that end in an underscore."""
        mixture = result.mixture
        packed = family(self.covariance_type).pack(mixture.covariances)
        bounds = [value / n for value in result.history]
        self.weights_ = mixture.weights.astype(dtype)
        self.means_ = mixture.means.astype(dtype)
        self.covariances_ = packed.astype(dtype)
        cholesky, precisions = precisions_of(self.covariance_type, packed)
        self.precisions_cholesky_, self.precisions_ = cholesky.astype(dtype), precisions.astype(dtype)
        self.converged_ = result.converged and self.max_iter > 0
        self.n_iter_ = min(len(bounds) - 1, self.max_iter)
        self.lower_bounds_ = bounds[len(bounds) - self.n_iter_ :]
        self.lower_bound_ = bounds[-1]
        self._bound_before = bounds[-2] if len(bounds) > 1 else -np.inf

    def _require_parameters(self, n: int) -> None:
        """Raise for a parameter that is out of range, or too many components for n points."""
        require_choice(self, "covariance_type", tuple(FAMILIES))
        require_choice(self, "init_params", tuple(INITS))
        for name, low in (("n_components", 1), ("max_iter", 0), ("n_init", 1), ("verbose_interval", 1)):
            require_parameter(self, name, int, low)
        for name in ("tol", "reg_covar"):
            require_parameter(self, name, float, 0)
        if n < self.n_components:
            raise InvalidInputError(
                "Expected n_samples >= n_components but got "
                f"n_components = {self.n_components}, n_samples = {n}"
            )

    def _print_progress(self, result: Fit, n: float) -> None:
        """Print progress, if asked."""
        if self.verbose:
            steps = range(0, result.n_iter, self.verbose_interval) if self.verbose > 1 else ()
            for i in steps:
                print(f"  Iteration {i}\t log-likelihood per point {result.history[i] / n:.6f}")
            print(f"Start: {result.n_iter} iterations, {result.log_likelihood / n:.6f}. {result.stop_reason}")

    # ----------------------------------------------------------------------- using the fit

    def __sklearn_is_fitted__(self) -> bool:
        """Tell whether there are parameters, from fit or from whoever knows them."""
        return all(hasattr(self, name) for name in ("weights_", "means_", "covariances_"))

    def _n_features(self) -> int:
        """Return how many features the parameters have."""
        return int(np.shape(self.means_)[1])

    def _mixture(self) -> Mixture:
        """Return the fitted parameters in double precision."""
        weights = np.asarray(self.weights_, dtype=np.float64)
        means = np.asarray(self.means_, dtype=np.float64)
        packed = np.asarray(self.covariances_, dtype=np.float64)
        return Mixture(
            weights / weights.sum(), means, family(self.covariance_type).unpack(packed, *means.shape)
        )

    def _log_joint(self, X: Any) -> tuple[FloatArray, np.dtype[Any]]:
        """Return log w_k N(x_i | k), (n, K), and the type of the results."""
        self._require_fitted()
        points, dtype = self._as_input(X)
        return self._mixture().log_joint(points), dtype

    def score_samples(self, X: Any) -> FloatArray:
        """Return the log density of each point, (n,)."""
        log_joint, dtype = self._log_joint(X)
        return log_sum_exp(log_joint).astype(dtype)

    def score(self, X: Any, y: Any = None) -> float:
        """Return the mean log density of the points."""
        mean: float = self.score_samples(X).mean()
        return mean

    def predict(self, X: Any) -> IntArray:
        """Return the index of the most probable component of each point, (n,)."""
        labels: IntArray = self._log_joint(X)[0].argmax(axis=1)
        return labels

    def predict_proba(self, X: Any) -> FloatArray:
        """Return responsibilities (n, K)."""
        log_joint, dtype = self._log_joint(X)
        return np.exp(log_joint - log_sum_exp(log_joint)[:, None]).astype(dtype)

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> IntArray:
        """Fit, and return the labels (n,) of the points."""
        return self.fit(X, sample_weight=sample_weight).predict(X)

    def sample(self, n_samples: int = 1) -> tuple[FloatArray, IntArray]:
        """Draw points (n, d) and the components that made them (n,), component by component."""
        self._require_fitted()
        if n_samples < 1:
            raise InvalidInputError(
                f"Invalid value for 'n_samples': {n_samples} . The sampling requires at least one sample."
            )
        X, labels = self._mixture().sample(n_samples, as_rng(self.random_state))
        order = labels.argsort(kind="stable")
        return X[order], labels[order]

    def aic(self, X: Any) -> float:
        """Return Akaike's criterion on X; lower is better."""
        return aic(float(self.score(X)) * len(X), self._n_parameters())

    def bic(self, X: Any) -> float:
        """Return the Bayesian information criterion on X; lower is better."""
        return bic(float(self.score(X)) * len(X), self._n_parameters(), len(X))

    def _n_parameters(self) -> int:
        """Count the free parameters."""
        return n_parameters(self.n_components, self._n_features(), self.covariance_type)


def _as_shape(values: Any, shape: tuple[int, ...], name: str) -> FloatArray:
    """Return values as float64 of this shape; raise in scikit-learn's words."""
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape:
        raise InvalidInputError(
            f"The parameter '{name}' should have the shape of {shape}, but got {array.shape}"
        )
    return array


def _as_weights(values: Any, K: int) -> FloatArray:
    """Return mixing weights (K,); raise in scikit-learn's words."""
    weights = _as_shape(values, (K,), "weights")
    if np.any(weights < 0) or np.any(weights > 1):
        raise InvalidInputError(
            # scikit-learn's own words, minimum and maximum changed places: its tests ask for them
            "The parameter 'weights' should be in the range [0, 1], but got max value "
            f"{np.min(weights):.5f}, min value {np.max(weights):.5f}"
        )
    if abs(1.0 - weights.sum()) > 1e-6:
        raise InvalidInputError(
            f"The parameter 'weights' should be normalized, but got sum(weights) = {np.sum(weights):.5f}"
        )
    return weights


def as_covariances(precisions: Any, covariance_type: str, K: int, d: int) -> FloatArray:
    """Return covariances (K, d, d) from precisions in the family's own shape."""
    covariance_family = family(covariance_type)
    shape = covariance_family.pack(np.zeros((K, d, d))).shape
    packed = _as_shape(precisions, shape, f"{covariance_type} precision")
    matrices = covariance_family.unpack(packed, K, d)
    symmetric = np.allclose(matrices, matrices.transpose(0, 2, 1))
    if not symmetric or not np.all(np.linalg.eigvalsh(matrices) > 0):
        what = "positive" if covariance_family.diagonal else "symmetric, positive-definite"
        raise InvalidInputError(f"'{covariance_type} precision' should be {what}")
    covariances = np.linalg.inv(matrices)
    return (covariances + covariances.transpose(0, 2, 1)) / 2.0


def precisions_of(covariance_type: str, packed: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return upper-triangular U with U Uᵀ = precision, and the precisions, in the family's own shape."""
    if family(covariance_type).diagonal:
        return 1.0 / np.sqrt(packed), 1.0 / packed
    upper = np.linalg.inv(np.linalg.cholesky(packed)).swapaxes(-1, -2)
    return upper, upper @ upper.swapaxes(-1, -2)
