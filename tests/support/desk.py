"""A desk on a port of its own, asked as a browser asks it."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from autograder.course.directory import open_course
from autograder.desk import serve as server_of
from autograder.desk.access import Desk

PATIENCE = 1800.0  # seconds for an answer: a busy machine gives all of them, only later


@dataclass
class Answered:
    """An answer of the desk."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")

    @property
    def values(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Caller:
    """Who asks: by default a browser that has opened the printed address."""

    port: int
    desk: Desk
    cookies: dict[str, str] = field(default_factory=dict)
    xsrf: str = ""
    students: Any = None  # who asks the listener for students
    behind: str = ""  # the address that a browser has opened, where a server passes everything on

    @property
    def origin(self) -> str:
        return self.behind or f"http://127.0.0.1:{self.port}"

    def ask(
        self, method: str, path: str, body: bytes | Iterator[bytes] = b"", **headers: str | None
    ) -> Answered:
        """One request; a header of None is left out."""
        usual: dict[str, str | None] = {"Host": urlsplit(self.origin).netloc}
        if self.cookies:
            usual["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            usual |= {"Origin": self.origin, "X-XSRFToken": self.xsrf, "Sec-Fetch-Site": "same-origin"}
        usual |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            sent = {name: value for name, value in usual.items() if value is not None}
            connection.request(method, path, body=body, headers=sent)
            response = connection.getresponse()
            got = Answered(response.status, dict(response.getheaders()), response.read())
            for line in response.headers.get_all("Set-Cookie") or ():
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        finally:
            connection.close()
        matched = re.search(r'<meta name="xsrf" content="([^"]+)">', got.body.decode("utf-8", "replace"))
        self.xsrf = matched[1] if matched else self.xsrf
        return got

    def get(self, path: str, **headers: str | None) -> Answered:
        return self.ask("GET", path, **headers)

    def post(self, path: str, values: Any = None, **headers: str | None) -> Answered:
        return self.ask("POST", path, json.dumps(values if values is not None else {}).encode(), **headers)

    def upload(self, path: str, file: Path | bytes, name: str = "", **headers: str | None) -> Answered:
        content = file.read_bytes() if isinstance(file, Path) else file
        name = name or (file.name if isinstance(file, Path) else "class.zip")
        return self.ask("POST", f"{path}?name={quote(name)}", content, **headers)

    def sign_in(self) -> Caller:
        assert self.get(f"/login?token={self.desk.token}").status == 200
        self.get("/")
        return self

    def wait(self, assignment: str = "tiny") -> dict[str, Any]:
        """The last event of a job."""
        lines = self.get(f"/a/{assignment}/events").text.split("\n\n")
        last: dict[str, Any] = json.loads([line for line in lines if line][-1].removeprefix("data: "))
        return last


@contextmanager
def running(course: Path, for_students: str = "", **limits: float) -> Iterator[Caller]:
    """A desk that answers while the test runs, in a thread of its own; nobody is signed in.

    `students` of the caller asks the listener where students hand in: at the address `for_students`, if it is
    given, by way of a server that stands in front.
    """
    ready: list[Any] = []
    started = threading.Event()

    async def run() -> None:
        sockets, others = server_of.bound(0), server_of.bound(0)
        desk, app = server_of.local_desk(open_course(course), sockets)
        own, door = server_of.students_desk(desk, others, for_students)
        servers = [server_of.listening(app, sockets, **limits)]
        servers.append(server_of.listening(door, others, **limits))
        ended = asyncio.Event()
        ports = [each[0].getsockname()[1] for each in (sockets, others)]
        caller = Caller(ports[0], desk, students=Caller(ports[1], own, behind=for_students))
        ready.extend((caller, asyncio.get_running_loop(), ended))
        started.set()
        await ended.wait()
        desk.jobs.stop_all()
        for server in servers:
            server.stop()
            await server.close_all_connections()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert started.wait(60)
    caller, loop, ended = ready
    try:
        yield caller
    finally:
        end: Callable[[], None] = ended.set
        loop.call_soon_threadsafe(end)
        thread.join()
