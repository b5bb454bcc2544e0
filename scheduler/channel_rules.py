"""What people do with a channel's rules and posting schedule: try what a change would do, and make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from domain.errors import UsageError
from domain.rules import FIELDS, changed, rules_from, texts
from domain.schedule import parse_schedule, schedule_text
from scheduler.context import Context
from scheduler.learning import learn_again
from scheduler.replanning import Replan, carry_out, replan
from store import channels, routes
from store.changes import Actor, record
from store.engine import writing
from store.tables import ChannelRow
from store.wake import wake_workers

#: Rules that a route may override; the others are of the whole channel.
ROUTE_FIELDS = ("quiet", "blackouts", "holidays", "cap_day", "cap_week", "gap", "kin_gap", "late")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a change of rules comes to."""

    channel: ChannelRow
    #: The rules that hold then, by name, as `domain.rules.texts` writes them.
    rules: Mapping[str, str]
    schedule: str
    plan: Replan
    #: False: this is only what it would be.
    saved: bool


def set_rules(
    context: Context,
    workspace_id: int,
    name: str,
    given: Mapping[str, str],
    *,
    actor: Actor,
    schedule: str | None = None,
    what_if: bool = False,
) -> Outcome:
    """Change some of a channel's rules, and plan its automatic posts anew by them.

    Args:
        given: texts by the names of `domain.rules.FIELDS`; an empty text or ``none`` clears a rule.
        schedule: another posting schedule at the same time; None: it stays as it is.
        what_if: change nothing, only tell what would happen.

    Raises:
        UsageError: a rule or the schedule cannot be read.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = channels.lock(session, channels.named(session, workspace_id, name).id)
        before = {
            **texts(rules_from(row.rules)),
            "schedule": schedule_text(channels.schedule(session, row.id)),
        }
        rules = texts(changed(rules_from(row.rules), given))
        if rules.get("audience") != before.get("audience"):
            row.rules = rules or None
            learn_again(session, row, now=now)
        times = channels.schedule(session, row.id) if schedule is None else parse_schedule(schedule)
        plan = replan(session, row, rules=rules, times=times, now=now)
        outcome = Outcome(
            channel=row, rules=rules, schedule=schedule_text(times), plan=plan, saved=not what_if
        )
        if what_if:
            session.expunge_all()  # the rows that are told about stay as they were read
            session.rollback()
            return outcome
        row.rules = rules or None
        session.add(row)
        if schedule is not None:
            channels.set_schedule(session, row.id, times)
        carry_out(session, row, plan, now=now)
        record(
            session, actor, "set the rules", subject="channel", subject_id=row.id, workspace_id=workspace_id,
            now=now, before=before, after={**rules, "schedule": outcome.schedule, "moved": len(plan.moves)},
        )  # fmt: skip
        wake_workers(session)
        session.commit()
        return outcome


def plan_again(
    context: Context, workspace_id: int, name: str, *, actor: Actor, what_if: bool = False
) -> Outcome:
    """Plan a channel's automatic posts anew by the rules that it has; they move only where that pays."""
    return set_rules(context, workspace_id, name, {}, actor=actor, what_if=what_if)


def set_route_rules(
    context: Context,
    workspace_id: int,
    route_name: str,
    given: Mapping[str, str],
    *,
    actor: Actor,
    what_if: bool = False,
) -> Outcome:
    """Override some of the channel's rules for the posts of one route; an empty text ends an override.

    The word ``none`` overrides a rule with no rule at all.

    Raises:
        UsageError: a rule cannot be read, or is one of the whole channel.
    """
    now = context.clock()
    for key in given:
        if key in FIELDS and key not in ROUTE_FIELDS:
            raise UsageError(f"The rule {key} belongs to the whole channel: a route cannot override it.")
    with writing(context.engine) as session:
        route = routes.named(session, workspace_id, route_name)
        row = channels.lock(session, route.channel_id)
        changed(rules_from(row.rules), given)
        overrides = {**(route.rules or {}), **given}
        kept = {name: text.strip() for name, text in overrides.items() if text.strip()}
        times = channels.schedule(session, row.id)
        plan = replan(session, row, rules=row.rules, times=times, now=now, route_rules={route.id: kept})
        outcome = Outcome(
            channel=row, rules=kept, schedule=schedule_text(times), plan=plan, saved=not what_if
        )
        if what_if:
            session.expunge_all()  # the rows that are told about stay as they were read
            session.rollback()
            return outcome
        before, route.rules = route.rules, kept or None
        session.add(route)
        carry_out(session, row, plan, now=now)
        record(
            session, actor, "set the rules", subject="route", subject_id=route.id, workspace_id=workspace_id,
            now=now, before=before or {}, after={**kept, "moved": len(plan.moves)},
        )  # fmt: skip
        wake_workers(session)
        session.commit()
        return outcome


def rules_of(session: Session, workspace_id: int, name: str) -> Mapping[str, str]:
    """The rules that a channel has, by name."""
    return texts(rules_from(channels.named(session, workspace_id, name).rules))


def text_of(given: Mapping[str, Any]) -> dict[str, str]:
    """Values as programs give them (null, numbers, booleans), as the texts that people write."""
    words = {True: "yes", False: "no", None: ""}
    return {
        name: words[value] if value is None or isinstance(value, bool) else str(value)
        for name, value in given.items()
    }
