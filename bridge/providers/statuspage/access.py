"""Who may see a page that is not for everybody (Statuspage REST API v1).

The lists of components and metrics have the methods the other way round than habit says: PATCH and PUT *add*, POST
*replaces*, and a DELETE without a body empties the list. The names here say what happens.
"""

from __future__ import annotations

from bridge.providers.base.actions import One
from bridge.providers.base.resource import Crud, Listing, Removing, Replacing

_COMPONENTS, _METRICS = ("component_ids",), ("metric_ids",)


class PageAccessUsers(Crud, Replacing):
    """People who may see the page."""

    path = "/pages/{page_id}/page_access_users"
    wrap = "page_access_user"
    filters = ("email",)
    fields = ("external_login", "email", "page_access_group_ids", "subscribe_to_components")


class PageAccessGroups(Crud, Replacing):
    """Groups of such people."""

    path = "/pages/{page_id}/page_access_groups"
    wrap = "page_access_group"
    fields = ("name", "external_identifier", "component_ids", "metric_ids", "page_access_user_ids")


class _ComponentList(Listing, Removing):
    assign = One("POST", fields=_COMPONENTS, needs=_COMPONENTS)
    add = One("PATCH", fields=_COMPONENTS, needs=_COMPONENTS)
    put = One("PUT", fields=_COMPONENTS, needs=_COMPONENTS)
    discard = One("DELETE", sends=True, fields=_COMPONENTS, needs=_COMPONENTS)
    clear = One("DELETE")


class PageAccessUserComponents(_ComponentList):
    """Components that one user may see. ``assign`` sets the list, ``add`` and ``put`` add to it."""

    path = "/pages/{page_id}/page_access_users/{page_access_user_id}/components"


class PageAccessGroupComponents(_ComponentList):
    """Components that one group may see. ``assign`` sets the list, ``add`` and ``put`` add to it."""

    path = "/pages/{page_id}/page_access_groups/{page_access_group_id}/components"


class PageAccessUserMetrics(Listing, Removing):
    """Metrics that one user may see. ``assign`` sets the list, ``add`` and ``put`` add to it."""

    path = "/pages/{page_id}/page_access_users/{page_access_user_id}/metrics"

    assign = One("POST", fields=_METRICS, needs=_METRICS)
    add = One("PATCH", fields=_METRICS, needs=_METRICS)
    put = One("PUT", fields=_METRICS, needs=_METRICS)
    discard = One("DELETE", sends=True, fields=_METRICS, needs=_METRICS)
    clear = One("DELETE")
