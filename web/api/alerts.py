"""Alerts, how people are told, webhooks, and deliveries."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import AfterValidator, BaseModel, Field

from domain.alert_words import rule_name
from domain.alerts import Rule, group_of
from domain.quiet_hours import parse_quiet, quiet_text
from domain.telling import Group, Way, Wish
from scheduler import alerts, endpoints
from scheduler.alerting import words_of
from scheduler.handing_over import deliver_now
from scheduler.telling import LANGUAGES
from store import alerts as stored
from store import telling
from store.engine import reading
from store.tables import AlertRow, Endpoint, Telling
from store.telling import Reader
from web.api.base import Body, Line, Listing, Pages, Repeatable, RowId, api_router
from web.api.shapes import in_pages
from web.auth import MayAdminister, MayEdit, MaySee, Member
from web.deps import Web, WebContext
from web.posted import clean

router = api_router("alerts")


class AlertWords(BaseModel):
    """What an alert says in one language; empty: nothing."""

    what: str
    unusual: str
    since: str
    cause: str
    action: str
    closing: str


class AlertShown(BaseModel):
    """One alert."""

    id: RowId
    rule: Rule
    group: Group
    subject: str
    name: str
    is_good: bool
    since: datetime
    opened_at: datetime
    closed_at: datetime | None
    seen_at: datetime | None
    snoozed_until: datetime | None
    #: Path of the page where something can be done, and the command that can be typed.
    link: str
    command: str
    words: dict[str, AlertWords]
    facts: dict[str, Any]


class AlertRuleShown(BaseModel):
    """A rule."""

    rule: Rule
    name: dict[str, str]
    group: Group
    open: int
    muted: bool
    muted_until: datetime | None


class MuteShown(BaseModel):
    """What is muted; an empty rule or subject is any."""

    rule: str
    subject: str
    name: str
    until: datetime | None


class NewMute(Body):
    """A rule, a subject, or a rule about a subject; without hours for good."""

    rule: Annotated[str, Field(max_length=32)] = ""
    subject: Annotated[str, AfterValidator(clean), Field(max_length=120)] = ""
    hours: Annotated[int, Field(ge=1, le=8760)] | None = None


class Snooze(Body):
    """For how long."""

    hours: Annotated[int, Field(ge=1, le=8760)] = 24


class WishShown(BaseModel):
    """How the caller is told."""

    email: str | None
    by_mail: bool
    #: Null: all groups.
    groups: list[Group] | None
    #: Hour of the workspace's zone; null: at once.
    digest_hour: int | None
    #: Such as `22:00-07:00`; null: none.
    quiet: str | None


class WishBody(Body):
    """How the caller wants to be told; what is left out stays."""

    email: Annotated[str, AfterValidator(clean), Field(max_length=254)] | None = None
    by_mail: bool = True
    groups: list[Group] | None = None
    digest_hour: Annotated[int, Field(ge=0, le=23)] | None = None
    quiet: Annotated[str, AfterValidator(clean), Field(max_length=20)] | None = None


class WebhookShown(BaseModel):
    """A webhook without its address and secrets."""

    id: RowId
    name: str
    way: Way
    #: Scheme and host of the address.
    host: str
    kinds: list[str] | None
    old_secret_until: datetime | None
    last_sent_at: datetime | None
    last_error: str | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None
    created_at: datetime


class WebhookMade(WebhookShown):
    """A webhook, and its signing secret, which is told once."""

    secret: str | None


class NewWebhook(Body):
    """A webhook to add."""

    name: Line
    url: Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=2000)]
    way: Way = Way.WEBHOOK
    kinds: Annotated[list[str], Field(max_length=10)] | None = None


class DeliveryShown(BaseModel):
    """One delivery of a notice to one recipient."""

    id: RowId
    what: str
    way: Way
    address: str | None
    webhook_id: RowId | None
    state: str
    tries: int
    reason: str | None
    created_at: datetime
    next_at: datetime | None
    sent_at: datetime | None


@router.get("/alerts")
def list_alerts(
    web: Web, me: MaySee, pages: Pages, closed: Annotated[bool, Query()] = False
) -> Listing[AlertShown]:
    """Open alerts, newest first; with ``closed`` also the last that closed."""
    found = alerts.inbox(web.context, me.workspace.id)
    rows = [*found.open, *(found.closed if closed else ())]
    return in_pages(pages, rows, lambda row: _alert(row, me))


@router.get("/alerts/rules")
def list_rules(web: Web, me: MaySee) -> list[AlertRuleShown]:
    """Every rule there is."""
    return [
        AlertRuleShown(
            rule=one.rule,
            name={language: rule_name(one.rule).said(language) for language in LANGUAGES},
            group=one.group,
            open=one.open,
            muted=one.mute is not None,
            muted_until=one.mute.until if one.mute else None,
        )
        for one in alerts.rules(web.context, me.workspace.id)
    ]


@router.get("/alerts/mutes")
def list_mutes(web: Web, me: MaySee) -> list[MuteShown]:
    """What is muted."""
    found = alerts.inbox(web.context, me.workspace.id, closed=0).mutes
    return [MuteShown.model_validate(one.model_dump()) for one in found]


@router.post("/alerts/mutes", status_code=201)
def add_mute(body: NewMute, web: Web, me: MayEdit) -> MuteShown:
    """Mute a rule, a subject, or both together."""
    length = timedelta(hours=body.hours) if body.hours is not None else None
    row = alerts.mute(
        web.context, me.workspace.id, rule=body.rule, subject=body.subject, length=length, actor=me.actor
    )
    return MuteShown.model_validate(row.model_dump())


@router.delete("/alerts/mutes", status_code=204)
def lift_mute(
    web: Web,
    me: MayEdit,
    rule: Annotated[str, Query(max_length=32)] = "",
    subject: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    """Hear of it again."""
    alerts.unmute(web.context, me.workspace.id, rule=clean(rule), subject=clean(subject), actor=me.actor)
    return Response(status_code=204)


@router.get("/alerts/settings")
def get_settings(web: Web, me: MaySee) -> WishShown:
    """How the caller is told."""
    return _wish(alerts.reader(web.context, me.workspace.id, me.person.id))


@router.put("/alerts/settings")
def put_settings(body: WishBody, web: Web, me: MayEdit) -> WishShown:
    """Change how the caller is told."""
    begin, end = parse_quiet(body.quiet or "")
    groups = None if body.groups is None else frozenset(body.groups)
    wish = Wish(body.by_mail, groups, body.digest_hour, begin, end)
    return _wish(
        alerts.set_wish(web.context, me.workspace.id, me.person.id, wish, address=body.email, actor=me.actor)
    )


@router.post("/alerts/test")
def test_ways(web: Web, me: MayEdit) -> list[DeliveryShown]:
    """Send a test through every way that is set; how each went."""
    key = alerts.test_ways(web.context, me.workspace.id, actor=me.actor)
    return [_delivery(row, "A test") for row in deliver_now(web.context, me.workspace.id, key)]


@router.get("/alerts/deliveries")
def list_deliveries(web: Web, me: MaySee, pages: Pages) -> Listing[DeliveryShown]:
    """The last deliveries, newest first."""
    found = alerts.deliveries(web.context, me.workspace.id, limit=1000)
    return in_pages(pages, found, lambda pair: _delivery(*pair))


@router.post("/alerts/deliveries/{delivery_id}/again")
def deliver_again(web: Web, me: MayEdit, delivery_id: RowId) -> DeliveryShown:
    """Try a delivery now that waits or was given up."""
    return _delivery(alerts.deliver_again(web.context, me.workspace.id, delivery_id, actor=me.actor), "")


@router.get("/alerts/{alert_id}")
def get_alert(web: Web, me: MaySee, alert_id: RowId) -> AlertShown:
    """One alert."""
    return _alert(_row(web, me, alert_id), me)


@router.post("/alerts/{alert_id}/seen")
def see_alert(web: Web, me: MayEdit, alert_id: RowId) -> AlertShown:
    """Mark an alert as seen."""
    alerts.see(web.context, me.workspace.id, alert_id, actor=me.actor)
    return _alert(_row(web, me, alert_id), me)


@router.post("/alerts/{alert_id}/snooze")
def snooze_alert(body: Snooze, web: Web, me: MayEdit, alert_id: RowId) -> AlertShown:
    """Put an alert off."""
    length = timedelta(hours=body.hours)
    return _alert(alerts.snooze(web.context, me.workspace.id, alert_id, length, actor=me.actor), me)


@router.get("/webhooks")
def list_webhooks(web: Web, me: MaySee) -> list[WebhookShown]:
    """All webhooks."""
    return [_webhook(one) for one in endpoints.listed(web.context, me.workspace.id)]


@router.post("/webhooks", status_code=201, response_model=WebhookMade)
def add_webhook(body: NewWebhook, web: Web, me: MayAdminister, once: Repeatable) -> Response:
    """Add a webhook; its secret is in the answer, once."""

    def make() -> WebhookMade:
        row, secret = endpoints.add(
            web.context, me.workspace.id, name=body.name, url=body.url, way=body.way, kinds=body.kinds,
            actor=me.actor,
        )  # fmt: skip
        return WebhookMade(**_webhook(row).model_dump(), secret=secret or None)

    return once.run(me, body, make, secret=frozenset({"secret"}))


@router.post("/webhooks/{webhook_id}/rotate")
def rotate_secret(web: Web, me: MayAdminister, webhook_id: RowId) -> WebhookMade:
    """A new secret, told once; the one before signs too for 24 hours."""
    name = _endpoint(web, me, webhook_id).name
    row, secret = endpoints.rotate(web.context, me.workspace.id, name, actor=me.actor)
    return WebhookMade(**_webhook(row).model_dump(), secret=secret)


@router.post("/webhooks/{webhook_id}/on")
def switch_on(web: Web, me: MayAdminister, webhook_id: RowId) -> WebhookShown:
    """Use a webhook again that was switched off."""
    name = _endpoint(web, me, webhook_id).name
    return _webhook(endpoints.switch_on(web.context, me.workspace.id, name, actor=me.actor))


@router.post("/webhooks/{webhook_id}/test")
def test_webhook(web: Web, me: MayAdminister, webhook_id: RowId) -> list[DeliveryShown]:
    """Send a test to one webhook; how it went."""
    key = endpoints.test(web.context, me.workspace.id, _endpoint(web, me, webhook_id).name)
    return [_delivery(row, "A test") for row in deliver_now(web.context, me.workspace.id, key)]


@router.delete("/webhooks/{webhook_id}", status_code=204)
def remove_webhook(web: Web, me: MayAdminister, webhook_id: RowId) -> Response:
    """Forget a webhook."""
    endpoints.remove(web.context, me.workspace.id, _endpoint(web, me, webhook_id).name, actor=me.actor)
    return Response(status_code=204)


def _row(web: WebContext, me: Member, alert_id: int) -> AlertRow:
    with reading(web.context.engine) as session:
        return stored.get(session, me.workspace.id, alert_id)


def _endpoint(web: WebContext, me: Member, webhook_id: int) -> Endpoint:
    with reading(web.context.engine) as session:
        return telling.endpoint_by_id(session, me.workspace.id, webhook_id)


def _alert(row: AlertRow, me: Member) -> AlertShown:
    said = {language: words_of(row, language=language, zone=me.workspace.zone) for language in LANGUAGES}
    words = {
        language: AlertWords(
            what=one.what, unusual=one.unusual, since=one.since, cause=one.cause, action=one.action,
            closing=one.closing,
        )
        for language, one in said.items()
    }  # fmt: skip
    shown = row.model_dump()
    first = said[LANGUAGES[0]]
    return AlertShown.model_validate(
        {
            **shown,
            "group": group_of(Rule(row.rule)),
            "words": words,
            "link": first.link,
            "command": first.command,
        }
    )


def _wish(one: Reader) -> WishShown:
    return WishShown(
        email=one.person.email,
        by_mail=one.wish.by_mail,
        groups=sorted(one.wish.groups) if one.wish.groups is not None else None,
        digest_hour=one.wish.digest_hour,
        quiet=quiet_text(one.wish.quiet_from, one.wish.quiet_until) or None,
    )


def _webhook(one: Endpoint) -> WebhookShown:
    return WebhookShown.model_validate(
        {**one.model_dump(exclude={"secret"}), "host": one.shown, "old_secret_until": one.old_until}
    )


def _delivery(row: Telling, what: str) -> DeliveryShown:
    return DeliveryShown.model_validate({**row.model_dump(), "what": what, "webhook_id": row.endpoint_id})
