"""Calls that are no plain verb, declared in one line each as an attribute of their resource.

::

    class Subscribers(Crud[Subscriber]):
        path = "/pages/{page_id}/subscribers"
        unsubscribed = Rows(Subscriber, "/unsubscribed")          # Iterator[Subscriber], page by page
        histogram = One(Histogram, "GET", "/histogram_by_state")  # Histogram
        resend = Nothing("POST", "/{id}/resend_confirmation")     # None

    client.subscribers.resend("8kbf7d35c070")

Positional arguments fill the ``{names}`` of the action's own part of the path, in order. Keywords are ids of the path,
and otherwise fields (where the call has a body) or filters; a mapping in the last place is sent unchecked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, Protocol, Self, TypedDict, TypeVar, Unpack, overload

from bridge.providers.base.paging import Paging
from bridge.providers.base.paths import placeholders
from bridge.providers.base.resource import JsonObject, Resource
from bridge.providers.base.results import Record

V = TypeVar("V")
R = TypeVar("R", bound=Record)
T_co = TypeVar("T_co", covariant=True)


class Invoke(Protocol[T_co]):
    """An action of one resource, ready to be called."""

    def __call__(self, *parts: str | int | Mapping[str, Any], **names: Any) -> T_co:
        """Make the call.

        Args:
            parts: ids of the objects that the action's own part of the path names, in order; and last, if wanted, a
                mapping of fields or filters, which is sent unchecked.
            names: further ids of the path, and fields or filters.

        Raises:
            ProviderError: as the failure table says.
        """


class Sending(TypedDict, total=False):
    """How an action makes its call; see :class:`Action`."""

    wrap: str | None
    sends: bool | None
    fields: tuple[str, ...]
    needs: tuple[str, ...]


class Action(Generic[T_co]):
    """One call. What it gives is said by the subclass.

    Args:
        method: of HTTP.
        below: path below the resource's own.
        wrap: key around the body; None when the body is sent as it is.
        sends: whether keywords are fields of a body; by default they are in everything but GET and DELETE.
        fields: the fields or filters that are known; empty when any keyword goes.
        needs: those that must be there and not empty, because the call means something else without them.
    """

    def __init__(
        self,
        method: str,
        below: str = "",
        *,
        wrap: str | None = None,
        sends: bool | None = None,
        fields: tuple[str, ...] = (),
        needs: tuple[str, ...] = (),
    ) -> None:
        self.declared_call = (method, below)
        self.wrap = wrap
        self.sends = method not in ("GET", "DELETE") if sends is None else sends
        self.fields = fields
        self.needs = needs

    @overload
    def __get__(self, resource: None, owner: type[Resource[Any]]) -> Self: ...

    @overload
    def __get__(self, resource: Resource[Any], owner: type[Resource[Any]]) -> Invoke[T_co]: ...

    def __get__(self, resource: Resource[Any] | None, owner: type[Resource[Any]]) -> Self | Invoke[T_co]:
        return self if resource is None else self._bound(resource)

    def give(self, resource: Resource[Any], path: str, answer: Any) -> T_co:
        """What the caller gets."""
        raise NotImplementedError

    def _bound(self, resource: Resource[Any]) -> Invoke[T_co]:
        method = self.declared_call[0]

        def invoke(*parts: str | int | Mapping[str, Any], **names: Any) -> T_co:
            path, about, given = self._aim(resource, parts, names)
            if method == "GET":
                return self.give(
                    resource, path, resource.http.read(path, resource.asked(given, {}), about_object=about)
                )
            body = self._wrapped(resource.body(given, {})) if self.sends else None
            query = None if self.sends else resource.asked(given, {})
            return self.give(resource, path, resource.http.write(method, path, body, query, about_object=about))

        return invoke

    def _aim(
        self, resource: Resource[Any], parts: Sequence[str | int | Mapping[str, Any]], names: Mapping[str, Any]
    ) -> tuple[str, bool, JsonObject]:
        """The path, whether it names an object, and the fields or filters."""
        below = self.declared_call[1]
        ids = [part for part in parts if not isinstance(part, Mapping)]
        given: Mapping[str, Any] = next((part for part in parts if isinstance(part, Mapping)), {})
        wanted = placeholders(below)
        if len(ids) > len(wanted) or len(parts) - len(ids) > 1:
            takes = ", ".join([*wanted, "a mapping"])
            raise TypeError(f"{len(parts)} positional arguments were given; {below or 'this call'} takes {takes}")
        path, about, keywords = resource.aim(below, {**dict(zip(wanted, ids, strict=False)), **names})
        resource.check(keywords, self.fields, "field" if self.sends else "filter")
        whole = {**given, **keywords}
        lacking = [name for name in self.needs if not whole.get(name)]
        if lacking:
            raise TypeError(f"{' '.join(self.declared_call)} needs {' and '.join(lacking)}, and not empty")
        return path, about, whole

    def _wrapped(self, sent: JsonObject) -> Any:
        return {self.wrap: sent} if self.wrap else sent or None


class Typed(Action[T_co], Generic[V, T_co]):
    """Gives something of a class.

    Args:
        gives: the class.
        method: of HTTP.
        below: path below the resource's own.
        how: see :class:`Action`.
    """

    def __init__(self, gives: type[V], method: str, below: str = "", **how: Unpack[Sending]) -> None:
        super().__init__(method, below, **how)
        self.gives = gives


class One(Typed[R, R]):
    """Gives one object."""

    def give(self, resource: Resource[Any], path: str, answer: Any) -> R:
        """The object."""
        return resource.one(self.gives, self.declared_call[0], path, answer)


class Nothing(Action[None]):
    """Gives nothing, whatever the answer holds."""

    def give(self, resource: Resource[Any], path: str, answer: Any) -> None:
        """Nothing."""


class Value(Typed[V, V]):
    """Gives a value that is no object."""

    def give(self, resource: Resource[Any], path: str, answer: Any) -> V:
        """The answer's value, without the key around it."""
        found = answer.get(resource.unwrap) if resource.unwrap and isinstance(answer, dict) else answer
        if not isinstance(found, self.gives):
            raise resource.http.unusable(self.declared_call[0], path, f"{self.gives.__name__} was expected")
        return found


class Table(Typed[R, dict[str, list[R]]]):
    """Gives lists of objects by name; none where the answer does not say."""

    def give(self, resource: Resource[Any], path: str, answer: Any) -> dict[str, list[R]]:
        """The lists."""
        return resource.table(self.gives, self.declared_call[0], path, answer)


class Rows(Action[Iterator[R]]):
    """Gives a listing, page by page.

    Args:
        gives: class of its objects.
        below: path below the resource's own.
        paging: how the listing goes on; as the resource's other listings when left out.
        filters: the filters that are known; empty when any keyword goes.
    """

    def __init__(
        self, gives: type[R], below: str, *, paging: Paging | None = None, filters: tuple[str, ...] = ()
    ) -> None:
        super().__init__("GET", below, fields=filters)
        self.gives = gives
        self._paging = paging

    def _bound(self, resource: Resource[Any]) -> Invoke[Iterator[R]]:
        def invoke(*parts: str | int | Mapping[str, Any], **names: Any) -> Iterator[R]:
            per_page = names.pop("per_page", None)
            path, about, given = self._aim(resource, parts, names)
            query = {**resource.query, **resource.asked(given, {})}
            return resource.rows(self.gives, path, about, query, per_page, self._paging or resource.paging)

        return invoke
