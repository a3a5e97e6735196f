"""Slips that a question does not get: they are in its catalogue already, cost nothing, or cost by chance."""

from __future__ import annotations

from collections.abc import Mapping

TWINS: Mapping[str, frozenset[str]] = {
    "capstone.log_density": frozenset(
        {
            "log-density-doubled",
            "log-density-exponentiated",
            "log-density-summed",
        }
    ),
    "capstone.percentile_interval": frozenset(
        {
            "lower-and-upper-swapped",
            "lower-cut-to-whole-numbers",
            "lower-inverted",
        }
    ),
    "capstone.standard_order": frozenset(
        {
            "weights-cut-to-whole-numbers",
            "weights-divided-by-their-sum",
            "weights-mean-for-all",
        }
    ),
    "collapse.diagnose": frozenset(
        {
            "conditions-inverted",
            "conditions-rooted",
            "counts-divided-by-their-sum",
            "counts-rounded",
            "shares-rooted",
        }
    ),
    "collapse.m_step_map": frozenset(
        {
            "weights-divided-by-their-sum",
            "weights-mean-for-all",
        }
    ),
    "em.e_step": frozenset(
        {
            "log-likelihood-sign-turned",
            "responsibilities-columns-reversed",
            "responsibilities-rounded",
            "responsibilities-transposed",
        }
    ),
    "em.fit": frozenset(
        {
            "log-likelihoods-first-missing",
            "log-likelihoods-last-missing",
            "log-likelihoods-last-only",
            "log-likelihoods-sign-turned",
        }
    ),
    "em.m_step": frozenset(
        {
            "covariances-diagonal-alone",
            "covariances-matrices-inverted",
            "covariances-rooted",
            "weights-divided-by-their-sum",
            "weights-mean-for-all",
        }
    ),
    "kmeans.assign": frozenset(
        {
            "labels-first-for-all",
            "labels-first-still-zero",
            "labels-last-still-zero",
        }
    ),
    "kmeans.distortion": frozenset(
        {
            "distortion-doubled",
            "distortion-halved",
            "distortion-rooted",
            "distortion-sign-turned",
        }
    ),
    "kmeans.update": frozenset(
        {
            "centroids-reversed",
        }
    ),
    "labels.bhattacharyya": frozenset(
        {
            "distance-rooted",
            "distance-sign-turned",
        }
    ),
    "missing.condition": frozenset(
        {
            "covariance-averaged-over-columns",
            "covariance-diagonal-alone",
            "covariance-matrices-inverted",
            "covariance-rooted",
            "covariance-sign-turned",
            "covariance-squared",
            "covariance-summed-over-columns",
            "covariance-transposed",
        }
    ),
    "missing.e_step_missing": frozenset(
        {
            "log-likelihood-sign-turned",
            "responsibilities-columns-reversed",
            "responsibilities-rounded",
            "responsibilities-transposed",
        }
    ),
    "missing.m_step_missing": frozenset(
        {
            "covariances-diagonal-alone",
            "covariances-rooted",
            "weights-divided-by-their-sum",
            "weights-mean-for-all",
            "weights-rounded",
        }
    ),
    "scale.merge_statistics": frozenset(
        {
            "counts-divided-by-their-sum",
            "counts-halved",
            "means-cut-to-whole-numbers",
            "means-rounded",
            "scatters-cut-to-whole-numbers",
            "scatters-rounded",
        }
    ),
    "scale.statistics": frozenset(
        {
            "counts-divided-by-their-sum",
            "counts-rounded",
            "scatters-diagonal-alone",
            "scatters-first-without-the-rest",
            "scatters-rooted",
        }
    ),
    "selection.aic": frozenset(
        {
            "aic-halved",
            "aic-sign-turned",
        }
    ),
    "selection.bic": frozenset(
        {
            "bic-halved",
            "bic-sign-turned",
        }
    ),
    "selection.icl": frozenset(
        {
            "icl-sign-turned",
        }
    ),
    "selection.n_parameters": frozenset(
        {
            "n-parameters-cut-to-whole-numbers",
            "n-parameters-rounded",
        }
    ),
    "soft.log_gaussian": frozenset(
        {
            "log-densities-doubled",
            "log-densities-exponentiated",
            "log-densities-first-only",
            "log-densities-sign-turned",
            "log-densities-summed",
        }
    ),
    "soft.responsibilities": frozenset(
        {
            "responsibilities-columns-reversed",
            "responsibilities-rounded",
            "responsibilities-transposed",
        }
    ),
}
