"""The desk as a service of a JupyterHub: the Hub says who somebody is, and by a role who may come in.

Imported only there: the package jupyterhub is the Hub's own.
"""

from __future__ import annotations

import os
import socket
from typing import Any
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuthCallbackHandler, HubOAuthenticated
from tornado.web import Application, HTTPError

from autograder.course.directory import Course
from autograder.desk.access import SAFE, Desk, Handler, Health, Nothing
from autograder.desk.links import origin_of
from autograder.desk.serve import application, bound, routes


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


def hub_desk(course: Course, address: str) -> tuple[Desk, Application, list[socket.socket]]:
    """Return the desk of the service that the Hub has started, and where it listens.

    Parameters
    ----------
    address : of the Hub, as people open it: requests to another name, or from a page elsewhere, are refused
    """
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    here = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    host, origin = origin_of(address)
    # The Hub itself asks at the service's own address whether it runs.
    desk = Desk(course, frozenset({host, here.netloc}), frozenset({origin}), prefix, visited=True)
    handlers: list[tuple[str, type[Any]]] = [("/healthz", Health), ("/oauth_callback", _Callback)]
    handlers += [(path, _by_hub(handler)) for path, handler in routes()]
    settings: dict[str, Any] = {"default_handler_class": _by_hub(Nothing)}
    return desk, application(desk, handlers, "desk", **settings), bound(here.port or 80)


def _by_hub(handler: type[Handler]) -> type[Handler]:
    """Return the same handler, signed in by the Hub."""
    return type(handler.__name__, (_ByHub, handler), {})
