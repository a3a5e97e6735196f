"""A real Chromium, the built book on a local server, and an eye on everything that must not happen."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from book import build


class _Quiet(http.server.SimpleHTTPRequestHandler):
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"] if root else [])
        yield chromium
        chromium.close()


class Watch:
    """A fresh browser profile that notes errors and requests to anywhere but the book's own server."""

    def __init__(self, browser: Browser, site: str, **options: Any) -> None:
        self.site = site
        self.problems: list[str] = []
        self.context: BrowserContext = browser.new_context(**options)
        self.context.route(lambda address: not address.startswith((site, "data:", "blob:")), self._refuse)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("response", self._response)

    def _refuse(self, route: Any) -> None:
        self.problems.append(f"foreign request: {route.request.url}")
        route.abort()

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.problems.append(f"console: {message.text}")

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status}: {response.url}")

    def open(self, name: str) -> Page:
        """Show a page of the book, all of it loaded."""
        self.page.goto(f"{self.site}/{name}.html")
        self.page.wait_for_load_state("load")
        return self.page


@pytest.fixture
def watch(browser: Browser, site: str) -> Iterator[Watch]:
    """A fresh profile; the test fails if anything went wrong behind the scenes."""
    watcher = Watch(browser, site, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    yield watcher
    watcher.context.close()
    assert watcher.problems == []
