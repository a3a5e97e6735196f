# Right, in an unusual style: plain Python, one number at a time, lists instead of arrays.

# %% e_step
from math import exp, fsum, log, pi

def log_normal(x, mean, L, log_det):
    """Forward substitution by hand; L is a Cholesky factor as nested lists."""
    z = []
    for i in range(len(x)):
        z.append((x[i] - mean[i] - fsum(L[i][j] * z[j] for j in range(i))) / L[i][i])
    return -0.5 * (len(x) * log(2 * pi) + log_det + fsum(v * v for v in z))

def e_step(X, weights, means, covariances):
    factors = [np.linalg.cholesky(S).tolist() for S in covariances]
    log_dets = [2 * fsum(log(L[i][i]) for i in range(len(L))) for L in factors]
    responsibilities, total = [], []
    for x in X.tolist():
        row = [log(w) + log_normal(x, m, L, ld) for w, m, L, ld in zip(weights, means.tolist(), factors, log_dets)]
        top = max(row)
        log_p = top + log(fsum(exp(v - top) for v in row))
        responsibilities.append([exp(v - log_p) for v in row])
        total.append(log_p)
    return responsibilities, fsum(total)

# %% m_step
def m_step(X, responsibilities):
    n, d = len(X), len(X[0])
    weights, means, covariances = [], [], []
    for column in zip(*responsibilities.tolist()):
        count = fsum(column)
        weights.append(count / n)
        mean = [fsum(r * x[j] for r, x in zip(column, X)) / count for j in range(d)]
        means.append(mean)
        covariances.append([
            [fsum(r * (x[i] - mean[i]) * (x[j] - mean[j]) for r, x in zip(column, X)) / count for j in range(d)]
            for i in range(d)
        ])
    return weights, means, covariances

# %% fit
def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
    def rounds(parameters, left, before):
        R, now = e_step(X, *map(np.array, parameters))
        if left == 1 or (before is not None and now - before < tol):
            return parameters, [now]
        parameters, later = rounds(m_step(X, np.array(R)), left - 1, now)
        return parameters, [now, *later]
    parameters, log_likelihoods = rounds((weights, means, covariances), max_iter, None)
    return *parameters, log_likelihoods
