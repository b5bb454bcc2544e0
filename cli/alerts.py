"""`tabuh alert`: what is out of the ordinary, and what people do about it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, show, table, when

if TYPE_CHECKING:
    from datetime import timedelta

    from cli.opening import Opened
    from store.tables import AlertRow

app = typer.Typer(no_args_is_help=True, help="Alerts: what is out of the ordinary, and who is told how.")

Which = Annotated[int, typer.Argument(metavar="ALERT", help="Its number, from: tabuh alert list")]
For = Annotated[str | None, typer.Option("--for", metavar="TIME", help="Such as 12 h or 7 days.")]
#: A terminal gets English.
_LANGUAGE = "en"


@app.command("list")
def list_alerts(
    context: typer.Context,
    closed: Annotated[bool, typer.Option("--closed", help="Also those that have closed.")] = False,
    as_json: Json = False,
) -> None:
    """Open alerts, newest first: what, since when, and whether anybody has seen it."""
    from scheduler.alerts import inbox

    with opened(context) as tabuh:
        found = inbox(tabuh.context, tabuh.workspace.id)
        rows = [*found.open, *(found.closed if closed else ())]
        zone = tabuh.workspace.zone
        drawn = table(
            ["Alert", "What", "Opened", "State"],
            ((row.id, _words(tabuh, row).what, when(row.opened_at, zone), _state(row, zone)) for row in rows),
            empty="Nothing is out of the ordinary.",
        )
        show([document(tabuh, row) for row in rows], drawn, as_json=as_json)


@app.command("show")
def show_alert(context: typer.Context, alert: Which, as_json: Json = False) -> None:
    """One alert: what, how unusual, since when, the likely cause, and what to do."""
    from store import alerts
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = alerts.get(session, tabuh.workspace.id, alert)
        show(document(tabuh, row), _text(tabuh, row), as_json=as_json)


@app.command()
def seen(
    context: typer.Context,
    alert: Annotated[
        int | None, typer.Argument(metavar="ALERT", help="Its number; left out: all open ones.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Mark an alert as seen, or all."""
    from scheduler.alerts import see

    with opened(context) as tabuh:
        see(tabuh.context, tabuh.workspace.id, alert, actor=tabuh.actor)
        show({"alert_id": alert, "seen": True}, "Seen.", as_json=as_json)


@app.command()
def snooze(context: typer.Context, alert: Which, length: For = "1 days", as_json: Json = False) -> None:
    """Put an alert off; it is not counted until then."""
    from scheduler import alerts

    with opened(context) as tabuh:
        span = _length(length) or _length("1 days")
        assert span is not None
        row = alerts.snooze(tabuh.context, tabuh.workspace.id, alert, span, actor=tabuh.actor)
        until = when(row.snoozed_until, tabuh.workspace.zone)
        show(document(tabuh, row), f"Put off until {until}.", as_json=as_json)


@app.command()
def mute(
    context: typer.Context,
    alert: Annotated[int | None, typer.Argument(metavar="ALERT", help="Mute what this one is about.")] = None,
    *,
    rule: Annotated[str | None, typer.Option(help="Every alert of this rule; see: tabuh alert rules")] = None,
    only: Annotated[str, typer.Option(help="With an alert: its rule, its subject, or both.")] = "both",
    length: For = None,
    as_json: Json = False,
) -> None:
    """Hear no more of a rule, a subject, or a rule about a subject."""
    from domain.errors import UsageError
    from scheduler import alerts

    with opened(context) as tabuh:
        span = _length(length)
        workspace, actor = tabuh.workspace.id, tabuh.actor
        if (alert is None) == (rule is None):
            raise UsageError("Name an alert, or a rule with --rule.")
        if alert is not None:
            row = alerts.mute_like(tabuh.context, workspace, alert, what=only, length=span, actor=actor)
        else:
            row = alerts.mute(tabuh.context, workspace, rule=rule or "", length=span, actor=actor)
        until = f" until {when(row.until, tabuh.workspace.zone)}" if row.until else ""
        of = " about ".join(filter(None, [row.rule or "everything", row.name or row.subject]))
        told = {"rule": row.rule, "subject": row.subject, "until": row.until}
        show(told, f"Muted{until}: {of}.", as_json=as_json)


@app.command()
def unmute(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="The rule; - for every rule.")],
    subject: Annotated[str, typer.Argument(help="The subject, if it was muted for one alone.")] = "",
    as_json: Json = False,
) -> None:
    """Hear again of what was muted."""
    from scheduler import alerts

    with opened(context) as tabuh:
        known = "" if rule == "-" else rule
        alerts.unmute(tabuh.context, tabuh.workspace.id, rule=known, subject=subject, actor=tabuh.actor)
        show({"rule": known, "subject": subject, "muted": False}, "Not muted any more.", as_json=as_json)


@app.command()
def rules(context: typer.Context, as_json: Json = False) -> None:
    """Every rule there is, its open alerts, and what is muted."""
    from domain.alert_words import rule_name
    from scheduler import alerts

    with opened(context) as tabuh:
        found = alerts.rules(tabuh.context, tabuh.workspace.id)
        muted = alerts.inbox(tabuh.context, tabuh.workspace.id, closed=0).mutes
        zone = tabuh.workspace.zone
        drawn = table(
            ["Rule", "What it finds", "Group", ">Open", "Muted"],
            (
                (
                    one.rule, rule_name(one.rule).said(_LANGUAGE), one.group, one.open or "",
                    _muted(one.mute.until, zone) if one.mute else "",
                )
                for one in found
            ),
            empty="",
        )  # fmt: skip
        more = table(
            ["Muted rule", "Subject", "Until"],
            (
                (one.rule or "-", f"{one.subject} {one.name}".strip(), _muted(one.until, zone))
                for one in muted
                if one.subject
            ),
            empty="",
        )
        document = {
            "rules": [
                {"rule": one.rule, "name": rule_name(one.rule).en, "group": one.group, "open": one.open,
                 "muted": one.mute is not None}
                for one in found
            ],
            "mutes": [{"rule": one.rule, "subject": one.subject, "until": one.until} for one in muted],
        }  # fmt: skip
        show(document, drawn, more, as_json=as_json)


def _muted(until: Any, zone: str) -> str:
    return f"until {when(until, zone)}" if until else "yes"


def document(tabuh: "Opened", row: "AlertRow") -> dict[str, Any]:
    """An alert as JSON tells it."""
    from scheduler.alerting import parts
    from scheduler.telling import LANGUAGES

    words = _words(tabuh, row)
    shown = (
        "id", "rule", "subject", "name", "is_good", "since", "opened_at", "closed_at", "seen_at",
        "snoozed_until", "facts",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in shown},
        "what": words.what,
        "unusual": words.unusual,
        "cause": words.cause,
        "action": words.action,
        "page": tabuh.context.page(words.link),
        "command": words.command,
        "closing": words.closing,
        "words": {language: parts(_words(tabuh, row, language)) for language in LANGUAGES},
    }


def _text(tabuh: "Opened", row: "AlertRow") -> str:
    words = _words(tabuh, row)
    zone = tabuh.workspace.zone
    lines = [
        words.what, words.unusual, f"Opened {when(row.opened_at, zone)}. {words.since}", words.cause,
        words.action, f"  {tabuh.context.page(words.link)}", f"  {words.command}", words.closing,
    ]  # fmt: skip
    return "\n".join(line for line in lines if line.strip())


def _words(tabuh: "Opened", row: "AlertRow", language: str = _LANGUAGE) -> Any:
    from scheduler.alerting import words_of

    return words_of(row, language=language, zone=tabuh.workspace.zone)


def _state(row: "AlertRow", zone: str) -> str:
    if row.closed_at is not None:
        return f"closed {when(row.closed_at, zone)}"
    if row.snoozed_until is not None:
        return f"put off until {when(row.snoozed_until, zone)}"
    return "seen" if row.seen_at is not None else "new"


def _length(text: str | None) -> "timedelta | None":
    from domain.filters import span

    return span(text) if text is not None else None
