"""Collections whose paths are data, and updates whose method is found out: PingPong documents neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, TypeVar, cast

from bridge.errors import Outcome, ProviderError
from bridge.providers.base.http import Http
from bridge.providers.base.paging import OnePage
from bridge.providers.base.resource import Creating, JsonObject, Listing, Names, Reading, Replacing, Resource, Updating
from bridge.providers.base.results import Record
from bridge.providers.pingpong.settings import ROUTES, UPDATE_METHODS

R_co = TypeVar("R_co", bound=Record, covariant=True)

_ONE = "/{id}"


class Routed(Resource[R_co]):
    """A collection whose path can be spelt otherwise.

    Attributes:
        route: name of its path among the routes.
        below: an action's own part of the path → the name of its last word among the routes.
        routes: how the paths are spelt.
    """

    route: ClassVar[str]
    below: ClassVar[Mapping[str, str]] = {}
    routes: ClassVar[Mapping[str, str]] = ROUTES

    @classmethod
    def at(cls, routes: Mapping[str, str]) -> type[Self]:
        """The same collection, with its paths spelt so."""
        if routes == cls.routes:
            return cls
        changed = {"path": cls.spelt(routes), "routes": routes, "__doc__": cls.__doc__}
        return cast(type[Self], type(cls.__name__, (cls,), changed))

    @classmethod
    def spelt(cls, routes: Mapping[str, str]) -> str:
        """The path by these routes."""
        return routes[cls.route]

    def aim(self, below: str, names: Names) -> tuple[str, bool, JsonObject]:
        """As everywhere, with the word at the end as it is spelt."""
        if below in self.below:
            below = f"{below.rpartition('/')[0]}/{self.routes[self.below[below]]}"
        return super().aim(below, names)


class PingPongResource(Routed[R_co], Listing[R_co], Reading[R_co], Creating[R_co], Updating[R_co], Replacing[R_co]):
    """A collection, in which nothing can be deleted.

    Whether an update is PATCH or PUT, the documentation does not tell, nor what a PUT does to the fields it leaves out.
    So :meth:`update` tries PATCH, and where only PUT is allowed it reads the object first and sends all of it.

    Attributes:
        references: fields that are whole objects when read and ids when written.
        quiet: whether a body must say that subscribers are not told; the documentation names no default.

    Args:
        http: the destination.
        methods: the methods to try for an update, in order.
        constants: see :class:`bridge.providers.base.resource.Resource`.
    """

    paging = OnePage()
    references: ClassVar[tuple[str, ...]] = ()
    quiet: ClassVar[bool] = False

    def __init__(self, http: Http, methods: Sequence[str] = UPDATE_METHODS["auto"], **constants: str) -> None:
        super().__init__(http, **constants)
        self.methods = tuple(methods)
        self._settled: dict[str, tuple[str, ...]] = {}

    def body(self, given: Mapping[str, Any] | None, keywords: Names) -> JsonObject:
        """The fields of a write; an object that was read stands for its id."""
        made = super().body(given, keywords)
        return {name: id_of(value) if name in self.references else value for name, value in made.items()}

    def wrapped(self, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The body as it is sent: where subscribers can be told, it says whether they are."""
        return {"notify_subscribers": False, **body} if self.quiet else body

    def completed(self, path: str, body: JsonObject) -> JsonObject:
        """The body as it is: only a PUT needs more, see :meth:`send_update`."""
        return body

    def send_update(self, path: str, sent: Mapping[str, Any], about: bool) -> tuple[str, str, Any]:
        """Make the call with the method that is allowed."""
        return self.send(path, sent, about, _ONE)

    def send(self, path: str, sent: Mapping[str, Any], about: bool, below: str) -> tuple[str, str, Any]:
        """A 405 proves that nothing happened, so the next method is tried, and then kept for this path."""
        methods = self._settled.get(below, self.methods)
        for method in methods:
            whole = self.whole(path, sent) if method == "PUT" and below == _ONE else sent
            try:
                answer = self.http.write(method, path, whole, about_object=about)
            except ProviderError as error:
                if error.status != 405 or error.outcome is not Outcome.NOT_DONE or method == methods[-1]:
                    raise
                continue
            self._settled[below] = (method,)
            return method, path, answer
        raise AssertionError("there is always a last method")

    def whole(self, path: str, sent: Mapping[str, Any]) -> Mapping[str, Any]:
        """What is sent, with the fields that it leaves out as they are now."""
        missing = [name for name in self.resets if name not in sent]
        if not missing:
            return sent
        row = self.single("GET", path, self.http.read(path, about_object=True))
        present = {name: row[name] for name in missing if row.get(name) is not None}
        return {**self.body(self.kept(row, present), {}), **sent}

    def kept(self, row: Mapping[str, Any], present: JsonObject) -> JsonObject:
        """Of the fields that were read, those that a PUT is to send along."""
        return present


def id_of(value: Any) -> Any:
    """The id of an object; anything else as it is."""
    return value["id"] if isinstance(value, Mapping) else value
