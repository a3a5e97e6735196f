"""Which cells bind names only, so that a copy of the names before them tells all."""

from __future__ import annotations

import pytest

from autograder.sandbox.inside.cells import binds_only


@pytest.mark.parametrize(
    "source",
    [
        "",
        "# Your own experiments",
        "import numpy as np\nfrom math import log",
        "x = 3",
        "'Text.'",
        "def f(X, k=1, *, tol=1e-6) -> float:\n    X[0] = 1\n    return X.sum()",
        "check('em.e_step', e_step)",
        "if check('em.e_step', e_step):\n    plt.plot(X)",
        "if check('em.e_step', e_step) and check('em.m_step', m_step):\n    plt.plot(X)",
    ],
)
def test_these_bind_only(source: str) -> None:
    assert binds_only(source)


@pytest.mark.parametrize(
    "source",
    [
        "x.append(1)",
        "x[0] = 3",
        "x.y = 3",
        "x = f(3)",
        "x += 1",
        "del x",
        "%matplotlib inline",
        "def",
        "for i in x: i()",
        "@cache\ndef f(X): return X",
        "def f(X, k=g()): return X",
        "class A: x.append(1)",
        "check('a', make())",
        "if x.pop():\n    pass",
        "if check('a', f):\n    pass\nelse:\n    x.append(1)",
        "if check('a', f) and x.pop(): 1",
        "np.seterr(all='raise')",
        "(" * 10_000,
    ],
)
def test_these_may_do_more(source: str) -> None:
    assert not binds_only(source)
