"""`tabuh alert`: what is out of the ordinary, and how people are told."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, one_line, pairs, show, table, when

if TYPE_CHECKING:
    from datetime import timedelta

    from cli.opening import Opened
    from store.tables import AlertRow, Telling
    from store.telling import Reader

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


@app.command()
def settings(
    context: typer.Context,
    person: Annotated[str | None, typer.Argument(help="Whose; left out: everybody's are listed.")] = None,
    *,
    email: Annotated[str | None, typer.Option(help="Where this person reads mail; none: nowhere.")] = None,
    mail: Annotated[bool | None, typer.Option("--mail/--no-mail", help="Send alerts by mail.")] = None,
    groups: Annotated[
        str | None, typer.Option(help="all, or some of: figures, kpis, silence, numbers, reports.")
    ] = None,
    digest: Annotated[
        str | None,
        typer.Option(metavar="HOUR", help="All in one mail at this hour; at-once: each by itself."),
    ] = None,
    quiet: Annotated[
        str | None, typer.Option(metavar="HOURS", help="Hours without mail, such as 22:00-07:00; or none.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Who is told what, when: show, or change for one person. Hours are those of the workspace's zone."""
    from scheduler import alerts

    with opened(context) as tabuh:
        if person is None:
            found = alerts.readers(tabuh.context, tabuh.workspace.id)
        else:
            found = [
                _changed(tabuh, person, email=email, mail=mail, groups=groups, digest=digest, quiet=quiet)
            ]
        drawn = table(
            ["Person", "Mail", "By mail", "Of", "When", "Quiet"],
            (_reader_row(one) for one in found),
            empty="Nobody belongs to this workspace.",
        )
        server = tabuh.context.mail
        about = pairs([("Mail server", server.host if server else "none is set: TABUH_SMTP_HOST")])
        show([reader_document(one) for one in found], drawn, about, as_json=as_json)


def _changed(
    tabuh: "Opened",
    person: str,
    *,
    email: str | None,
    mail: bool | None,
    groups: str | None,
    digest: str | None,
    quiet: str | None,
) -> "Reader":
    from dataclasses import replace

    from domain.quiet_hours import parse_digest, parse_quiet
    from scheduler import alerts
    from store import people
    from store.engine import reading

    with reading(tabuh.engine) as session:
        who = people.person_named(session, person)
    known = alerts.reader(tabuh.context, tabuh.workspace.id, who.id)
    if all(given is None for given in (email, mail, groups, digest, quiet)):
        return known
    wish = known.wish
    if mail is not None:
        wish = replace(wish, by_mail=mail)
    if groups is not None:
        wish = replace(wish, groups=_groups(groups))
    if digest is not None:
        wish = replace(wish, digest_hour=parse_digest(digest))
    if quiet is not None:
        begin, end = parse_quiet(quiet)
        wish = replace(wish, quiet_from=begin, quiet_until=end)
    address = "" if email == "none" else email
    return alerts.set_wish(
        tabuh.context, tabuh.workspace.id, who.id, wish, address=address, actor=tabuh.actor
    )


def _groups(text: str) -> Any:
    from domain.errors import UsageError
    from domain.telling import Group

    if text.strip() == "all":
        return None
    names = [one for one in text.replace(",", " ").split() if one]
    unknown = [one for one in names if one not in list(Group)]
    if unknown or not names:
        raise UsageError(
            f"Unknown group {unknown[0] if unknown else text!r}. Known: all, {', '.join(Group)}."
        )
    return frozenset(map(Group, names))


def reader_document(one: "Reader") -> dict[str, Any]:
    """A person's wishes as JSON tells them."""
    from domain.quiet_hours import quiet_text

    return {
        "person": one.person.name,
        "email": one.person.email,
        "by_mail": one.wish.by_mail,
        "groups": sorted(one.wish.groups) if one.wish.groups is not None else None,
        "digest_hour": one.wish.digest_hour,
        "quiet": quiet_text(one.wish.quiet_from, one.wish.quiet_until) or None,
    }


def _reader_row(one: "Reader") -> tuple[str, ...]:
    told = reader_document(one)
    digest = told["digest_hour"]
    return (
        told["person"], told["email"] or "none", "yes" if told["by_mail"] else "no",
        ", ".join(told["groups"]) if told["groups"] is not None else "all",
        "at once" if digest is None else f"daily at {digest:02d}:00", told["quiet"] or "",
    )  # fmt: skip


@app.command("test")
def try_all(context: typer.Context, as_json: Json = False) -> None:
    """Send a test through every way that is set: mail, webhooks, Apprise. Says how each went."""
    from scheduler import alerts

    with opened(context) as tabuh:
        key = alerts.test_ways(tabuh.context, tabuh.workspace.id, actor=tabuh.actor)
        report(tabuh, key, as_json=as_json)


def report(tabuh: "Opened", key: str, *, as_json: bool) -> None:
    """Hand a notice's deliveries over now, and say how each went; exit code 1 when one did not."""
    from scheduler.handing_over import deliver_now

    rows = deliver_now(tabuh.context, tabuh.workspace.id, key)
    drawn = table(
        ["Way", "To", "State", "Why"],
        ((row.way, _to(tabuh, row), row.state, row.reason) for row in rows),
        empty="No way out is set: give a person a mail address (tabuh alert settings NAME --email ADDRESS) "
        "or add a webhook (tabuh webhook add NAME URL).",
    )
    show([telling_document(row) for row in rows], drawn, as_json=as_json)
    if any(row.state != "sent" for row in rows):
        raise typer.Exit(1)


@app.command()
def deliveries(
    context: typer.Context,
    again: Annotated[int | None, typer.Option(metavar="DELIVERY", help="Try this one again now.")] = None,
    as_json: Json = False,
) -> None:
    """The last deliveries: sent, waiting or failed, and why."""
    from scheduler import alerts

    with opened(context) as tabuh:
        if again is not None:
            alerts.deliver_again(tabuh.context, tabuh.workspace.id, again, actor=tabuh.actor)
        found = alerts.deliveries(tabuh.context, tabuh.workspace.id)
        zone = tabuh.workspace.zone
        drawn = table(
            ["Delivery", "What", "Way", "To", "State", ">Tries", "Next or sent", "Why"],
            (
                (
                    row.id, one_line(what, 40), row.way, _to(tabuh, row), row.state, row.tries,
                    when(row.sent_at or row.next_at, zone), row.reason,
                )
                for row, what in found
            ),
            empty="Nothing was to be delivered yet.",
        )  # fmt: skip
        show([{**telling_document(row), "what": what} for row, what in found], drawn, as_json=as_json)


def _to(tabuh: "Opened", row: "Telling") -> str:
    from scheduler.endpoints import listed

    if row.endpoint_id is None:
        return row.address or ""
    names = {one.id: one.name for one in listed(tabuh.context, tabuh.workspace.id)}
    return names.get(row.endpoint_id, "removed")


def telling_document(row: "Telling") -> dict[str, Any]:
    """A delivery as JSON tells it."""
    shown = (
        "id", "way", "address", "endpoint_id", "person_id", "is_digest", "state", "tries", "reason",
        "created_at", "next_at", "sent_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in shown}


def document(tabuh: "Opened", row: "AlertRow") -> dict[str, Any]:
    """An alert as JSON tells it."""
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
    }


def _text(tabuh: "Opened", row: "AlertRow") -> str:
    words = _words(tabuh, row)
    zone = tabuh.workspace.zone
    lines = [
        words.what, words.unusual, f"Opened {when(row.opened_at, zone)}. {words.since}", words.cause,
        words.action, f"  {tabuh.context.page(words.link)}", f"  {words.command}", words.closing,
    ]  # fmt: skip
    return "\n".join(line for line in lines if line.strip())


def _words(tabuh: "Opened", row: "AlertRow") -> Any:
    from scheduler.alerting import words_of

    return words_of(row, language=_LANGUAGE, zone=tabuh.workspace.zone)


def _state(row: "AlertRow", zone: str) -> str:
    if row.closed_at is not None:
        return f"closed {when(row.closed_at, zone)}"
    if row.snoozed_until is not None:
        return f"put off until {when(row.snoozed_until, zone)}"
    return "seen" if row.seen_at is not None else "new"


def _length(text: str | None) -> "timedelta | None":
    from domain.filters import span

    return span(text) if text is not None else None
