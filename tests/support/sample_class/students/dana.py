# Right, with warnings and prints: a division warning, a progress bar, a deprecation, output on standard error.

# %% e_step
import sys
import warnings

def e_step(X, weights, means, covariances):
    print("E-step of", X.shape)
    warnings.warn("about to take logarithms", RuntimeWarning)
    np.log(np.zeros(1))                                      # divide by zero encountered in log
    n, d = X.shape
    K = len(weights)
    L = np.linalg.cholesky(covariances)
    Z = np.stack([np.linalg.solve(L[k], (X - means[k]).T).T for k in range(K)], axis=1)
    log_det = 2 * np.log(np.diagonal(L, axis1=1, axis2=2)).sum(axis=1)
    joint = np.log(weights) - 0.5 * (d * np.log(2 * np.pi) + log_det + (Z ** 2).sum(axis=2))
    density = np.logaddexp.reduce(joint, axis=1)
    print("done", file=sys.stderr)
    return np.exp(joint - density[:, None]), density.sum()

# %% m_step
def m_step(X, responsibilities):
    N = responsibilities.sum(axis=0)
    means = (responsibilities.T @ X) / N[:, None]
    covariances = []
    for k in range(len(N)):
        print(f"\r[{'#' * (k + 1)}]", end="")
        C = X - means[k]
        covariances.append(C.T @ (C * responsibilities[:, k : k + 1]) / N[k])
    warnings.warn("m_step is old", DeprecationWarning)
    return N / len(X), means, np.array(covariances)

# %% fit
def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
    lls = []
    for t in range(max_iter):
        R, ll = e_step(X, weights, means, covariances)
        print("round", t, ll)
        lls.append(ll)
        if t > 0 and lls[-1] - lls[-2] < tol:
            print("converged")
            break
        if t + 1 < max_iter:
            weights, means, covariances = m_step(X, R)
    return weights, means, covariances, np.array(lls)

# %% shared-variance
I think $\sigma^2$ is the average squared distance per point and per feature, $\frac{1}{n d} \sum_i \sum_k r_{ik} |x_i - \mu_k|^2$.
