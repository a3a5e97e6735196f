"""Mistakes in which a component of a mixture takes parameters that are not its own."""

# mypy: allow-untyped-defs
from __future__ import annotations

import numpy as np

from autograder.questions import Catalogue

confusing = Catalogue(see="soft-mixture")  # means and covariances in, others in their place out


@confusing()
def first_covariance_for_all(means, covariances):
    """Your numbers are those of the first component's covariance for all; each has its own."""
    return means, np.repeat(covariances[:1], len(means), axis=0)


@confusing()
def last_covariance_for_all(means, covariances):
    """Your numbers are those of the last component's covariance for all; each has its own."""
    return means, np.repeat(covariances[-1:], len(means), axis=0)


@confusing()
def mean_covariance_for_all(means, covariances):
    """Your numbers are those of the mean of the covariances for all components; each has its own."""
    return means, np.repeat(covariances.mean(axis=0)[None], len(means), axis=0)


@confusing()
def first_mean_for_all(means, covariances):
    """Your numbers are those of the first component's mean for all; each has its own."""
    return np.repeat(means[:1], len(means), axis=0), covariances


@confusing()
def last_mean_for_all(means, covariances):
    """Your numbers are those of the last component's mean for all; each has its own."""
    return np.repeat(means[-1:], len(means), axis=0), covariances


@confusing()
def points_shifted_in_place(means, covariances):
    """The means add up from component to component; does each round change X itself? Write Z = X - mean."""
    return means.cumsum(axis=0), covariances


@confusing()
def covariances_in_another_order(means, covariances):
    """Each component gets another one's covariance: do both run in the same order?"""
    return means, covariances[::-1]
