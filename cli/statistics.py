"""`tabuh stats`: what published posts have come to."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, amount, one_line, pairs, show, table, when
from cli.view_options import Ascending, Columns, Sort, View, Where, view_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from analytics.post_sheet import Names
    from analytics.posts import PostLine, PostStatistics
    from analytics.usual import Point
    from domain.figure import Figure
    from store.tables import Post

app = typer.Typer(no_args_is_help=True, help="Statistics of published posts.")

#: Figures that the list shows; JSON has them all.
_SHOWN = ("impressions", "views", "clicks", "reactions", "replies", "shares")
#: What a sender is called among origins.
_ORIGIN = {"tabuh": "ours"}
#: English, as everything in a terminal.
_LANGUAGE = "en"


@app.command("list")
def list_statistics(
    context: typer.Context,
    *,
    channel: Annotated[str | None, typer.Option(help="Only posts of this channel.")] = None,
    sender: Annotated[
        str | None, typer.Option(help="tabuh: sent from here; native: written on the platform itself.")
    ] = None,
    view: View = None,
    where: Where = None,
    columns: Columns = None,
    sort: Sort = None,
    ascending: Ascending = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="Posts shown.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Where the last list ended.")] = None,
    as_json: Json = False,
) -> None:
    """Published posts with their figures."""
    from analytics.post_sheet import columns_of, names_for
    from analytics.posts import post_list
    from analytics.views import filters_of
    from scheduler.measuring import supplies
    from store.engine import reading

    only = [f"channel={channel}"] if channel is not None else []
    if sender is not None:
        only.append(f"origin={_ORIGIN.get(sender, sender)}")
    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            asked = view_of(
                tabuh, session, view=view, where=[*only, *(where or ())], columns=columns, sort=sort,
                ascending=ascending,
            )  # fmt: skip
            able = supplies(tabuh.context, session, tabuh.workspace.id)
            page = post_list(
                session, tabuh.workspace.id,
                filters_of(asked, tabuh.workspace.zone, now=tabuh.context.clock()), sort=asked.sort,
                descending=asked.descending, limit=limit, cursor=cursor, ranked=True, supplies=able,
                now=tabuh.context.clock(),
            )  # fmt: skip
            chosen = columns_of(session, tabuh.workspace.id, asked, able) if asked.columns else ()
            names = names_for(session, page.lines, able, columns=chosen)
        drawn = _chosen_table(page.lines, chosen, names, tabuh.context.clock()) if chosen else _table(
            page.lines, asked.sort
        )  # fmt: skip
        more = f"\nMore: --cursor {page.next_cursor}" if page.next_cursor else ""
        document = {"posts": [line_document(line) for line in page.lines], "next_cursor": page.next_cursor}
        show(
            document,
            drawn,
            "– is a number that is not supplied or not measured, never 0." + more,
            as_json=as_json,
        )


def _table(lines: "Sequence[PostLine]", sort: str) -> Any:
    from domain.post_columns import ABOUT

    shown = [key for key in _SHOWN if any(_has(line, key) for line in lines)]
    figures = [*shown, *([sort] if sort not in shown and sort not in ABOUT else [])]
    return table(
        ["Post", "Published", "Channel", *(f">{key.replace('_', ' ')}" for key in figures), "Text"],
        (
            (
                line.post.id,
                when(line.post.published_at, line.channel.zone),
                line.channel.name,
                *(figure_text(line.figures.get(key)) for key in figures),
                _marks(line.post) + one_line(line.post.content["text"], 50),
            )
            for line in lines
        ),
        empty="No published posts yet.",
    )


def _chosen_table(
    lines: "Sequence[PostLine]", columns: "Sequence[str]", names: "Names", now: "datetime"
) -> Any:
    from analytics.post_sheet import cell
    from domain.post_columns import ABOUT

    def told(line: "PostLine", key: str) -> str:
        if key not in ABOUT:
            return figure_text(line.figures[key])
        value = cell(line, key, names, language=_LANGUAGE, now=now).value
        return "–" if value is None else one_line(str(value), 50)

    return table(
        [
            "Number",
            *(key.replace("_", " ") if key in ABOUT else f">{key.replace('_', ' ')}" for key in columns),
        ],
        ((line.post.id, *(told(line, key) for key in columns)) for line in lines),
        empty="No published posts yet.",
    )


def _marks(post: "Post") -> str:
    marks = {
        "written there": post.origin == "native",
        "gone": post.deleted_at is not None,
        "changed there": post.changed_there_at is not None,
    }
    told = ", ".join(words for words, holds in marks.items() if holds)
    return f"[{told}] " if told else ""


def _has(line: "PostLine", key: str) -> bool:
    return key in line.figures and line.figures[key].value is not None


@app.command("post")
def show_post(
    context: typer.Context,
    post: Annotated[int, typer.Argument(metavar="POST", help="Its number, from: tabuh stats list")],
    as_json: Json = False,
) -> None:
    """One published post: every figure with its source, how it grew, and its clicks."""
    from analytics.posts import post_statistics
    from scheduler.measuring import supplies
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            told = post_statistics(
                session, tabuh.workspace.id, post,
                supplies=supplies(tabuh.context, session, tabuh.workspace.id), now=tabuh.context.clock(),
            )  # fmt: skip
        zone = told.line.channel.zone
        about = pairs(
            [
                ("Post", told.line.post.id),
                ("Channel", told.line.channel.name),
                ("Published", when(told.line.post.published_at, zone)),
                ("Address", told.line.post.remote_url),
                ("Text", one_line(told.line.post.content["text"], 200)),
                *([("Text there", one_line(told.changed_text.there, 200))] if told.changed_text else []),
            ]
        )
        show(_statistics_document(told), about, "\n", _figures(told), *_growth(told), as_json=as_json)


def _figures(told: "PostStatistics") -> Any:
    return table(
        ["Figure", ">Value", "From", "Read"],
        (
            (
                key.replace("_", " "),
                figure_text(figure),
                ", ".join(figure.passport.sources) or _why(figure),
                when(figure.passport.read_newest, told.line.channel.zone),
            )
            for key, figure in told.line.figures.items()
        ),
        empty="No figures.",
    )


def _growth(told: "PostStatistics") -> "Iterable[Any]":
    from feeds.interval import span

    points = [(key, point) for key, curve in told.curves.items() for point in curve]
    if points:
        yield "\nGrowth"
        yield table(
            ["Figure", "Age", ">Value", "Note"],
            (
                (key.replace("_", " "), span(point.checkpoint), point.value, _said_of(point))
                for key, point in points
            ),
            empty="",
        )


def _said_of(point: "Point") -> str:
    notes = {
        "read late": point.late,
        "less than before": point.fell,
        "another field than before: growth unknown": point.cut,
    }
    return ", ".join(words for words, holds in notes.items() if holds)


@app.command("channel")
def channel_numbers(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name.")],
    days: Annotated[int, typer.Option(min=1, max=3660, help="So many days back.")] = 28,
    as_json: Json = False,
) -> None:
    """The numbers of a channel itself, such as its followers, day by day, with jumps marked."""
    from dataclasses import asdict
    from datetime import timedelta

    from analytics.channel_numbers import numbers
    from store import channels
    from store.engine import reading

    with opened(context) as tabuh:
        now = tabuh.context.clock()
        with reading(tabuh.engine) as session:
            row = channels.named(session, tabuh.workspace.id, channel)
            found = numbers(
                session, tabuh.workspace.id, row.id, start=now - timedelta(days=days),
                end=now + timedelta(seconds=1),
            )  # fmt: skip
        drawn = table(
            ["Number", "Read", ">Value", ">Change", "Field", "Note"],
            (
                (
                    metric.replace("_", " "), when(one.at, row.zone), one.value,
                    "" if one.change is None else f"{one.change:+}", one.source,
                    "jump: not by people alone" if one.jump else "",
                )
                for metric, series in found.items()
                for one in series
            ),
            empty="Nothing was read of this channel itself in these days.",
        )  # fmt: skip
        document = {str(metric): [asdict(one) for one in series] for metric, series in found.items()}
        show(document, drawn, as_json=as_json)


@app.command()
def metrics(
    metric: Annotated[
        str | None, typer.Argument(metavar="[METRIC]", help="Its key: only this one, with its sources.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Every metric and rate there is, with its formula; `--json` also where its numbers come from."""
    from dataclasses import asdict

    from domain.catalogue import CATALOGUE
    from publishers.metric_sources import behind, breaks, sources

    if metric is not None:
        _one_metric(metric, as_json=as_json)
        return
    given, changed = sources(), breaks()

    rows = [
        {
            "key": entry.key,
            "name": entry.name.said(_LANGUAGE),
            "formula": entry.formula,
            "version": entry.version,
            "denominator": entry.denominator,
            "definition": entry.definition.said(_LANGUAGE),
            "name_id": entry.name.id,
            "definition_id": entry.definition.id,
            "unit": entry.unit,
            "direction": entry.direction,
            "additive": entry.additive,
            "needs": list(entry.needs),
            "sources": [asdict(one) for one in behind(entry.needs, given)],
            "breaks": [asdict(one) for one in changed if one.metric in entry.needs],
        }
        for entry in CATALOGUE.values()
    ]
    drawn = table(
        ["Key", "Name", "Formula"], ((row["key"], row["name"], row["formula"]) for row in rows), empty="None."
    )
    show(rows, drawn, as_json=as_json)


def _one_metric(key: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    from domain.catalogue import definition
    from publishers.metric_sources import behind, breaks, sources

    entry = definition(key)
    given = behind(entry.needs, sources())
    changed = [one for one in breaks() if one.metric in entry.needs]
    about = pairs(
        [
            ("Key", entry.key),
            ("Name", f"{entry.name.en} / {entry.name.id}"),
            ("Means", entry.definition.en),
            ("Formula", f"{entry.formula} (version {entry.version})"),
            ("Adds up", "yes" if entry.additive else "no"),
            ("Better", entry.direction),
        ]
    )
    drawn = table(
        ["Platform", "Metric", "Field", "Since", "Until", "Called there", "Note"],
        (
            (one.title, one.metric, one.field or "counted from its lists", one.since or "", one.until or "",
             one.word, one.note)
            for one in given
        ),
        empty="No platform supplies it.",
    )  # fmt: skip
    marks = [f"\nFrom {one.on} on: {one.what.said(_LANGUAGE)}" for one in changed]
    document = {
        "key": entry.key, "name": entry.name.en, "name_id": entry.name.id, "formula": entry.formula,
        "version": entry.version, "denominator": entry.denominator, "definition": entry.definition.en,
        "definition_id": entry.definition.id, "unit": entry.unit, "direction": entry.direction,
        "additive": entry.additive, "needs": list(entry.needs),
        "sources": [asdict(one) for one in given], "breaks": [asdict(one) for one in changed],
    }  # fmt: skip
    show(document, about, "\n", drawn, *marks, as_json=as_json)


def figure_text(figure: "Figure | None") -> str:
    """A number as people read it; ``–`` where there is none."""
    from domain.catalogue import CATALOGUE
    from domain.sentence import Unit

    if figure is None or figure.value is None:
        return "–"
    entry = CATALOGUE.get(figure.key)
    return amount(figure.value, entry.unit if entry else Unit.COUNT)


def _why(figure: "Figure") -> str:
    from domain.sentences import say

    return say(figure.reason, _LANGUAGE) if figure.reason is not None else ""


def figure_document(figure: "Figure") -> dict[str, Any]:
    """A figure as JSON tells it: its value, or why there is none, and its passport."""
    return {
        "value": figure.value,
        "absence": figure.absence,
        "reason": _why(figure) or None,
        "interval": figure.interval,
        "passport": figure.passport,
    }


def line_document(line: "PostLine") -> dict[str, Any]:
    """A published post with its figures, as JSON tells it."""
    from cli.post_telling import document

    measured = line.measurement
    return {
        **document(line.post, line.channel.name),
        "sender": line.post.origin,
        "deleted_at": line.post.deleted_at,
        "changed_there_at": line.post.changed_there_at,
        "figures": {key: figure_document(figure) for key, figure in line.figures.items()},
        "rank": line.rank,
        "last_read_at": measured.last_read_at if measured else None,
        "next_read_at": measured.next_at if measured else None,
    }


def _statistics_document(told: "PostStatistics") -> dict[str, Any]:
    return {
        **line_document(told.line),
        "growth": {
            key: [
                {"age_seconds": int(point.checkpoint.total_seconds()), "value": point.value,
                 "read_at": point.read_at, "late": point.late, "fell": point.fell, "cut": point.cut,
                 "sources": point.sources}
                for point in curve
            ]
            for key, curve in told.curves.items()
        },
        "clicks": told.clicks,
        "changed_text": told.changed_text.model_dump(exclude={"post_id"}) if told.changed_text else None,
        "siblings": [
            {"id": sibling.post.id, "channel": sibling.channel.name, "state": sibling.post.state}
            for sibling in told.siblings
        ],
    }  # fmt: skip
