"""Why engagement and clicks changed: more posts, seen by more, or liked more; and on which channel.

A product of factors is split exactly (`analytics.variance`): posts x impressions per post x rate where the
platforms tell impressions, else posts x engagement per post. The two groups of channels are never mixed.
"""

from collections.abc import Mapping

from analytics.reports.asking import Asked
from analytics.scopes import ground
from analytics.variance import split
from domain.catalogue import CATALOGUE
from domain.definition import Definition
from domain.kpi import Scope
from domain.period import Span
from domain.report import Cause, Part
from domain.sentence import Sentence, Words
from store import channels
from store.cohorts import Cohorts
from store.summed import Total

_POSTS = Words("Number of posts", "Jumlah pos")
#: For each count: the rate by impressions that holds it as numerator, and the words of its factors.
_SPLIT: Mapping[str, tuple[str, Words, Words]] = {
    "engagement": (
        "er_impr",
        Words("Impressions per post", "Tayangan per pos"),
        Words("Engagement per impression", "Keterlibatan per tayangan"),
    ),
    "clicks": (
        "ctr_impr",
        Words("Impressions per post", "Tayangan per pos"),
        Words("Clicks per impression", "Klik per tayangan"),
    ),
}
_PER_POST: Mapping[str, tuple[str, Words]] = {
    "engagement": ("engagement_per_post", Words("Engagement per post", "Keterlibatan per pos")),
    "clicks": ("clicks_per_post", Words("Clicks per post", "Klik per pos")),
}
_Totals = Mapping[int, Total]


def causes(asked: Asked) -> list[Cause]:
    """One for each count and group of channels that had posts in both periods."""
    names = {row.id: row.name for row in channels.listed(asked.session, asked.workspace_id)}
    found = []
    for key, (rate, per_post, per_view) in _SPLIT.items():
        new = _totals(asked, CATALOGUE[rate], asked.span)
        old = _totals(asked, CATALOGUE[rate], asked.before)
        factors = _seen(old, per_post, per_view), _seen(new, per_post, per_view)
        found.append(_cause(key, "seen", factors, (old, new), names))
        key_each, words = _PER_POST[key]
        seen = set(old) | set(new)
        new = _without(_totals(asked, CATALOGUE[key_each], asked.span), seen)
        old = _without(_totals(asked, CATALOGUE[key_each], asked.before), seen)
        factors = _counted(old, words), _counted(new, words)
        found.append(_cause(key, "counted", factors, (old, new), names))
    return [one for one in found if one is not None]


def _totals(asked: Asked, entry: Definition, span: Span) -> _Totals:
    """By channel, where any was measured: the posts published in a span as they stood at its end."""
    where = ground(asked.session, asked.workspace_id, Scope(), entry, asked.supplies)
    if not where.scope.channel_ids:
        return {}
    start, end = span.bounds(asked.where)
    end = min(end, asked.now)
    found = Cohorts(asked.session, where.scope, [entry], start=start, end=end).totals(entry)
    return {channel_id: total for channel_id, total in found.items() if total.posts}


def _without(totals: _Totals, channel_ids: set[int]) -> _Totals:
    return {channel_id: total for channel_id, total in totals.items() if channel_id not in channel_ids}


def _seen(totals: _Totals, per_post: Words, per_view: Words) -> Mapping[Words, float]:
    posts = sum(total.posts for total in totals.values())
    below = sum(total.below for total in totals.values())
    above = sum(total.above for total in totals.values())
    if not posts or not below:
        return {}
    return {_POSTS: float(posts), per_post: below / posts, per_view: above / below}


def _counted(totals: _Totals, words: Words) -> Mapping[Words, float]:
    posts = sum(total.posts for total in totals.values())
    above = sum(total.above for total in totals.values())
    return {_POSTS: float(posts), words: above / posts} if posts else {}


def _cause(
    key: str,
    group: str,
    factors: tuple[Mapping[Words, float], Mapping[Words, float]],
    totals: tuple[_Totals, _Totals],
    names: Mapping[int, str],
) -> Cause | None:
    old, new = factors
    if not old or not new:
        return None
    words = {name.en: name for name in old}
    parts = split(
        {name.en: value for name, value in old.items()}, {name.en: value for name, value in new.items()}
    )
    before, after = (float(sum(total.above for total in each.values())) for each in totals)
    if before == after:
        return None
    return Cause(
        name=CATALOGUE[key].name,
        group=Sentence(f"report.group_{group}"),
        before=before,
        after=after,
        parts=tuple(Part(words[name], effect) for name, effect in parts.effects.items()),
        method=parts.method,
        channels=_by_channel(totals, names),
    )


def _by_channel(totals: tuple[_Totals, _Totals], names: Mapping[int, str]) -> tuple[Part, ...]:
    old, new = totals
    changes = {
        channel_id: (new[channel_id].above if channel_id in new else 0)
        - (old[channel_id].above if channel_id in old else 0)
        for channel_id in {*old, *new}
    }
    ordered = sorted(changes.items(), key=lambda one: -abs(one[1]))
    return tuple(
        Part(Words(names.get(channel_id, "?"), names.get(channel_id, "?")), float(change))
        for channel_id, change in ordered
        if change
    )
