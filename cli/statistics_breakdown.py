"""`tabuh stats breakdown`: which channel, feed, type or hour earns."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, show, table
from cli.statistics import figure_text
from cli.view_options import Ascending, Columns, Where, view_of

if TYPE_CHECKING:
    from analytics.breakdowns import Breakdown

#: Figures in a terminal are told in English.
_LANGUAGE = "en"


def breakdown(
    context: typer.Context,
    *,
    by: Annotated[
        str,
        typer.Option(
            help="channel, platform, route, feed, kind, slot, weekday, hour, campaign, tag, author, language "
            "or origin."
        ),
    ] = "channel",
    days: Annotated[
        int | None, typer.Option(min=1, max=3660, help="Posts of so many days back.", show_default="28")
    ] = None,
    where: Where = None,
    columns: Columns = None,
    window: Annotated[
        int, typer.Option(min=1, max=365, help="How many days after a click what it brought counts.")
    ] = 30,
    sort: Annotated[
        str | None,
        typer.Option(help="name, posts or the key of a figure that is shown.", show_default="posts"),
    ] = None,
    ascending: Ascending = False,
    file: Annotated[
        Path | None,
        typer.Option(help="Write them to a file instead: it ends in .csv, .json, .xlsx or .zip."),
    ] = None,
    as_json: Json = False,
) -> None:
    """The posts of a period in groups: which channel, feed, type or hour earns."""
    from datetime import timedelta

    from analytics.breakdown_sheet import document, file_of, period_of
    from analytics.breakdowns import breakdown as made
    from analytics.post_export import FORMATS
    from analytics.views import filters_of
    from domain.breakdown import BROUGHT, FIGURES, By
    from domain.errors import UsageError
    from scheduler.measuring import supplies
    from store.engine import reading

    if by not in list(By):
        raise UsageError(f"Posts cannot be grouped by {by!r}. Choose one of: {', '.join(By)}.")
    kind = file.suffix.lstrip(".") if file else ""
    if file and kind not in FORMATS:
        raise UsageError(f"Name a file that ends in one of: {', '.join(FORMATS)}.")
    only = [*(where or ()), *([f"days={days}"] if days is not None else [])]
    with opened(context) as tabuh:
        now = tabuh.context.clock()
        with reading(tabuh.engine) as session:
            asked = view_of(tabuh, session, where=only, columns=columns)
            start, end = period_of(asked, tabuh.workspace.zone, now=now)
            told = made(
                session, tabuh.workspace.id, By(by), start, end,
                filters=filters_of(asked, tabuh.workspace.zone, now=now),
                supplies=supplies(tabuh.context, session, tabuh.workspace.id), now=now,
                keys=asked.columns or FIGURES, sort=sort or "", descending=not ascending,
                window=timedelta(days=window),
            )  # fmt: skip
        if file:
            _keep(file, kind, file_of(told, kind, language=_LANGUAGE), as_json=as_json)
            return
        notes = ["– is a number that is not supplied or not measured, never 0. * Too few posts to compare."]
        if BROUGHT.intersection(told.keys):
            notes.append(f"Conversions and revenue: {window} days from a click, to the last one before them.")
        if told.overlapping:
            notes.append("A post with two tags counts in both groups, and once in the total.")
        show(document(told, language=_LANGUAGE), _table(told), *notes, as_json=as_json)


def _keep(file: Path, kind: str, body: bytes, *, as_json: bool) -> None:
    from domain.errors import UsageError

    try:
        file.write_bytes(body)
    except OSError as exc:
        raise UsageError(f"{file} cannot be written: {exc.strerror}.") from exc
    told = {"file": str(file), "format": kind, "bytes": len(body)}
    show(told, f"Wrote {file} ({len(body):,} bytes).", as_json=as_json)


def _table(told: "Breakdown") -> Any:
    from domain.breakdown import NAMES

    shown = [key for key in told.keys if any(group.figures[key].value is not None for group in told.groups)]
    return table(
        [NAMES[told.by].en, ">Posts", *(f">{key.replace('_', ' ')}" for key in shown)],
        (
            (
                group.name.en + (" *" if group.few else ""), group.posts,
                *(figure_text(group.figures[key]) for key in shown),
            )
            for group in ((*told.groups, told.total) if told.groups else ())
        ),
        empty="No post went out in these days.",
    )  # fmt: skip
