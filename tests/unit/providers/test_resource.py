"""Declared resources: paths, wrappers, ids, pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from scripted_server import Reaction, Scripted, answer, scripted

from bridge.errors import Down, Gone, Outcome, Refused
from bridge.model.facts import Call
from bridge.providers.base.actions import One
from bridge.providers.base.failures import Failures
from bridge.providers.base.http import Address, Http
from bridge.providers.base.paging import CountedPages, LinkedPages, NoPaging, OnePage, Paging
from bridge.providers.base.resource import Creating, Crud, JsonObject, Listing, Viewing
from bridge.providers.base.results import Record
from bridge.providers.statuspage import resources as statuspage
from bridge.secret import Secret
from bridge.testing.stage import CountingBudget


class Things(Crud):
    path = "/pages/{page}/things"
    wrap = "thing"
    publish = One(Record, "PUT", "/{id}/publish")
    totals = One(Record, "GET", "/count")


class Notes(Listing, Creating):
    path = "/things/{thing}/notes"


class Wrapped(Crud):
    path = "/things"
    unwrap = "data"
    update_method = "PUT"


class Status(Viewing):
    path = "/status"


def http_to(server: Scripted) -> Http:
    calls: list[Call] = []
    return Http(Address(server.url, Secret("token")), Failures(), CountingBudget(), calls.append)


def asked(server: Scripted) -> list[str]:
    return [request.split(b" HTTP/", 1)[0].decode() for request in server.requests]


def queries(server: Scripted) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(line.split(" ")[1]).query) for line in asked(server)]


def test_a_declaration_is_all_it_takes() -> None:
    with scripted(answer({"id": "7", "name": "x"})) as server:
        things = Things(http_to(server), page="p1")
        things.get("7")
        things.create({"name": "x"})
        things.update("7", {"name": "y"})
        things.publish("7", now=True)
        things.totals()
        things.remove("7")
    assert asked(server) == [
        "GET /pages/p1/things/7",
        "POST /pages/p1/things",
        "PATCH /pages/p1/things/7",
        "PUT /pages/p1/things/7/publish",
        "GET /pages/p1/things/count",
        "DELETE /pages/p1/things/7",
    ]
    assert server.requests[1].endswith(b'{"thing": {"name": "x"}}')
    assert server.requests[3].endswith(b'{"now": true}')


def test_the_operations_of_a_declaration_can_be_held_against_a_specification() -> None:
    assert set(Things.operations()) == {
        ("GET", "/pages/{page}/things"),
        ("POST", "/pages/{page}/things"),
        ("GET", "/pages/{page}/things/{id}"),
        ("PATCH", "/pages/{page}/things/{id}"),
        ("DELETE", "/pages/{page}/things/{id}"),
        ("PUT", "/pages/{page}/things/{id}/publish"),
        ("GET", "/pages/{page}/things/count"),
    }
    assert ("PUT", "/things/{id}") in Wrapped.operations()
    assert set(Status.operations()) == {("GET", "/status")}
    assert ("GET", "/pages/{page_id}/incidents/unresolved") in statuspage.Incidents.operations()


@pytest.mark.parametrize(("identity", "path"), [("a/b", "a%2Fb"), ("a b?c#d", "a%20b%3Fc%23d"), ("ü", "%C3%BC")])
def test_an_id_is_one_segment_of_the_path_whatever_is_in_it(identity: str, path: str) -> None:
    with scripted(answer({"id": 1})) as server:
        Things(http_to(server), page="p").get(identity)
    assert asked(server) == [f"GET /pages/p/things/{path}"]


@pytest.mark.parametrize("identity", ["", ".", ".."])
def test_an_id_that_would_mean_the_collection_or_its_parent_is_never_sent(identity: str) -> None:
    with scripted(answer({"id": 1})) as server, pytest.raises(ValueError, match="cannot be an id"):
        Things(http_to(server), page="p").remove(identity)
    assert server.requests == []


def test_404_is_gone_for_an_object_and_for_what_belongs_to_one_but_not_for_a_collection() -> None:
    with scripted(answer({"error": "no"}, 404)) as server:
        http = http_to(server)
        for ask in (
            lambda: Things(http, page="p").get("1"),
            lambda: Things(http, page="p").update("1", {}),
            lambda: Things(http, page="p").remove("1"),
            lambda: Notes(http).create({}, thing="1"),
            lambda: list(Notes(http).list(thing="1")),
        ):
            with pytest.raises(Gone):
                ask()
        with pytest.raises(Refused):
            Things(http, page="p").create({})
        with pytest.raises(Down):
            list(Things(http, page="p").list())


@pytest.mark.parametrize("body", [[], None, "text", {"data": []}, {"data": None}, {"other": {"id": 1}}, {"data": {}}])
def test_a_creation_with_an_answer_of_the_wrong_shape_is_in_doubt(body: Any) -> None:
    with scripted(answer(body, 201)) as server, pytest.raises(Down) as caught:
        Wrapped(http_to(server)).create({})
    assert caught.value.outcome is Outcome.UNKNOWN
    assert len(server.requests) == 1


def test_a_row_that_lacks_a_part_is_a_strange_answer_and_no_crash() -> None:
    class Shaped(Wrapped):
        def shape(self, row: JsonObject, answer: Any) -> JsonObject:
            return {"id": row["attributes"]["id"]}

    with scripted(answer({"data": {"id": 1}})) as server, pytest.raises(Down, match="lacks a part"):
        Shaped(http_to(server)).get("1")


def rows(*ids: int) -> list[dict[str, int]]:
    return [{"id": number} for number in ids]


def listed(paging: Paging, *pages: Any, query: dict[str, str] | None = None) -> tuple[list[int], Scripted]:
    resource = type("Paged", (Listing,), {"path": "/rows", "paging": paging})
    reactions: list[Reaction] = [answer(page) for page in pages]
    with scripted(*reactions) as server:
        found = [row["id"] for row in resource(http_to(server)).list(query)]
    return found, server


def test_bare_lists_end_with_a_page_that_is_not_full() -> None:
    found, server = listed(Paging(limit=2), rows(1, 2), rows(3, 4), rows(5))
    assert found == [1, 2, 3, 4, 5]
    assert queries(server) == [{"page": [str(number)], "per_page": ["2"]} for number in (1, 2, 3)]


def test_the_first_page_may_be_page_zero_and_the_size_may_have_another_name() -> None:
    _, server = listed(Paging(size="limit", first=0, limit=2), rows(1, 2), [])
    assert queries(server) == [{"page": ["0"], "limit": ["2"]}, {"page": ["1"], "limit": ["2"]}]


def test_the_query_goes_with_every_page() -> None:
    _, server = listed(Paging(limit=1), rows(1), rows(2), [], query={"q": "x"})
    assert all(query["q"] == ["x"] for query in queries(server))


def test_counted_pages_end_with_their_count_even_when_the_last_is_full() -> None:
    page = {"meta": {"pagination": {"total_pages": 2}}}
    found, server = listed(CountedPages(limit=2), {"data": rows(1, 2), **page}, {"data": rows(3, 4), **page})
    assert found == [1, 2, 3, 4]
    assert len(server.requests) == 2


def test_linked_pages_end_without_a_link_even_when_the_server_gives_fewer_rows_than_asked_for() -> None:
    found, server = listed(LinkedPages(), {"data": rows(1), "links": {"next": "/rows?page=2"}}, {"data": rows(2)})
    assert found == [1, 2]
    assert [query["page"] for query in queries(server)] == [["1"], ["2"]]


def test_a_single_list_is_asked_for_without_parameters_and_may_come_in_an_envelope() -> None:
    found, server = listed(OnePage(), rows(1, 2))
    assert (found, asked(server)) == ([1, 2], ["GET /rows"])
    found, server = listed(OnePage(), {"results": rows(1), "next": "x"}, {"results": rows(2), "next": None})
    assert (found, asked(server)) == ([1, 2], ["GET /rows", "GET /rows?page=2"])
    found, server = listed(NoPaging(), rows(1))
    assert (found, asked(server)) == ([1], ["GET /rows"])


def test_a_server_that_ignores_the_page_number_does_not_make_an_endless_list() -> None:
    found, server = listed(Paging(limit=2), rows(1, 2))
    assert found == [1, 2]
    assert len(server.requests) == 2


def test_a_row_that_moved_to_the_next_page_meanwhile_comes_once() -> None:
    found, _ = listed(Paging(limit=2), rows(1, 2), rows(2, 3), [])
    assert found == [1, 2, 3]


def test_pages_are_fetched_only_as_they_are_needed() -> None:
    resource = type("Paged", (Listing,), {"path": "/rows", "paging": Paging(limit=1)})
    with scripted(answer(rows(1)), answer(rows(2)), answer([])) as server:
        assert next(resource(http_to(server)).list())["id"] == 1
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", [{}, {"data": 1}, "x", None, [1]])
def test_an_answer_that_is_no_list_is_a_strange_answer(body: Any) -> None:
    with pytest.raises(Down) as caught:
        listed(Paging(), body)
    assert caught.value.outcome is Outcome.NOT_DONE


def test_a_thing_of_which_there_is_one_is_viewed() -> None:
    with scripted(answer({"status": "fine"})) as server:
        assert Status(http_to(server)).view() == {"status": "fine"}
