# Divided by n instead of N_k.

# %% e_step
def e_step(X, weights, means, covariances):
    n, d = X.shape
    log_joint = np.empty((n, len(weights)))
    for k in range(len(weights)):
        Z = X - means[k]
        squared = (Z * np.linalg.solve(covariances[k], Z.T).T).sum(axis=1)
        _, log_determinant = np.linalg.slogdet(covariances[k])
        log_joint[:, k] = np.log(weights[k]) - 0.5 * (d * np.log(2 * np.pi) + log_determinant + squared)
    largest = log_joint.max(axis=1)
    log_density = largest + np.log(np.exp(log_joint - largest[:, None]).sum(axis=1))
    return np.exp(log_joint - log_density[:, None]), log_density.sum()

# %% m_step
def m_step(X, responsibilities):
    n, d = X.shape
    counts = responsibilities.sum(axis=0)
    means = responsibilities.T @ X / n
    covariances = np.empty((len(counts), d, d))
    for k in range(len(counts)):
        Z = X - means[k]
        covariances[k] = (responsibilities[:, k, None] * Z).T @ Z / n
    return counts / n, means, covariances

# %% fit
def fit(X, weights, means, covariances, tol=1e-6, max_iter=200):
    log_likelihoods = []
    for step in range(max_iter):
        responsibilities, log_likelihood = e_step(X, weights, means, covariances)
        log_likelihoods.append(log_likelihood)
        if step > 0 and log_likelihoods[-1] - log_likelihoods[-2] < tol:
            break
        if step < max_iter - 1:
            weights, means, covariances = m_step(X, responsibilities)
    return weights, means, covariances, log_likelihoods
