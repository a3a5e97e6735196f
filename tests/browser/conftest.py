"""A real Chromium, the built book on a local server, and an eye on everything that must not happen."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser, expect

from book import build
from tests.support.watch import PATIENCE, Watch

expect.set_options(timeout=PATIENCE)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    sent: ClassVar[list[str]] = []

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        if code == http.HTTPStatus.OK:
            self.sent.append(self.path.rpartition("/")[2])

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="session")
def html() -> Path:
    """The folder of the built book."""
    assert build.build_book() == 0, "the strict build of the book has warnings: run `make book` to read them"
    return build.BUILD / "html"


@pytest.fixture(scope="session")
def site(html: Path) -> Iterator[str]:
    """Address of the book on this machine."""
    handler = functools.partial(_Quiet, directory=str(html))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def sent(site: str) -> list[str]:
    """Names of the files that the server has sent, and goes on to send; not of those that a browser kept."""
    return _Quiet.sent


@pytest.fixture
def watch(browser: Browser, site: str) -> Iterator[Watch]:
    """A fresh profile; the test fails if anything went wrong behind the scenes."""
    watcher = Watch(browser, site, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield watcher
    watcher.context.close()
    assert watcher.problems == []
