"""Alerts: the open and the closed ones, and what a person does with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from domain.alert_words import Told, rule_name
from domain.alerts import Rule, group_of
from domain.errors import TabuhError
from domain.telling import GROUP_WORDS
from scheduler import alerts
from scheduler.alerting import words_of
from store import people
from store.engine import reading
from store.tables import AlertMute, AlertRow
from web.api.base import RowId
from web.auth import MayEdit, MaySee
from web.deps import Web, WebContext, redirect, show, voice_of
from web.i18n import Voice
from web.i18n import marked as N_
from web.said import said

router = APIRouter(include_in_schema=False)

#: For how long an alert is put off, or muted: hours; 0 is for good.
SNOOZES = ((24, N_("a day")), (72, N_("three days")), (168, N_("a week")))
MUTES = (
    ("both", N_("this, of this")),
    ("rule", N_("every alert of this kind")),
    ("subject", N_("all of this")),
)
#: Closed ones on the page.
LISTED = 50
Word = Annotated[str, Form(max_length=400)]


@dataclass(frozen=True, slots=True)
class AlertShown:
    """One alert as the page shows it."""

    row: AlertRow
    rule: str
    group: str
    told: Told
    seen_by: str
    snoozed_until: datetime | None


@router.get("/alerts")
def list_alerts(request: Request, web: Web, me: MaySee) -> Response:
    """Open alerts first, those that nobody has seen on top; then the last that closed."""
    voice, now = voice_of(request), web.context.clock()
    found = alerts.inbox(web.context, me.workspace.id, closed=LISTED)
    names = _names(web, [*found.open, *found.closed])
    opened = [_shown(row, names, voice, now=now) for row in found.open]
    return show(
        request,
        "pages/alerts.html",
        opened=sorted(opened, key=lambda one: (one.snoozed_until is not None, one.row.seen_at is not None)),
        closed=[_shown(row, names, voice, now=now) for row in found.closed],
        mutes=[_muted(one, voice) for one in found.mutes],
        snoozes=[(str(hours), voice.gettext(text)) for hours, text in SNOOZES],
        choices=[(key, voice.gettext(text)) for key, text in MUTES],
        unseen=sum(one.row.seen_at is None and one.snoozed_until is None for one in opened),
    )


def _names(web: WebContext, rows: Sequence[AlertRow]) -> dict[int, str]:
    with reading(web.context.engine) as session:
        return people.names(session, {row.seen_by for row in rows if row.seen_by is not None})


def _shown(row: AlertRow, names: dict[int, str], voice: Voice, *, now: datetime) -> AlertShown:
    snoozed = row.snoozed_until if row.snoozed_until is not None and row.snoozed_until > now else None
    return AlertShown(
        row,
        rule_name(Rule(row.rule)).said(voice.language),
        GROUP_WORDS[group_of(Rule(row.rule))].said(voice.language),
        words_of(row, language=voice.language, zone=voice.zone),
        names.get(row.seen_by or 0, ""),
        snoozed if row.closed_at is None else None,
    )


def _muted(one: AlertMute, voice: Voice) -> tuple[AlertMute, str]:
    """A mute, and what it is called."""
    rule = rule_name(Rule(one.rule)).said(voice.language) if one.rule else voice.gettext("Every alert")
    name = one.name or one.subject
    return one, f"{rule}: {name}" if name else rule


@router.post("/alerts/seen")
def see(request: Request, web: Web, me: MaySee, alert: Word = "") -> Response:
    """Mark one alert as seen, or all when none is named."""
    number = int(alert) if alert.isdecimal() and len(alert) < 20 else None
    return _done(
        request, lambda: alerts.see(web.context, me.workspace.id, number, actor=me.actor), N_("Seen.")
    )


@router.post("/alerts/{alert_id}/snooze")
def snooze(request: Request, web: Web, me: MayEdit, alert_id: RowId, hours: Word = "24") -> Response:
    """Put an alert off."""
    length = timedelta(hours=int(hours) if hours.isdecimal() and len(hours) < 6 else 24)
    return _done(
        request,
        lambda: alerts.snooze(web.context, me.workspace.id, alert_id, length, actor=me.actor),
        N_("Put off."),
    )  # fmt: skip


@router.post("/alerts/{alert_id}/mute")
def mute(request: Request, web: Web, me: MayEdit, alert_id: RowId, what: Word = "both") -> Response:
    """Hear no more of what an alert is about."""
    return _done(
        request,
        lambda: alerts.mute_like(web.context, me.workspace.id, alert_id, what=what, actor=me.actor),
        N_("Muted. It closes with the next look."),
    )  # fmt: skip


@router.post("/alerts/unmute")
def unmute(request: Request, web: Web, me: MayEdit, rule: Word = "", subject: Word = "") -> Response:
    """Let a rule open alerts again."""
    return _done(
        request,
        lambda: alerts.unmute(web.context, me.workspace.id, rule=rule, subject=subject, actor=me.actor),
        N_("Not muted any more."),
    )  # fmt: skip


def _done(request: Request, act: Callable[[], object], notice: str) -> Response:
    """Do it, and go back to the list with a word about it."""
    voice = voice_of(request)
    try:
        act()
    except TabuhError as error:
        return redirect(request, "/alerts", notice=said(voice, str(error)), kind="bad")
    return redirect(request, "/alerts", notice=voice.gettext(notice))
