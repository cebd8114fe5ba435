"""The people of an organisation and what they may do (Statuspage REST API v1)."""

from __future__ import annotations

from bridge.providers.base.actions import One
from bridge.providers.base.resource import Creating, Listing, Reading, Removing
from bridge.providers.statuspage.people_records import User, UserPermissions


class Users(Listing[User], Creating[User], Removing[User]):
    """The team of an organisation; not for organisations on vendor accounts, which is the normal case now."""

    path = "/organizations/{organization_id}/users"
    wrap = "user"
    fields = ("email", "password", "first_name", "last_name")


class Permissions(Reading[UserPermissions]):
    """What a user may do on each page. Writing replaces: a page that is left out is lost to the user."""

    path = "/organizations/{organization_id}/permissions"
    replace = One(UserPermissions, "PUT", "/{id}", fields=("pages",))
