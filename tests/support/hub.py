"""A running JupyterHub on a machine of its own, and people who follow the guide there."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, expect

from tests.support.guide import Printed, Step, Typed
from tests.support.machine import Machine
from tests.support.watch import PATIENCE

GRADER = "grader-fall"
PASSWORD = "correct horse battery"
PROXY = "/opt/proxy/node_modules/.bin/configurable-http-proxy"
#: What the guide leaves to the place: how people sign in; and ports that nothing else uses.
HERE = """\
load_subconfig("/etc/jupyterhub/jupyterhub_config.py")
c.JupyterHub.bind_url = "http://127.0.0.1:{ports[0]}"
c.JupyterHub.hub_port = {ports[1]}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{ports[2]}"
c.ConfigurableHTTPProxy.command = ["/opt/proxy/bin/node", "{proxy}"]
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = "{password}"
c.Spawner.start_timeout = c.Spawner.http_timeout = 300
"""
#: Lines that tests/support/hub_environment.py stands for: it installs the same packages from lock files.
INSTALLED = {
    "git clone https://example.org/gmm-course.git /opt/gmm-course",
    "/opt/gmm-course/tools/system-packages course",
    "python3 -m venv /opt/jupyterhub",
    "/opt/jupyterhub/bin/pip install jupyterhub jupyterlab '/opt/gmm-course[grade]'",
    "npm install --global configurable-http-proxy",
    "python3 -m venv /opt/ngshare",
    "/opt/ngshare/bin/pip install ngshare==0.6.0 'sqlalchemy<2' 'alembic<1.15'",
    "/opt/jupyterhub/bin/pip install --no-deps ngshare_exchange==0.5.3 rapidfuzz",
}


@dataclass
class Campus:
    """The people of a course on a Hub: their accounts, their browsers, and what commands told them."""

    computer: Machine
    browser: Browser
    start: Callable[[], str]  # the Hub, with the settings that are there by then; gives its address
    happens: Mapping[str, Callable[[Campus], None]]  # what a page of the guide leaves to people
    replace: Mapping[str, str] = field(default_factory=dict)  # in what the guide prints: addresses, ports
    as_in_lab: bool = False  # commands know the Hub's tokens, as in a terminal of somebody's server
    site: str = ""
    said: dict[str, list[str]] = field(default_factory=dict)  # by the line that was typed
    pages: dict[str, Page] = field(default_factory=dict)
    folder: str = ""  # of whoever grades, below the home

    def follow(self, steps: Sequence[Typed | Printed | Step]) -> None:
        """Do what the guide says, in its order."""
        for step in steps:
            if isinstance(step, Printed):
                self.write(step)
            elif isinstance(step, Step):
                self.site = self.site or self.start()
                self.happens[step.what](self)
            elif step.line.startswith("cd "):
                self.folder = step.line.removeprefix("cd ")
            elif step.line not in INSTALLED:
                self.type(step)

    def write(self, file: Printed) -> None:
        """Write a file that the guide prints, as whoever's home it lies in."""
        before = self.computer.path(file.path).read_text("utf-8") if file.at_end else ""
        text = file.text
        for old, new in self.replace.items():
            text = text.replace(old, new)
        owner = GRADER if file.path.startswith(f"/home/{GRADER}") else "root"
        self.computer.write(owner, file.path, before + text)

    def type(self, typed: Typed) -> None:
        """Type a line, which must succeed."""
        line = typed.line
        if self.as_in_lab and self.site and typed.account == GRADER:
            line = f"{self.tokens(typed.account)} {line}"
        done = self.computer.run(typed.account, line, self.folder if typed.account == GRADER else "")
        assert done.returncode == 0, f"{typed.account}$ {typed.line}\n{done.stdout}\n{done.stderr}"
        self.said.setdefault(typed.line, []).append(done.stdout)

    def tokens(self, account: str) -> str:
        """Return the Hub's variables of somebody's server, as words before a command."""
        for place in self.computer.path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                words = [
                    word for word in place.read_text("utf-8").split("\0") if word.startswith("JUPYTERHUB_")
                ]
                service = any(word.startswith("JUPYTERHUB_SERVICE_NAME=") for word in words)
                if f"JUPYTERHUB_USER={account}" in words and not service:
                    return " ".join(
                        f"{name}='{value}'" for name, _, value in (w.partition("=") for w in words)
                    )
        raise AssertionError(f"no server of {account} is running")

    def page(self, account: str) -> Page:
        """Return somebody's browser, signed in at the Hub."""
        if account not in self.pages:
            context = self.browser.new_context(viewport={"width": 1280, "height": 900})
            context.set_default_timeout(PATIENCE)
            page = self.pages[account] = context.new_page()
            page.goto(f"{self.site}/hub/login?next=%2Fhub%2Fhome")
            page.get_by_label("Username").fill(account)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/hub/home")
        return self.pages[account]

    def lab(self, account: str, owner: str = "") -> Page:
        """Show JupyterLab of somebody, or of another whose server they may use."""
        page = self.page(account)
        if f"/user/{owner or account}/lab" not in page.url:
            self.open(account, f"/hub/spawn/{owner or account}", "#jp-MainMenu")
        return page

    def open(self, account: str, path: str, sign: str) -> Page:
        """Open a page, which the Hub may ask about first; `sign` selects what shows that it is there."""
        page = self.page(account)
        page.goto(self.site + path)
        there, authorize = page.locator(sign).first, page.get_by_role("button", name="Authorize")
        expect(there.or_(authorize).first).to_be_visible()
        if authorize.is_visible():
            authorize.click()
        expect(there).to_be_visible()
        return page

    def leave(self) -> None:
        """Close all browsers."""
        for page in self.pages.values():
            page.context.close()


def choose(page: Page, entry: str) -> None:
    """Choose an entry of JupyterLab's menu Nbgrader."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{entry}$")).click()


# --------------------------------------------------------------------------- the Hub itself


def free_ports(number: int) -> list[int]:
    """Return ports of this machine that nothing listens on."""
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def addresses() -> dict[str, str]:
    """Return what stands in the place of the guide's addresses: of the Hub, of the desk, of ngshare."""
    hub, desk, ngshare = free_ports(3)
    return {"https://hub.example.org": f"http://127.0.0.1:{hub}", "8899": str(desk), "10101": str(ngshare)}


@contextmanager
def hub_on(computer: Machine, log: Path, site: str) -> Iterator[Callable[[], str]]:
    """Give a function that starts the Hub at an address and returns it; it ends with the block."""
    running: list[subprocess.Popen[bytes]] = []

    def start() -> str:
        ports = [site.rpartition(":")[2], *free_ports(2)]
        text = HERE.format(ports=ports, password=PASSWORD, proxy=PROXY)
        computer.write("root", "/srv/jupyterhub/here.py", text)
        command = computer.command("root", "cd /srv/jupyterhub && exec jupyterhub -f here.py")
        with log.open("w") as stream:
            running.append(subprocess.Popen(command, stdout=stream, stderr=stream))
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline and running[-1].poll() is None:
            with suppress(URLError, ConnectionError), urlopen(f"{site}/hub/login", timeout=300):
                return site
            time.sleep(0.1)
        raise AssertionError(log.read_text("utf-8")[-3000:])

    try:
        yield start
    finally:
        for process in running:
            process.kill()
            process.wait()
