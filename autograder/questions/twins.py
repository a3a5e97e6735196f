"""Slips that a question does not get: in its catalogue already, raising, or costing nothing or by chance."""

from __future__ import annotations

from collections.abc import Mapping

TWINS: Mapping[str, frozenset[str]] = {
    "capstone.log_density": frozenset(
        {
            "log-density-doubled",
            "log-density-exponentiated",
            "log-density-summed",
            "with-covariances-averaged",
            "with-covariances-diagonal",
            "with-covariances-identity",
            "with-covariances-of-the-first",
            "with-covariances-of-the-last",
            "with-covariances-rooted",
            "with-means-of-the-first",
            "with-means-of-the-last",
            "with-means-zero",
            "with-the-first-component-alone",
        }
    ),
    "capstone.percentile_interval": frozenset(
        {
            "lower-alone",
            "lower-and-upper-swapped",
            "lower-cut-to-whole-numbers",
            "lower-inverted",
            "upper-alone",
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
            "with-points-centred",
            "with-responsibilities-equal",
            "with-responsibilities-hard",
            "with-responsibilities-squared",
        }
    ),
    "collapse.m_step_map": frozenset(
        {
            "weights-divided-by-their-sum",
            "weights-mean-for-all",
            "with-points-centred",
        }
    ),
    "em.e_step": frozenset(
        {
            "log-likelihood-sign-turned",
            "log-likelihood-zero",
            "responsibilities-columns-reversed",
            "responsibilities-rounded",
            "responsibilities-transposed",
            "with-covariances-averaged",
            "with-covariances-diagonal",
            "with-covariances-identity",
            "with-covariances-of-the-first",
            "with-covariances-of-the-last",
            "with-covariances-rooted",
            "with-means-of-the-first",
            "with-means-of-the-last",
            "with-means-zero",
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
            "with-responsibilities-hard",
            "with-responsibilities-over-points",
            "with-responsibilities-squared",
        }
    ),
    "kmeans.assign": frozenset(
        {
            "labels-first-for-all",
            "labels-first-still-zero",
            "labels-last-still-zero",
            "with-centroids-of-the-first",
            "with-centroids-of-the-last",
            "with-centroids-of-the-other-sign",
            "with-centroids-zero",
            "with-the-first-centroid-alone",
            "with-the-first-feature-alone",
            "without-the-first-feature",
            "without-the-last-centroid",
        }
    ),
    "kmeans.distortion": frozenset(
        {
            "distortion-doubled",
            "distortion-halved",
            "distortion-rooted",
            "distortion-sign-turned",
            "with-centroids-of-the-first",
            "with-centroids-zero",
            "with-labels-one-more",
            "with-the-first-centroid-alone",
            "with-the-first-feature-alone",
            "without-the-first-centroid",
            "without-the-first-point",
            "without-the-last-centroid",
            "without-the-last-point",
        }
    ),
    "kmeans.update": frozenset(
        {
            "centroids-reversed",
            "with-centroids-zero",
        }
    ),
    "labels.bhattacharyya": frozenset(
        {
            "distance-rooted",
            "distance-sign-turned",
            "with-other-mean-of-the-other-sign",
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
            "with-mean-of-the-other-sign",
            "with-mean-zero",
        }
    ),
    "missing.e_step_missing": frozenset(
        {
            "log-likelihood-sign-turned",
            "log-likelihood-zero",
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
            "with-points-in-whole-numbers",
            "with-responsibilities-over-points",
        }
    ),
    "selection.aic": frozenset(
        {
            "aic-halved",
            "aic-sign-turned",
            "with-number-of-parameters-one-less",
            "with-number-of-parameters-one-more",
        }
    ),
    "selection.bic": frozenset(
        {
            "bic-halved",
            "bic-sign-turned",
            "with-number-of-parameters-one-less",
            "with-number-of-parameters-one-more",
        }
    ),
    "selection.choose": frozenset(
        {
            "with-number-of-parameters-one-less",
            "with-number-of-parameters-one-more",
        }
    ),
    "selection.icl": frozenset(
        {
            "icl-sign-turned",
            "with-log-likelihood-without-sign",
            "with-responsibilities-hard",
            "with-responsibilities-over-points",
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
            "with-covariance-diagonal",
            "with-covariance-identity",
            "with-covariance-rooted",
            "with-mean-zero",
            "with-points-in-whole-numbers",
        }
    ),
    "soft.responsibilities": frozenset(
        {
            "responsibilities-columns-reversed",
            "responsibilities-rounded",
            "responsibilities-transposed",
        }
    ),
    "starts.best_of_restarts": frozenset(
        {
            "with-log-likelihoods-without-sign",
        }
    ),
}
