"""What people do with alerts: see, snooze, mute, try every way out, and say how they want to be told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session

from domain.alerts import Rule, group_of
from domain.errors import UsageError
from domain.telling import Group, Wish, check_wish
from publishers.mail import address as mail_address
from scheduler.catching_up import tell_person
from scheduler.context import Context
from scheduler.endpoints import test_notice
from scheduler.telling import tell, try_again
from store import alerts, people, telling
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import AlertMute, AlertRow, Telling
from store.telling import Reader

#: An alert may be put off for so long, and a rule muted.
LONGEST: Final = timedelta(days=365)
#: Closed alerts that are listed.
LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule, and whether it opens alerts."""

    rule: Rule
    group: Group
    #: Open alerts of it.
    open: int
    #: The mute of the whole rule; None: it opens alerts.
    mute: AlertMute | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """The alerts of a workspace."""

    open: Sequence[AlertRow]
    closed: Sequence[AlertRow]
    mutes: Sequence[AlertMute]


def inbox(context: Context, workspace_id: int, *, closed: int = LISTED) -> Inbox:
    """Open alerts, the last closed ones, and what is muted."""
    now = context.clock()
    with reading(context.engine) as session:
        return Inbox(
            alerts.open_ones(session, workspace_id),
            alerts.closed_ones(session, workspace_id, limit=closed),
            alerts.mutes(session, workspace_id, now=now),
        )


def see(context: Context, workspace_id: int, alert_id: int | None, *, actor: Actor) -> None:
    """Mark an alert as seen, or with None all open ones. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        if alert_id is None:
            alerts.see_all(session, workspace_id, actor.person_id, now=now)
        else:
            row = alerts.get(session, workspace_id, alert_id)
            if row.seen_at is None:
                row.seen_at, row.seen_by = now, actor.person_id
        _note(session, workspace_id, "saw", alert_id or 0, actor, now=now)
        session.commit()


def snooze(
    context: Context, workspace_id: int, alert_id: int, length: timedelta, *, actor: Actor
) -> AlertRow:
    """Put an alert off: it is not counted until then, unless it closes before.

    Raises:
        NotFound: there is none by that number.
        UsageError: it has closed, or the time is too short or too long.
    """
    now, until = context.clock(), _until(context, length)
    with writing(context.engine) as session:
        row = alerts.get(session, workspace_id, alert_id)
        if row.closed_at is not None:
            raise UsageError("This alert has closed, so there is nothing to put off.")
        row.snoozed_until = until
        _note(session, workspace_id, "snoozed", alert_id, actor, now=now, after={"until": until.isoformat()})
        session.commit()
    return row


def mute(
    context: Context,
    workspace_id: int,
    *,
    rule: str = "",
    subject: str = "",
    name: str = "",
    length: timedelta | None = None,
    actor: Actor,
) -> AlertMute:
    """Hear no more of a rule, of a subject, or of one rule about one subject; for good, or for a while.

    Open alerts that it covers close with the next look.

    Raises:
        UsageError: neither is named, the rule is unknown, or the time is too long.
    """
    now = context.clock()
    if rule and rule not in list(Rule):
        raise UsageError(f"Unknown rule {rule!r}. Known: {', '.join(Rule)}.")
    if not rule and not subject:
        raise UsageError("Name a rule or a subject to mute.")
    row = AlertMute(
        workspace_id=workspace_id, rule=rule, subject=subject[:120], name=name[:300],
        until=_until(context, length) if length is not None else None, person_id=actor.person_id, at=now,
    )  # fmt: skip
    with writing(context.engine) as session:
        alerts.mute(session, row)
        _note(session, workspace_id, "muted", 0, actor, now=now, after={"rule": rule, "subject": subject})
        session.commit()
    return row


def mute_like(
    context: Context,
    workspace_id: int,
    alert_id: int,
    *,
    what: str = "both",
    length: timedelta | None = None,
    actor: Actor,
) -> AlertMute:
    """Mute what an alert is about: its ``rule``, its ``subject``, or ``both`` together.

    Raises:
        NotFound: there is none by that number.
        UsageError: as `mute`.
    """
    with reading(context.engine) as session:
        row = alerts.get(session, workspace_id, alert_id)
    if what not in ("rule", "subject", "both"):
        raise UsageError("Mute the rule, the subject, or both.")
    return mute(
        context,
        workspace_id,
        rule="" if what == "subject" else row.rule,
        subject="" if what == "rule" else row.subject,
        name="" if what == "rule" else row.name,
        length=length,
        actor=actor,
    )


def unmute(context: Context, workspace_id: int, *, rule: str = "", subject: str = "", actor: Actor) -> None:
    """Let a rule open alerts again. Raises `UsageError` when nothing of it is muted."""
    now = context.clock()
    with writing(context.engine) as session:
        muted = alerts.mutes(session, workspace_id, now=now)
        if not any((one.rule, one.subject) == (rule, subject) for one in muted):
            raise UsageError("Nothing like that is muted. `tabuh alert rules` shows what is.")
        alerts.unmute(session, workspace_id, rule, subject)
        _note(session, workspace_id, "unmuted", 0, actor, now=now, after={"rule": rule, "subject": subject})
        session.commit()


def rules(context: Context, workspace_id: int) -> list[RuleShown]:
    """Every rule there is, with its open alerts and whether it is muted."""
    found = inbox(context, workspace_id, closed=0)
    muted = {one.rule: one for one in found.mutes if not one.subject}
    return [
        RuleShown(rule, group_of(rule), sum(row.rule == rule for row in found.open), muted.get(rule))
        for rule in Rule
    ]


def test_ways(context: Context, workspace_id: int, *, actor: Actor) -> str:
    """Plan a test through every way that is set: each person's mail, each endpoint; returns its key."""
    now, notice = context.clock(), test_notice()
    with writing(context.engine) as session:
        tell(session, workspace_id, notice, now=now)
        _note(session, workspace_id, "tested the ways out", 0, actor, now=now)
        session.commit()
    return notice.key


def deliveries(
    context: Context, workspace_id: int, *, limit: int = 50, language: str = "en"
) -> list[tuple[Telling, str]]:
    """The last deliveries, newest first, each with the subject of what it holds."""
    with reading(context.engine) as session:
        rows = telling.tellings(session, workspace_id, limit=limit)
        held = telling.notices_of(session, [row.id for row in rows])
    return [(row, "; ".join(one.words[language]["subject"] for one in held.get(row.id, []))) for row in rows]


def deliver_again(context: Context, workspace_id: int, telling_id: int, *, actor: Actor) -> Telling:
    """Try a delivery now that waits or was given up. Raises `NotFound`."""
    now = context.clock()
    with writing(context.engine) as session:
        row = try_again(session, workspace_id, telling_id, now=now)
        _note(session, workspace_id, "tried a delivery again", telling_id, actor, now=now)
        session.commit()
    return row


def reader(context: Context, workspace_id: int, person_id: int) -> Reader:
    """How a person wants to be told. Raises `UsageError` for somebody who does not belong here."""
    with reading(context.engine) as session:
        found = telling.readers(session, workspace_id)
    mine = next((one for one in found if one.person.id == person_id), None)
    if mine is None:
        raise UsageError("This person does not belong to the workspace.")
    return mine


def readers(context: Context, workspace_id: int) -> list[Reader]:
    """Everybody of a workspace, and how each wants to be told."""
    with reading(context.engine) as session:
        return telling.readers(session, workspace_id)


def set_wish(
    context: Context, workspace_id: int, person_id: int, wish: Wish, *, address: str | None, actor: Actor
) -> Reader:
    """Remember how a person wants to be told, and where that person reads mail.

    What is open and was not told for want of an address or a wish is told now.

    Args:
        address: empty: nowhere; None: as it is.

    Raises:
        UsageError: the hours cannot be, or the address is none or somebody else's.
    """
    check_wish(wish)
    now = context.clock()
    after: dict[str, Any] = {"by_mail": wish.by_mail, "digest_hour": wish.digest_hour}
    with writing(context.engine) as session:
        people.person(session, person_id)
        if address is not None:
            telling.set_address(session, person_id, _address(session, person_id, address))
        telling.set_wish(session, workspace_id, person_id, wish)
        session.flush()
        tell_person(session, workspace_id, person_id, now=now)
        alerts.look_soon(session, workspace_id, now=now)
        record(
            session, actor, "chose how to be told", subject="person", subject_id=person_id,
            workspace_id=workspace_id, now=now, after=after,
        )  # fmt: skip
        session.commit()
    return reader(context, workspace_id, person_id)


def _address(session: Session, person_id: int, text: str) -> str | None:
    if not text.strip():
        return None
    try:
        found = mail_address(text)
    except ValueError as error:
        raise UsageError(str(error)) from error
    if telling.address_taken(session, person_id, found):
        raise UsageError("Somebody else has this address already.")
    return found


def _until(context: Context, length: timedelta) -> datetime:
    if not timedelta(minutes=1) <= length <= LONGEST:
        raise UsageError("Choose a time between 1 minute and 365 days.")
    return context.clock() + length


def _note(
    session: Session,
    workspace_id: int,
    what: str,
    subject_id: int,
    actor: Actor,
    *,
    now: datetime,
    after: Any = None,
) -> None:
    record(
        session, actor, what, subject="alert", subject_id=subject_id, workspace_id=workspace_id, now=now,
        after=after,
    )  # fmt: skip
