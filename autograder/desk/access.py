"""Who may ask the desk for something, and what every answer carries.

Asked for are: an address of our own (no other name leads here, so that no foreign page can rebind its name to
this machine), a page of our own as the origin of whatever changes something, and the person who started it.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from tornado.web import HTTPError, RequestHandler

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.course.seed import read_seed
from autograder.desk.jobs.under_way import Jobs
from autograder.desk.words import here

HOURS = 12  # a sign-in lasts
SAFE = ("GET", "HEAD")
ASSIGNMENT = r"([A-Za-z0-9][A-Za-z0-9_-]{0,99})"
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
    "Server": "desk",
}


@dataclass
class Desk:
    """What all requests of one desk share: the course, the addresses it answers to, the jobs."""

    course: Course
    hosts: frozenset[str]  # "127.0.0.1:8899"
    origins: frozenset[str]  # "http://127.0.0.1:8899"
    prefix: str = "/"  # of every address; a Hub gives its services one
    visited: bool = False  # whether a person may come here from a page of another site, as by a Hub's sign-in
    jobs: Jobs = field(default_factory=Jobs)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)  # "" once it was used

    def __post_init__(self) -> None:
        """Read the course's settings once, before several threads ask for them at a time.

        Raises
        ------
        CourseError
            If they cannot be read.
        """
        _ = self.course.settings

    def spend(self, token: str) -> bool:
        """Return whether this is the token of the printed address, which counts once."""
        right = bool(self.token) and hmac.compare_digest(token.encode(), self.token.encode())
        if right:
            self.token = ""
        return right


def key_for(course: Course, purpose: str) -> bytes:
    """Return a key for one purpose; made of the secret seed, it survives a restart."""
    return hmac.digest(read_seed(course.seed), f"autograder.desk: {purpose}".encode(), "sha256")


def refuse_strangers(request: Any, desk: Desk, landing: bool = False) -> None:
    """Raise HTTPError for a foreign name, a foreign origin, or a request that another site's page makes.

    Parameters
    ----------
    landing : whether a link on another site may lead here
    """
    if request.headers.get_list("Host") != [request.host] or request.host.lower() not in desk.hosts:
        raise HTTPError(421, reason="Misdirected Request")
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.method not in SAFE:
        if request.headers.get("Origin", "") not in desk.origins or site not in ("same-origin", "none"):
            raise HTTPError(403, reason="Asked by another site")
    elif site not in ("same-origin", "none") and not landing:
        if desk.visited and request.headers.get("Sec-Fetch-Mode") == "navigate":
            return
        raise HTTPError(403, reason="Asked by another site")


class Handler(RequestHandler):
    """A request to the desk, refused unless it comes from the person who started it."""

    open_to_all = False
    landing = False

    @property
    def desk(self) -> Desk:
        """What all requests share."""
        desk: Desk = self.settings["desk"]
        return desk

    @property
    def course(self) -> Course:
        """The course."""
        return self.desk.course

    def set_default_headers(self) -> None:
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.policy()

    def policy(self, **changes: str) -> None:
        """Set what a page may load: our own script and style, nothing else."""
        policy = {**POLICY, **{name.replace("_", "-"): value for name, value in changes.items()}}
        text = "; ".join(f"{name} {value}" for name, value in policy.items())
        self.set_header("Content-Security-Policy", text)

    def get_current_user(self) -> str | None:
        name = self.settings["cookie"]
        value = self.get_signed_cookie(name, max_age_days=HOURS / 24)
        return value.decode() if value is not None else None

    def prepare(self) -> Any:
        refuse_strangers(self.request, self.desk, self.landing)
        if not self.open_to_all and not self.current_user:
            self.ask_to_sign_in()

    def ask_to_sign_in(self) -> None:
        """Refuse; a Hub leads to its own page instead."""
        raise HTTPError(403, reason="Not signed in")

    def xsrf_form(self) -> str:
        """Return what the pages' script sends along."""
        return self.xsrf_token.decode() if isinstance(self.xsrf_token, bytes) else str(self.xsrf_token)

    def assignment(self, name: str) -> str:
        """Return a released assignment's name, by lookup; 404 for any other."""
        if name not in self.course.assignments:
            raise HTTPError(404, reason="No such assignment")
        return name

    def address(self, path: str) -> str:
        """Return an address of the desk."""
        return self.desk.prefix + path.lstrip("/")

    def get_template_namespace(self) -> dict[str, Any]:
        shared = {"address": self.address, "course": self.course, "xsrf": self.xsrf_form()}
        return {**super().get_template_namespace(), **shared}

    def tell(self, message: str, status: int = 200, **more: Any) -> None:
        """Answer a page's script."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(json.dumps({"message": message, **more}, ensure_ascii=False))

    def log_exception(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if not isinstance(error, HTTPError | CourseError | OSError):
            super().log_exception(kind, error, trace)

    def write_error(self, status_code: int, **details: Any) -> None:
        """Answer with a sentence: as JSON to a script, as a page to a person."""
        error = details.get("exc_info", (None, None, None))[1]
        message = _sentence(status_code, error)
        if isinstance(error, CourseError):
            self.set_status(422)
        elif isinstance(error, OSError):
            self.set_status(507)
        if self.request.method not in SAFE or "json" in self.request.headers.get("Accept", ""):
            self.tell(message, self.get_status())
        else:
            home = self.desk.prefix if self.current_user_quietly() else ""
            self.finish(self.render_string("problem.html", message=message, home=home))

    def current_user_quietly(self) -> bool:
        """Return whether somebody is signed in; an error of signing in is no."""
        try:
            return bool(self.current_user)
        except Exception:
            return False


SENTENCES = {
    400: "The request cannot be understood.",
    403: "You are not signed in here, or another page asked. Open the address that autograder serve printed, "
    "or type the command again for a new one.",
    404: "There is nothing at this address.",
    405: "This address does not do that.",
    408: "The file came too slowly. Try again.",
    413: "The file is too large.",
    421: "The desk answers to the address that autograder serve printed, and to no other name.",
    500: "Something went wrong. Nothing that was recorded is lost; the terminal says more.",
}


def _sentence(status: int, error: BaseException | None) -> str:
    if isinstance(error, HTTPError) and error.log_message:
        return error.log_message
    if isinstance(error, CourseError):
        return here(str(error))
    if isinstance(error, OSError):
        return f"{error.strerror or error}. Make room on the disk of the course; nothing recorded is lost."
    return SENTENCES.get(status, f"This did not work ({status}).")


class Login(Handler):
    """The printed address: its token is worth one signed cookie."""

    open_to_all = True
    landing = True

    def get(self) -> None:
        if not self.current_user:
            if not self.desk.spend(self.get_query_argument("token", "")):
                raise HTTPError(
                    403,
                    "This address was used already, or is not the one that was printed. Type autograder "
                    "serve again for a new one.",
                )
            self.set_signed_cookie(
                self.settings["cookie"],
                "instructor",
                expires_days=HOURS / 24,
                httponly=True,
                samesite="Strict",
                path=self.desk.prefix,
            )
        # A redirect would still belong to the site that led here, and would not carry the cookie.
        self.finish(self.render_string("signed_in.html"))


class Health(Handler):
    """Whether the desk answers."""

    open_to_all = True

    def get(self) -> None:
        self.finish("ok")


class Nothing(Handler):
    """Any other address."""

    def prepare(self) -> Any:
        super().prepare()
        raise HTTPError(404)
