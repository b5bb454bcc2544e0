"""`tabuh slots`: what the hours of the week are worth, and whether learning that pays."""

import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from cli.printing import Json, count, say, show, table

if TYPE_CHECKING:
    from analytics.past.reading import Fault
    from analytics.past.times import Order
    from analytics.slots.evaluating import Interval, Outcome
    from analytics.slots.offpolicy import Earned
    from domain.learned import LearnedWeek

app = typer.Typer(no_args_is_help=True, help="What each hour of the week is worth to a channel.")

File = Annotated[
    Path, typer.Argument(help="A CSV file, plain or .gz; - reads standard input.", allow_dash=True)
]
Zone = Annotated[
    str | None,
    typer.Option(help="Whose clock the times are by, where they name neither zone nor offset: an IANA name."),
]
Dates = Annotated[
    Literal["day-first", "month-first"] | None,
    typer.Option(help="What comes first in 03/04/2026. Left out: as the file itself shows."),
]
Column = Annotated[
    list[str] | None,
    typer.Option(
        metavar="USE=NAME", help="A column that is not recognised, such as time=Sent; may be given again."
    ),
]
#: Faults that are shown; --json has them all.
_SHOWN = 20


def file_bytes(file: Path) -> bytes:
    """What a file holds, or standard input; raises TabuhError when it cannot be read."""
    from domain.errors import TabuhError

    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as exc:
        raise TabuhError(f"{file} cannot be read: {exc.strerror}.") from exc


def order_of(dates: str | None) -> "Order | None":
    """``day-first`` or ``month-first`` as reading takes it."""
    known: dict[str, Order] = {"day-first": "day", "month-first": "month"}
    return known.get(dates or "")


def named_columns(given: list[str]) -> Mapping[str, str]:
    """``time=Sent`` as use → head."""
    from domain.errors import UsageError

    named = {}
    for one in given:
        use, sign, head = one.partition("=")
        if not sign or not head.strip():
            raise UsageError(f"--column {one!r} is not USE=NAME, such as time=Sent.")
        named[use.strip()] = head.strip()
    return named


def refuse(faults: "tuple[Fault, ...]", what: str, *, as_json: bool) -> None:
    """Say every fault and end with exit code 2; without any, nothing happens."""
    if not faults:
        return
    first = [f"Row {fault.row}: {fault.sentence}" for fault in faults[:_SHOWN]]
    more = [f"... and {len(faults) - _SHOWN:,} more."] if len(faults) > _SHOWN else []
    document = {
        "error": {
            "kind": "UsageError",
            "faults": [{"row": one.row, "sentence": one.sentence} for one in faults],
        }
    }
    show(document, *first, *more, as_json=as_json)
    say(f"error: {what}: {count(len({one.row for one in faults}), 'row is', 'rows are')} wrong.")
    raise typer.Exit(2)


@app.command()
def evaluate(
    file: File,
    *,
    zone: Zone = None,
    dates: Dates = None,
    column: Column = None,
    platform: Annotated[str, typer.Option(help="Whose shipped prior serves where accounts are few.")] = "any",
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave wrong rows out.")] = False,
    as_json: Json = False,
) -> None:
    """Try on past posts whether learned slots would have earned more than hour-of-week averages.

    The last 40 % of each account's posts are held out; the methods see 30, 100, 300 or all posts before
    them. Uplift: how much more the held-out posts in the best-scored fifth of slots earned than all of them.
    Engagement is reactions + comments + shares, less trend and type. Nothing is stored.
    """
    from analytics.past.reading import read_past
    from analytics.slots.evaluating import LEAST_POSTS
    from analytics.slots.evaluating import evaluate as run
    from analytics.slots.histories import histories
    from analytics.slots.prior import prior_of
    from domain.errors import UsageError
    from domain.schedule import zone as known_zone

    named = None if zone is None else known_zone(zone).key
    past = read_past(file_bytes(file), named=named_columns(column or []), zone=named, order=order_of(dates))
    if not skip_bad:
        refuse(past.faults, "Nothing was evaluated", as_json=as_json)
    accounts = histories(past.rows)
    longest = max((len(one) for one in accounts.values()), default=0)
    if longest < LEAST_POSTS:
        raise UsageError(
            f"No account has {LEAST_POSTS} posts older than three days; the longest history has {longest}."
        )
    shipped = prior_of(platform).seen_from("UTC", {}, at=max(row.at for row in past.rows))
    outcomes = run(accounts, shipped)
    judged = sum(len(one) >= LEAST_POSTS for one in accounts.values())
    document = {
        "posts": len(past.rows),
        "accounts": len(accounts),
        "judged": judged,
        "columns": dict(past.columns.by_use),
        "engagement": list(past.columns.engagement),
        "outcomes": [_document(one) for one in outcomes],
        "verdict": _verdict(outcomes),
    }
    drawn = table(
        [
            ">Posts seen", ">Accounts", ">Learned slots", ">Raw hour-of-week mean", ">Learned less raw",
            ">Placebo",
        ],
        (
            (
                "all" if one.posts == 0 else one.posts, one.accounts,
                *(_text(one.uplift[name]) for name in ("learned", "raw")), _text(one.paired),
                _text(one.uplift["placebo"]),
            )
            for one in outcomes
        ),
        empty="",
    )  # fmt: skip
    told = (
        f"{count(len(past.rows), 'post')} of {count(len(accounts), 'account')}, of which {judged} have at "
        f"least {LEAST_POSTS}. Engagement: {' + '.join(past.columns.engagement)}."
    )
    show(document, told, "\n", drawn, "\n", _verdict(outcomes), as_json=as_json)


def _document(outcome: "Outcome") -> dict[str, Any]:
    def told(interval: "Interval") -> dict[str, float]:
        mean, low, high = interval.percent()
        return {"percent": round(mean, 2), "low": round(low, 2), "high": round(high, 2)}

    return {
        "posts_seen": outcome.posts or "all",
        "accounts": outcome.accounts,
        "held_out_posts": outcome.held_out,
        **{name: told(interval) for name, interval in outcome.uplift.items()},
        "paired": told(outcome.paired),
    }


def _text(interval: "Interval") -> str:
    mean, low, high = interval.percent()
    return f"{mean:+.1f}% [{low:+.1f}, {high:+.1f}]"


def _verdict(outcomes: "list[Outcome]") -> str:
    """What may be claimed, of the largest amount of history that was tried."""
    if not outcomes:
        return "No evidence yet: no account has enough posts before its held-out part."
    last = outcomes[-1]
    mean, low, high = last.uplift["learned"].percent()
    seen = "all history" if last.posts == 0 else f"{last.posts} posts"
    if low <= 0:
        return (
            f"No evidence that the hour matters here: with {seen}, the uplift of learned slots lies between "
            f"{low:+.1f}% and {high:+.1f}%."
        )
    difference, least, most = last.paired.percent()
    beside = "better than" if least > 0 else "not surely different from"
    return (
        f"With {seen}, posts in the best fifth of slots earned {mean:+.1f}% [{low:+.1f}, {high:+.1f}]; "
        f"{beside} the raw hour-of-week mean ({difference:+.1f}% [{least:+.1f}, {most:+.1f}])."
    )


@app.command("show")
def show_slots(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(help="Its name.")],
    *,
    top: Annotated[int, typer.Option(min=1, max=168, help="Hours shown; --json has all 168.")] = 10,
    as_json: Json = False,
) -> None:
    """The 168 hours of a channel's week: what each is worth, with 80 % intervals, and what stands behind
    it.
    """
    from cli.opening import opened
    from domain.audience_zones import audience_text
    from domain.rules import rules_from
    from domain.schedule import DAYS
    from scheduler.learning import current_week
    from scheduler.proving import earned_by_slots
    from store import channels
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            row = channels.named(session, tabuh.workspace.id, channel)
            now = tabuh.context.clock()
            week, found = current_week(session, row, now=now), earned_by_slots(session, row, now=now)
        audience = rules_from(row.rules).audience
        lives = f" Its audience: {audience_text(audience)}." if audience else ""
        order = sorted(range(len(week.means)), key=lambda hour: -week.means[hour])
        drawn = table(
            ["Hour", ">Worth", ">80 % interval", ">Posts"],
            (
                (
                    f"{DAYS[hour // 24]} {hour % 24:02d}:00", _percent(week.means[hour]),
                    "{} to {}".format(*map(_percent, week.interval(hour))), week.counts[hour],
                )
                for hour in order[:top]
            ),
            empty="",
        )  # fmt: skip
        document = {
            **week_document(week, row.name), "audience": dict(audience), "earned": _earned(found),
            "proof": proof(found),
        }  # fmt: skip
        head = f"{row.name}, hours in {week.zone}. Worth: against the channel's average hour."
        prior = f"Prior: {week.prior}, {week.prior_date}."
        show(document, head + lives, "\n", drawn, "\n", evidence(week), proof(found), prior, as_json=as_json)


def week_document(week: "LearnedWeek", channel: str) -> dict[str, Any]:
    """A learned week as JSON tells it; values in percent against the average hour."""

    def percent(value: float) -> float:
        return round(100 * (math.exp(value) - 1), 2)

    return {
        "channel": channel,
        "zone": week.zone,
        "metric": week.metric,
        "posts": week.posts,
        "measured": week.measured,
        "imported": week.imported,
        "reactions": week.reactions,
        "has_evidence": week.has_evidence,
        "evidence": evidence(week),
        "best_over_median": dict(zip(("percent", "low", "high"), map(percent, week.gain), strict=True)),
        "prior": {"source": week.prior, "date": week.prior_date},
        "hours": [
            {
                "weekday": hour // 24,
                "hour": hour % 24,
                "log_mean": week.means[hour],
                "log_sd": week.sds[hour],
                "percent": percent(week.means[hour]),
                "low": percent(week.interval(hour)[0]),
                "high": percent(week.interval(hour)[1]),
                "posts": week.counts[hour],
            }
            for hour in range(len(week.means))
        ],
    }


def evidence(week: "LearnedWeek") -> str:
    """What stands behind the values, in a sentence or two."""
    if not week.posts:
        return "No evidence yet: no measured or imported posts. The values are the platform's prior."
    behind = [count(number, name) for number, name in (
        (week.measured, "measured post"), (week.imported, "imported post")) if number]  # fmt: skip
    if week.reactions:
        counted = "reactions" if week.metric == "engagement" else week.metric
        behind.append(f"{week.reactions:,} dated {counted}")
    told = " and ".join(filter(None, (", ".join(behind[:-1]), behind[-1])))
    gain = [_percent(value) for value in week.gain]
    if not week.has_evidence:
        return (
            f"No evidence yet that the hour matters: by {told}, the best hour earns between {gain[1]} and "
            f"{gain[2]} against the median hour."
        )
    return f"By {told}, the best hour earns {gain[0]} [{gain[1]}, {gain[2]}] against the median hour."


def proof(found: "Earned") -> str:
    """What the recommended slots have earned against those that were tried instead."""
    if found.gain is None:
        return (
            f"Whether it pays: not enough data yet, {found.recommended} measured posts in recommended slots "
            f"and {found.others} in others; 20 of each are needed."
        )
    mean, low, high = map(_percent, found.gain)
    return f"Recommended slots earned {mean} [{low}, {high}] against the rest."


def _earned(found: "Earned") -> dict[str, Any]:
    gain = None if found.gain is None else [round(100 * (math.exp(value) - 1), 2) for value in found.gain]
    return {"recommended": found.recommended, "others": found.others, "gain_percent": gain}


def _percent(value: float) -> str:
    return f"{100 * (math.exp(value) - 1):+.0f}%"
