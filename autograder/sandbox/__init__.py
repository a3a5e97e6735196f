"""Runs students' code behind walls; see host.py for the trusted half and worker.py for the other one."""

from autograder.sandbox.host import Pool, SandboxUnavailable
from autograder.sandbox.limits import Limits
from autograder.sandbox.session import Session

__all__ = ["Limits", "Pool", "SandboxUnavailable", "Session"]
