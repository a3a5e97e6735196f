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
# # Capstone: how many groups of galaxies?
#
# In 1990 Kathryn Roeder made the velocities of 82 galaxies, measured by astronomers a few years before, known to
# statisticians. Velocity means distance, so clumps in the velocities are clusters in space, with voids between them.
# How many clumps are there, and how sure can one be? There is no answer key: astronomers and statisticians have said
# three, four, five, six and more. You do a whole analysis and defend your own answer.
#
# - **You will write** three tools, `log_density`, `standard_order` and `percentile_interval`, and a report.
# - **Time** about 120 minutes, half of it for the report.
# - **Read first** the page [capstone](http://localhost:8000/book/book/capstone.html) of the book. You need your `fit`
#   from the notebook *em*.
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers, and lets results be off by
# about a millionth of their size or of the data's spread. A person grades the report.
# </details>
#
# Letters: $n$ points with $d$ features in `X`, shape `(n, d)`; $K$ components.

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

X = np.loadtxt("galaxies.csv", skiprows=1)[:, None] / 1000             # (82, 1) velocities in 1000 km/s

# A fit with three components, to try your tools on.
WEIGHTS = np.array([0.878, 0.0366, 0.0854])
MEANS = np.array([[21.40], [33.04], [9.71]])
COVARIANCES = np.array([[[4.816]], [[0.850]], [[0.1785]]])

# %% [markdown]
# ## 1. The density of a mixture
#
# $$\log p(x) = \log \sum_k w_k \, \mathcal N(x \mid \mu_k, \Sigma_k),$$
#
# for outliers too, where every density underflows. With it you draw the fit over the histogram, compute held-out
# likelihoods, and find galaxies that fit no group.
#
# <details><summary>Hint: you have written it before</summary>
#
# It is the part of `e_step` before the sum over the points.
# </details>

# %% nbgrader={"grade": false, "grade_id": "log_density", "locked": false, "schema_version": 3, "solution": true, "task": false}
def log_density(X, weights, means, covariances):
    """Logarithm of the mixture's density at each point.

    X            (n, d)     points
    weights      (K,)       mixing weights, sum 1
    means        (K, d)     centres
    covariances  (K, d, d)  symmetric, positive definite
    returns      (n,)       log sum_k w_k N(x_i | k)
    """
    ### BEGIN SOLUTION
    n, d = X.shape
    log_joint = np.empty((n, len(weights)))
    for k in range(len(weights)):
        Z = X - means[k]
        squared = (Z * np.linalg.solve(covariances[k], Z.T).T).sum(axis=1)
        _, log_determinant = np.linalg.slogdet(covariances[k])
        log_joint[:, k] = np.log(weights[k]) - 0.5 * (d * np.log(2 * np.pi) + log_determinant + squared)
    largest = log_joint.max(axis=1)
    return largest + np.log(np.exp(log_joint - largest[:, None]).sum(axis=1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "log_density-check", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check("capstone.log_density", log_density)

# %%
if check("capstone.log_density", log_density):
    grid = np.linspace(5, 40, 400)[:, None]
    fig, ax = plt.subplots(figsize=(6, 3.5))
    ax.hist(X[:, 0], bins=np.arange(8, 36, 1), density=True, color="#56B4E9")
    ax.plot(grid[:, 0], np.exp(log_density(grid, WEIGHTS, MEANS, COVARIANCES)), color="#D55E00")
    ax.set(xlabel="velocity (1000 km/s)", ylabel="density", title="Three components")
    plt.show()

# %% [markdown]
# ## 2. One name for each component
#
# Before fits are compared, bring their components into a standard order: by the **first coordinate of the mean**,
# ascending. For groups on a line that is enough. (In the notebook *labels* you match them properly.)
#
# <details><summary>Hint: one order for all three</summary>
#
# `np.argsort` gives the order; use the same one for weights, means and covariances.
# </details>

# %% nbgrader={"grade": false, "grade_id": "standard_order", "locked": false, "schema_version": 3, "solution": true, "task": false}
def standard_order(weights, means, covariances):
    """The same mixture with its components in order of the first coordinate of their means.

    weights      (K,)       mixing weights
    means        (K, d)     centres
    covariances  (K, d, d)  covariances
    returns      weights (K,), means (K, d), covariances (K, d, d), in ascending order of means[:, 0]
    """
    ### BEGIN SOLUTION
    order = np.argsort(means[:, 0])
    return weights[order], means[order], covariances[order]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "standard_order-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("capstone.standard_order", standard_order)

# %% [markdown]
# ## 3. How sure?
#
# Draw 82 galaxies with replacement, fit again, and note the number you care about; repeat a few hundred times. The
# middle part of these **bootstrap replicates** is an interval for that number: cut off $(1 - \text{level}) / 2$ on
# each side, interpolating linearly between neighbours as `np.quantile` does.
#
# <details><summary>Hint: which quantiles?</summary>
#
# For a level of 0.9, five per cent are cut off on each side: the quantiles 0.05 and 0.95.
# </details>

# %% nbgrader={"grade": false, "grade_id": "percentile_interval", "locked": false, "schema_version": 3, "solution": true, "task": false}
def percentile_interval(replicates, level):
    """The interval that holds the middle share of the replicates.

    replicates  (B,)  numbers, in any order
    level       between 0 and 1, such as 0.9
    returns     lower, upper: the quantiles (1 - level) / 2 and (1 + level) / 2
    """
    ### BEGIN SOLUTION
    lower, upper = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return lower, upper
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "percentile_interval-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("capstone.percentile_interval", percentile_interval)

# %% [markdown]
# ## 4. Your analysis
#
# It needs your `fit` and as many cells of a notebook as you like. A good analysis has
#
# - many starts for each $K$ from 1 to 6, and a word on how many ends there were,
# - a check for collapse of every fit you rely on (smallest variance, effective counts),
# - AIC and BIC, and at least one look beyond them (held-out likelihood, ICL, the pictures),
# - bootstrap intervals for two numbers that matter, components brought into standard order first.
#
# <details><summary>Hint 1: fits that fail</summary>
#
# The `fit` of *em* has no guard. With five or six components a start often ends on a pair of galaxies, with a very small
# variance (with six from `kmeans_plus_plus` nearly always), and now and then one stops with `LinAlgError`: one or two in
# a hundred, with six from `kmeans_plus_plus` about six. Catch that
# with `try: ... except np.linalg.LinAlgError: continue`, and count such starts.
# Better: use `m_step_map` from *collapse* in your loop, or never let a variance fall below a floor, such as a
# thousandth of the variance of all data. Say in the report which floor you took. And look how each run ended: from
# galaxies drawn as means about half of them have not arrived after the 200 rounds that `fit` allows with five
# components, with six about four in five. (From `kmeans_plus_plus` fewer.) Say `max_iter=5000`.
# </details>
# <details><summary>Hint 2: many starts</summary>
#
# Your `best_of_restarts` and `kmeans_plus_plus` from *starts* do it. Draw $K$ galaxies as means as well; starts of one
# kind may all miss the best fit. Equal weights and variances of 1 will do to begin with; with four components about one
# such start in fifteen arrives, or one in nine from `kmeans_plus_plus`. Forty at one in fifteen all miss it once in
# sixteen times; take a hundred. Write down how many starts reached the best log-likelihood, to a tenth of a nat.
# </details>
# <details><summary>Hint 3: what to look at before an interval</summary>
#
# Some bootstrap draws hold none of the three fastest galaxies. Look at the ordered means of all replicates before you
# take percentiles: what do you do with those in which a group is missing, and how do you say it?
# </details>
# <details><summary>Hint 4: the report</summary>
#
# Write the answer first, then why, then what you did, then what speaks against it. Read it once with the eyes of
# a reader who knows galaxies and no statistics: which word has to go?
# </details>

# %%
# Your analysis

# %% [markdown] nbgrader={"grade": false, "grade_id": "report-question", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 5. Your report (10 points, graded by a person)
#
# At most one page, for an astronomer who has never heard of EM. How many groups do you see, where are they, how
# large, and how sure are you? What did you try, what did the criteria say, what speaks against your answer? Every
# number with its unit, and with an interval where you have one. Technical words (mixture, likelihood, BIC) only with
# their meaning in plain words.

# %% [markdown] nbgrader={"grade": true, "grade_id": "report", "locked": false, "points": 10, "schema_version": 3, "solution": true, "task": false}
# **Model answer (one of several)**
#
# *Answer.* We see three groups among the 82 galaxies. 7 of them (90 % interval 3 to 11) move at about 9,700 km/s
# (9,400 to 9,950), 72 (66 to 75) at about 21,400 km/s (20,950 to 21,950) and 3 at about 33,000 km/s. The outer two
# are safe: gaps of more than 5,000 km/s cut them off, and the best descriptions by three to six groups all have them. The
# intervals come from a hundred repetitions of the fit on galaxies drawn with replacement, groups ordered by velocity first. Five draws
# held no fast galaxy and were set aside. For three galaxies an interval of this kind means little; they have 32,065,
# 32,789 and 34,279 km/s, and their spread is hardly known.
#
# *A fourth group?* Perhaps: 17 galaxies packed near 19,750 km/s, on top of the large group. We described the velocities
# by one to six bell curves, each with its own width, from forty random beginnings for each number, none narrower than
# 143 km/s, and compared the descriptions by two rules that charge for each number fitted, BIC and AIC (the lower the
# better). BIC is lowest for three groups (441.6; four 443.4, a difference hardly worth a mention); of three and four
# AIC prefers four (416.9 against 422.4). Predicting galaxies that were held back (the
# score is the logarithm of the probability that a description gives them), four did better in 4 of 10 splits and on
# average worse (by 5.2, with an error of 4.4): no decision. Of the forty beginnings 24 reached the best three, but only
# one the best four.
#
# *Set aside.* Five and six curves fit better, AIC is lower still (411.1 and 410.7), but one and two of them sit on
# single pairs of galaxies, as narrow as our limit allows or nearly so.
#
# *What speaks against us.* The intervals assume three groups. Galaxies that were held back are not predicted clearly
# better by three groups than by two (here worse by 4.3, with an error of 8.8; the sign depends on the splits): three
# fast galaxies are too few to predict each other. The large group need not be one cluster: its velocities are not quite
# bell-shaped, and a dense cluster within a larger structure would look the same. With 82 galaxies we can neither claim
# nor exclude it; positions on the sky would help.
#
# **Rubric** (10 points)
#
# - 2 states an answer with places and sizes of the groups, units included
# - 2 several starts for each K, and says what came of them; collapsed fits are found and left out
# - 2 criteria computed right (BIC with its sign and n = 82) and read with care, not as an oracle
# - 2 uncertainty: intervals or an honest qualitative account, components matched or ordered first
# - 1 names what speaks against the own answer (components are not clusters, few galaxies, shape)
# - 1 readable without knowing EM; at most a page
#
# Any number of groups that the report's own results support can earn full points, also a range such as three or four.
# A number without support earns none of the first two points.

# %% [markdown]
# ## If you want more (not graded)
#
# Row 78 is 26690 here. R's manual of this data set says that this is a slip and that the velocity is 26960;
# published analyses have the one or the other. Correct it: which of your numbers move, and by how much compared with
# your intervals? What happens to a component that sits on the pair of this galaxy and its neighbour at 26995? (Row 78 is
# `X[77]`.)

# %%
# Your own experiments
