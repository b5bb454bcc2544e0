"""`tabuh kpi guide`: what every KPI means, in versions that freeze themselves; shared, confirmed as read."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.papers import Language, Out, check_language, hand_out, kind_of
from cli.printing import Json, show, table, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from domain.guide import Guide
    from store.tables import GuideVersion, Person

app = typer.Typer(
    invoke_without_command=True,
    help="The KPI guide: every KPI's definition, source, owner, target and why, in numbered versions.",
)

Version = Annotated[
    int | None, typer.Option("--version", min=1, max=2**31 - 1, help="As it was frozen; left out: of now.")
]


@app.callback()
def guide(
    context: typer.Context,
    *,
    version: Version = None,
    language: Language = "en",
    as_: Annotated[str, typer.Option("--format", help="md, json, html or pdf.")] = "md",
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Print the KPI guide, of now or a version as it was frozen, or write it to a file."""
    if context.invoked_subcommand is not None:
        return
    from web.i18n import Voice
    from web.reports.guide import FORMATS, as_file

    kind = kind_of("json" if as_json else as_, FORMATS, out=out)
    check_language(language)
    with opened(context) as tabuh:
        made = _guide(tabuh, version)
    hand_out(as_file(made, kind, Voice(language, made.head.zone)), kind, out)


def _guide(tabuh: "Opened", number: int | None) -> "Guide":
    from scheduler.guides import current
    from scheduler.guiding import as_frozen, as_of_now
    from store import guides
    from store.engine import reading

    newest = current(tabuh.context, tabuh.workspace.id)
    with reading(tabuh.engine) as session:
        if number is None:
            return as_of_now(tabuh.context, session, tabuh.workspace.id)
        if number == newest.number:
            return as_frozen(session, newest)
        return as_frozen(session, guides.version(session, tabuh.workspace.id, number))


@app.command()
def versions(
    context: typer.Context,
    *,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Newest first, at most so many.")] = 20,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """The versions of the guide, newest first, each with what it changed."""
    from scheduler.guiding import renew
    from store import guides
    from store.engine import reading
    from web.i18n import Voice
    from web.pages.guides import version_shown

    with opened(context) as tabuh:
        renew(tabuh.context, tabuh.workspace.id)
        zone = tabuh.workspace.zone
        voice = Voice(language, zone)
        with reading(tabuh.engine) as session:
            rows = [
                version_shown(session, row, voice, zone)
                for row in guides.versions(session, tabuh.workspace.id, limit=limit)
            ]
        told = [
            {"number": row.number, "at": row.at, "changes": row.changes, "read": row.read} for row in rows
        ]
        drawn = table(
            [">Version", "Frozen", "What changed", ">Read by"],
            ((row.number, when(row.at, zone), "\n".join(row.changes), row.read) for row in rows),
            empty="There is no KPI guide yet: it begins with the first KPI. Add one: tabuh kpi add",
        )
        show(told, drawn, as_json=as_json)


@app.command()
def share(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Whom the link is for.")] = "a reader",
    *,
    days: Annotated[int, typer.Option(help="How long the link is open, 1 to 365.")] = 30,
    language: Language = "en",
    version: Annotated[
        int | None,
        typer.Option("--version", min=1, max=2**31 - 1, help="What it shows; left out: always the newest."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a secret address at which the guide is read without signing in; it is shown once."""
    from scheduler.guides import share as make_link

    with opened(context) as tabuh:
        row, address = make_link(
            tabuh.context,
            tabuh.workspace.id,
            name=name,
            lasts=timedelta(days=days),
            language=language,
            number=version,
            actor=tabuh.actor,
        )
        told = {"id": row.id, "name": row.name, "version": row.number, "expires_at": row.expires_at,
                "address": address}  # fmt: skip
        until = when(row.expires_at, tabuh.workspace.zone)
        show(
            told, address, f"Open until {until}. To end it: tabuh kpi guide revoke {row.id}", as_json=as_json
        )


@app.command()
def links(context: typer.Context, as_json: Json = False) -> None:
    """The links to the guide, without their secret addresses, and how often each was opened."""
    from store import guides
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            found = guides.links(session, tabuh.workspace.id)
        rows = [
            {"id": row.id, "name": row.name, "version": row.number, "expires_at": row.expires_at,
             "opened": row.opened, "opened_at": row.opened_at}
            for row in found
        ]  # fmt: skip
        zone = tabuh.workspace.zone
        drawn = table(
            ["Link", "For", "Shows", "Open until", "Opened"],
            ((row.id, row.name, f"version {row.number}" if row.number else "the newest",
              when(row.expires_at, zone), row.opened) for row in found),
            empty="The KPI guide has no link. Make one: tabuh kpi guide share NAME",
        )  # fmt: skip
        show(rows, drawn, as_json=as_json)


@app.command()
def revoke(
    context: typer.Context,
    link: Annotated[int, typer.Argument(metavar="LINK", help="Its number; see: tabuh kpi guide links")],
    as_json: Json = False,
) -> None:
    """End a link to the guide."""
    from scheduler.guides import revoke as end

    with opened(context) as tabuh:
        row = end(tabuh.context, tabuh.workspace.id, link, actor=tabuh.actor)
        show({"id": row.id, "name": row.name}, f"Link {row.id} was ended.", as_json=as_json)


@app.command()
def read(
    context: typer.Context,
    *,
    version: Annotated[
        int | None,
        typer.Option("--version", min=1, max=2**31 - 1, help="Which one; left out: the newest."),
    ] = None,
    person: Annotated[
        str, typer.Option("--person", metavar="NAME", help="Who has read it; left out: the owner.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Confirm that somebody has read a version of the guide."""
    from scheduler.guides import confirm

    with opened(context) as tabuh:
        who = _person(tabuh, person)
        row, is_new = confirm(tabuh.context, tabuh.workspace.id, who.id, number=version, actor=tabuh.actor)
        text = f"{who.name} has read version {row.number}." if is_new else (
            f"{who.name} had confirmed version {row.number} already."
        )  # fmt: skip
        show({"version": row.number, "person": who.name, "new": is_new}, text, as_json=as_json)


def _person(tabuh: "Opened", name: str) -> "Person":
    from domain.errors import NotFound
    from store import people
    from store.engine import reading

    if not name:
        return tabuh.owner
    with reading(tabuh.engine) as session:
        members = people.members(session, tabuh.workspace.id)
        found = next((key for key, known in members.items() if known == name), None)
        if found is None:
            raise NotFound(
                f"{name!r} is no member of this workspace. Members: {', '.join(members.values())}."
            )
        return people.person(session, found)


@app.command()
def receipts(context: typer.Context, *, version: Version = None, as_json: Json = False) -> None:
    """Who has read a version of the guide, and who has not."""
    from scheduler import guides as commands
    from store.engine import reading

    with opened(context) as tabuh:
        row = _version(tabuh, version)
        with reading(tabuh.engine) as session:
            found = commands.receipts(session, row)
        zone = tabuh.workspace.zone
        told: dict[str, Any] = {
            "version": found.number,
            "read": found.read,
            "readers": [
                {"name": one.name, "read_at": one.read_at, "last_number": one.last_number,
                 "waiting_since": one.waiting_since}
                for one in found.readers
            ],
            "said": [{"name": one.name, "at": one.at, "link": one.link} for one in found.said],
        }  # fmt: skip
        rows = [
            (one.name, f"read {when(one.read_at, zone)}" if one.read_at
             else f"not yet, waits since {when(one.waiting_since, zone)}")
            for one in found.readers
        ]  # fmt: skip
        rows += [
            (one.name, f"said so by the link for {one.link}, {when(one.at, zone)}") for one in found.said
        ]
        drawn = table(["Reader", f"Version {found.number}"], rows, empty="Nobody belongs to this workspace.")
        show(told, drawn, as_json=as_json)


def _version(tabuh: "Opened", number: int | None) -> "GuideVersion":
    from scheduler.guides import current
    from store import guides
    from store.engine import reading

    newest = current(tabuh.context, tabuh.workspace.id)
    if number is None:
        return newest
    with reading(tabuh.engine) as session:
        return guides.version(session, tabuh.workspace.id, number)
