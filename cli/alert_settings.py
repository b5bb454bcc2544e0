"""`tabuh alert settings`: who is told what, when, and where."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, pairs, show, table

if TYPE_CHECKING:
    from cli.opening import Opened
    from store.telling import Reader


def settings(
    context: typer.Context,
    person: Annotated[str | None, typer.Argument(help="Whose; left out: everybody's are listed.")] = None,
    *,
    email: Annotated[str | None, typer.Option(help="Where this person reads mail; none: nowhere.")] = None,
    mail: Annotated[bool | None, typer.Option("--mail/--no-mail", help="Send alerts by mail.")] = None,
    groups: Annotated[
        str | None,
        typer.Option(help="all, or some of: figures, kpis, silence, numbers, experiments, reports."),
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
