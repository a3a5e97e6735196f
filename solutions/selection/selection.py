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
# # How many components? Paying for parameters
#
# A mixture with more components can always fit at least as well, and from two on a component with a variance of its own
# that shrinks onto a single point drives the likelihood to infinity. So the log-likelihood alone cannot tell how many groups of galaxies there are.
# **AIC** and **BIC** let every parameter pay a price, and for that someone has to count the parameters. That is your job.
#
# - **You will write** `n_parameters`, `aic`, `bic`, `icl` and `choose`, one to eight lines each.
# - **Time** about 45 minutes.
# - **Read first** the page [selection](http://localhost:8000/book/book/selection.html) of the book.
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. Counts and choices must be
# exact; the criteria may be off by a millionth of their size. If `bic` calls an `aic` of yours that is wrong, or `icl`
# or `choose` an `aic` or `bic` of yours that is wrong, it is graded with a right one in its place.
# </details>
#
# Letters: $n$ points, $d$ features, $K$ components, $p$ parameters, log-likelihood $\ell$ (natural logarithms, summed
# over the points). In this course **lower is better**. (The R package mclust prints the negative of our BIC.)

# %%
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

galaxies = np.sort(np.loadtxt("galaxies.csv", skiprows=1)) / 1000      # (82,) velocities in 1000 km/s

fig, ax = plt.subplots(figsize=(6, 3))
ax.hist(galaxies, bins=np.arange(8, 36, 1), color="#56B4E9")
ax.set(xlabel="velocity (1000 km/s)", ylabel="galaxies", title="82 galaxies: how many groups?")
plt.show()

# %% [markdown]
# ## 1. Counting
#
# A mixture of $K$ Gaussians in $d$ dimensions has
#
# - weights, which sum to 1: $K - 1$ of them are free,
# - means: $K d$ numbers,
# - covariances, which are symmetric; how many numbers depends on the type:
#
# | type | what it means | numbers |
# |---|---|---|
# | `"full"` | each component has its own matrix | $K \, d (d+1) / 2$ |
# | `"tied"` | all components share one matrix | $d (d+1) / 2$ |
# | `"diag"` | each has its own variances, no correlation | $K d$ |
# | `"spherical"` | each has one variance for all directions | $K$ |
#
# <details><summary>Hint 1: why d(d+1)/2?</summary>
#
# Write down a symmetric 3 × 3 matrix and count the entries on and above the diagonal.
# </details>
# <details><summary>Hint 2: a whole number</summary>
#
# `d * (d + 1)` is always even, so `//` divides without a remainder and the answer stays an integer.
# </details>

# %% nbgrader={"grade": false, "grade_id": "n_parameters", "locked": false, "schema_version": 3, "solution": true, "task": false}
def n_parameters(n_components, n_features, covariance_type):
    """Number of free parameters of a mixture of Gaussians.

    n_components     K >= 1
    n_features       d >= 1
    covariance_type  "full", "tied", "diag" or "spherical"
    returns          an integer: (K - 1) + K d + numbers in the covariances
    """
    ### BEGIN SOLUTION
    K, d = n_components, n_features
    in_covariances = {
        "full": K * d * (d + 1) // 2,
        "tied": d * (d + 1) // 2,
        "diag": K * d,
        "spherical": K,
    }
    return (K - 1) + K * d + in_covariances[covariance_type]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "n_parameters-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("selection.n_parameters", n_parameters)

# %% [markdown]
# ## 2. Two prices
#
# Akaike asks for two units per parameter, Schwarz for $\log n$:
#
# $$\mathrm{AIC} = -2 \ell + 2 p, \qquad \mathrm{BIC} = -2 \ell + p \log n .$$
#
# <details><summary>Hint: check the signs</summary>
#
# A better fit (larger $\ell$) must make the criterion smaller; one more parameter must make it larger. And `log` is
# the natural logarithm, `np.log`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "aic", "locked": false, "schema_version": 3, "solution": true, "task": false}
def aic(log_likelihood, n_parameters):
    """Akaike's information criterion; lower is better.

    log_likelihood  ℓ, in nats
    n_parameters    p
    returns         a number: -2 ℓ + 2 p
    """
    ### BEGIN SOLUTION
    return -2 * log_likelihood + 2 * n_parameters
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "aic-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("selection.aic", aic)

# %% nbgrader={"grade": false, "grade_id": "bic", "locked": false, "schema_version": 3, "solution": true, "task": false}
def bic(log_likelihood, n_parameters, n_samples):
    """Bayesian information criterion; lower is better.

    log_likelihood  ℓ, in nats
    n_parameters    p
    n_samples       n, the number of points
    returns         a number: -2 ℓ + p log n
    """
    ### BEGIN SOLUTION
    return -2 * log_likelihood + n_parameters * np.log(n_samples)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "bic-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("selection.bic", bic)

# %% [markdown]
# ## 3. A price for overlap as well
#
# If you want *groups*, two components that share most of their points are of little use. The integrated completed
# likelihood adds twice the entropy of the responsibilities to BIC:
#
# $$\mathrm{ICL} = \mathrm{BIC} - 2 \sum_i \sum_k r_{ik} \log r_{ik}, \qquad 0 \log 0 = 0 .$$
#
# <details><summary>Hint: the zeros</summary>
#
# `np.log(0)` is `-inf`, and `0 * -inf` is `nan`. With `R = responsibilities`, `np.where(R > 0, R, 1.0)` puts a 1 there,
# whose logarithm is 0.
# </details>

# %% nbgrader={"grade": false, "grade_id": "icl", "locked": false, "schema_version": 3, "solution": true, "task": false}
def icl(log_likelihood, n_parameters, responsibilities):
    """Integrated completed likelihood; lower is better.

    log_likelihood    ℓ, in nats
    n_parameters      p
    responsibilities  (n, K)  rows sum to 1; may hold exact zeros
    returns           a number: -2 ℓ + p log n - 2 sum_ik r_ik log r_ik
    """
    ### BEGIN SOLUTION
    safe = np.where(responsibilities > 0, responsibilities, 1.0)        # 0 log 0 = 0
    entropy = -(responsibilities * np.log(safe)).sum()
    return bic(log_likelihood, n_parameters, len(responsibilities)) + 2 * entropy
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "icl-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("selection.icl", icl)

# %% [markdown]
# ## 4. The choice
#
# Given the log-likelihoods and parameter counts of several models for the same $n$ points, return the position of
# the one with the lowest BIC. Of equally good models take the first.
#
# <details><summary>Hint: arrays go through your formula</summary>
#
# If `bic` only adds and multiplies, it takes arrays as well as numbers.
# </details>

# %% nbgrader={"grade": false, "grade_id": "choose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def choose(log_likelihoods, n_parameters, n_samples):
    """Position of the model with the lowest BIC, the first of equals.

    log_likelihoods  (M,)  of M models, in nats
    n_parameters     (M,)  of the same models
    n_samples        n, the number of points
    returns          an index in 0 ... M - 1
    """
    ### BEGIN SOLUTION
    return int(np.argmin(bic(log_likelihoods, n_parameters, n_samples)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "choose-check", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check("selection.choose", choose)

# %% [markdown]
# ## How many groups of galaxies?
#
# The table holds the best log-likelihoods that EM found for the 82 velocities (each component with its own
# variance, many starts). It ends at four, because the best fits with five and six have components on pairs of galaxies. When your functions are right, the
# next cell lets AIC and BIC choose.

# %%
LOG_LIKELIHOODS = {1: -240.338, 2: -220.058, 3: -203.179, 4: -197.454}

if check("selection.n_parameters", n_parameters) and check("selection.aic", aic) and check("selection.bic", bic):
    components = list(LOG_LIKELIHOODS)
    counts = [n_parameters(K, 1, "full") for K in components]
    prices = {
        "AIC": [aic(LOG_LIKELIHOODS[K], p) for K, p in zip(components, counts)],
        "BIC": [bic(LOG_LIKELIHOODS[K], p, len(galaxies)) for K, p in zip(components, counts)],
    }
    fig, ax = plt.subplots(figsize=(6, 4))
    for (name, values), style in zip(prices.items(), ["o-", "s--"]):
        ax.plot(components, values, style, label=f"{name}: lowest at K = {components[int(np.argmin(values))]}")
    ax.set(xlabel="components", ylabel="criterion (lower is better)", xticks=components)
    ax.legend()
    plt.show()

# %% [markdown]
# ## If you want more (not graded)
#
# 1. For which $n$ is BIC stricter than AIC?
# 2. Use your `fit` from the notebook *em* on the eruptions of Old Faithful (`old_faithful.csv` lies beside the
#    notebook) with $K = 1, \dots, 5$, from many starts each, and choose by BIC. Use `max_iter=5000`, and leave out
#    fits in which a component has shrunk onto a few eruptions. Look at the components it chose: is each of them
#    a *kind of eruption*? And those that AIC chose? Components are not clusters.
# 3. BIC is derived by approximating an integral around **one** peak of the likelihood. How many equally high peaks
#    does a mixture of $K$ components have? By how much does that change $-2$ log of the integral, and does it turn
#    the choice between three and four groups of galaxies? Why does it not matter when $n$ is large?
# 4. Turn the BIC values into probabilities, $e^{-\mathrm{BIC}/2}$ divided by their sum. Differences below 2 are
#    hardly worth a mention, above 10 they are very strong evidence: where does that leave four groups?

# %%
# Your own experiments
