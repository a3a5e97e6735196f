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
# # Missing values: using what is known, inventing nothing
#
# An observer noted how long Old Faithful erupted, but left before the next eruption. Is the row useless? No: the
# duration alone says a good deal about the waiting time, and about the kind of eruption. Filling the gap with the
# average would pretend to know what was not seen. Here you let a Gaussian answer instead.
#
# - **You will write** `condition`, `e_step_missing` and `m_step_missing`.
# - **Time** about 90 minutes.
# - **Read first** the page [missing](http://localhost:8000/book/book/missing.html) of the book.
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. If a function calls a `condition` of yours that is wrong, it is
# graded with a right one in its place: one mistake costs once. Means may be off by a
# millionth of the spread, covariances by a millionth of the largest variance (those of the M-step by
# $10^{-5}$ of the variance), responsibilities by one millionth, the log-likelihood by a millionth of its size. A few
# checks use far points or data ten million from the origin: they need float64 and the log domain.
# </details>
#
# Letters: $n$ points with $d$ features in `X`, shape `(n, d)`, `nan` where a value is missing; $K$ components. As on the
# page, $a$ and $b$ are features that are known and unknown in general; $o_i$ and $u_i$ those that are seen and missing
# in point $i$.

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

X = np.loadtxt("old_faithful.csv", delimiter=",", skiprows=1)      # (272, 2) minutes: duration, waiting time

# Two Gaussians, fitted to all eruptions by EM.
WEIGHTS = np.array([0.356, 0.644])
MEANS = np.array([[2.036, 54.48], [4.290, 79.97]])
COVARIANCES = np.array([[[0.0692, 0.435], [0.435, 33.7]], [[0.170, 0.941], [0.941, 36.0]]])

# %% [markdown]
# ## 1. What is left to know?
#
# Split the features of a Gaussian into the known ones $a$ and the unknown ones $b$. Given $x_a$, the unknown ones
# are Gaussian again, with
#
# $$\mu_{b \mid a} = \mu_b + \Sigma_{ba} \Sigma_{aa}^{-1} (x_a - \mu_a), \qquad
# \Sigma_{b \mid a} = \Sigma_{bb} - \Sigma_{ba} \Sigma_{aa}^{-1} \Sigma_{ab} .$$
#
# The first is linear regression; the second does not depend on the values at all. (On the page this is
# `condition_gaussian`; gmmlib's `condition` takes a whole mixture.)
#
# <details><summary>Hint 1: blocks of a matrix</summary>
#
# `covariance[np.ix_(b, a)]` picks the rows `b` and the columns `a`.
# </details>
# <details><summary>Hint 2: the unknown features</summary>
#
# `np.setdiff1d(np.arange(d), known)` lists them in ascending order.
# </details>
# <details><summary>Hint 3: one solve for both</summary>
#
# $\Sigma_{ba} \Sigma_{aa}^{-1}$ occurs in both formulas: `np.linalg.solve(S_aa, S_ab).T`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "condition", "locked": false, "schema_version": 3, "solution": true, "task": false}
def condition(mean, covariance, known, values):
    """The unknown features of a Gaussian, given the known ones.

    mean        (d,)    of all features
    covariance  (d, d)  of all features
    known       (m,)    indices of the m known features, in any order
    values      (m,)    their values, in the same order
    returns     mean        (d - m,)        μ_b + Σ_ba Σ_aa⁻¹ (x_a - μ_a), unknown features in ascending order
                covariance  (d - m, d - m)  Σ_bb - Σ_ba Σ_aa⁻¹ Σ_ab
    """
    ### BEGIN SOLUTION
    unknown = np.setdiff1d(np.arange(len(mean)), known)
    of_known = covariance[np.ix_(known, known)]
    across = covariance[np.ix_(known, unknown)]                         # (m, d - m)
    gain = np.linalg.solve(of_known, across).T                          # (d - m, m)
    rest = covariance[np.ix_(unknown, unknown)] - gain @ across
    return mean[unknown] + gain @ (values - mean[known]), rest
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "condition-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("missing.condition", condition)

# %% [markdown]
# When the check passes, the next cell draws what each of the two components predicts for the waiting time.

# %%
if check("missing.condition", condition):
    durations = np.linspace(1.5, 5.2, 60)
    fig, ax = plt.subplots(figsize=(5, 4))
    ax.scatter(X[:, 0], X[:, 1], c="0.8", s=10)
    for mean, covariance, colour in zip(MEANS, COVARIANCES, ["#0072B2", "#D55E00"]):
        predicted = [condition(mean, covariance, np.array([0]), np.array([d]))[0][0] for d in durations]
        ax.plot(durations, predicted, color=colour)
    ax.set(xlabel="duration (min)", ylabel="waiting time (min)", title="Each component is a regression line")
    plt.show()

# %% [markdown]
# ## 2. The E-step with gaps
#
# The part of a point that is known has a density too: that of the same Gaussian with the unknown features left out,
# $\mathcal N(x_{i,o} \mid \mu_{k,o}, \Sigma_{k,oo})$, where $o$ are the features seen *of this point*. With it,
# Bayes' rule works as before:
#
# $$r_{ik} \propto w_k \, \mathcal N(x_{i,o} \mid \mu_{k,o}, \Sigma_{k,oo}), \qquad
# \ell = \sum_i \log \sum_k w_k \, \mathcal N(x_{i,o} \mid \mu_{k,o}, \Sigma_{k,oo}) .$$
#
# A point of which nothing is known has density 1 under every component: it is shared out by the weights and adds 0.
#
# <details><summary>Hint 1: one point at a time</summary>
#
# There are at most 500 points: a loop is fine. `known = np.flatnonzero(~np.isnan(x))`.
# </details>
# <details><summary>Hint 2: how many features?</summary>
#
# The constant of the Gaussian is $(2\pi)^{-m/2}$ with the number $m$ of features seen *of this point*.
# </details>
# <details><summary>Hint 3: nothing known</summary>
#
# With `known` empty, set the log density to 0 and skip the matrices.
# </details>

# %% nbgrader={"grade": false, "grade_id": "e_step_missing", "locked": false, "schema_version": 3, "solution": true, "task": false}
def e_step_missing(X, weights, means, covariances):
    """Responsibilities and log-likelihood from what is known of each point.

    X            (n, d)     points, nan where a value is missing
    weights      (K,)       mixing weights, sum 1
    means        (K, d)     centres
    covariances  (K, d, d)  symmetric, positive definite
    returns      responsibilities (n, K):   r_ik proportional to w_k N(known part of x_i | k), rows sum to 1
                 log_likelihood, a number:  sum_i log sum_k w_k N(known part of x_i | k)
    """
    ### BEGIN SOLUTION
    log_joint = np.tile(np.log(weights), (len(X), 1))                   # (n, K)
    for i, x in enumerate(X):
        known = np.where(~np.isnan(x))[0]
        if len(known) == 0:
            continue
        for k in range(len(weights)):
            z = x[known] - means[k][known]
            block = covariances[k][np.ix_(known, known)]
            _, log_determinant = np.linalg.slogdet(block)
            squared = z @ np.linalg.solve(block, z)
            log_joint[i, k] -= 0.5 * (len(known) * np.log(2 * np.pi) + log_determinant + squared)
    largest = log_joint.max(axis=1)
    log_density = largest + np.log(np.exp(log_joint - largest[:, None]).sum(axis=1))
    return np.exp(log_joint - log_density[:, None]), log_density.sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "e_step_missing-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("missing.e_step_missing", e_step_missing)

# %% [markdown]
# When the check passes, the next cell hides every second waiting time. How often does the guess of the kind from the
# duration alone agree with the one from both, and how sure is it?

# %%
if check("missing.e_step_missing", e_step_missing):
    gaps = X.copy()
    gaps[::2, 1] = np.nan
    with_gaps, _ = e_step_missing(gaps, WEIGHTS, MEANS, COVARIANCES)
    complete, _ = e_step_missing(X, WEIGHTS, MEANS, COVARIANCES)
    alone, both = with_gaps[::2], complete[::2]                        # the eruptions without a waiting time
    same = (np.argmax(alone, axis=1) == np.argmax(both, axis=1)).mean()
    print(f"Same kind in {100 * same:.1f} % of these eruptions")
    print(f"{np.sum(alone.max(axis=1) < 0.95)} of {len(alone)} are owned by less than 95 %")

# %% [markdown]
# ## 3. The M-step with gaps
#
# Now the term that is easily forgotten. Each component $k$ fills the holes of point $i$ with its *own* conditional
# mean, which gives $\hat x_{ik}$; what is seen stays. The conditional covariance that is left, in the rows and columns
# of the missing features and zero elsewhere, is $C_{ik}$. Then
#
# $$w_k = \frac{N_k}{n}, \qquad \mu_k' = \frac{1}{N_k} \sum_i r_{ik} \hat x_{ik}, \qquad
# \Sigma_k' = \frac{1}{N_k} \sum_i r_{ik} \bigl[ (\hat x_{ik} - \mu_k')(\hat x_{ik} - \mu_k')^\top + C_{ik} \bigr] .$$
#
# The guesses and $C_{ik}$ come from the parameters *before* the step, the deviations are taken from the mean *after* it.
# A row with everything seen has $C_{ik} = 0$; one with nothing seen has $\hat x_{ik} = \mu_k$ and $C_{ik} = \Sigma_k$.
#
# <details><summary>Hint 1: you have done the hard part</summary>
#
# `condition(mean, covariance, known, x[known])` returns just the guess and the block of $C_{ik}$.
# </details>
# <details><summary>Hint 2: why add anything?</summary>
#
# The M-step needs the expectation of $(x - \mu)(x - \mu)^\top$, and that is the square of the expected deviation
# *plus* a covariance. Without it the guesses lie on a line and claim that the line is perfect.
# </details>
# <details><summary>Hint 3: one component at a time</summary>
#
# For each $k$ make a copy of `X` and fill it, and add up `responsibilities[i, k]` times the block with
# `extra[np.ix_(unknown, unknown)] += ...`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "m_step_missing", "locked": false, "schema_version": 3, "solution": true, "task": false}
def m_step_missing(X, responsibilities, means, covariances):
    """The M-step for points with gaps.

    X                 (n, d)     points, nan where a value is missing
    responsibilities  (n, K)     rows sum to 1
    means             (K, d)     before the step: each component fills the gaps with its own conditional means
    covariances       (K, d, d)  before the step
    returns           weights      (K,)       N_k / n
                      means        (K, d)     sum_i r_ik x̂_ik / N_k
                      covariances  (K, d, d)  sum_i r_ik [(x̂_ik - μ_k)(x̂_ik - μ_k)ᵀ + C_ik] / N_k, with the new μ_k
    """
    ### BEGIN SOLUTION
    counts = responsibilities.sum(axis=0)
    new_means, new_covariances = [], []
    for r, mean, covariance in zip(responsibilities.T, means, covariances):
        filled, extra = X.copy(), np.zeros_like(covariance)
        for i, x in enumerate(X):
            known, unknown = np.flatnonzero(~np.isnan(x)), np.flatnonzero(np.isnan(x))
            if len(known) == 0:
                guess, rest = mean, covariance
            else:
                guess, rest = condition(mean, covariance, known, x[known])
            filled[i, unknown] = guess
            extra[np.ix_(unknown, unknown)] += r[i] * rest
        centre = r @ filled / r.sum()
        Z = filled - centre
        new_means.append(centre)
        new_covariances.append(((r[:, None] * Z).T @ Z + extra) / r.sum())
    return counts / len(X), np.array(new_means), np.array(new_covariances)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "m_step_missing-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("missing.m_step_missing", m_step_missing)

# %% [markdown]
# When all checks pass, the next cell hides two waiting times in five and runs your EM with gaps. Beside it, the same loop
# that fills each gap with what its likelier component expects, and adds nothing: look at the spread of the waiting times
# within a kind. With $C$ it is that of the eruptions whose waiting time is seen, to a tenth of a minute or so; how far
# these are from all eruptions is chance.

# %%
if (check("missing.condition", condition) and check("missing.e_step_missing", e_step_missing)
        and check("missing.m_step_missing", m_step_missing)):
    gaps = X.copy()
    gaps[np.random.default_rng(0).random(len(X)) < 0.4, 1] = np.nan
    for name, add in (("with C", True), ("without C", False)):
        weights, means, covariances = WEIGHTS, MEANS, COVARIANCES
        for _ in range(3):
            R, log_likelihood = e_step_missing(gaps, weights, means, covariances)
            table = gaps
            if not add:                              # each gap filled by the likelier component, then taken for data
                table = gaps.copy()
                for i in np.flatnonzero(np.isnan(gaps[:, 1])):
                    k = R[i].argmax()
                    table[i, 1] = condition(means[k], covariances[k], np.array([0]), gaps[i, :1])[0][0]
            weights, means, covariances = m_step_missing(table, R, means, covariances)
        print(f"{name:>9}: deviations of the waiting time {np.sqrt(covariances[:, 1, 1]).round(2)}")
    print(f"all seen: {np.sqrt(COVARIANCES[:, 1, 1]).round(2)}")

# %% [markdown]
# ## If you want more (not graded)
#
# 1. Fill the gaps of the last cell with the mean waiting time and compute its standard deviation; then with the mixture's
#    conditional mean. Both are too small: why? For one Gaussian, which of the two results of `condition` is missing?
# 2. Loop `e_step_missing` and `m_step_missing` and print the log-likelihood of what is seen in every round. Does it ever
#    fall? And how many rounds does it take, until one gains less than 0.001, with 20 %, 40 % and 60 % of the waiting
#    times missing?

# %%
# Your own experiments
