"""Requests and answers of the PingPong sandbox, in the manner of Django REST framework (measured on 3.12 and 3.18)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.sandbox.slip import STILL, Slip

if TYPE_CHECKING:
    from bridge.sandbox.pingpong.fields import Field
    from bridge.sandbox.pingpong.world import World

HTML_404 = (
    '<!doctype html>\n<html lang="en">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n'
    "  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n"
)
"""Unknown routes never reach the API and answer with a page."""


@dataclass
class Call:
    """One authenticated request.

    Attributes:
        args: path parameters.
        read: decodes the body when a handler asks for it, so that an unknown object is told before a broken body.
        url: address of the request without query.
        page: the wanted page of a list.
        slip: how far the rows of a list have moved (a fault).
    """

    method: str
    args: Mapping[str, str]
    read: Callable[[], Any]
    url: str = ""
    page: int = 1
    slip: Slip = STILL


@dataclass(frozen=True)
class Reply:
    """An answer; ``payload`` None means an empty body."""

    status: int = 200
    payload: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """The request is answered with an error body.

    Args:
        status: HTTP status.
        body: the JSON body.
        headers: additional headers.
    """

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.body = body
        self.headers = headers or {}
        super().__init__(f"{status}: {body}")


class NoRoute(Exception):
    """The path belongs to nothing; the answer is an HTML page."""


def detail(status: int, text: str, headers: Mapping[str, str] | None = None) -> Refusal:
    """An error that concerns the request as a whole."""
    return Refusal(status, {"detail": text}, headers)


Handler = Callable[["World", Call], Reply]


@dataclass(frozen=True)
class Resource:
    """One path with its methods.

    Attributes:
        template: path with parameters in braces.
        handlers: by method. ``UPDATE`` stands for PUT and PATCH, as far as the settings allow them.
        title: name in the answer to OPTIONS.
        fields: what a body may hold; told by OPTIONS.
    """

    template: str
    handlers: Mapping[str, Handler]
    title: str
    fields: Callable[[World], tuple[Field, ...]] | None = None

    def allowed(self, update_methods: Iterable[str]) -> list[str]:
        """The methods of this path, as the ``Allow`` header lists them."""
        methods: list[str] = []
        for method in self.handlers:
            methods += list(update_methods) if method == "UPDATE" else [method]
        order = ("GET", "POST", "PUT", "PATCH", "DELETE")
        found = [method for method in order if method in methods]
        return [*found, *(["HEAD"] if "GET" in found else []), "OPTIONS"]

    def handler(self, method: str) -> Handler:
        """The handler of an allowed method."""
        wanted = {"HEAD": "GET", "PUT": "UPDATE", "PATCH": "UPDATE"}.get(method, method)
        return self.handlers[wanted]


class Router:
    """Finds the resource of a path. Fixed paths win over parameters; a trailing slash belongs to no route."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        ordered = sorted(resources, key=lambda resource: resource.template.count("{"))
        self._routes = [
            (re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", resource.template) + r"\Z"), resource)
            for resource in ordered
        ]

    def find(self, path: str) -> tuple[Resource, dict[str, str]]:
        """The resource and its path parameters; raises NoRoute."""
        for pattern, resource in self._routes:
            match = pattern.match(path)
            if match:
                return resource, match.groupdict()
        raise NoRoute(path)
