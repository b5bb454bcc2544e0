"""`tabuh route preview` and `replay`: what a route makes of real entries, without writing anything."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.ledger import Which, named
from cli.opening import opened
from cli.previews import preview_document, preview_text
from cli.printing import Json, count, one_line, show, table, when
from cli.rule_options import rules_said, with_rules

if TYPE_CHECKING:
    from rich.table import Table

    from scheduler.replaying import Replay

Days = Annotated[int, typer.Option(help="How far to look back.", min=1, max=366)]


@with_rules
def preview(
    context: typer.Context,
    route: Which,
    limit: Annotated[int, typer.Option(help="Entries shown.", min=1)] = 10,
    *,
    said: dict[str, Any],
    as_json: Json = False,
) -> None:
    """Show what a route makes of the newest entries, or would make by other rules; nothing is stored."""
    from scheduler.previewing import preview_route
    from scheduler.rules import Rules

    with opened(context) as tabuh:
        found = named(tabuh, route)
        rules = rules_said(Rules.of(found), said) if said else None
        lines = preview_route(tabuh.context, tabuh.workspace.id, found.id, rules=rules, limit=limit)
        text = preview_text(lines, zone=tabuh.workspace.zone) or "Its feeds have no entries yet."
        show([preview_document(line) for line in lines], text, as_json=as_json)


@with_rules
def replay(
    context: typer.Context, route: Which, days: Days = 30, *, said: dict[str, Any], as_json: Json = False
) -> None:
    """Show what a route would have posted in the last days, by its rules or by others; nothing is stored."""
    from scheduler.replaying import replay_route
    from scheduler.rules import Rules

    with opened(context) as tabuh:
        found = named(tabuh, route)
        rules = rules_said(Rules.of(found), said) if said else None
        past = replay_route(tabuh.context, tabuh.workspace.id, found.id, days=days, rules=rules)
        show(replay_document(past), *replay_text(past), as_json=as_json)


def replay_document(past: "Replay") -> dict[str, Any]:
    """A replay as JSON tells it."""
    wait = past.longest_wait
    return {
        "since": past.since,
        "until": past.until,
        "zone": past.zone,
        "seen": len(past.lines),
        "fates": past.fates,
        "held_back": past.held_back,
        "longest_wait_minutes": round(wait.total_seconds() / 60) if wait is not None else None,
        "cut": past.cut,
        "days": {day.isoformat(): number for day, number in past.days.items()},
        "entries": [
            {
                "title": line.entry.title,
                "link": line.entry.link,
                "came_at": line.came_at,
                "fate": line.fate,
                "reason": line.reason,
                "at": line.at,
                "was_held": line.was_held,
                "would_post": {"text": line.content.text, "link": line.content.link}
                if line.content
                else None,
            }
            for line in past.lines
        ],
    }


def replay_text(past: "Replay") -> "list[str | Table]":
    """A replay for people: the sum, what the caps would have held, and every entry."""
    told = " + ".join(f"{number} {fate}" for fate, number in past.fates.items() if number)
    days = (past.until - past.since).days
    lines = [f"Of the last {count(days, 'day')}: {len(past.lines)} seen = {told or '0'}"]
    if past.held_back:
        held = f"The caps would have held {count(past.held_back, 'entry', 'entries')} back"
        wait = past.longest_wait
        hours = f", the longest for {wait.total_seconds() / 3600:.1f} hours" if wait is not None else ""
        lines.append(f"{held}{hours}.")
    if past.cut:
        lines.append("There were more entries; the oldest were left out.")
    if past.days:
        most = max(past.days.values())
        lines.append(f"Posts on {count(len(past.days), 'day')}, at most {most} a day ({past.zone}).")
    drawn = table(
        ["Came", "Fate", "Goes out", "Entry", "Why"],
        (
            (
                when(line.came_at, past.zone), line.fate, when(line.at, past.zone) if line.at else "",
                one_line(line.entry.title, 50), one_line(line.reason, 60),
            )
            for line in past.lines
        ),
        empty="No entry came in that time.",
    )  # fmt: skip
    return ["\n".join(lines), "\n", drawn]
