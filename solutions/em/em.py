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
# # EM: learning a mixture from points without labels
#
# Knowing the two kinds of eruptions of Old Faithful, you could tell for each eruption which kind it is. Knowing
# the kind of each eruption, you could tell what the kinds look like. You know neither. **EM** starts with a guess
# and alternates: who owns what (E-step), what do the owners look like (M-step). No round makes the data less
# likely, and after a few the geyser's two faces stand out by themselves.
#
# - **You will write** `e_step`, `m_step` and `fit`, and derive one formula by hand.
# - **Time** about 90 minutes.
# - **Read first** the page [em](http://localhost:8000/book/book/em.html) of the book; for the tails and large
#   offsets [numerics](http://localhost:8000/book/book/numerics.html).
#
# <details><summary>How checking and grading work</summary>
#
# Each function has a check. Use it as often as you like: it tells what is right, what came
# back, what was expected, and where to read. While grading NumPy, SciPy and matplotlib are there, and no other
# package. Grading does the same with other numbers. If `fit` calls an `e_step`
# or `m_step` of yours that is wrong, it is graded with a right one in its place: one mistake costs once.
#
# Answers may be off by one millionth in responsibilities and weights, by a millionth of the sum of all
# $|\log p(x_i)|$ in the log-likelihood, by a millionth of the data's spread in means and $10^{-5}$ of its variance
# in covariances. A few checks are numerically hard – points far out, fifty features, data ten million from the origin:
# work with logarithms, and in float64 throughout.
# </details>
#
# Letters: $n$ points with $d$ features in `X`, shape `(n, d)`; $K$ components with `weights` `(K,)`, `means`
# `(K, d)` and `covariances` `(K, d, d)`; responsibilities `(n, K)`. Logarithms are natural.

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

# A start that is bad on purpose: both components in the middle, upright ellipses, equal weights.
START = (
    np.array([0.5, 0.5]),
    np.array([[3.0, 60.0], [4.0, 70.0]]),
    np.array([np.diag([1.0, 150.0]), np.diag([1.0, 150.0])]),
)


def ellipse(ax, mean, covariance, colour):
    """The line at two standard deviations of a Gaussian in two dimensions."""
    angle = np.linspace(0, 2 * np.pi, 100)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    line = mean + 2 * circle @ np.linalg.cholesky(covariance).T
    ax.plot(line[:, 0], line[:, 1], color=colour, linewidth=2)


def draw(ax, X, responsibilities, means, covariances):
    """Points coloured by the responsibility of the second component, and both ellipses."""
    ax.scatter(X[:, 0], X[:, 1], c=np.asarray(responsibilities)[:, 1], cmap="cividis", s=12, vmin=0, vmax=1)
    for mean, covariance, colour in zip(np.asarray(means), np.asarray(covariances), ["#0072B2", "#D55E00"]):
        ellipse(ax, mean, covariance, colour)
    ax.set(xlabel="duration (min)", ylabel="waiting time (min)")


# %% [markdown]
# ## 1. The E-step: who owns what?
#
# $$r_{ik} = \frac{w_k \, \mathcal N(x_i \mid \mu_k, \Sigma_k)}{\sum_j w_j \, \mathcal N(x_i \mid \mu_j, \Sigma_j)},
# \qquad
# \ell = \sum_{i=1}^{n} \log \sum_{k=1}^{K} w_k \, \mathcal N(x_i \mid \mu_k, \Sigma_k) .$$
#
# The denominator of the first formula is the argument of the logarithm in the second: compute it once. Work with
# logarithms throughout, so that points far from every component come out right. You may reuse your functions from
# the notebook *soft*: paste them above `def e_step`.
#
# <details><summary>Hint 1: in pieces</summary>
#
# First the `(n, K)` array `log_joint` of $\log w_k + \log \mathcal N(x_i \mid \mu_k, \Sigma_k)$, one column for
# each component; `np.linalg.slogdet` and `np.linalg.solve` help with the density.
# </details>
# <details><summary>Hint 2: the log of a sum of exponentials</summary>
#
# $\log \sum_k e^{a_k} = m + \log \sum_k e^{a_k - m}$ for every $m$. With $m = \max_k a_k$ nothing overflows and the
# sum is at least 1. Each row needs its own $m$.
# </details>
# <details><summary>Hint 3: the responsibilities</summary>
#
# With `log_density = log Σ_k exp(log_joint)`, shape `(n,)`, the responsibilities are
# `np.exp(log_joint - log_density[:, None])`.
# </details>

# %% nbgrader={"grade": false, "grade_id": "e_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def e_step(X, weights, means, covariances):
    """How much each component owns of each point, and how likely the points are.

    X            (n, d)     points
    weights      (K,)       mixing weights, positive, sum 1
    means        (K, d)     centres
    covariances  (K, d, d)  symmetric, positive definite
    returns      a tuple of two:
                 responsibilities (n, K):   r_ik = w_k N(x_i|k) / sum_j w_j N(x_i|j), rows sum to 1
                 log_likelihood, a number:  sum_i log sum_k w_k N(x_i|k)
    """
    ### BEGIN SOLUTION
    n, d = X.shape
    log_joint = np.empty((n, len(weights)))                             # (n, K)  log w_k N(x_i | k)
    for k in range(len(weights)):
        Z = X - means[k]                                                # (n, d)
        squared = (Z * np.linalg.solve(covariances[k], Z.T).T).sum(axis=1)
        _, log_determinant = np.linalg.slogdet(covariances[k])
        log_joint[:, k] = np.log(weights[k]) - 0.5 * (d * np.log(2 * np.pi) + log_determinant + squared)
    largest = log_joint.max(axis=1)                                     # (n,)
    log_density = largest + np.log(np.exp(log_joint - largest[:, None]).sum(axis=1))
    return np.exp(log_joint - log_density[:, None]), log_density.sum()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "e_step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("em.e_step", e_step)

# %% [markdown]
# When the check passes, the next cell shows who owns which eruption under the bad start: nearly all are shared. Only 13
# of the 272 belong to one component by more than 95 %.

# %%
if check("em.e_step", e_step):
    R, log_likelihood = e_step(X, *START)
    fig, ax = plt.subplots(figsize=(5, 4))
    draw(ax, X, R, START[1], START[2])
    ax.set_title(f"E-step of the start, log-likelihood {float(log_likelihood):.0f}")
    plt.show()

# %% [markdown]
# ## 2. The M-step: what do the owners look like?
#
# With $N_k = \sum_i r_{ik}$, the number of points that component $k$ owns all told,
#
# $$w_k = \frac{N_k}{n}, \qquad
# \mu_k = \frac{1}{N_k} \sum_i r_{ik} x_i, \qquad
# \Sigma_k = \frac{1}{N_k} \sum_i r_{ik} (x_i - \mu_k)(x_i - \mu_k)^\top .$$
#
# Mind the order: the covariances use the **new** means.
#
# <details><summary>Hint 1: counts and means</summary>
#
# `counts = responsibilities.sum(axis=0)` has shape `(K,)`, and `responsibilities.T @ X` has shape `(K, d)`.
# By what must each row of the latter be divided?
# </details>
# <details><summary>Hint 2: one covariance</summary>
#
# With `Z = X - means[k]`, which product of two arrays of shapes `(d, n)` and `(n, d)` is $\sum_i (x_i - \mu_k)(x_i - \mu_k)^\top$?
# Where do the responsibilities come in? (If you use `np.cov` with `aweights`, look up what it divides by.)
# </details>
# <details><summary>Hint 3: the check far from the origin fails?</summary>
#
# $\frac{1}{N_k}\sum r x x^\top - \mu\mu^\top$ is the same on paper, but ten million away from the origin it is the
# difference of two numbers of size $10^{14}$: of a variance near 1 hardly two digits survive. Take the mean off first.
# </details>

# %% nbgrader={"grade": false, "grade_id": "m_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def m_step(X, responsibilities):
    """Maximum-likelihood parameters, given who owns what.

    X                 (n, d)  points
    responsibilities  (n, K)  in [0, 1], rows sum to 1
    returns           a tuple of three:
                      weights      (K,)        N_k / n
                      means        (K, d)      sum_i r_ik x_i / N_k
                      covariances  (K, d, d)   sum_i r_ik (x_i - μ_k)(x_i - μ_k)ᵀ / N_k
    """
    ### BEGIN SOLUTION
    n, d = X.shape
    counts = responsibilities.sum(axis=0)                               # (K,)  N_k
    means = responsibilities.T @ X / counts[:, None]                    # (K, d)
    covariances = np.empty((len(counts), d, d))
    for k in range(len(counts)):
        Z = X - means[k]                                                # centred first: no cancellation
        covariances[k] = (responsibilities[:, k, None] * Z).T @ Z / counts[k]
    return counts / n, means, covariances
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "m_step-check", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check("em.m_step", m_step)

# %% [markdown]
# ## 3. Again and again
#
# ```
# repeat at most max_iter times:
#     responsibilities, log_likelihood = e_step(...)       and note the log_likelihood
#     stop if this is not the first round and it rose by less than tol
#     weights, means, covariances = m_step(...)            unless this was the last round
# ```
#
# So the last log-likelihood is that of the parameters you return, and `max_iter=1` returns the start.
#
# <details><summary>Hint 1: the last round</summary>
#
# `for step in range(max_iter)`: the last round is the one with `step == max_iter - 1`. It has no M-step.
# </details>
# <details><summary>Hint 2: when to stop</summary>
#
# Compare the last two entries of your list. Stop *before* the M-step of that round.
# </details>

# %% nbgrader={"grade": false, "grade_id": "fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
    """EM from a given start.

    X            (n, d)     points
    weights      (K,)       of the start
    means        (K, d)     of the start
    covariances  (K, d, d)  of the start
    tol          stop when the log-likelihood rises by less than this
    max_iter     at most this many E-steps
    returns      a tuple: weights, means, covariances, log_likelihoods (one for each E-step)
    """
    ### BEGIN SOLUTION
    log_likelihoods = []
    for step in range(max_iter):
        responsibilities, log_likelihood = e_step(X, weights, means, covariances)
        log_likelihoods.append(log_likelihood)
        if step > 0 and log_likelihoods[-1] - log_likelihoods[-2] < tol:
            break
        if step < max_iter - 1:
            weights, means, covariances = m_step(X, responsibilities)
    return weights, means, covariances, np.array(log_likelihoods)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "fit-check", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check("em.fit", fit)

# %% [markdown]
# When all three are right, the next cell lets them loose on the geyser.

# %%
if check("em.e_step", e_step) and check("em.m_step", m_step) and check("em.fit", fit):
    weights, means, covariances, log_likelihoods = fit(X, *START)
    R, _ = e_step(X, weights, means, covariances)
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
    draw(left, X, R, means, covariances)
    left.set_title("The two faces of Old Faithful")
    right.plot(range(1, len(log_likelihoods) + 1), log_likelihoods, "o-", markersize=3)
    right.set(xlabel="round", ylabel="log-likelihood", title="It never falls")
    plt.show()
    for w, mean in zip(weights, means):
        print(f"{100 * w:.0f} % of the eruptions: {mean[0]:.2f} min long, then {mean[1]:.0f} min of waiting")

# %% [markdown] nbgrader={"grade": false, "grade_id": "shared-variance-question", "locked": true, "schema_version": 3, "solution": false, "task": false}
# ## 4. One formula by hand (6 points, graded by a person)
#
# Suppose all components share **one** spherical covariance, $\Sigma_k = \sigma^2 I$ for all $k$, as in a soft
# version of k-means. The weights and the means are updated as before. Write down
#
# 1. the part of $Q = \sum_i \sum_k r_{ik} \log \bigl( w_k \mathcal N(x_i \mid \mu_k, \sigma^2 I) \bigr)$ that depends on $\sigma^2$,
# 2. its derivative and the value of $\sigma^2$ at which it is 0, step by step, and why that is a maximum,
# 3. what your formula has to do with the distortion of k-means when all responsibilities are 0 or 1,
# 4. in two sentences: would this model suit the eruptions of Old Faithful? Why or why not?
#
# Formulas may be typed as `$...$` or in plain words and letters. Or drag a photo of your page, of 3 MB at most, into
# the cell in JupyterLab.

# %% [markdown] nbgrader={"grade": true, "grade_id": "shared-variance", "locked": false, "points": 6, "schema_version": 3, "solution": true, "task": false}
# **Model answer**
#
# 1. $\log \mathcal N(x_i \mid \mu_k, \sigma^2 I) = -\frac d2 \log 2\pi - \frac d2 \log \sigma^2 - \frac{1}{2\sigma^2} \lVert x_i - \mu_k \rVert^2$.
#    Since every row of responsibilities sums to 1,
#    $Q(\sigma^2) = -\frac{n d}{2} \log \sigma^2 - \frac{1}{2\sigma^2} S + \text{const}$ with $S = \sum_i \sum_k r_{ik} \lVert x_i - \mu_k \rVert^2$.
# 2. With $v = \sigma^2$: $Q'(v) = -\frac{n d}{2v} + \frac{S}{2v^2} = \frac{n d}{2 v^2} \bigl( \frac{S}{n d} - v \bigr)$, which is 0 at
#    $\sigma^2 = \frac{1}{n d} \sum_i \sum_k r_{ik} \lVert x_i - \mu_k \rVert^2$, positive below and negative above: a maximum, and the only one.
# 3. If each $r_{ik}$ is 0 or 1, $S$ is the distortion $J$, so $\sigma^2 = J / (n d)$: the distortion per point and feature.
# 4. Not as measured, in minutes: within a group waiting times vary by about 6 minutes and durations by 0.3 to 0.4,
#    so one round variance is far too wide for one feature and too narrow for the other. Standardised it tells the two
#    kinds apart, each of the 272 as two full covariances do, but describes them worse (by 40 nats): durations vary less
#    than waits, those of short eruptions least, and in both groups longer eruptions go with longer waits.
#
# **Rubric** (6 points)
#
# - 1 the two terms in $\sigma^2$, with the sum of squares weighted by responsibilities
# - 1 uses that rows sum to 1 and $|\sigma^2 I| = \sigma^{2d}$, so that the factor of the logarithm is $n d/2$ (not $n/2$)
# - 1 derivative right; 1 solved for $\sigma^2$, with a reason why it is a maximum (sign change, second derivative,
#   or $Q \to -\infty$ at both ends)
# - 1 the sum is the distortion when the responsibilities are hard
# - 1 a sensible reason from the data: different units or spreads of the features, or of the groups, or correlation;
#   also for a yes: standardised, the groups lie far apart compared with their spreads, and this model tells them apart
#
# Half points are fine. An error carried on costs once.

# %% [markdown]
# ## If you want more (not graded)
#
# 1. Start EM from twenty random places (two different eruptions as means, equal weights, the covariances of `START`)
#    and plot all log-likelihoods. Do all end at the same height? Try $K = 3$, with `max_iter=3000`: after 200 rounds
#    about one run in four has not ended.
# 2. To the two components that `fit` found add a third, exactly on an eruption, with the weight 0.01 and $10^{-j}$ times
#    the covariance of the data. What does `e_step` say of the log-likelihood for $j = 0, 1, \dots, 12$? What does each
#    factor of ten bring in the end, and why? The page [collapse](http://localhost:8000/book/book/collapse.html) explains
#    why there is no upper limit. (From $j = 3$ on your `fit` is likely to stop with `LinAlgError`, from $j = 7$ on after
#    a single M-step: what is left of that covariance is singular and has no inverse.)
# 3. Write an `e_step` without any loop over components, and compare the times for $n = 100\,000$.

# %%
# Your own experiments
