"""`tabuh link`: short links of one's own, their clicks, and the domain that they are printed with."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import Opened, opened
from cli.printing import Json, count, pairs, show, table, when

if TYPE_CHECKING:
    from scheduler.links import Addresses
    from store.clicks import Faces
    from store.tables import Link

app = typer.Typer(no_args_is_help=True, help="Short links: addresses of your own that count their clicks.")

Which = Annotated[str, typer.Argument(metavar="CODE", help="Its code.")]
Note = Annotated[str | None, typer.Option(help="What you call it; '' takes it away.")]
Days = Annotated[int, typer.Option(min=1, max=3_660, help="How many days to look back, today included.")]
#: Days that are listed; --json has all.
_LISTED = 14


@app.command()
def add(
    context: typer.Context,
    target: Annotated[str, typer.Argument(metavar="ADDRESS", help="Where it leads.")],
    *,
    code: Annotated[
        str, typer.Option(help="Letters, digits, hyphens, such as summer-sale. Left out: drawn at random.")
    ] = "",
    note: Annotated[str, typer.Option(help="What you call it.")] = "",
    as_json: Json = False,
) -> None:
    """Make a short link. A code is given once: it never leads to another link."""
    from scheduler.links import add_link

    with opened(context) as tabuh:
        link = add_link(tabuh.context, tabuh.workspace.id, target, code=code, note=note, actor=tabuh.actor)
        _tell(tabuh, link, as_json=as_json)


@app.command("list")
def list_links(
    context: typer.Context,
    *,
    own: Annotated[bool, typer.Option("--own", help="Only those made here, not those of posts.")] = False,
    find: Annotated[str, typer.Option(help="Only those with these words in code, note or target.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """Links, newest first, with their clicks by people, programs and unknown."""
    from domain.metrics import Audience
    from scheduler.links import addresses
    from store import clicks, links
    from store.engine import reading

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        found = links.listed(
            session, tabuh.workspace.id, own=True if own else None, words=find.strip(), limit=limit
        )
        where = addresses(tabuh.context, session, tabuh.workspace.id)
        counts = clicks.totals(session, (link.id for link in found))
        rows = [
            (where.of(link), link.note or ("of a post" if link.post_id else ""), link.target[:80],
             *(f"{counts[link.id][audience]:,}" for audience in Audience),
             "removed" if link.removed_at else "")
            for link in found
        ]  # fmt: skip
        drawn = table(
            ["Link", "Note", "Leads to", *(f">{audience.capitalize()}" for audience in Audience), ""],
            rows,
            empty="No link yet. Make one: tabuh link add ADDRESS",
        )
        show([_document(link, where, counts[link.id]) for link in found], drawn, as_json=as_json)


@app.command("show")
def show_link(context: typer.Context, code: Which, *, days: Days = 30, as_json: Json = False) -> None:
    """One link, and its clicks day by day."""
    from scheduler.links import addresses
    from store import clicks, links
    from store.engine import reading
    from web.link_words import stretch

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        link = links.named(session, tabuh.workspace.id, code)
        where = addresses(tabuh.context, session, tabuh.workspace.id)
        zone = tabuh.workspace.zone
        start, end = stretch(days, zone, now=tabuh.context.clock())
        faces = clicks.faces(session, link, start=start, end=end, zone=zone)
        ever = clicks.totals(session, [link.id])[link.id]
        document = {**_document(link, where, ever), "zone": zone, "last": _faces(faces)}
        about = pairs(
            [
                ("Link", where.of(link)), ("Leads to", link.target), ("Note", link.note),
                ("Removed", when(link.removed_at, zone)),
                (f"Last {count(days, 'day')}", _line(faces)), ("Clickers", _people(faces)),
            ]
        )  # fmt: skip
        drawn = table(
            ["Day", ">People", ">Programs", ">Unknown", ">Clickers"],
            [
                (day.day, *(f"{number:,}" for number in day.by_audience.values()),
                 f"{day.people:,}" if day.with_hash else "–")
                for day in faces.days[-_LISTED:]
            ],
            empty="Nobody has followed it in these days.",
        )  # fmt: skip
        show(document, about, "\n", drawn, as_json=as_json)


@app.command()
def change(
    context: typer.Context,
    code: Which,
    *,
    target: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Where it leads from now on.")] = None,
    note: Note = None,
    as_json: Json = False,
) -> None:
    """Change where a link leads, or its note; the code stays."""
    from domain.errors import UsageError
    from scheduler.links import change_link

    if target is None and note is None:
        raise UsageError("Say what to change: --target or --note.")
    with opened(context) as tabuh:
        link = change_link(
            tabuh.context, tabuh.workspace.id, _number(tabuh, code), target=target, note=note,
            actor=tabuh.actor,
        )  # fmt: skip
        _tell(tabuh, link, as_json=as_json)


@app.command()
def remove(context: typer.Context, code: Which, as_json: Json = False) -> None:
    """Let a link lead nowhere. Its clicks stay, and its code is never given to another link."""
    from scheduler.links import remove_link

    with opened(context) as tabuh:
        link = remove_link(tabuh.context, tabuh.workspace.id, _number(tabuh, code), actor=tabuh.actor)
        _tell(tabuh, link, as_json=as_json)


@app.command()
def restore(context: typer.Context, code: Which, as_json: Json = False) -> None:
    """Let a removed link lead to its target again."""
    from scheduler.links import restore_link

    with opened(context) as tabuh:
        link = restore_link(tabuh.context, tabuh.workspace.id, _number(tabuh, code), actor=tabuh.actor)
        _tell(tabuh, link, as_json=as_json)


@app.command()
def qr(
    context: typer.Context,
    code: Which,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Such as poster.svg or poster.png.")],
    as_json: Json = False,
) -> None:
    """Write the QR code of a link: SVG or PNG, by the ending of the file's name."""
    from domain.errors import TabuhError, UsageError
    from scheduler.links import address_of
    from store import links
    from store.engine import reading
    from web.codes import qr_png, qr_svg

    ending = file.suffix.lower()
    if ending not in (".svg", ".png"):
        raise UsageError("A QR code is written as SVG or PNG: end the file's name with .svg or .png.")
    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            link = links.named(session, tabuh.workspace.id, code)
        address = address_of(tabuh.context, link)
        try:
            file.write_bytes(qr_svg(address) if ending == ".svg" else qr_png(address))
        except OSError as exc:
            raise TabuhError(f"{file} cannot be written: {exc.strerror}.") from exc
        show({"file": str(file), "address": address}, f"{file} holds {address}.", as_json=as_json)


@app.command()
def clicks(
    context: typer.Context,
    code: Which,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Such as clicks.csv.")],
    *,
    days: Days = 30,
    as_json: Json = False,
) -> None:
    """Write every click of a link as CSV: time, class and its reason, referrer and country."""
    from domain.errors import TabuhError
    from store import links
    from store.engine import reading
    from web.link_words import sheet, stretch

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        link = links.named(session, tabuh.workspace.id, code)
        start, end = stretch(days, tabuh.workspace.zone, now=tabuh.context.clock())
        lines = -1  # the heading
        try:
            with file.open("w", encoding="utf-8", newline="") as into:
                for line in sheet(session, link, start=start, end=end):
                    into.write(line)
                    lines += 1
        except OSError as exc:
            raise TabuhError(f"{file} cannot be written: {exc.strerror}.") from exc
        written = {"file": str(file), "clicks": lines}
        show(written, f"{file} holds {count(lines, 'click')}.", as_json=as_json)


@app.command()
def domain(
    context: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="DOMAIN", help="Such as go.example.org; none takes it away.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show or change the domain that links are printed with; it must point to this server."""
    from scheduler.links import set_domain
    from store import link_domains
    from store.engine import reading

    with opened(context) as tabuh:
        if name is None:
            with reading(tabuh.engine) as session:
                host = link_domains.host_of(session, tabuh.workspace.id)
        else:
            wanted = "" if name.strip().lower() == "none" else name
            host = set_domain(tabuh.context, tabuh.workspace.id, wanted, actor=tabuh.actor)
        told = f"Links are printed with {host}." if host else "Links stand below the public address."
        show({"domain": host}, told, as_json=as_json)


def _number(tabuh: Opened, code: str) -> int:
    from store import links
    from store.engine import reading

    with reading(tabuh.engine) as session:
        return links.named(session, tabuh.workspace.id, code).id


def _tell(tabuh: Opened, link: "Link", *, as_json: bool) -> None:
    from scheduler.links import addresses
    from store import clicks
    from store.engine import reading

    with reading(tabuh.engine) as session:
        where = addresses(tabuh.context, session, tabuh.workspace.id)
        counts = clicks.totals(session, [link.id])[link.id]
    state = "leads nowhere now" if link.removed_at else f"leads to {link.target}"
    show(_document(link, where, counts), f"{where.of(link)} {state}.", as_json=as_json)


def _document(link: "Link", where: "Addresses", counts: Any) -> dict[str, Any]:
    return {
        "id": link.id, "code": link.code, "address": where.of(link), "target": link.target,
        "note": link.note, "post_id": link.post_id, "created_at": link.created_at,
        "removed_at": link.removed_at, "clicks": counts,
    }  # fmt: skip


def _faces(faces: "Faces") -> dict[str, Any]:
    return {
        "start": faces.start, "end": faces.end, "total": faces.total, "clicks": faces.by_audience,
        "by_reason": [
            {"audience": audience, "why": why, "clicks": number} for audience, why, number in faces.by_reason
        ],
        "days": [
            {"day": day.day, "clicks": day.by_audience, "people": day.people if day.with_hash else None,
             "people_known_of": day.with_hash}
            for day in faces.days
        ],
        "hours": [{"hour": hour, "clicks": counts} for hour, counts in faces.hours],
        "by_referrer": [{"name": name, "clicks": number} for name, number in faces.by_referrer],
        "by_country": [{"name": name, "clicks": number} for name, number in faces.by_country],
    }  # fmt: skip


def _line(faces: "Faces") -> str:
    words = {"human": "of people", "bot": "of programs", "unknown": "unknown"}
    parts = ", ".join(f"{number:,} {words[audience]}" for audience, number in faces.by_audience.items())
    return f"{count(faces.total, 'click')}: {parts}"


def _people(faces: "Faces") -> str:
    if not faces.with_hash:
        return ""
    known = f"from {faces.with_hash:,} of {count(faces.human, 'click')} of people"
    return f"{faces.people_days:,}, each once a day, {known}"
