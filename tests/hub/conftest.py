"""A machine with a JupyterHub installed on it, and a real Chromium."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.support import hub_environment
from tests.support.machine import Machine, machine, why_not
from tests.support.watch import PATIENCE

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="module")
def computer() -> Iterator[Machine]:
    """A machine as it is when an administrator has installed everything: the environments are in /opt."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    try:
        shown = {
            hub_environment.hub(): "/opt/jupyterhub",
            hub_environment.ngshare(): "/opt/ngshare",
            hub_environment.proxy(): "/opt/proxy",
        }
    except hub_environment.NotInstalledError as error:
        pytest.skip(f"what a Hub needs cannot be installed here: {error}")
    with machine(shown) as running:
        yield running
