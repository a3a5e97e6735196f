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
# # k-means: two steps that split a geyser in two
#
# Old Faithful, a geyser in Yellowstone, erupts for about two minutes or a little over four, and after a short eruption the next
# one comes sooner. No eruption carries a label "short" or "long": the two groups have to be found in the numbers.
# Here you write the three functions of **k-means** and watch them find the groups.
#
# - **You will write** `assign`, `update` and `distortion`, one to six lines each.
# - **Time** about 40 minutes.
# - **Read first** the page [k-means](http://localhost:8000/book/book/kmeans.html) of the book.
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. Loops are fine, and so are
# lists, integers and extra helper functions. Labels must be exact; centroids may be off by a millionth of the
# data's spread, the distortion by a millionth of the total sum of squares. One check per function moves the data
# ten million away from the origin: there only float64 has enough digits.
# </details>
#
# Letters: $n$ points with $d$ features in the array `X`, shape `(n, d)`; $K$ centroids in `centroids`, shape
# `(K, d)`; `labels[i]` is the number of the centroid that point $i$ belongs to.

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
X = (faithful - faithful.mean(axis=0)) / faithful.std(axis=0)          # each feature in units of its own spread

COLOURS = np.array(["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"])


def draw(ax, X, labels=None, centroids=None):
    """Points coloured by label, centroids as crosses."""
    colours = "0.5" if labels is None else COLOURS[np.asarray(labels, dtype=int) % len(COLOURS)]
    ax.scatter(X[:, 0], X[:, 1], c=colours, s=12)
    if centroids is not None:
        ax.scatter(centroids[:, 0], centroids[:, 1], c="black", marker="x", s=120, linewidths=3)
    ax.set_xlabel("duration (standardised)")
    ax.set_ylabel("waiting time (standardised)")


fig, ax = plt.subplots(figsize=(5, 4))
draw(ax, X)
ax.set_title("272 eruptions: how many groups do you see?")
plt.show()

# %% [markdown]
# ## 1. Who is nearest?
#
# Given centroids $m_1, \dots, m_K$, each point goes to the nearest one:
#
# $$c(i) = \arg\min_k \lVert x_i - m_k \rVert^2 .$$
#
# If two centroids are equally near, the one listed first wins. Python counts from 0, so the labels are
# $0, \dots, K - 1$.
#
# <details><summary>Hint 1: one point first</summary>
#
# For a single point `x`, what are the shapes of `centroids - x` and of the sum of its squares along each row?
# </details>
# <details><summary>Hint 2: the smallest of a row</summary>
#
# `np.argmin` gives the *position* of the smallest value, and the first position if there are several.
# </details>
# <details><summary>Hint 3: without a loop</summary>
#
# `X[:, None, :] - centroids[None, :, :]` has shape `(n, K, d)`: all differences at once. Which axis do you sum
# over, and along which axis do you look for the smallest?
# </details>

# %% nbgrader={"grade": false, "grade_id": "assign", "locked": false, "schema_version": 3, "solution": true, "task": false}
def assign(X, centroids):
    """Index of the nearest centroid of each point; a tie goes to the lowest index.

    X          (n, d)  points
    centroids  (K, d)  centroids
    returns    (n,)    integers in 0 ... K - 1:   c(i) = argmin_k |x_i - m_k|²
    """
    ### BEGIN SOLUTION
    differences = X[:, None, :] - centroids[None, :, :]     # (n, K, d)
    squared = (differences**2).sum(axis=2)                  # (n, K)
    return squared.argmin(axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "assign-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("kmeans.assign", assign)

# %% [markdown]
# Once the check passes, the next cell shows who belongs to whom for a start that is bad on purpose.

# %%
start = np.array([[-1.5, 1.5], [-1.0, 2.0]])
if check("kmeans.assign", assign):
    fig, ax = plt.subplots(figsize=(5, 4))
    draw(ax, X, assign(X, start), start)
    ax.set_title("First assignment, from a bad start")
    plt.show()

# %% [markdown]
# ## 2. Where is the middle?
#
# Given the labels, each centroid moves to the mean of its points:
#
# $$m_k = \frac{1}{n_k} \sum_{i :\, c(i) = k} x_i , \qquad n_k = \text{number of points with } c(i) = k .$$
#
# A centroid that owns no point has no mean; it **stays where it was**. That is why `update` gets the old centroids.
#
# <details><summary>Hint 1: the points of one cluster</summary>
#
# `X[labels == k]` holds the rows of cluster `k`. What is its shape if no point has that label?
# </details>
# <details><summary>Hint 2: the empty cluster</summary>
#
# Start from a copy of the old centroids and overwrite only those that own something.
# </details>

# %% nbgrader={"grade": false, "grade_id": "update", "locked": false, "schema_version": 3, "solution": true, "task": false}
def update(X, labels, centroids):
    """Mean of the points of each cluster; a centroid without points stays where it was.

    X          (n, d)  points
    labels     (n,)    integers in 0 ... K - 1
    centroids  (K, d)  the old centroids
    returns    (K, d)  the new ones:   m_k = mean of the x_i with c(i) = k
    """
    ### BEGIN SOLUTION
    new = np.array(centroids, dtype=float)                  # a copy: empty clusters keep their centroid
    for k in range(len(centroids)):
        mine = X[labels == k]                               # (n_k, d)
        if len(mine):
            new[k] = mine.mean(axis=0)
    return new
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "update-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("kmeans.update", update)

# %% [markdown]
# ## 3. How good is it?
#
# The **distortion** adds up the squared distances of all points to the centroids they are *assigned* to:
#
# $$J = \sum_{i=1}^{n} \lVert x_i - m_{c(i)} \rVert^2 .$$
#
# Neither step can make it larger, and there are finitely many ways to label the points: that is why k-means ends.
# (The book has the proof.)
#
# <details><summary>Hint: the centroid of each point</summary>
#
# `centroids[labels]` picks one row for each point. What is its shape?
# </details>

# %% nbgrader={"grade": false, "grade_id": "distortion", "locked": false, "schema_version": 3, "solution": true, "task": false}
def distortion(X, centroids, labels):
    """Sum of the squared distances of the points to their assigned centroids.

    X          (n, d)  points
    centroids  (K, d)  centroids; here they come before the labels, in `update` after them
    labels     (n,)    integers in 0 ... K - 1
    returns    one number:   J = sum_i |x_i - m_c(i)|²
    """
    ### BEGIN SOLUTION
    return float(((X - centroids[labels]) ** 2).sum())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "distortion-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("kmeans.distortion", distortion)

# %% [markdown]
# ## All together
#
# With your three functions k-means is a loop of two lines. When all checks pass, the next cell runs it on the
# eruptions and shows the distortion falling.

# %%
def kmeans(X, centroids, rounds=20):
    """Centroids, labels and the distortion after each round."""
    labels, history = assign(X, centroids), []
    for _ in range(rounds):
        centroids = update(X, labels, centroids)
        labels = assign(X, centroids)
        history.append(distortion(X, centroids, labels))
    return centroids, labels, history


if check("kmeans.assign", assign) and check("kmeans.update", update) and check("kmeans.distortion", distortion):
    centroids, labels, history = kmeans(X, start)
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    draw(left, X, labels, centroids)
    left.set_title("Short and long eruptions")
    right.plot(range(1, len(history) + 1), history, "o-")
    right.set(xlabel="round", ylabel="distortion", title="It never rises")
    plt.show()
    minutes = centroids * faithful.std(axis=0) + faithful.mean(axis=0)
    print("Centroids in minutes (duration, waiting time):")
    print(minutes.round(2))

# %% [markdown]
# ## If you want more (not graded)
#
# k-means ends, but not always at the best place. Try $K = 3$ from twenty random starts (three different points
# each), and list the distortions at which they end. How many different ends are there? Then take `faithful`
# instead of `X`, minutes instead of standardised numbers: which feature decides now, and why? The page
# [starts](http://localhost:8000/book/book/starts.html) takes it from there.

# %%
# Your own experiments
