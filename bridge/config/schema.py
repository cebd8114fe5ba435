"""The shape of bridge.yaml, as marshmallow schemas. ``metadata`` holds what docs/configuration.md must say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields
from marshmallow.validate import Length

from bridge.config.address import SERVER_SCHEMES, is_sentinel, parse_sentinel
from bridge.config.fields import (
    Address,
    AllOrNamed,
    Choice,
    DurationField,
    Flag,
    HeaderName,
    Line,
    OneOrMore,
    Rate,
    SecretField,
    Share,
    Size,
    UniqueId,
    Whole,
    Words,
    wrong,
)
from bridge.config.schemes import ALGORITHMS, CLOUDS, ENCODINGS
from bridge.config.settings import Conflicts, Deleted, Deletions, Edits, History
from bridge.model.enums import AlertSeverity, ComponentStatus, Visibility
from bridge.policy.rules import Publish
from bridge.secret import Secret

AUTH_HINT = (
    "write auth: {bearer: ${NAME}}, {basic: {username: …, password: ${NAME}}}, {path: ${NAME}}, {hmac: …}, {header: …},"
    " {standard_webhooks: ${NAME}}, {sns: …}, {entra: …} or, in words, none"
)


def _server(secret: Secret) -> None:
    url = secret.reveal()
    if is_sentinel(url):
        try:
            parse_sentinel(url)
        except ValueError as error:
            hint = "write redis+sentinel://user:password@host:26379,host:26379/service/0"
            raise wrong(f"this is not the address of sentinels: {error}", hint) from None
    elif not url.startswith(SERVER_SCHEMES):
        raise wrong("this is not the address of a Valkey or Redis server", "write redis://user:password@host:6379/0")


def _unique(values: list[Any]) -> None:
    if len({str(value) for value in values}) != len(values):
        raise wrong("a value stands here twice", "remove one of the two")


class Audit(DurationField):
    """How often a destination is audited; ``never`` gives zero."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(least="1m", most="30d", **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> timedelta:
        if str(value).strip() == "never":
            return timedelta(0)
        return super()._deserialize(value, attr, data, **kwargs)


class DocumentSchema(Schema):
    """Top level. The sections are read one by one, each by its own schema."""

    sources = fields.Raw()
    destinations = fields.Raw()
    components = fields.Raw()
    routes = fields.Raw()
    mirrors = fields.Raw()
    valves = fields.Raw()
    store = fields.Raw()
    web = fields.Raw()
    worker = fields.Raw()


class UserName(Line):
    """Name of a user, without a colon: what is sent is ``name:password`` (RFC 7617)."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        name = super()._deserialize(value, attr, data, **kwargs)
        if ":" in name:
            raise wrong("a user name with a colon is never let in", "choose one without")
        return name


class BasicSchema(Schema):
    """``basic:`` of a source's ``auth:``."""

    username = UserName(required=True)
    password = OneOrMore(SecretField(), required=True)


class HmacSchema(Schema):
    """``hmac:`` of a source's ``auth:``. What is left out is as the vendor of the type does it, if it signs so."""

    secrets = OneOrMore(SecretField(), required=True)
    header = HeaderName()
    algorithm = Choice(ALGORITHMS)
    encoding = Choice(ENCODINGS)
    prefix = Line()
    separator = fields.String(validate=Length(min=1, error="this is empty"))
    signed = Line()
    timestamp_header = HeaderName()
    timestamp_prefix = Line()
    id_header = HeaderName()
    tolerance = DurationField(least="1s", most="1d")


class HeaderTokenSchema(Schema):
    """``header:`` of a source's ``auth:``: a secret in a header of its own."""

    name = HeaderName(required=True)
    secrets = OneOrMore(SecretField(), required=True)


class SnsSchema(Schema):
    """``sns:`` of a source's ``auth:``."""

    topics = OneOrMore(Line(), required=True, metadata={"hint": "add 'topics: [arn:aws:sns:…]'; '*' is any text"})
    max_age = DurationField(least="1m", most="1d")
    confirm = Flag()
    only_v2 = Flag()


class EntraSchema(Schema):
    """``entra:`` of a source's ``auth:``."""

    tenant = UniqueId(required=True, metadata={"hint": "add 'tenant: <id of your directory>'"})
    audience = OneOrMore(Line(), required=True, metadata={"hint": "add 'audience: api://<id of your app>'"})
    role = Line()
    application = UniqueId()
    cloud = Choice(CLOUDS)


class AuthSchema(Schema):
    """``auth:`` of a source: exactly one of them."""

    bearer = OneOrMore(SecretField())
    basic = fields.Nested(BasicSchema)
    path = OneOrMore(SecretField())
    hmac = fields.Nested(HmacSchema, metadata={"hint": "write hmac: {header: X-Signature, secrets: [${NAME}]}"})
    header = fields.Nested(HeaderTokenSchema, metadata={"hint": "write header: {name: X-Token, secrets: [${NAME}]}"})
    standard_webhooks = OneOrMore(SecretField())
    sns = fields.Nested(SnsSchema, metadata={"hint": "write sns: {topics: ['arn:aws:sns:…']}"})
    entra = fields.Nested(EntraSchema, metadata={"hint": "write entra: {tenant: <its id>, audience: <your app>}"})


class SourceSchema(Schema):
    """What every source has; the options of its type come beside it. One of ``auth`` and ``secrets`` is needed."""

    type = Line(required=True)
    auth = fields.Raw(allow_none=True)
    secrets = OneOrMore(SecretField())
    heartbeat = DurationField(least="1m")
    resolve_after = DurationField(least="1m")
    page = Line()
    success_status = Whole(least=200, most=299)


class ReachSchema(Schema):
    """How a provider is spoken to; its own options come beside it."""

    type = Line(required=True)
    token = SecretField(required=True)
    url = Address()
    connect_timeout = DurationField(least="10ms", most="2m")
    read_timeout = DurationField(least="10ms", most="10m")
    concurrency = Whole(least=1, most=64)
    rate = Rate()
    settle_after = DurationField(most="1d")


class EditsSchema(Schema):
    """``edits:`` of a destination: sort of field → what becomes of it when somebody else changed it."""

    text = Choice(tuple(Edits))
    status = Choice(tuple(Edits))
    component_status = Choice(tuple(Edits))
    details = Choice(tuple(Edits))


class DestinationSchema(ReachSchema):
    """What every destination has; the options of its provider come beside it."""

    bulk_share = Share()
    edits = fields.Nested(EditsSchema, metadata={"hint": "write edits: {text: respect, component_status: repair}"})
    deleted = Choice(tuple(Deleted))
    audit = Audit()


class PageSchema(ReachSchema):
    """What every page that is looked at has; the options of its provider come beside it."""

    every = DurationField(least="1s", most="1d")


class PublicPageSchema(Schema):
    """A page that is read without a token. Whether it needs a ``url`` is for its type to say."""

    type = Line(required=True)
    url = Address()
    connect_timeout = DurationField(least="10ms", most="2m")
    read_timeout = DurationField(least="10ms", most="10m")
    rate = Rate()
    every = DurationField(least="1s", most="1d")


class MirrorSchema(Schema):
    """One mirror. ``from`` and ``to`` are checked against the names that there are."""

    page = Line(required=True, data_key="from")
    to = OneOrMore(Line(), required=True, validate=_unique)
    components = fields.Dict(
        keys=fields.String(),
        values=Line(),
        metadata={"hint": 'write the name on the page and our component: components: {"Git Operations": git}'},
    )
    everything = Flag()
    create_components = Flag()
    metrics = AllOrNamed(
        metadata={"hint": 'write true, or the name on the page and the name there: metrics: {"Response time": Latency}'}
    )
    create_metrics = Flag()
    history = Choice(tuple(History))
    deletions = Choice(tuple(Deletions))
    notify = Flag()
    two_way = Flag()
    conflicts = Choice(tuple(Conflicts))
    every = DurationField(least="1s", most="1d")


class ComponentSchema(Schema):
    """One component."""

    name = Line(validate=Length(max=255, error="this name is longer than 255 characters"))
    group = Line(validate=Length(max=255, error="this name is longer than 255 characters"))
    description = Line()
    on = fields.Dict(
        keys=fields.String(),
        values=Line(),
        metadata={"hint": "write destination and remote id or name: on: {public: 3}"},
    )
    create = Flag()


class MatchSchema(Schema):
    """``match:`` of a route."""

    source = OneOrMore(Line(), validate=_unique)
    labels = fields.Dict(keys=fields.String(), values=Words())
    severity = Words()


class StatusesSchema(Schema):
    """``statuses:`` of a route: severity of the alert → status of its components."""

    info = Choice(tuple(ComponentStatus))
    minor = Choice(tuple(ComponentStatus))
    major = Choice(tuple(ComponentStatus))
    critical = Choice(tuple(ComponentStatus))


class RouteSchema(Schema):
    """One route."""

    name = Line()
    match = fields.Nested(MatchSchema)
    components = OneOrMore(Line(), required=True, validate=_unique)
    open_after = DurationField(most="7d")
    close_after = DurationField(most="7d")
    publish = Choice(tuple(Publish))
    title = Line()
    message = Line()
    joined = Line()
    left = Line()
    resolved = Line()
    monitoring = Line()
    stale = Line()
    withdrawn = Line()
    statuses = fields.Nested(StatusesSchema)
    visibility = Choice(tuple(Visibility))
    notify = Flag()


class ValvesSchema(Schema):
    """``valves:``: how much may be published at once without a person."""

    incidents_a_minute = Whole(least=1, most=100_000)
    components_share = Share()
    components_at_once = Whole(least=1, most=100_000)


class StoreSchema(Schema):
    """``store:``."""

    redis_url = SecretField(validate=_server)
    state_dir = Line()
    retention = DurationField(least="1m")
    retained_deliveries = Whole(least=1, most=10_000_000)
    replicas = Whole(least=0, most=16)


class WebSchema(Schema):
    """``web:``."""

    host = Line()
    port = Whole(least=0, most=65_535)
    workers = Whole(least=1, most=256)
    threads = Whole(least=1, most=256)
    max_body = Size(least=1024, most=64 * 1_048_576)


class WorkerSchema(Schema):
    """``worker:``."""

    count = Whole(least=1, most=256)
    sweep_every = DurationField(least="50ms", most="1m")


SEVERITIES = tuple(AlertSeverity)
BLOCKS: dict[str, type[Schema]] = {"store": StoreSchema, "web": WebSchema, "worker": WorkerSchema}
"""The blocks about this process itself; each of their keys has an environment variable too."""
