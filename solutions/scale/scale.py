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
# # Statistics add: EM on data that do not fit in memory
#
# A billion eruptions take 16 gigabytes, more than many computers have to spare. They need not be there at once: the
# M-step looks at the data only through a few sums. If every block of the data, or every machine of a cluster, sends
# its sums, they can be merged, and no one ever sees all points at once. The only difficulty is to merge them without losing digits.
#
# - **You will write** `statistics` and `merge_statistics`.
# - **Time** about 40 minutes.
# - **Read first** the page [scale](http://localhost:8000/book/book/scale.html) of the book; for the digits
#   [numerics](http://localhost:8000/book/book/numerics.html).
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. Counts may be off by a
# millionth of their size, means by a millionth of the data's spread, scatters by $10^{-5}$ of $n$ times its
# variance. One check per function moves the data ten million away from the origin: it needs float64 and centring.
# If `merge_statistics` calls a `statistics` of yours that is wrong, it is graded with a right one in its place.
# </details>
#
# Letters: $n$ points with $d$ features in `X`, shape `(n, d)`; responsibilities `(n, K)`.

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
R = 1 / (1 + np.exp(8 * (X[:, :1] - 3.0) * np.array([[1.0, -1.0]])))   # (272, 2) some responsibilities

# %% [markdown]
# ## 1. All that the M-step wants to know
#
# $$N_k = \sum_i r_{ik}, \qquad m_k = \frac{1}{N_k} \sum_i r_{ik} x_i, \qquad
# A_k = \sum_i r_{ik} (x_i - m_k)(x_i - m_k)^\top .$$
#
# $A_k$ is the **scatter**: a sum that is *not* divided by $N_k$. Every component owns something here, $N_k > 0$.
#
# <details><summary>Hint: the M-step you know</summary>
#
# It is the M-step of the notebook *em* without its last divisions. Take the mean off before you square.
# </details>

# %% nbgrader={"grade": false, "grade_id": "statistics", "locked": false, "schema_version": 3, "solution": true, "task": false}
def statistics(X, responsibilities):
    """Sufficient statistics of a block of points.

    X                 (n, d)  points
    responsibilities  (n, K)  rows sum to 1
    returns           counts    (K,)       N_k = sum_i r_ik
                      means     (K, d)     m_k = sum_i r_ik x_i / N_k
                      scatters  (K, d, d)  A_k = sum_i r_ik (x_i - m_k)(x_i - m_k)ᵀ
    """
    ### BEGIN SOLUTION
    counts = responsibilities.sum(axis=0)
    means = responsibilities.T @ X / counts[:, None]
    scatters = []
    for r, mean in zip(responsibilities.T, means):
        Z = X - mean
        scatters.append((r[:, None] * Z).T @ Z)
    return counts, means, np.array(scatters)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "statistics-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("scale.statistics", statistics)

# %% [markdown]
# ## 2. Two blocks become one
#
# Counts add. Means are averaged by counts. Scatters add **plus** a term for the distance between the two means,
# because each scatter is about its own mean. With $\delta = m' - m$,
#
# $$N_\cup = N + N', \qquad m_\cup = m + \frac{N'}{N_\cup} \delta, \qquad
# A_\cup = A + A' + \frac{N N'}{N_\cup} \delta \delta^\top .$$
#
# A block that owns nothing of a component ($N' = 0$; its mean and scatter are zeros then) changes nothing; at least one
# of the two counts is positive.
#
# <details><summary>Hint 1: all components at once</summary>
#
# `delta[:, :, None] * delta[:, None, :]` has shape `(K, d, d)`: the outer product of each row with itself.
# </details>
# <details><summary>Hint 2: why not add second moments?</summary>
#
# $\sum r x x^\top$ adds without any extra term, but far from the origin it is huge, and the variance is the small
# difference of two huge numbers.
# </details>

# %% nbgrader={"grade": false, "grade_id": "merge_statistics", "locked": false, "schema_version": 3, "solution": true, "task": false}
def merge_statistics(counts, means, scatters, other_counts, other_means, other_scatters):
    """Statistics of two blocks of points together.

    counts          (K,)       N of the first block
    means           (K, d)     of the first block
    scatters        (K, d, d)  A of the first block
    other_counts    (K,)       N' of the other
    other_means     (K, d)     of the other
    other_scatters  (K, d, d)  A' of the other
    returns         counts, means, scatters of both together, with δ = m' - m and N + N' = total:
                    total, m + N' / total δ, A + A' + N N' / total δ δᵀ
    """
    ### BEGIN SOLUTION
    total = counts + other_counts
    delta = other_means - means                                         # (K, d)
    between = (counts * other_counts / total)[:, None, None] * delta[:, :, None] * delta[:, None, :]
    return total, means + (other_counts / total)[:, None] * delta, scatters + other_scatters + between
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "merge_statistics-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("scale.merge_statistics", merge_statistics)

# %% [markdown]
# When both checks pass, the next cell goes through the eruptions in blocks of 50 and compares the scatters with those
# of all data at once, near the origin – and with a growing offset. The error grows with it: the means of the blocks are
# numbers of that size, which floats store more coarsely, and the merge needs their small differences. (That the data
# themselves are stored more coarsely costs less.) Sums of $r x x^\top$ would have lost nearly all digits at the end.

# %%
if check("scale.statistics", statistics) and check("scale.merge_statistics", merge_statistics):
    offsets, errors = 10.0 ** np.arange(0, 9), []
    _, _, exact = statistics(X, R)
    for offset in offsets:
        blocks = [statistics(X[i : i + 50] + offset, R[i : i + 50]) for i in range(0, len(X), 50)]
        merged = blocks[0]
        for block in blocks[1:]:
            merged = merge_statistics(*merged, *block)
        errors.append(np.abs(merged[2] - exact).max() / np.abs(exact).max())
    fig, ax = plt.subplots(figsize=(5, 3.5))
    ax.loglog(offsets, np.maximum(errors, 1e-17), "o-")
    ax.set(xlabel="offset of the data", ylabel="relative error of the scatters", title="Nine digits are left at the end")
    plt.show()

# %% [markdown]
# ## If you want more (not graded)
#
# 1. Write an M-step that takes `counts, means, scatters` instead of points, and an EM that reads the eruptions in
#    blocks of 50 in every round. Does it end where your `fit` of the notebook *em* ends?
# 2. Repeat `X` and `R` a hundred times, `np.tile(X, (100, 1))`, and shuffle both alike. Merge a thousand blocks one after
#    another, and then pairwise like a tournament. Which loses fewer digits? (Compute the truth in `np.longdouble`, or,
#    where that has no more digits than a float, as with Windows and on Apple's processors, with `math.fsum`.)

# %%
# Your own experiments
