# %% [markdown]
# # Points in standard units
# Write `moments`, `scaled` and `standardise`, and one sentence. Minutes: 5.

# %%
import matplotlib.pyplot as plt
import numpy as np

from autograder.check import check

X = np.loadtxt("points.csv", delimiter=",")

# %% nbgrader={"grade": false, "grade_id": "moments", "locked": false, "schema_version": 3, "solution": true, "task": false}
def moments(X):
    """The centre (d,) of points (n, d), and their root mean squared distance from it."""
    ### BEGIN SOLUTION
    centre = X.mean(axis=0)
    squared = ((X - centre) ** 2).sum(axis=1)
    return centre, np.sqrt(squared.mean())
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "moments-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("tiny.moments", moments)

# %% nbgrader={"grade": false, "grade_id": "scaled", "locked": false, "schema_version": 3, "solution": true, "task": false}
def scaled(X, centre, spread):
    """Points (n, d) from a centre (d,), in units of a spread."""
    ### BEGIN SOLUTION
    deviations = X - centre
    return deviations / spread
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "scaled-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("tiny.scaled", scaled)

# %% nbgrader={"grade": false, "grade_id": "standardise", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standardise(X):
    """Points (n, d) from their own centre, in units of their own spread."""
    ### BEGIN SOLUTION
    centre, spread = moments(X)
    return scaled(X, centre, spread)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "standardise-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("tiny.standardise", standardise)

# %%
if check("tiny.standardise", standardise):
    plt.plot(*standardise(X).T, "o")
    plt.show()

# %% [markdown] nbgrader={"grade": false, "grade_id": "why-question", "locked": true, "schema_version": 3, "solution": false, "task": false}
# Why is the spread of standardised points 1? A person gives 6 points.

# %% [markdown] nbgrader={"grade": true, "grade_id": "why", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false}
# Every squared distance is divided by $s^2$, their mean, so the mean becomes $s^2 / s^2 = 1$.
