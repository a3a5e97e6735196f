"""Runs students' code behind walls; see host.py for the trusted half and worker.py for the other one.

The names below are imported when they are asked for: `answers` alone, which the student's own check shares,
needs nothing but NumPy.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.sandbox.host import Pool, SandboxUnavailable
    from autograder.sandbox.limits import Limits
    from autograder.sandbox.session import Session

__all__ = ["Limits", "Pool", "SandboxUnavailable", "Session"]
_HOMES = {"Limits": "limits", "Pool": "host", "SandboxUnavailable": "host", "Session": "session"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
