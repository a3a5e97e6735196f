"""gmmlib against scikit-learn: one process, one thread, same data and start, interleaved, best of several.

    python benchmarks/gmmlib_speed.py            all tables
    python benchmarks/gmmlib_speed.py --quick    fewer repetitions
    python benchmarks/gmmlib_speed.py --only iteration fit small imports memory

Everything runs twice, as the machine is and as one without AVX-512. Read the ratios: the milliseconds depend
on the machine and on what else runs there, and the ratio to scikit-learn on the kind of processor. What
travels is the distance to the floor, the two matrix products and one exp for each point and component, on
blocks of the same shapes. Exit code 1 if an aim is missed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

# n, d, K, aim for one iteration (times the floor, at most), aim for a whole fit (times scikit-learn's speed)
SIZES = [
    (100_000, 2, 3, 2.2, 8.0),
    (100_000, 2, 10, 2.2, 8.0),
    (50_000, 10, 10, 2.2, 5.0),
    (20_000, 20, 20, 1.5, 5.0),
    (10_000, 50, 10, 1.5, 3.0),
]


def seconds(function: Callable[[], object]) -> float:
    begin = time.process_time()  # of the processor: what else runs on the machine counts less
    function()
    return time.process_time() - begin


def interleaved(functions: list[Callable[[], object]], repetitions: int) -> list[float]:
    """Best time of each function in milliseconds, the functions taking turns."""
    times = [[seconds(function) for function in functions] for _ in range(repetitions)]
    return [1e3 * min(column) for column in zip(*times, strict=True)]


def draw(n: int, d: int, K: int, seed: int = 0):
    """Points from a random mixture with full covariances, and that mixture."""
    from gmmlib import Mixture

    rng = np.random.default_rng(seed)
    means = 3.0 * rng.standard_normal((K, d))
    factors = rng.standard_normal((K, d, d)) / np.sqrt(d)
    truth = Mixture(np.full(K, 1.0 / K), means, factors @ factors.transpose(0, 2, 1) + 0.3 * np.eye(d))
    return truth.sample(n, rng)[0], truth


def iteration_table(repetitions: int) -> bool:
    print("\nOne EM iteration, full covariances [ms]")
    print(
        f"{'n':>8}{'d':>4}{'K':>4}{'scikit-learn':>14}{'gmmlib':>9}{'ratio':>7}"
        f"{'products':>10}{'exp':>7}{'times floor':>13}{'aim':>5}"
    )
    reached = True
    for n, d, K, aim, _ in SIZES:
        a, b, products, exp = interleaved(_iterations(n, d, K), repetitions)
        times = b / (products + exp)
        reached &= times <= aim
        print(
            f"{n:>8}{d:>4}{K:>4}{a:>14.1f}{b:>9.2f}{a / b:>7.1f}"
            f"{products:>10.2f}{exp:>7.2f}{times:>13.2f}{aim:>5g}"
        )
    return reached


def _iterations(n: int, d: int, K: int) -> list[Callable[[], object]]:
    """One iteration of scikit-learn and of gmmlib, and the two parts of the floor."""
    from sklearn.mixture import GaussianMixture

    from gmmlib.blocked import Blocks
    from gmmlib.covariance import family
    from gmmlib.cures import MaximumLikelihood
    from gmmlib.loop import Maximiser

    X, truth = draw(n, d, K)
    data = Blocks(X)
    maximise = Maximiser(family("full"), MaximumLikelihood(), data.total)
    other = GaussianMixture(
        K,
        max_iter=1,
        weights_init=truth.weights,
        means_init=truth.means,
        precisions_init=np.linalg.inv(truth.covariances),
    ).fit(X)

    def theirs() -> None:
        _, log_responsibilities = other._e_step(X)
        other._m_step(X, log_responsibilities)

    floor = Floor(data, K)
    return [theirs, lambda: maximise(data.expect(truth)), floor.products, floor.exp]


class Floor:
    """What every iteration by features needs: W Φ, exp, and Φ Rᵀ for each block, without anything between."""

    def __init__(self, data, K: int) -> None:
        n, d = data.points.shape
        F = 1 + d + d * (d + 1) // 2
        rng = np.random.default_rng(0)
        S, B = data.block // data.width, data.width
        self.blocks = [rng.standard_normal((S, F, B)) for _ in range(max(1, n // (S * B)))]
        self.W, self.R = rng.standard_normal((K, F)), rng.random((S, B, K))
        self.joint, self.sums = np.empty((S, K, B)), np.empty((S, F, K))
        self.logs = -10.0 * rng.random((S, K, B))

    def products(self) -> None:
        for phi in self.blocks:
            np.matmul(self.W, phi, out=self.joint)
            np.matmul(phi, self.R, out=self.sums)

    def exp(self) -> None:
        logs, out = self.logs.reshape(-1), self.joint.reshape(-1)
        for _ in self.blocks:
            np.exp(logs, out=out)


def fit_table(repetitions: int) -> bool:
    from sklearn.mixture import GaussianMixture as Theirs

    from gmmlib import GaussianMixture as Ours

    print("\nWhole fit with defaults, features and start included; medians over five seeds")
    print(
        f"{'n':>8}{'d':>4}{'K':>4}{'scikit-learn [s]':>18}{'gmmlib [s]':>12}{'ratio':>7}{'aim':>5}"
        f"{'log-likelihood per point, ours - theirs':>42}"
    )
    reached = True
    for n, d, K, _, aim in SIZES:
        X, _ = draw(n, d, K)
        times, values = [], []
        for seed in range(5):
            theirs, ours = Theirs(K, random_state=seed), Ours(K, random_state=seed)
            fits = [lambda m=model, X=X: m.fit(X) for model in (theirs, ours)]
            times.append(interleaved(fits, repetitions))
            values.append([theirs.score(X), ours.score(X)])
        a, b = np.median(np.array(times), axis=0) / 1e3
        gain = float(np.median([row[1] for row in values]) - np.median([row[0] for row in values]))
        reached &= bool(a / b >= aim and gain >= -1e-6)
        print(f"{n:>8}{d:>4}{K:>4}{a:>18.2f}{b:>12.3f}{a / b:>7.1f}{aim:>5g}{gain:>42.6f}")
    return reached


def small_table(repetitions: int) -> bool:
    from sklearn.mixture import GaussianMixture as Theirs

    from gmmlib import GaussianMixture as Ours

    sets = [draw(300, 2, 3, seed)[0] for seed in range(100)]
    a, b = interleaved(
        [
            lambda: [Theirs(3, random_state=0).fit(X) for X in sets],
            lambda: [Ours(3, random_state=0).fit(X) for X in sets],
        ],
        repetitions,
    )
    print(
        f"\n100 small fits (300, 2, 3): scikit-learn {a:.0f} ms, gmmlib {b:.0f} ms, ratio {a / b:.1f} (aim 1)"
    )
    return a >= b


def imports_table(repetitions: int) -> bool:
    """Time that the import takes inside a fresh interpreter, best of several."""
    code = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"

    def once(name: str) -> float:
        return float(
            subprocess.run([sys.executable, "-c", code.format(name)], capture_output=True, check=True).stdout
        )

    pairs = [(once("numpy"), once("gmmlib")) for _ in range(max(5, 3 * repetitions))]
    a, b = (1e3 * min(column) for column in zip(*pairs, strict=True))
    print(f"\nImport: NumPy {a:.0f} ms, gmmlib with NumPy {b:.0f} ms, ratio {b / a:.2f} (aim at most 1.5)")
    return b <= 1.5 * a


MEMORY = """
import tracemalloc, warnings
import numpy as np
import gmmlib
warnings.simplefilter("ignore")
rng = np.random.default_rng(0)
X = np.empty((2_000_000, 10))
for part in np.array_split(X, 200):
    part[:] = rng.standard_normal(part.shape) + 6.0 * rng.integers(0, 10, size=(len(part), 1))
gmmlib.fit(X[:5000], 10, n_starts=1, max_iter=2)   # imports and workspaces
tracemalloc.start()                                # NumPy reports its arrays to it
gmmlib.fit(X, 10, n_starts=1, max_iter=3)
print(X.nbytes / 2**20, tracemalloc.get_traced_memory()[1] / 2**20)
"""


def memory_table() -> bool:
    output = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, check=True, text=True).stdout
    data, more = map(float, output.split())
    print(f"\nMemory at (2M, 10, 10): data {data:.0f} MB, fit needs {more:.0f} MB more (aim at most 512)")
    return more <= 512


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--as-is", action="store_true", help="this machine only, not one without AVX-512")
    parser.add_argument("--only", nargs="+", choices=["iteration", "fit", "small", "imports", "memory"])
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    import scipy.linalg  # noqa: F401
    import sklearn.mixture  # noqa: F401  all BLAS and OpenMP libraries must be loaded before they are limited
    from threadpoolctl import threadpool_limits

    wanted = arguments.only or ["iteration", "fit", "small", "imports", "memory"]
    many = 3 if arguments.quick else 15
    tables = {
        "iteration": lambda: iteration_table(many),
        "fit": lambda: fit_table(1 if arguments.quick else 3),
        "small": lambda: small_table(2 if arguments.quick else 5),
        "imports": lambda: imports_table(2 if arguments.quick else 5),
        "memory": memory_table,
    }
    with threadpool_limits(1):
        results = {name: tables[name]() for name in wanted}
    missed = [name for name, reached in results.items() if not reached]
    print(f"\n{'All aims reached.' if not missed else 'Missed: ' + ', '.join(missed)}", flush=True)
    return int(bool(missed)) if arguments.as_is else int(bool(missed)) | without_avx512()


def without_avx512() -> int:
    """Run the same once more where NumPy and OpenBLAS may not use AVX-512; return its exit code."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    wide = [name for name in __cpu_dispatch__ if "512" in name or name == "X86_V4"]
    disabled = [name for name in wide if __cpu_features__[name]]
    if not disabled:
        return 0
    print("\n\nWithout AVX-512", flush=True)
    environment = {
        **os.environ,
        "NPY_DISABLE_CPU_FEATURES": " ".join(disabled),
        "OPENBLAS_CORETYPE": "Haswell",
    }
    command = [sys.executable, __file__, *sys.argv[1:], "--as-is"]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
