"""Requests and answers of the Statuspage sandbox without a web framework: routes as data, bodies, errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bridge.sandbox.slip import STILL, Slip

if TYPE_CHECKING:
    from bridge.sandbox.statuspage.world import World


@dataclass(frozen=True)
class Call:
    """One authenticated request.

    Attributes:
        args: path parameters by name.
        query: the first value of each query parameter.
        body: the decoded body: nested mappings for JSON and for forms, None without one.
        form: whether the body was form-encoded; its booleans and numbers are text then.
        slip: how far the rows of a list have moved (a fault).
    """

    method: str
    path: str
    args: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: bool = False
    slip: Slip = STILL

    def wrapped(self, name: str) -> dict[str, Any]:
        """The object inside the body's wrapper, which almost every Statuspage body has.

        Raises:
            Refusal: 400 if the wrapper is missing, 422 if it holds no object.
        """
        if not isinstance(self.body, Mapping) or name not in self.body:
            raise Refusal(400, [(name, "param is missing or the value is empty")])
        inner = self.body[name]
        if not isinstance(inner, Mapping):
            raise Refusal(422, [(name, "is invalid")])
        return dict(inner)

    def bare(self) -> dict[str, Any]:
        """A body without wrapper; an absent body counts as an empty one."""
        if self.body is None:
            return {}
        if not isinstance(self.body, Mapping):
            raise Refusal(400, [("", "The request body must be an object")])
        return dict(self.body)


@dataclass(frozen=True)
class Reply:
    """An answer. ``payload`` None means an empty body."""

    status: int = 200
    payload: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """The request is answered with an error.

    Args:
        status: HTTP status.
        problems: pairs of field (empty for none) and what is wrong with it.
        headers: additional headers of the answer.
    """

    def __init__(self, status: int, problems: list[tuple[str, str]], headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.problems = problems
        self.headers = headers or {}
        super().__init__(f"{status}: {problems}")

    def payload(self, shape: str) -> dict[str, Any]:
        """The error body. Statuspage uses the key ``error``; its value was seen and reported in three shapes.

        Args:
            shape: ``list``, ``string`` or ``object``; a problem of no field is a string in every shape.
        """
        sentences = [f"{name.replace('_', ' ').capitalize()} {text}" if name else text for name, text in self.problems]
        if len(self.problems) == 1 and not self.problems[0][0]:
            return {"error": sentences[0]}
        if shape == "string":
            return {"error": ", ".join(sentences)}
        if shape == "object":
            by_field: dict[str, list[str]] = {}
            for name, text in self.problems:
                by_field.setdefault(name or "base", []).append(text)
            return {"error": by_field}
        return {"error": sentences}


def not_found() -> Refusal:
    """The answer to an unknown page, object or route."""
    return Refusal(404, [("", "not found")])


Handler = Callable[["World", Call], Reply]


@dataclass(frozen=True)
class Route:
    """Methods and path template of one operation or of two that share a contract (PATCH and PUT)."""

    methods: str
    template: str
    handler: Handler


class Router:
    """Finds the handler of a request. Fixed segments win over parameters, as ``/incidents/unresolved`` needs."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._by_length: dict[tuple[str, int], list[tuple[re.Pattern[str], Handler]]] = {}
        for route in sorted(routes, key=lambda route: route.template.count("{")):
            pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.template) + r"\Z")
            for method in route.methods.split():
                key = (method, route.template.count("/"))
                self._by_length.setdefault(key, []).append((pattern, route.handler))

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """The handler and the path parameters; a ``.json`` suffix is accepted.

        Raises:
            Refusal: 404 if nothing matches.
        """
        plain = path.removesuffix(".json")
        for pattern, handler in self._by_length.get((method, plain.count("/")), ()):
            match = pattern.match(plain)
            if match:
                return handler, match.groupdict()
        raise not_found()


_KEY = re.compile(r"\[([^\]]*)\]")


def parse_form(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Nested form syntax: ``incident[name]=x``, ``incident[component_ids][]=id``, ``incident[components][id]=s``."""
    result: dict[str, Any] = {}
    for key, value in pairs:
        path = [key.split("[", 1)[0], *_KEY.findall(key)]
        as_list = path[-1] == ""
        if as_list:
            path.pop()
        node: Any = result
        for part in path[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise Refusal(400, [(key, "is malformed")])
        if as_list:
            items = node.setdefault(path[-1], [])
            if not isinstance(items, list):
                raise Refusal(400, [(key, "is malformed")])
            items.append(value)
        else:
            node[path[-1]] = value
    return result
