"""An import of gmmlib runs downwards, or to the right on its own floor; none hides inside a function."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

GMMLIB = Path(__file__).parents[3] / "gmmlib"
FLOORS = (
    ("explore", "scenes", "gaussian_mixture", "_estimator"),
    ("distributed", "online", "missing", "labels", "selection", "collapse"),
    ("plot",),
    ("em",),
    ("starts", "squarem"),
    ("loop", "cures", "stopping"),
    ("blocked", "features"),
    ("statistics", "mixture", "gaussian", "covariance", "kmeans", "datasets", "_checks", "errors"),
)
ON_DEMAND = {("selection", "plot")}  # matplotlib is loaded when a picture is asked for
ORDER = [module for floor in FLOORS for module in floor]


def imported(node: ast.AST) -> set[str]:
    """Modules of gmmlib that a statement imports."""
    if isinstance(node, ast.ImportFrom) and node.module == "gmmlib":
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gmmlib."):
        return {node.module.split(".")[1]}
    return set()


def test_every_module_stands_on_a_floor():
    assert sorted(ORDER) == sorted(path.stem for path in GMMLIB.glob("*.py") if path.stem != "__init__")


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_what_stands_below_or_to_its_right(module):
    tree = ast.parse((GMMLIB / f"{module}.py").read_text(encoding="utf-8"))
    at_top = set().union(*map(imported, tree.body))
    anywhere = set().union(*map(imported, ast.walk(tree)))
    assert not [other for other in at_top if ORDER.index(other) <= ORDER.index(module)]
    assert {(module, other) for other in anywhere - at_top} <= ON_DEMAND
