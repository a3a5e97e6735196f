"""The desk's server: addresses, limits, and the loop that answers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import socket
import webbrowser
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, StaticFileHandler

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.files import replace_file
from autograder.desk import alike, by_hand, doing, pages, students, uploads
from autograder.desk.access import ASSIGNMENT, HEADERS, Desk, Handler, Health, Login, Nothing
from autograder.desk.links import origin_of

HERE = Path(__file__).parent
MAX_HEADER = 32_000  # bytes
MAX_BODY = 64_000  # bytes, uploads apart
MAX_CONNECTIONS = 200
IDLE = 75.0  # seconds that a connection may say nothing between two requests
QUEUE = 128  # connections that the system keeps waiting


class Static(StaticFileHandler):
    """Our own script and styles, for anybody: there is nothing of the course in them."""

    def set_default_headers(self) -> None:
        for name, value in HEADERS.items():
            self.set_header(name, value)

    @classmethod
    def get_absolute_path(cls, root: str, path: str) -> str:
        if path == "page.css":  # the look of feedback and class pages is the desk's as well
            root = str(HERE.parent / "reports")
        return super().get_absolute_path(root, path)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        folder = HERE.parent / "reports" if Path(absolute_path).name == "page.css" else HERE / "static"
        return super().validate_absolute_path(str(folder), absolute_path)


class Server(HTTPServer):
    """An HTTP server with so many connections at a time, and no more."""

    _open: list[Any]
    request_callback: Any  # the application

    def handle_stream(self, stream: Any, address: Any) -> None:
        """Serve a connection; if there are too many, the oldest ends: many idle ones keep nobody out.

        They end no upload either, as long as there is another connection that can end.
        """
        self._open = [other for other in getattr(self, "_open", []) if not other.closed()]
        if len(self._open) >= MAX_CONNECTIONS:
            uploads_under_way = self.request_callback.settings["uploading"]
            oldest = min(self._open, key=lambda other: other in uploads_under_way)
            self._open.remove(oldest)
            oldest.close()
        self._open.append(stream)
        super().handle_stream(stream, address)


def routes() -> list[tuple[str, type[Handler]]]:
    """Return the desk's addresses; {a} stands for an assignment's name."""
    found = [
        ("/", pages.Home),
        ("/a/{a}", pages.Assignment),
        ("/a/{a}/state", pages.State),
        ("/a/{a}/events", pages.Events),
        ("/a/{a}/collect", doing.Collect),
        ("/a/{a}/grade", doing.Grade),
        ("/a/{a}/regrade", doing.Regrade),
        ("/a/{a}/preview", doing.Preview),
        ("/a/{a}/stop", doing.Stop),
        ("/a/{a}/dismiss", doing.Dismiss),
        ("/a/{a}/due", doing.Due),
        ("/a/{a}/extend", doing.Extend),
        ("/a/{a}/exchange", doing.Exchange),
        ("/a/{a}/links", doing.Links),
        ("/a/{a}/export/([a-z]+)", doing.Export),
        ("/a/{a}/return/([a-z]+)", doing.Return),
        ("/a/{a}/similar", doing.Similar),
        ("/a/{a}/alike", alike.Alike),
        ("/a/{a}/comment", alike.Comment),
        ("/a/{a}/by-hand/([^/]{1,200})", by_hand.Question),
        ("/a/{a}/by-hand/([^/]{1,200})/answers", by_hand.Answers),
        ("/a/{a}/by-hand/([^/]{1,200})/answer/([0-9a-f]{16})", by_hand.Answer),
        ("/a/{a}/by-hand/([^/]{1,200})/answer/([0-9a-f]{16})/([0-9a-f]{64})", by_hand.Picture),
        ("/a/{a}/by-hand/([^/]{1,200})/points", by_hand.Points),
        ("/a/{a}/by-hand/([^/]{1,200})/rubric", by_hand.Rubric),
        ("/report/{a}.html", pages.Report),
        ("/feedback/([^/]{1,600})/{a}/[^/]+.html", pages.Feedback),
    ]
    return [(path.replace("{a}", ASSIGNMENT), handler) for path, handler in found]


def application(
    desk: Desk, handlers: Sequence[tuple[str, type[Any]]], cookie: str, **more: Any
) -> Application:
    """Return the application of one listener."""
    prefix = desk.prefix.rstrip("/")
    every: list[Any] = [(prefix + path, handler) for path, handler in handlers]
    every.append((prefix + r"/static/([a-z.-]+)", Static, {"path": str(HERE / "static")}))
    settings = {
        "desk": desk,
        "cookie": cookie,
        # Not the course's: a cookie of this desk, which whoever has the port later can see, opens no other.
        "cookie_secret": secrets.token_hex(32),
        "xsrf_cookies": True,
        "xsrf_cookie_name": f"{cookie}-xsrf",
        "xsrf_cookie_kwargs": {"httponly": True, "samesite": "Strict", "path": desk.prefix},
        "template_path": str(HERE / "templates"),
        "template_whitespace": "all",
        "default_handler_class": Nothing,
        "turns": asyncio.Semaphore(uploads.AT_ONCE),
        "uploading": set(),  # connections
        "locks": defaultdict(asyncio.Lock),
        "log_function": lambda handler: None,
        **more,
    }
    return Application(every, **settings)


def listening(app: Application, sockets: list[socket.socket], **limits: float) -> Server:
    """Start answering on sockets, within limits."""
    options: dict[str, Any] = {
        "max_header_size": MAX_HEADER,
        "max_body_size": MAX_BODY,
        "chunk_size": 65_536,
        "max_buffer_size": 1 << 20,
        "idle_connection_timeout": IDLE,
        "body_timeout": uploads.SECONDS + 5,
        **limits,
    }
    server = Server(app, **options)
    server.add_sockets(sockets)
    return server


def bound(port: int, address: str = "127.0.0.1") -> list[socket.socket]:
    """Return sockets that listen on a port; 0 lets the system choose.

    Raises
    ------
    CourseError
        If the port is taken.
    """
    try:
        return bind_sockets(port, address, backlog=QUEUE)
    except OSError as error:
        raise CourseError(
            f"Port {port} cannot be used ({error.strerror}). Name another: autograder serve --port {port + 1}"
        ) from error


def names_of(port: int) -> tuple[frozenset[str], frozenset[str]]:
    """Return hosts and origins under which a browser on this machine knows the desk."""
    hosts = frozenset(f"{name}:{port}" for name in ("127.0.0.1", "localhost"))
    return hosts, frozenset(f"http://{host}" for host in hosts)


def local_desk(course: Course, sockets: Sequence[socket.socket]) -> tuple[Desk, Application]:
    """Return the desk of whoever started it on this machine."""
    port = sockets[0].getsockname()[1]
    desk = Desk(course, *names_of(port))
    own = [("/login", Login), ("/healthz", Health)]
    return desk, application(desk, [*own, *routes()], f"desk-{port}")


def students_desk(desk: Desk, sockets: Sequence[socket.socket], address: str) -> tuple[Desk, Application]:
    """Return the listener where students hand in; `address` is what they open, "" on this machine."""
    if address:
        host, origin = origin_of(address)
        hosts, origins = frozenset({host}), frozenset({origin})
    else:
        hosts, origins = names_of(sockets[0].getsockname()[1])
    own = Desk(desk.course, hosts, origins, jobs=desk.jobs, token="")
    turns = asyncio.Semaphore(students.AT_ONCE)
    health: list[tuple[str, type[Handler]]] = [("/healthz", Health)]
    return own, application(
        own,
        [*health, *students.ROUTES],
        "hand-in",
        turns=turns,
        coming=Counter(),
        default_handler_class=students.Nothing,
    )


def students_sockets(address: str, port: int) -> list[socket.socket]:
    """Return where students are listened to: on the network only if the address is plain http there.

    An address that begins with https is a proxy's, which reaches this machine at the port.
    """
    if address.startswith("http://"):
        host, _ = origin_of(address)
        name, _, number = host.partition(":")
        return bound(int(number or 80), "127.0.0.1" if name in ("127.0.0.1", "localhost") else "")
    return bound(port)


@dataclass(frozen=True)
class Opened:
    """A desk that is about to answer."""

    desk: Desk
    app: Application
    sockets: list[socket.socket]
    address: str  # that a person opens

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.sockets[0].getsockname()[1])


def opened_here(course: Course, port: int) -> Opened:
    """Return the desk of whoever started it on this machine."""
    sockets = bound(port)
    desk, app = local_desk(course, sockets)
    own = sockets[0].getsockname()[1]
    return Opened(desk, app, sockets, f"http://127.0.0.1:{own}/login?token={desk.token}")


def serve(
    opening: Callable[[], Opened],
    open_browser: bool = False,
    for_students: str | None = None,
    say: Callable[[str], None] = print,
) -> int:
    """Answer until Ctrl-C; return 0.

    Parameters
    ----------
    opening : gives the desk, called where the loop runs
    for_students : address that students open to hand in; "" for the next port of this machine, None for none
    """
    logging.getLogger("tornado.access").setLevel(logging.ERROR)

    if for_students:
        origin_of(for_students)  # an address that is none ends here, before anything is said

    async def run() -> None:
        opened = opening()
        course = opened.desk.course
        uploads.tidy(course)
        say(f"The desk of {course.root} is at\n\n    {opened.address}\n")
        say("The address works once. Ctrl-C ends the desk." if opened.desk.token else "Ctrl-C ends the desk.")
        servers = [listening(opened.app, opened.sockets)]
        if for_students is not None:
            others = students_sockets(for_students, opened.port + 1)
            servers.append(listening(students_desk(opened.desk, others, for_students)[1], others))
            shown = for_students or f"http://127.0.0.1:{others[0].getsockname()[1]}"
            say(f"Students hand in at {shown}. Their links: autograder links ASSIGNMENT --address {shown}")
        leading = leading_to(opened) if open_browser else None
        if leading is not None:
            webbrowser.open(leading.as_uri())
        await _end()
        if leading is not None:
            leading.unlink(missing_ok=True)
        opened.desk.jobs.stop_all()
        for server in servers:
            server.stop()

    asyncio.run(run())
    say("The desk is closed. What was recorded is kept.")
    return 0


def leading_to(opened: Opened) -> Path:
    """Write a page that leads to the desk: a program's arguments are seen by everybody on the machine."""
    path = opened.desk.course.private / "open.html"
    there = escape(opened.address)
    text = f'<meta http-equiv="refresh" content="0; url={there}"><a href="{there}">The desk</a>'
    replace_file(path, f"<!doctype html>{text}\n", 0o600)
    return path


async def _end() -> None:
    """Wait for Ctrl-C, or for being told to end."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
