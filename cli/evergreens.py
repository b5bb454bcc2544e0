"""`tabuh evergreen`: texts that come back in slots that would stay empty."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, count, one_line, pairs, show, table, when

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.content import Content
    from domain.evergreen import Rules
    from store.tables import Evergreen

app = typer.Typer(
    no_args_is_help=True, help="Evergreens: texts that come back in slots that would stay empty."
)

Number = Annotated[int, typer.Argument(metavar="EVERGREEN", help="Its number, from: tabuh evergreen list")]
Texts = Annotated[
    list[str] | None,
    typer.Option("--text", help="A text; several take turns. One alone needs a cooldown of 30 days."),
]
Link = Annotated[str | None, typer.Option(help="An address that goes with each --text.")]
File = Annotated[
    Path | None, typer.Option(help="A CSV file with a column text, and link if there are links.")
]
Posts = Annotated[list[int] | None, typer.Option("--post", help="Take text and link of this post.")]
Cooldown = Annotated[int, typer.Option(help="Days between two of its posts, at least.")]
MaxCycles = Annotated[int | None, typer.Option(help="How often it comes back at most. Left out: no end.")]
Season = Annotated[str, typer.Option(help="Days of each year, such as 12-01..01-15. Left out: all year.")]
Until = Annotated[str | None, typer.Option(help="The last day on which it goes out, such as 2027-01-31.")]
Fill = Annotated[int, typer.Option(help="How many days ahead slots that are still empty are filled.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call it.")],
    *,
    channel: Annotated[str | None, typer.Option(help="Where. Left out: the only channel.")] = None,
    text: Texts = None,
    link: Link = None,
    file: File = None,
    post: Posts = None,
    cooldown: Cooldown = 30,
    max_cycles: MaxCycles = None,
    season: Season = "",
    until: Until = None,
    fill_days: Fill = 2,
    campaign: Annotated[str | None, typer.Option(help="The campaign of its posts.")] = None,
    as_json: Json = False,
) -> None:
    """Make an evergreen: its texts take turns, each time as a post of its own."""
    from cli.posts import channels_named
    from scheduler.evergreens import add_evergreen

    rules = _rules(cooldown, max_cycles, season, until, fill_days)
    with opened(context) as tabuh:
        [row] = channels_named(tabuh, [channel] if channel else [])
        made = add_evergreen(
            tabuh.context, tabuh.workspace.id, name=name, channel_id=row.id,
            variants=_variants(tabuh, text, link, file, post), rules=rules, campaign=campaign,
            actor=tabuh.actor,
        )  # fmt: skip
        told = f"Evergreen {made.id}: {count(len(made.variants), 'text')} on {row.name}."
        show(_document(made), told, as_json=as_json)


def _rules(cooldown: int, max_cycles: int | None, season: str, until: str | None, fill_days: int) -> "Rules":
    from domain.errors import UsageError
    from domain.evergreen import LONGEST_COOLDOWN, LONGEST_FILL, Rules
    from domain.evergreen import season as read_season

    if not 1 <= cooldown <= LONGEST_COOLDOWN:
        raise UsageError(f"The cooldown is 1 to {LONGEST_COOLDOWN:,} days.")
    if not 1 <= fill_days <= LONGEST_FILL:
        raise UsageError(f"Empty slots are filled 1 to {LONGEST_FILL} days ahead.")
    try:
        last_day = date.fromisoformat(until) if until else None
    except ValueError:
        raise UsageError(f"Cannot read the day {until!r}. Write it as 2027-01-31.") from None
    return Rules(
        cooldown=timedelta(days=cooldown),
        max_cycles=max_cycles,
        season=read_season(season),
        last_day=last_day,
        fill=timedelta(days=fill_days),
    )


def _variants(
    tabuh: Any, texts: list[str] | None, link: str | None, file: Path | None, numbers: list[int] | None
) -> "list[Content]":
    """What the options name, in their order: texts, posts, rows of a file."""
    from domain.content import Content
    from domain.errors import TabuhError
    from scheduler.evergreens import variant_of, variants_in

    found = [Content(text, link=link) for text in texts or []]
    found += [variant_of(tabuh.context, tabuh.workspace.id, number) for number in numbers or []]
    if file is not None:
        try:
            found += variants_in(file.read_bytes())
        except OSError as exc:
            raise TabuhError(f"{file} cannot be read: {exc.strerror}.") from exc
    return found


@app.command("list")
def list_evergreens(context: typer.Context, as_json: Json = False) -> None:
    """All evergreens, what they did, and what they wait for."""
    from store import channels, evergreens
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            rows = evergreens.listed(session, tabuh.workspace.id)
            counts = evergreens.counts(session, tabuh.workspace.id)
            names = {row.id: row.name for row in channels.listed(session, tabuh.workspace.id)}
        lines = [
            (row.id, row.name, names[row.channel_id], _state(row), f"{len(row.variants)}",
             f"{counts.get(row.id, {}).get('published', 0)}", row.reason)
            for row in rows
        ]  # fmt: skip
        drawn = table(
            ["Evergreen", "Name", "Channel", "State", ">Texts", ">Published", "Why"],
            lines,
            empty="No evergreen yet. Make one: tabuh evergreen add NAME --text ONE --text TWO",
        )
        show([_document(row) for row in rows], drawn, as_json=as_json)


def _state(row: "Evergreen") -> str:
    return "ended" if row.ended_at else "paused" if row.paused_at else "on"


@app.command("show")
def show_evergreen(context: typer.Context, evergreen: Number, as_json: Json = False) -> None:
    """One evergreen: rules, texts, and every post it became."""
    from store import channels, evergreens
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = evergreens.get(session, tabuh.workspace.id, evergreen)
            cycles = evergreens.cycles_of(session, row.id)
            channel = channels.get(session, tabuh.workspace.id, row.channel_id)
        season = f"{row.season_from}..{row.season_to}" if row.season_from else "all year"
        about = pairs(
            [
                ("Evergreen", row.id), ("Name", row.name), ("Channel", channel.name), ("State", _state(row)),
                ("Why", row.reason), ("Cooldown", count(row.cooldown_days, "day")),
                ("Cycles", f"{row.cycles} of {row.max_cycles or 'no end'}"), ("Season", season),
                ("Last day", row.last_day), ("Fills", f"{count(row.fill_days, 'day')} ahead"),
                ("Campaign", row.campaign), ("Looks again", when(row.next_at, channel.zone)),
            ]
        )  # fmt: skip
        texts = table(
            [">", "Text", "Link"],
            [
                (place, one_line(one["text"], 90), one.get("link"))
                for place, one in enumerate(row.variants, 1)
            ],
            empty="",
        )
        past = table(
            [">Cycle", "Post", "Hour", "State", "Text"],
            [
                (post.evergreen_cycle, post.id, when(post.planned_at, channel.zone), post.state,
                 one_line(post.content["text"]))
                for post in cycles
            ],
            empty="It has not come back yet.",
        )  # fmt: skip
        told = {
            **_document(row),
            "posts": [
                {"id": post.id, "cycle": post.evergreen_cycle, "state": post.state,
                 "planned_at": post.planned_at, "text": post.content["text"]}
                for post in cycles
            ],
        }  # fmt: skip
        show(told, about, "\n", texts, "\n", past, as_json=as_json)


@app.command()
def change(
    context: typer.Context,
    evergreen: Number,
    *,
    text: Texts = None,
    link: Link = None,
    file: File = None,
    post: Posts = None,
    cooldown: Annotated[int | None, typer.Option(help="Days between two of its posts, at least.")] = None,
    max_cycles: Annotated[int | None, typer.Option(help="How often at most; 0 for no end.")] = None,
    season: Annotated[str | None, typer.Option(help="Such as 12-01..01-15; empty for all year.")] = None,
    until: Annotated[str | None, typer.Option(help="Its last day; empty for none.")] = None,
    fill_days: Annotated[int | None, typer.Option(help="How many days ahead empty slots are filled.")] = None,
    as_json: Json = False,
) -> None:
    """Change rules, or all its texts; what is not named stays, and so does what is queued."""
    from scheduler.evergreens import change_evergreen
    from store import evergreens
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = evergreens.get(session, tabuh.workspace.id, evergreen)
        known = f"{row.season_from}..{row.season_to}" if row.season_from else ""
        rules = _rules(
            row.cooldown_days if cooldown is None else cooldown,
            row.max_cycles if max_cycles is None else max_cycles or None,
            known if season is None else season,
            row.last_day if until is None else until,
            row.fill_days if fill_days is None else fill_days,
        )
        variants = _variants(tabuh, text, link, file, post) or None
        done = change_evergreen(
            tabuh.context, tabuh.workspace.id, evergreen, variants=variants, rules=rules, actor=tabuh.actor
        )
        show(_document(done), f"Evergreen {done.name} is changed.", as_json=as_json)


@app.command()
def pause(context: typer.Context, evergreen: Number, as_json: Json = False) -> None:
    """Take no further slot until it is resumed."""
    from scheduler.evergreens import pause_evergreen

    _act(context, evergreen, pause_evergreen, "paused", as_json=as_json)


@app.command()
def resume(context: typer.Context, evergreen: Number, as_json: Json = False) -> None:
    """Let a paused evergreen go on."""
    from scheduler.evergreens import resume_evergreen

    _act(context, evergreen, resume_evergreen, "resumed", as_json=as_json)


@app.command()
def end(context: typer.Context, evergreen: Number, as_json: Json = False) -> None:
    """No further cycle, for good; what is queued already goes out."""
    from scheduler.evergreens import end_evergreen

    _act(context, evergreen, end_evergreen, "ended", as_json=as_json)


def _act(
    context: typer.Context, number: int, act: "Callable[..., Evergreen]", done: str, *, as_json: bool
) -> None:
    with opened(context) as tabuh:
        row = act(tabuh.context, tabuh.workspace.id, number, actor=tabuh.actor)
        show(_document(row), f"Evergreen {row.name} is {done}.", as_json=as_json)


def _document(row: "Evergreen") -> dict[str, Any]:
    shown = (
        "id", "name", "channel_id", "cooldown_days", "max_cycles", "season_from", "season_to", "last_day",
        "fill_days", "campaign", "cycles", "reason", "paused_at", "ended_at", "next_at", "created_at",
    )  # fmt: skip
    variants = [{"text": one["text"], "link": one.get("link")} for one in row.variants]
    return {**{name: getattr(row, name) for name in shown}, "variants": variants}
