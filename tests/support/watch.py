"""A browser window with an eye on everything that must not happen."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request

PATIENCE = 300_000  # ms for whatever must happen on a page: what does happen is not waited for
#: A machine with so little memory that a page keeps no second Python in waiting, which would cost each test
#: as much time as the first; a long call makes one all the same.
SMALL = "Object.defineProperty(navigator, 'deviceMemory', { value: 2 });"


class Watch:
    """A fresh browser profile that notes errors and requests to anywhere but the book's own server.

    Requests are watched and not intercepted, since that would turn the browser's cache off.
    """

    def __init__(self, browser: Browser, site: str, **options: Any) -> None:
        self.site = site
        self.problems: list[str] = []
        self.context: BrowserContext = browser.new_context(**options)
        self.context.on("request", self._request)
        self.context.set_default_timeout(PATIENCE)
        self.context.add_init_script(SMALL)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        self.page.on("response", self._response)

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.site, "data:", "blob:")):
            self.problems.append(f"foreign request: {request.url}")

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
