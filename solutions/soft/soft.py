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
# # Soft assignment: sixty percent here, forty percent there
#
# k-means gives each eruption of Old Faithful wholly to one group, also the ones in the middle. A **mixture of
# Gaussians** can say "60 % long, 40 % short" instead. All it takes is the density of a Gaussian and Bayes' rule.
# You write both so that they hold up far out in the tails, where a plain `exp` gives nothing but zeros.
#
# - **You will write** `log_gaussian` and `responsibilities`, about five lines each.
# - **Time** about 45 minutes.
# - **Read first** the page [soft](http://localhost:8000/book/book/soft.html) of the book.
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. Log densities may be off by
# a millionth of their size (or of 1, if they are small), responsibilities by one millionth. A few checks are
# numerically hard – points far away, data ten million from the origin, fifty features: there only float64 and the
# log domain get through.
# </details>
#
# Letters: $n$ points with $d$ features in `X`, shape `(n, d)`; $K$ components. Logarithms are natural.

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
galaxies = np.loadtxt("galaxies.csv", skiprows=1)[:, None] / 1000  # (82, 1) velocities in 1000 km/s

# Two Gaussians for the eruptions, about as EM will find them in the next notebook.
weights = np.array([0.36, 0.64])
means = np.array([[2.04, 54.5], [4.29, 80.0]])
covariances = np.array([[[0.069, 0.435], [0.435, 33.7]], [[0.170, 0.941], [0.941, 36.0]]])

# %% [markdown]
# ## 1. The logarithm of a Gaussian
#
# $$\log \mathcal N(x \mid \mu, \Sigma) = -\tfrac12 \Bigl( d \log 2\pi + \log |\Sigma|
#   + (x - \mu)^\top \Sigma^{-1} (x - \mu) \Bigr) .$$
#
# Three terms: a constant, the size of the ellipse, and the squared distance measured in units of the ellipse.
# Do not compute the density and take its logarithm: a hundred standard deviations out the density is smaller than
# the smallest float, but its logarithm is an ordinary number.
#
# <details><summary>Hint 1: the determinant</summary>
#
# With fifty features in small units $|\Sigma|$ itself is smaller than the smallest float. `np.linalg.slogdet`
# returns the sign and the *logarithm* of the determinant; a Cholesky factor gives it too.
# </details>
# <details><summary>Hint 2: the distance of one point</summary>
#
# For one difference `z = x - mean` the distance is `z @ np.linalg.solve(covariance, z)`.
# </details>
# <details><summary>Hint 3: all points at once</summary>
#
# `Z = X - mean` has shape `(n, d)`, and `np.linalg.solve(covariance, Z.T).T` holds $\Sigma^{-1} z_i$ in row $i$.
# Multiply with `Z` entry by entry and sum each row.
# </details>

# %% nbgrader={"grade": false, "grade_id": "log_gaussian", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_gaussian(X, mean, covariance):
    """Logarithm of the Gaussian density at each point.

    X           (n, d)  points
    mean        (d,)    centre
    covariance  (d, d)  symmetric, positive definite
    returns     (n,)    log N(x_i | mean, covariance)
                        = -1/2 (d log 2π + log|Σ| + (x_i - μ)ᵀ Σ⁻¹ (x_i - μ))
    """
    ### BEGIN SOLUTION
    d = X.shape[1]
    Z = X - mean                                                        # (n, d)
    squared = (Z * np.linalg.solve(covariance, Z.T).T).sum(axis=1)      # (n,)  squared distances
    _, log_determinant = np.linalg.slogdet(covariance)
    return -0.5 * (d * np.log(2 * np.pi) + log_determinant + squared)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "log_gaussian-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("soft.log_gaussian", log_gaussian)

# %% [markdown]
# When the check passes, the next cell draws the contours of the two Gaussians over the eruptions.

# %%
GRID = np.meshgrid(np.linspace(1.2, 5.5, 120), np.linspace(40, 100, 120))
PLACES = np.column_stack([GRID[0].ravel(), GRID[1].ravel()])            # (14400, 2)

if check("soft.log_gaussian", log_gaussian):
    fig, ax = plt.subplots(figsize=(5, 4))
    ax.scatter(X[:, 0], X[:, 1], c="0.5", s=10)
    for mean, covariance, colour in zip(means, covariances, ["#0072B2", "#D55E00"]):
        heights = np.reshape(log_gaussian(PLACES, mean, covariance), GRID[0].shape)
        ax.contour(*GRID, heights, levels=heights.max() - np.array([4.5, 2.0, 0.5]), colors=colour)
    ax.set(xlabel="duration (min)", ylabel="waiting time (min)", title="One, two and three standard deviations")
    plt.show()

# %% [markdown]
# ## 2. Who owns a point?
#
# Before seeing the point, component $k$ has probability $w_k$, its **weight**. Bayes' rule tells its probability
# afterwards, the **responsibility** of component $k$ for point $i$:
#
# $$r_{ik} = \frac{w_k \, \mathcal N(x_i \mid \mu_k, \Sigma_k)}
#                 {\sum_{j=1}^{K} w_j \, \mathcal N(x_i \mid \mu_j, \Sigma_j)} .$$
#
# You get the *log* densities, as `log_gaussian` returns them. For a far point all of them may lie below $-1000$;
# then every `exp` is exactly 0, and $0/0$ is `nan`. The way out: a fraction does not change if numerator and
# denominator are divided by the same number.
#
# <details><summary>Hint 1: the logarithm of the numerator</summary>
#
# $\log \bigl( w_k \, \mathcal N(x_i \mid \mu_k, \Sigma_k) \bigr) = \log w_k + \log \mathcal N(x_i \mid \mu_k, \Sigma_k)$: add
# `np.log(weights)` to every row.
# </details>
# <details><summary>Hint 2: which number to divide by</summary>
#
# Subtract from each row its own largest entry before `exp`. Then the largest term is $e^0 = 1$, and the sum
# cannot be 0.
# </details>
# <details><summary>Hint 3: keeping the shape</summary>
#
# `a.max(axis=1, keepdims=True)` has shape `(n, 1)`, so it can be subtracted from an `(n, K)` array.
# </details>

# %% nbgrader={"grade": false, "grade_id": "responsibilities", "locked": false, "schema_version": 3, "solution": true, "task": false}
def responsibilities(log_densities, weights):
    """Probability of each component given each point: Bayes' rule in the log domain.

    log_densities  (n, K)  log N(x_i | k), without the weights
    weights        (K,)    mixing weights, positive, sum 1
    returns        (n, K)  r_ik = w_k N(x_i | k) / sum_j w_j N(x_i | j); rows sum to 1
    """
    ### BEGIN SOLUTION
    log_joint = log_densities + np.log(weights)                         # (n, K)  log w_k N(x_i | k)
    joint = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))    # largest entry of each row: 1
    return joint / joint.sum(axis=1, keepdims=True)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "responsibilities-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("soft.responsibilities", responsibilities)

# %% [markdown]
# ## All together
#
# When both checks pass, the next cell colours each eruption by its responsibility and lists the three most doubtful ones.
# k-means would have given each of them to the nearer centre, and kept quiet about the doubt. (The first of them is the
# only one that is owned by less than 90 %. By the waiting time alone 13 would be.)

# %%
if check("soft.log_gaussian", log_gaussian) and check("soft.responsibilities", responsibilities):
    log_densities = np.column_stack([log_gaussian(X, m, C) for m, C in zip(means, covariances)])
    R = np.asarray(responsibilities(log_densities, weights))
    fig, ax = plt.subplots(figsize=(6, 4))
    dots = ax.scatter(X[:, 0], X[:, 1], c=R[:, 1], cmap="cividis", s=16, vmin=0, vmax=1)
    fig.colorbar(dots, label="responsibility of the long eruptions")
    ax.set(xlabel="duration (min)", ylabel="waiting time (min)")
    plt.show()
    for i in np.argsort(np.abs(R[:, 1] - 0.5))[:3]:
        print(f"duration {X[i, 0]:.2f} min, waiting {X[i, 1]:.0f} min: {100 * R[i, 1]:.1f} % long")

# %% [markdown]
# ## If you want more (not graded)
#
# 1. Divide both covariances by 4, by 16, by 64 … and draw the responsibilities again. What do they turn into? Are the
#    hard labels in the end those of k-means with the same two centres? Where do they differ, and why? (The page
#    proves that k-means is the limit if all components share one covariance $\sigma^2 I$. Standardise the features, give
#    both that covariance, and try again.)
# 2. `galaxies` holds the velocities of 82 galaxies. Put Gaussians at 10, 21 and 33 (thousand km/s) with variances
#    0.2, 4.8 and 0.85 and weights 0.085, 0.88 and 0.035, and plot the mixture's density over a histogram.

# %%
# Your own experiments
