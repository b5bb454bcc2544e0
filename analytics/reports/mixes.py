"""What was published, by type, route and campaign, and what a post of each brought."""

from collections.abc import Sequence
from datetime import timedelta

from analytics.breakdowns import group_names
from analytics.reports.asking import Asked
from analytics.scopes import post_scope
from domain.breakdown import ENOUGH, NAMES, By
from domain.catalogue import CATALOGUE
from domain.period import Span
from domain.report import Mix, MixLine, Remark, Tone
from domain.sentence import Amount, Sentence, Unit, Value, Words
from store import channels
from store.groups import Groups, Key
from store.values import Filters

#: The groupings of the chapter, in its order.
BY = (By.KIND, By.ROUTE, By.CAMPAIGN)
#: Groups of one grouping that are told; the smallest are left out.
_MOST = 12
#: A smaller move of a group's part of the posts, in points of a percent, is no news.
_MOVED = 5.0
_MOMENT = timedelta(microseconds=1)


def mixes(asked: Asked, ranked_by: str) -> list[Mix]:
    """One for each grouping in which posts of the period or of the one before lie in a group.

    Counts are those of the posts as they stood when the report was written, in both periods.
    """
    found = []
    for by in BY:
        now, before = _groups(asked, by, asked.span, ranked_by), _groups(asked, by, asked.before, ranked_by)
        lines = _lines(now, before)
        told = [key for key in (*now, *before) if key is not None]
        if told:
            found.append(
                Mix(by=str(by), name=NAMES[by], figure=CATALOGUE[ranked_by].name, lines=tuple(lines))
            )
    return found


_Group = tuple[Words, int, int, float]


def _groups(asked: Asked, by: By, span: Span, figure: str) -> dict[Key, _Group]:
    """By group: its name, its posts, those of them that were measured, and what these came to."""
    entry = CATALOGUE[figure]
    rows = channels.listed(asked.session, asked.workspace_id)
    start, end = span.bounds(asked.where)
    groups = Groups(
        asked.session, post_scope(asked.workspace_id, rows, asked.supplies), by, [entry], rows,
        filters=Filters(start=start, end=min(end, asked.now)), before=asked.now + _MOMENT,
    )  # fmt: skip
    names = group_names(asked.session, asked.workspace_id, by, groups.keys, rows, asked.supplies)
    giving = [row.id for row in rows if not asked.supplies.lacking(row.platform, entry)]
    totals, _whole = groups.totals(entry, giving)
    return {
        key: (names[key], size, one.posts, float(one.above))
        for key, size, one in zip(groups.keys, groups.sizes, totals, strict=True)
    }


def _lines(now: dict[Key, _Group], before: dict[Key, _Group]) -> list[MixLine]:
    whole, whole_before = _posts(now), _posts(before)
    made = []
    for key in dict.fromkeys((*now, *before)):
        name = (now.get(key) or before[key])[0]
        posts, measured, value = now[key][1:] if key in now else (0, 0, 0.0)
        posts_before, measured_before, value_before = before[key][1:] if key in before else (0, 0, 0.0)
        made.append(
            MixLine(
                key="" if key is None else str(key),
                name=name,
                posts=posts,
                share=100 * posts / whole if whole else None,
                share_before=100 * posts_before / whole_before if whole_before else None,
                value=value if measured else None,
                measured=measured,
                per_post=value / measured if measured else None,
                per_post_before=value_before / measured_before if measured_before else None,
            )
        )
    return sorted(made, key=lambda one: -one.posts)[:_MOST]


def _posts(groups: dict[Key, _Group]) -> int:
    return sum(one[1] for one in groups.values())


def mix_told(found: Sequence[Mix]) -> list[Remark]:
    """What a post of each group earns, and which group grew or shrank; or what would fill the chapter."""
    told: list[Remark] = []
    for mix in found:
        told += _earns(mix)
        told += _moved(mix)
    if told:
        return told
    return [Remark("mix_none", Sentence("report.mix_none"), "mix")]


def _earns(mix: Mix) -> list[Remark]:
    enough = [one for one in mix.lines if one.measured >= ENOUGH and one.per_post is not None]
    if len(enough) < 2:
        return []
    most, least = max(enough, key=_per_post), min(enough, key=_per_post)
    if _per_post(most) == _per_post(least):
        return []
    values: dict[str, Value] = {
        "figure": mix.figure,
        "most": most.name,
        "high": Amount(_per_post(most), Unit.RATIO),
        "least": least.name,
        "low": Amount(_per_post(least), Unit.RATIO),
        "group": mix.name,
    }
    return [Remark("mix_earns", Sentence("report.mix_earns", values), f"mix-{mix.by}")]


def _per_post(one: MixLine) -> float:
    return one.per_post or 0.0


def _moved(mix: Mix) -> list[Remark]:
    known = [one for one in mix.lines if one.share is not None and one.share_before is not None]
    moved = max(known, key=_move, default=None)
    if moved is None or _move(moved) < _MOVED:
        return []
    values: dict[str, Value] = {
        "name": moved.name,
        "now": Amount(round(moved.share or 0.0, 1), Unit.PERCENT),
        "before": Amount(round(moved.share_before or 0.0, 1), Unit.PERCENT),
    }
    return [Remark("mix_moved", Sentence("report.mix_moved", values), f"mix-{mix.by}", Tone.PLAIN)]


def _move(one: MixLine) -> float:
    return abs((one.share or 0.0) - (one.share_before or 0.0))
