"""`tabuh channel rules`, `tabuh channel plan` and `tabuh route rules`: when posts may go out."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, count, one_line, pairs, show, table, when

if TYPE_CHECKING:
    from scheduler.channel_rules import Outcome
    from scheduler.mixing import WeekMix

Quiet = Annotated[
    str | None, typer.Option(help="Hours of silence such as '22:00-06:00, 12:00-13:00'; none clears them.")
]
Blackout = Annotated[
    str | None, typer.Option(help="Days of silence such as '2026-12-24..2026-12-26, 2027-01-01'.")
]
Holidays = Annotated[str | None, typer.Option(help="Sets of holidays such as id-national.")]
CapDay = Annotated[str | None, typer.Option(help="Posts of a day, at most.")]
CapWeek = Annotated[str | None, typer.Option(help="Posts of a week, Monday to Sunday, at most.")]
Gap = Annotated[str | None, typer.Option(help="Least time between two posts, such as '90 min'.")]
KinGap = Annotated[
    str | None, typer.Option(help="Least time between two posts of one campaign or story, such as '3 d'.")
]
Late = Annotated[str | None, typer.Option(help="Posts a down-time made late: send, skip or ask.")]
WhatIf = Annotated[bool, typer.Option("--what-if", help="Only show what would happen; save nothing.")]

_NAMES = {
    "quiet": "Quiet hours",
    "blackouts": "Blackout days",
    "holidays": "Holidays",
    "cap_day": "Posts a day",
    "cap_week": "Posts a week",
    "gap": "Between posts",
    "kin_gap": "Between kin",
    "mix": "Content mix",
    "late": "Late posts",
    "best_times": "Best times",
    "audience": "Audience",
}
#: Moved posts that are listed; --json has all.
_LISTED = 30


def channel_rules(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name.")],
    *,
    quiet: Quiet = None,
    blackout: Blackout = None,
    holidays: Holidays = None,
    cap_day: CapDay = None,
    cap_week: CapWeek = None,
    gap: Gap = None,
    kin_gap: KinGap = None,
    mix: Annotated[
        str | None, typer.Option(help="Shares of a week such as 'image 40%, link 60%', at most.")
    ] = None,
    late: Late = None,
    best_times: Annotated[
        str | None,
        typer.Option(help="yes: any quarter of an hour, the best first; no: the posting schedule."),
    ] = None,
    audience: Annotated[
        str | None,
        typer.Option(
            help="Where readers live, such as 'Asia/Jakarta 60%, Europe/Amsterdam 40%'; none: in its zone."
        ),
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(help="Another posting schedule at the same time; posts move to it.")
    ] = None,
    what_if: WhatIf = False,
    as_json: Json = False,
) -> None:
    """Show or change when a channel's posts may go out. Automatic posts move where the rules ask for it."""
    from scheduler.channel_rules import rules_of, set_rules
    from scheduler.mixing import mix_of_weeks
    from store import channels
    from store.engine import reading

    given = _given(
        quiet=quiet, blackouts=blackout, holidays=holidays, cap_day=cap_day, cap_week=cap_week, gap=gap,
        kin_gap=kin_gap, mix=mix, late=late, best_times=best_times, audience=audience,
    )  # fmt: skip
    with opened(context) as tabuh:
        if not given and schedule is None and not what_if:
            with reading(tabuh.engine) as session:
                rules = rules_of(session, tabuh.workspace.id, channel)
                row = channels.named(session, tabuh.workspace.id, channel)
                weeks = mix_of_weeks(session, row, now=tabuh.context.clock())
            told = {"channel": channel, "rules": rules, "mix": [_mix_document(week) for week in weeks]}
            show(told, _listed(rules), *(_mix_line(week) for week in weeks), as_json=as_json)
            return
        outcome = set_rules(
            tabuh.context, tabuh.workspace.id, channel, given, actor=tabuh.actor, schedule=schedule,
            what_if=what_if,
        )  # fmt: skip
        _tell(outcome, as_json=as_json)


def channel_plan(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="Its name.")],
    what_if: WhatIf = False,
    as_json: Json = False,
) -> None:
    """Plan a channel's automatic posts anew. They move only where those that move gain more than 2 %."""
    from scheduler.channel_rules import plan_again

    with opened(context) as tabuh:
        outcome = plan_again(tabuh.context, tabuh.workspace.id, channel, actor=tabuh.actor, what_if=what_if)
        _tell(outcome, as_json=as_json)


def route_rules(
    context: typer.Context,
    route: Annotated[str, typer.Argument(metavar="ROUTE", help="Its name.")],
    *,
    quiet: Quiet = None,
    blackout: Blackout = None,
    holidays: Holidays = None,
    cap_day: CapDay = None,
    cap_week: CapWeek = None,
    gap: Gap = None,
    kin_gap: KinGap = None,
    late: Late = None,
    what_if: WhatIf = False,
    as_json: Json = False,
) -> None:
    """Show or override its channel's rules for the posts of a route; '' ends an override."""
    from scheduler.channel_rules import set_route_rules
    from store import routes
    from store.engine import reading

    given = _given(
        quiet=quiet, blackouts=blackout, holidays=holidays, cap_day=cap_day, cap_week=cap_week, gap=gap,
        kin_gap=kin_gap, late=late,
    )  # fmt: skip
    with opened(context) as tabuh:
        if not given:
            with reading(tabuh.engine) as session:
                rules = dict(routes.named(session, tabuh.workspace.id, route).rules or {})
            show({"route": route, "rules": rules}, _listed(rules), as_json=as_json)
            return
        outcome = set_route_rules(
            tabuh.context, tabuh.workspace.id, route, given, actor=tabuh.actor, what_if=what_if
        )
        _tell(outcome, as_json=as_json)


def _mix_document(week: "WeekMix") -> dict[str, Any]:
    shares = [
        {"kind": one.kind, "wanted": one.wanted, "posts": one.posts, "percent": one.percent, "gap": one.gap}
        for one in week.shares
    ]
    return {"monday": week.monday, "shares": shares}


def _mix_line(week: "WeekMix") -> str:
    """``Week of 2026-11-23: image 2 of 5 (40 %, at most 30 %: 10 points too many), link 3 of 5 (60 %)``."""
    parts = []
    for one in week.shares:
        share = "no posts" if one.percent is None else f"{one.percent:.0f} %"
        wanted = f", at most {one.wanted} %{_gap_words(one.gap)}" if one.wanted is not None else ""
        parts.append(f"{one.kind} {one.posts} of {one.of} ({share}{wanted})")
    return f"Week of {week.monday}: {', '.join(parts)}"


def _gap_words(gap: float | None) -> str:
    """How far a share is from what is wanted, in percentage points."""
    if gap is None:
        return ""
    if abs(gap) <= 0.5:
        return ": as wanted"
    return f": {gap:.0f} points too many" if gap > 0 else f": room for {-gap:.0f} points"


def _given(**options: str | None) -> dict[str, str]:
    return {name: text for name, text in options.items() if text is not None}


def _listed(rules: Any) -> str:
    if not rules:
        return "No rules: every slot of the posting schedule may be taken."
    return pairs([(_NAMES[name], rules[name]) for name in _NAMES if name in rules])


def _tell(outcome: "Outcome", *, as_json: bool) -> None:
    zone = outcome.channel.zone
    moves: list[dict[str, Any]] = [
        {"post": one.post.id, "text": one.post.content["text"], "before": one.before, "after": one.after}
        for one in outcome.plan.moves
    ]
    document = {
        "channel": outcome.channel.name, "rules": outcome.rules, "schedule": outcome.schedule,
        "saved": outcome.saved, "kept": outcome.plan.kept, "moves": moves,
    }  # fmt: skip
    drawn = table(
        ["Post", "Now", "Then", "Text"],
        (
            (
                move["post"], when(move["before"], zone), when(move["after"], zone) or "held: no slot left",
                one_line(move["text"]),
            )
            for move in moves[:_LISTED]
        ),
        empty="No post moves.",
    )  # fmt: skip
    done = "Saved." if outcome.saved else "Nothing is saved yet."
    moved = f"{count(len(moves), 'post')} {'moved' if outcome.saved else 'would move'}"
    show(
        document,
        _listed(outcome.rules),
        "",
        drawn,
        f"{done} {moved}, {outcome.plan.kept} stay.",
        as_json=as_json,
    )
