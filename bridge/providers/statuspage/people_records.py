"""Who is told, who may see the page, and who may change it, as Statuspage answers (Statuspage REST API v1)."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.providers.base.results import Record


class Subscriber(Record):
    """Somebody who is told. ``mode`` says how; of the fields for the other ways some are missing (reports)."""

    id: str
    mode: str | None
    email: str | None
    endpoint: str | None
    phone_number: str | None
    phone_country: str | None
    display_phone_number: str | None
    obfuscated_channel_name: str | None
    workspace_name: str | None
    skip_confirmation_notification: bool | None
    quarantined_at: str | None
    purge_at: str | None
    components: list[str] | None
    """Ids of the components that are followed; None is all of them."""
    page_access_user_id: str | None
    created_at: str


class SubscriberCount(Record):
    """Numbers of subscribers by the way they are told."""

    email: int | None
    sms: int | None
    webhook: int | None
    integration_partner: int | None
    slack: int | None
    teams: int | None


class StateCount(Record):
    """Numbers of subscribers by their state."""

    active: int
    unconfirmed: int
    quarantined: int
    total: int


class SubscriberHistogram(Record):
    """Numbers of subscribers by the way they are told and their state."""

    email: StateCount | None
    sms: StateCount | None
    webhook: StateCount | None
    integration_partner: StateCount | None
    slack: StateCount | None
    teams: StateCount | None


class PageAccessUser(Record):
    """Somebody who may see the page."""

    id: str
    page_id: str
    email: str | None
    external_login: str | None
    page_access_group_id: str | None
    page_access_group_ids: list[str] | None
    created_at: str
    updated_at: str


class PageAccessGroup(Record):
    """A group of such people, and what they may see."""

    id: str
    page_id: str
    name: str
    external_identifier: str | None
    page_access_user_ids: list[str]
    metric_ids: list[str]
    component_ids: list[str]
    created_at: str
    updated_at: str


class User(Record):
    """A member of the team."""

    id: str
    organization_id: str
    email: str
    first_name: str | None
    last_name: str | None
    created_at: str
    updated_at: str


class PageRoles(Record):
    """What a member may do on one page; nothing of it is there where pages have no roles."""

    page_configuration: bool | None
    incident_manager: bool | None
    maintenance_manager: bool | None


class UserPages(Record):
    """What a member may do; ``pages`` is by id of the page."""

    user_id: str
    pages: Mapping[str, PageRoles]


class UserPermissions(Record):
    """What a member may do, inside of ``data`` (the specification; its example is without)."""

    data: UserPages
