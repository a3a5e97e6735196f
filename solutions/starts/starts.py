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
# # Good starts, and choosing among the ends
#
# EM and k-means end, as a rule, at *some* local optimum, and the start decides at which. For the velocities of the 82
# galaxies with four components only 2 of the book's 50 narrow random starts reach the best healthy end that we know of
# (of other starts one in twelve).
# Two habits help: spread the starting points out, and start many times. Here you write both.
#
# - **You will write** `kmeans_plus_plus` and `best_of_restarts`.
# - **Time** about 40 minutes.
# - **Read first** the page [starts](http://localhost:8000/book/book/starts.html) of the book.
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. Your random draws are never
# compared with those of others: what counts is what every draw must have (a centroid is one of the points, to a
# millionth) and by which rule 80 calls seem to draw. A right function fails by bad luck less than once in a
# million gradings.
# </details>
#
# Letters: $n$ points with $d$ features in `X`, shape `(n, d)`; $K$ centroids.

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

faithful = np.loadtxt("old_faithful.csv", delimiter=",", skiprows=1)   # (272, 2) minutes: duration, waiting time
X = (faithful - faithful.mean(axis=0)) / faithful.std(axis=0)

# %% [markdown]
# ## 1. k-means++: far points first, but by lot
#
# 1. The first centroid is a point drawn with equal chances.
# 2. For each point take $D_i$, the **squared** distance to the **nearest** centroid chosen so far.
# 3. Draw the next centroid among the points with chances $D_i / \sum_l D_l$. Repeat until there are $K$.
#
# If the data have duplicates, there may be fewer different points than centroids. Then all $D_i$ become 0; give every
# point the same chance.
#
# The argument `rng` is a seed, a whole number from 0 on of any size: make one generator with `np.random.default_rng(rng)`, and
# draw everything from it, so that the same seed gives the same centroids. Return them in the order of drawing.
#
# <details><summary>Hint 1: drawing a position</summary>
#
# `np.random.default_rng` makes a generator from a seed. Its `integers(n)` draws a position with equal chances, its
# `choice(n, p=chances)` with given chances, which must sum to 1.
# </details>
# <details><summary>Hint 2: distance to the nearest</summary>
#
# Keep an array of shape `(n,)` with the smallest squared distance so far. Which distances are new after each new
# centroid, and which function takes the smaller of two arrays, entry by entry?
# </details>
# <details><summary>Hint 3: can a point be chosen twice?</summary>
#
# What is $D_i$ of a point that is a centroid already, and so what is its chance?
# </details>

# %% nbgrader={"grade": false, "grade_id": "kmeans_plus_plus", "locked": false, "schema_version": 3, "solution": true, "task": false}
def kmeans_plus_plus(X, n_centroids, rng):
    """Starting centroids, each drawn with a chance that grows with its squared distance to those before it.

    X            (n, d)  points
    n_centroids  K <= n
    rng          seed, a whole number from 0 on of any size
    returns      (K, d)  points of X, in the order of drawing; chance of x_i: D_i / sum_l D_l, D_i squared distances;
                     equal chances if all D_i are 0
    """
    ### BEGIN SOLUTION
    generator = np.random.default_rng(rng)
    centroids = [X[generator.integers(len(X))]]
    nearest = ((X - centroids[0]) ** 2).sum(axis=1)                     # (n,)  squared distances
    while len(centroids) < n_centroids:
        chances = nearest / nearest.sum() if nearest.any() else None    # None: all the same
        centroids.append(X[generator.choice(len(X), p=chances)])
        nearest = np.minimum(nearest, ((X - centroids[-1]) ** 2).sum(axis=1))
    return np.array(centroids)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "kmeans_plus_plus-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("starts.kmeans_plus_plus", kmeans_plus_plus)

# %% [markdown]
# When the check passes, the next cell shows where 200 starts put their second centroid if the first is a short
# eruption.

# %%
if check("starts.kmeans_plus_plus", kmeans_plus_plus):
    starts = np.array([kmeans_plus_plus(X, 2, seed) for seed in range(200)])       # (200, 2, 2)
    begun_short = starts[starts[:, 0, 0] < 0]
    fig, ax = plt.subplots(figsize=(5, 4))
    ax.scatter(X[:, 0], X[:, 1], c="0.8", s=12)
    ax.scatter(begun_short[:, 1, 0], begun_short[:, 1, 1], c="#D55E00", marker="x")
    share = 100 * (begun_short[:, 1, 0] > 0).mean()
    ax.set(xlabel="duration", ylabel="waiting time", title=f"Second centroid: {share:.0f} % in the other group")
    plt.show()

# %% [markdown]
# ## 2. The best of many restarts – which need not be the highest
#
# The likelihood of a mixture whose components have covariances of their own has no upper limit: one of two or more
# may shrink onto one point and the log-likelihood climbs without end. The highest run of many may be such an
# accident. So choose the run with the highest log-likelihood **among the healthy ones**: those whose smallest
# variance, as a share of the data's variance, is at least `floor`, and whose log-likelihood is a finite number
# ([equation](http://localhost:8000/book/book/starts.html#equation-starts-healthy) in the book).
#
# <details><summary>Hint 1: which are healthy?</summary>
#
# Build an array of True and False with `>=`, `&` and `np.isfinite`.
# </details>
# <details><summary>Hint 2: keep the positions</summary>
#
# If you pick the healthy runs first and then take `argmax`, you get a position in the *short* list. Replacing the
# others by `-np.inf` (see `np.where`) keeps the positions.
# </details>

# %% nbgrader={"grade": false, "grade_id": "best_of_restarts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_of_restarts(log_likelihoods, smallest_shares, floor):
    """Position of the best run that has not collapsed.

    log_likelihoods  (m,)  where each of m runs ended; nan or infinite if it failed
    smallest_shares  (m,)  smallest variance of any component, as a share of the data's variance
    floor            runs with a smaller share than this have collapsed
    returns          an index: argmax of the log-likelihood among the healthy runs, the first of equals;
                     -1 if no run is healthy
    """
    ### BEGIN SOLUTION
    healthy = (smallest_shares >= floor) & np.isfinite(log_likelihoods)
    if not healthy.any():
        return -1
    return int(np.argmax(np.where(healthy, log_likelihoods, -np.inf)))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "best_of_restarts-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("starts.best_of_restarts", best_of_restarts)

# %% [markdown]
# ## If you want more (not graded)
#
# Paste your `fit` from the notebook *em*. Fit four components to `galaxies.csv` (divide by 1000) from fifty starts
# with `kmeans_plus_plus` as means, equal weights and a quarter of the data's variance for each component. Plot all
# fifty log-likelihoods against the round, and let `best_of_restarts` choose, with the floor $10^{-3}$. How many different
# ends are there, and how many of the starts reach the best healthy one?

# %%
# Your own experiments
