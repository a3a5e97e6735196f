"""The desk as a service of a JupyterHub: the Hub says who somebody is, and by a role who may come in.

Imported only there: the package jupyterhub is the Hub's own.
"""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from tornado.web import HTTPError

from autograder.course.directory import Course
from autograder.course.errors import CourseError
from autograder.desk.access import SAFE, Desk, Handler, Health, Nothing
from autograder.desk.links import origin_of
from autograder.desk.serve import Opened, application, bound, routes

ONLY_THERE = "--hub is for a service that a JupyterHub starts."
try:
    from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
except ModuleNotFoundError as error:
    raise CourseError(
        f"{ONLY_THERE} There is no package {error.name} here: install gmm-course beside it."
    ) from error


class _ByHub(HubOAuthenticated):
    """Signs in by the Hub, which also guards against requests of other pages by a token of its own."""

    def ask_to_sign_in(self) -> None:
        """Lead a person to the Hub's page; refuse a script, and who may not come in."""
        handler: Any = self
        if handler.request.method not in SAFE or handler.request.headers.get("Sec-Fetch-Mode") == "cors":
            raise HTTPError(403)
        handler.redirect(handler.get_login_url())


class _Callback(HubOAuthCallbackHandler):
    """Where the Hub sends a person back to."""


def opened_on_hub(course: Course, address: str) -> Opened:
    """Return the desk of the service that the Hub has started.

    Parameters
    ----------
    address : of the Hub, as people open it: requests to another name, or from a page elsewhere, are refused

    Raises
    ------
    CourseError
        If no Hub has started this.
    """
    if "JUPYTERHUB_SERVICE_URL" not in os.environ:
        raise CourseError(f"{ONLY_THERE} None has started this.")
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    here = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    host, origin = origin_of(address)
    # The Hub itself asks at the service's own address whether it runs.
    hosts = frozenset({host, here.netloc})
    desk = Desk(course, hosts, frozenset({origin}), prefix, visited=True, token="")
    handlers: list[tuple[str, type[Any]]] = [("/healthz", Health), ("/oauth_callback", _Callback)]
    handlers += [(path, _by_hub(handler)) for path, handler in routes()]
    app = application(desk, handlers, "desk", default_handler_class=_by_hub(Nothing))
    return Opened(desk, app, bound(here.port or 80), f"{origin}{prefix}")


def _by_hub(handler: type[Handler]) -> type[Handler]:
    """Return the same handler, signed in by the Hub."""
    return type(handler.__name__, (_ByHub, handler), {})
