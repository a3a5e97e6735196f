# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Who is who? Comparing two fits
#
# Fit the same data from another start and the components may come out in another order: "the first one" means
# nothing. Whoever averages parameters over fits, or follows a component through a bootstrap, must first find out who is who. That
# takes a distance between Gaussians, and the matching that makes the total distance smallest.
#
# - **You will write** `bhattacharyya` and `match_components`.
# - **Time** about 40 minutes.
# - **Read first** the page [labels](http://localhost:8000/book/book/labels.html) of the book.
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. If `match_components` calls a `bhattacharyya` of yours that is
# wrong, it is graded with a right one in its place: one mistake costs once. Distances may be off by a
# millionth (of their size, if they are larger than 1); a matching must be exact, and the second best is always
# worse by $2 \cdot 10^{-5}$ or more. Some checks use fifty features, whose determinants underflow, or data ten million
# from the origin: they need logarithms and float64.
# </details>
#
# Letters: a Gaussian has a `mean` `(d,)` and a `covariance` `(d, d)`; a fit has $K$ of them.

# %%
import itertools
import os

import matplotlib.pyplot as plt
import numpy as np

os.environ.setdefault("GMM_COURSE_BOOK", "http://localhost:8000/book")      # where the check says to read on

try:
    from autograder.check import check
except ImportError:
    def check(*function):
        print("The check is not installed here. Install it by the line on this exercise's card in the book, such as")
        print("%pip install http://localhost:8000/book/_static/runtime/gmm_course-0.1.0-py3-none-any.whl")
        print("in a cell of its own, and run this cell again.")

    check()

X = np.loadtxt("old_faithful.csv", delimiter=",", skiprows=1)      # (272, 2) minutes: duration, waiting time

# %% [markdown]
# ## 1. How far apart are two Gaussians?
#
# For $\mathcal N(\mu, S)$ and $\mathcal N(\nu, T)$, with $\bar S = (S + T) / 2$, the Bhattacharyya distance is
#
# $$D = \tfrac18 (\mu - \nu)^\top \bar S^{-1} (\mu - \nu) + \tfrac12 \log \frac{|\bar S|}{\sqrt{|S|\,|T|}} .$$
#
# The first term compares the places, the second the shapes. It is 0 for equal Gaussians and does not depend on the
# units of the features. (On the page `bhattacharyya` takes two whole mixtures and returns the table of all distances.)
#
# <details><summary>Hint 1: the logarithm of a fraction</summary>
#
# $\log \frac{|\bar S|}{\sqrt{|S| |T|}} = \log|\bar S| - \frac12 \log|S| - \frac12 \log|T|$, and `np.linalg.slogdet` returns
# sign and logarithm of a determinant without underflow.
# </details>
# <details><summary>Hint 2: without the inverse</summary>
#
# $\bar S^{-1} z$ is `np.linalg.solve(middle, z)`, with $\bar S$ in `middle`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "bhattacharyya", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bhattacharyya(mean, covariance, other_mean, other_covariance):
    """Bhattacharyya distance of two Gaussians.

    mean              (d,)    of the first
    covariance        (d, d)  of the first
    other_mean        (d,)    of the second
    other_covariance  (d, d)  of the second
    returns           a number: 1/8 (μ - ν)ᵀ S̄⁻¹ (μ - ν) + 1/2 log(|S̄| / sqrt(|S| |T|)), S̄ = (S + T) / 2
    """
    ### BEGIN SOLUTION
    def log_determinant(matrix):
        return np.linalg.slogdet(matrix)[1]

    middle = (covariance + other_covariance) / 2
    z = mean - other_mean
    places = z @ np.linalg.solve(middle, z) / 8
    shapes = log_determinant(middle) - (log_determinant(covariance) + log_determinant(other_covariance)) / 2
    return places + shapes / 2
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bhattacharyya-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("labels.bhattacharyya", bhattacharyya)

# %% [markdown]
# ## 2. Who is who?
#
# Take the permutation with the smallest **summed** distance:
#
# $$\hat\pi = \arg\min_\pi \sum_{k} D\bigl(k, \pi(k)\bigr), \qquad
# \text{component } k \text{ of the first fit is component } \hat\pi(k) \text{ of the other.}$$
#
# Taking the nearest for each component in turn is not the same: the last one may be left with a partner far away.
#
# <details><summary>Hint 1: a table first</summary>
#
# Fill a table of shape `(K, K)` with the distances. Then the sum for a permutation `p` is
# `sum(table[k, p[k]] for k in range(K))`.
# </details>
# <details><summary>Hint 2: all permutations, or a library</summary>
#
# $K$ is at most 5 here, so trying all of `itertools.permutations(range(K))` is fine. For many components,
# `scipy.optimize.linear_sum_assignment` solves the same problem in $K^3$ steps.
# </details>

# %% nbgrader={"grade": false, "grade_id": "match_components", "locked": false, "schema_version": 3, "solution": true, "task": false}
def match_components(means, covariances, other_means, other_covariances):
    """Which component of the other fit each component is.

    means              (K, d)     of the first fit
    covariances        (K, d, d)  of the first fit
    other_means        (K, d)     of the other
    other_covariances  (K, d, d)  of the other
    returns            (K,)       integers: component k is component permutation[k] of the other fit,
                                  with the smallest sum of Bhattacharyya distances
    """
    ### BEGIN SOLUTION
    others = list(zip(other_means, other_covariances))
    table = np.array([
        [bhattacharyya(mean, covariance, *other) for other in others]
        for mean, covariance in zip(means, covariances)
    ])

    def total(permutation):
        return sum(table[k, j] for k, j in enumerate(permutation))

    return np.array(min(itertools.permutations(range(len(table))), key=total))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "match_components-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("labels.match_components", match_components)

# %% [markdown]
# When both checks pass, the next cell matches two mixtures of three components for Old Faithful and draws partners in
# one colour. The dashed ellipses are the other mixture.

# %%
FIRST = (
    np.array([[2.04, 54.5], [3.80, 77.5], [4.47, 80.9]]),
    np.array([[[0.078, 0.470], [0.470, 33.67]]] * 3),
)
OTHER = (
    np.array([[4.40, 80.5], [2.02, 54.0], [3.95, 78.0]]),
    np.array([[[0.10, 0.5], [0.5, 30.0]], [[0.06, 0.4], [0.4, 33.0]], [[0.2, 1.0], [1.0, 40.0]]]),
)

if check("labels.bhattacharyya", bhattacharyya) and check("labels.match_components", match_components):
    partner = match_components(*FIRST, *OTHER)
    angle = np.linspace(0, 2 * np.pi, 100)
    circle = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    fig, ax = plt.subplots(figsize=(5, 4))
    ax.scatter(X[:, 0], X[:, 1], c="0.8", s=10)
    for k, colour in enumerate(["#0072B2", "#D55E00", "#009E73"]):
        for (means, covariances), j, style in ((FIRST, k, "-"), (OTHER, partner[k], "--")):
            line = means[j] + circle @ np.linalg.cholesky(covariances[j]).T
            ax.plot(line[:, 0], line[:, 1], style, color=colour)
    ax.set(xlabel="duration (min)", ylabel="waiting time (min)", title="Partners have one colour")
    plt.show()

# %% [markdown]
# ## If you want more (not graded)
#
# Resample the eruptions a hundred times with replacement and fit two components to each sample with your `fit` from
# *em*: five random starts (two different eruptions as means, equal weights, the covariance of the sample for both),
# of which you keep the end with the highest log-likelihood. Take the standard deviation of "the mean of component 0",
# once as the fits come, once after matching each fit to the first. Which of the two numbers is a standard error, and
# what is the other? Then do it again with a single start for each sample: why is the matched number now several
# times as large? (Look at the log-likelihoods.)

# %%
# Your own experiments
