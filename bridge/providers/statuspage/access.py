"""Who may see a page that is not for everybody (Statuspage REST API v1).

The lists of components and metrics have the methods the other way round than habit says: PATCH and PUT *add*, POST
*replaces*, and a DELETE without a body empties the list. The names here say what happens.
"""

from __future__ import annotations

from bridge.providers.base.actions import One
from bridge.providers.base.resource import Crud, Listing, Removing, Replacing
from bridge.providers.statuspage.metric_records import Metric
from bridge.providers.statuspage.people_records import PageAccessGroup, PageAccessUser
from bridge.providers.statuspage.records import Component

_COMPONENTS, _METRICS = ("component_ids",), ("metric_ids",)


class PageAccessUsers(Crud[PageAccessUser], Replacing[PageAccessUser]):
    """People who may see the page."""

    path = "/pages/{page_id}/page_access_users"
    wrap = "page_access_user"
    filters = ("email",)
    fields = ("external_login", "email", "page_access_group_ids", "subscribe_to_components")


class PageAccessGroups(Crud[PageAccessGroup], Replacing[PageAccessGroup]):
    """Groups of such people."""

    path = "/pages/{page_id}/page_access_groups"
    wrap = "page_access_group"
    fields = ("name", "external_identifier", "component_ids", "metric_ids", "page_access_user_ids")


class PageAccessUserComponents(Listing[Component], Removing[Component]):
    """Components that one user may see. ``assign`` sets the list, ``add`` and ``put`` add to it."""

    path = "/pages/{page_id}/page_access_users/{page_access_user_id}/components"

    assign = One(PageAccessUser, "POST", fields=_COMPONENTS, needs=_COMPONENTS)
    add = One(PageAccessUser, "PATCH", fields=_COMPONENTS, needs=_COMPONENTS)
    put = One(PageAccessUser, "PUT", fields=_COMPONENTS, needs=_COMPONENTS)
    discard = One(PageAccessUser, "DELETE", sends=True, fields=_COMPONENTS, needs=_COMPONENTS)
    clear = One(PageAccessUser, "DELETE")


class PageAccessGroupComponents(Listing[Component], Removing[Component]):
    """Components that one group may see. ``assign`` sets the list, ``add`` and ``put`` add to it."""

    path = "/pages/{page_id}/page_access_groups/{page_access_group_id}/components"

    assign = One(PageAccessGroup, "POST", fields=_COMPONENTS, needs=_COMPONENTS)
    add = One(PageAccessGroup, "PATCH", fields=_COMPONENTS, needs=_COMPONENTS)
    put = One(PageAccessGroup, "PUT", fields=_COMPONENTS, needs=_COMPONENTS)
    discard = One(PageAccessGroup, "DELETE", sends=True, fields=_COMPONENTS, needs=_COMPONENTS)
    clear = One(PageAccessGroup, "DELETE")


class PageAccessUserMetrics(Listing[Metric], Removing[Metric]):
    """Metrics that one user may see. ``assign`` sets the list, ``add`` and ``put`` add to it."""

    path = "/pages/{page_id}/page_access_users/{page_access_user_id}/metrics"

    assign = One(PageAccessUser, "POST", fields=_METRICS, needs=_METRICS)
    add = One(PageAccessUser, "PATCH", fields=_METRICS, needs=_METRICS)
    put = One(PageAccessUser, "PUT", fields=_METRICS, needs=_METRICS)
    discard = One(PageAccessUser, "DELETE", sends=True, fields=_METRICS, needs=_METRICS)
    clear = One(PageAccessUser, "DELETE")
