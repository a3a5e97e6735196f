"""A parser that one student ends; light, since processes of their own import it."""

from __future__ import annotations

import os

from autograder.insight.parsing import Code, Package, code_of


def breaks(package: Package) -> dict[str, Code]:
    """Parse, unless the student "odd" is among them."""
    if "odd" in package:
        os._exit(1)
    return {name: code_of(sources) for name, sources in package.items()}
