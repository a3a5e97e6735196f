# Right, in an unusual style: SciPy, einsum, a class, a decorator, named tuples, annotations.

# %% e_step
from collections import namedtuple
from functools import wraps

from scipy.special import logsumexp
from scipy.stats import multivariate_normal

EStep = namedtuple("EStep", "responsibilities log_likelihood")
Parameters = namedtuple("Parameters", "weights means covariances")


def as_floats(function):
    @wraps(function)
    def wrapper(*arguments, **keywords):
        return function(*[np.asarray(a, dtype=np.float64) for a in arguments], **keywords)
    return wrapper


class Component:
    def __init__(self, mean: np.ndarray, covariance: np.ndarray) -> None:
        self.normal = multivariate_normal(mean, covariance)

    def __call__(self, X: np.ndarray) -> np.ndarray:
        return np.atleast_1d(self.normal.logpdf(X))


@as_floats
def e_step(X: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> EStep:
    joint = np.stack([Component(m, S)(X) for m, S in zip(means, covariances)], axis=1) + np.log(weights)
    density = logsumexp(joint, axis=1)
    return EStep(np.exp(joint - density[:, None]), np.longdouble(density.sum()))

# %% m_step
m_step = as_floats(lambda X, R: (lambda N, M: Parameters(
    N / N.sum(), M, np.einsum("nk,nki,nkj->kij", R / N, X[:, None] - M, X[:, None] - M)
))(R.sum(0), np.einsum("nk,nd->kd", R / R.sum(0), X)))

# %% fit
def fit(X, *start, tol=1e-6, max_iter=200):
    parameters, history = Parameters(*start), []
    while True:
        step = e_step(X, *parameters)
        history += [step.log_likelihood]
        if len(history) == max_iter or (len(history) > 1 and history[-1] < history[-2] + tol):
            return *parameters, np.array(history, dtype=float)
        parameters = m_step(X, step.responsibilities)
