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
# # Collapse: when a component falls onto a point
#
# Round your data, record one eruption eight times, ask for a component too many: from some starts a Gaussian sits
# down on a single point, or lies down on a line, its smallest variance goes to zero and the likelihood to infinity.
# Nothing is wrong with EM; the likelihood really has no upper limit. Here you write the instruments that see a collapse coming, and
# the M-step with a prior that prevents it.
#
# - **You will write** `diagnose` and `m_step_map`.
# - **Time** about 60 minutes.
# - **Read first** the page [collapse](http://localhost:8000/book/book/collapse.html) of the book.
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. Counts and condition numbers
# may be off by a millionth of their size, shares by one millionth, means by a millionth of the data's spread,
# covariances by $10^{-5}$ of its variance. One check per function moves the data ten million away: it needs float64.
# If `m_step_map` calls a `diagnose` of yours that is wrong, it is graded with a right one in its place.
# </details>
#
# Letters: $n$ points with $d$ features in `X`, shape `(n, d)`; $K$ components; responsibilities `(n, K)`.

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

# %% [markdown]
# ## 1. Three numbers per component
#
# 1. The **effective count** $N_k = \sum_i r_{ik}$. With $N_k$ near $d$ or below, a covariance rests on too little.
# 2. The **condition number** of $\Sigma_k$: largest over smallest eigenvalue, after each feature is divided by the
#    *component's own* deviation $\sqrt{\Sigma_{k,jj}}$. It sees a component that has gone flat along a slanted line.
# 3. The **smallest share**: the smallest eigenvalue of $\Sigma_k$ after each feature is divided by the *data's*
#    standard deviation (divisor $n$). It sees a component that has become tiny, or flat in any direction.
#
# <details><summary>Hint 1: dividing a covariance</summary>
#
# Dividing feature $j$ by $s_j$ divides entry $(j, l)$ of the covariance by $s_j s_l$: that is
# `covariance / np.outer(s, s)`.
# </details>
# <details><summary>Hint 2: eigenvalues</summary>
#
# `np.linalg.eigvalsh` returns the eigenvalues of a symmetric matrix in ascending order.
# </details>

# %% nbgrader={"grade": false, "grade_id": "diagnose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def diagnose(X, responsibilities, covariances):
    """How healthy each component is.

    X                 (n, d)     points
    responsibilities  (n, K)     rows sum to 1
    covariances       (K, d, d)  symmetric, positive definite
    returns           a tuple of three:
                      counts      (K,)  N_k = sum_i r_ik
                      conditions  (K,)  largest / smallest eigenvalue in units of the component's own deviations
                      shares      (K,)  smallest eigenvalue in units of the data's deviations
    """
    ### BEGIN SOLUTION
    counts = responsibilities.sum(axis=0)
    of_data = X.std(axis=0)
    conditions, shares = [], []
    for covariance in covariances:
        own = np.sqrt(np.diag(covariance))
        eigenvalues = np.linalg.eigvalsh(covariance / np.outer(own, own))
        conditions.append(eigenvalues[-1] / eigenvalues[0])
        shares.append(np.linalg.eigvalsh(covariance / np.outer(of_data, of_data))[0])
    return counts, np.array(conditions), np.array(shares)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "diagnose-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("collapse.diagnose", diagnose)

# %% [markdown]
# ## 2. An M-step that cannot collapse
#
# Put a prior on each mean and covariance, as if you had seen a few points before the data. With $\mu_0$ the mean and $S$
# the covariance (divisor $n$) of all data, $\bar x_k$ the weighted mean and
# $W_k = \sum_i r_{ik} (x_i - \bar x_k)(x_i - \bar x_k)^\top$ the weighted scatter,
#
# $$\mu_k = \frac{N_k \bar x_k + \kappa \mu_0}{N_k + \kappa}, \qquad
# \Sigma_k = \frac{\Lambda + W_k + \frac{\kappa N_k}{\kappa + N_k} (\bar x_k - \mu_0)(\bar x_k - \mu_0)^\top}
#                 {\nu + N_k + d + 2},$$
#
# with the values of Fraley and Raftery (2007): $\kappa = 0.01$, $\nu = d + 2$, $\Lambda = S / K^{2/d}$. Unless all data
# lie on one line or plane, no eigenvalue of $\Lambda$ is 0, and so none of $\Sigma_k$. The weights are $N_k / n$ as
# before. In your code the scatter $W_k$ is about $\bar x_k$, not about $\mu_k$. (A component that owns nothing has no
# $\bar x_k$. The checks leave it out; with $N_k = 0$ the formulas give $\mu_0$ and $\Lambda / (\nu + d + 2)$.)
#
# <details><summary>Hint 1: start from the M-step you know</summary>
#
# Counts, weighted means and weighted scatters are those of the notebook *em*; only the last lines change.
# </details>
# <details><summary>Hint 2: the outer product</summary>
#
# `np.outer(z, z)` with `z = mean - mu0` is the matrix $(\bar x_k - \mu_0)(\bar x_k - \mu_0)^\top$.
# </details>

# %% nbgrader={"grade": false, "grade_id": "m_step_map", "locked": false, "schema_version": 3, "solution": true, "task": false}
def m_step_map(X, responsibilities):
    """M-step with the prior of Fraley and Raftery: kappa = 0.01, nu = d + 2, Lambda = S / K^(2/d).

    X                 (n, d)  points
    responsibilities  (n, K)  rows sum to 1
    returns           a tuple of three:
                      weights      (K,)       N_k / n
                      means        (K, d)     (N_k x̄_k + κ μ_0) / (N_k + κ)
                      covariances  (K, d, d)  (Λ + W_k + κ N_k / (κ + N_k) z zᵀ) / (ν + N_k + d + 2), z = x̄_k - μ_0
    """
    ### BEGIN SOLUTION
    (n, d), K = X.shape, responsibilities.shape[1]
    kappa, nu = 0.01, d + 2
    centre = X.mean(axis=0)
    prior = (X - centre).T @ (X - centre) / n / K ** (2 / d)
    counts = responsibilities.sum(axis=0)
    means, covariances = np.empty((K, d)), np.empty((K, d, d))
    for k, N in enumerate(counts):
        r = responsibilities[:, k]
        mean = centre + r @ (X - centre) / N                            # weighted mean of the points
        Z, z = X - mean, mean - centre
        scatter = (r[:, None] * Z).T @ Z
        means[k] = centre + N / (N + kappa) * z
        covariances[k] = (prior + scatter + kappa * N / (kappa + N) * np.outer(z, z)) / (nu + N + d + 2)
    return counts / n, means, covariances
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "m_step_map-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("collapse.m_step_map", m_step_map)

# %% [markdown]
# When both checks pass, the next cell gives one component a single eruption and shows what the three numbers say
# about the covariance with the prior. (Without the prior that covariance would be exactly zero.)

# %%
if check("collapse.diagnose", diagnose) and check("collapse.m_step_map", m_step_map):
    R = np.column_stack([np.zeros(len(X)), np.ones(len(X))])
    R[0] = [1.0, 0.0]                                                   # the first component owns one eruption
    weights, means, covariances = m_step_map(X, R)
    counts, conditions, shares = diagnose(X, R, np.asarray(covariances))
    for k in range(2):
        print(f"component {k}: owns {counts[k]:.0f}, condition {conditions[k]:.1f}, smallest share {shares[k]:.3f}")

# %% [markdown]
# ## If you want more (not graded)
#
# Replace `m_step` in your `fit` from *em* by `m_step_map`, write ten copies of one eruption into the data, and fit
# three components with and without the prior. Let two start as *em* found them and the third on that eruption,
# with a hundredth of the data's covariance and weight 0.05. (Without the prior `fit` mostly ends in
# an error, for the covariance is singular. For some eruptions rounding leaves it a little above zero, and `fit` goes on
# with nonsense.) With the prior the log-likelihood alone may fall, and `fit` would stop: call it with
# `tol=-np.inf`, and all its rounds are done. Follow the smallest share. Then measure the durations in seconds: what
# happens to a fixed number such as `1e-6` added to the variances, and what to this prior?

# %%
# Your own experiments
