"""Can these readings be: counts that fall, clocks, posts that nobody measures or that count twice."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from analytics.audit.asking import Asked, Found, Sample, at
from analytics.channel_numbers import numbers
from domain.audit import Finding, Severity
from domain.catalogue import CATALOGUE
from domain.definition import OWN_SOURCE
from domain.sentence import Sentence, Value, Words
from store import audit
from store.audit import Read
from store.tables import ChannelRow

#: Clocks of two machines may differ by so much.
CLOCKS: Final = timedelta(minutes=5)
#: A fall of so much, and of this share, is more than people taking something back.
MUCH, SHARE = 5, 0.1


def counters(asked: Asked, drawn: Sample, found: Found) -> None:
    """All checks of this file."""
    for channel in drawn.channels:
        _falling(drawn, channel, found)
        _clocks(asked, drawn, channel, found)
        _unmeasured(asked, drawn, channel, found)
        _jumps(asked, channel, found)
    _duplicates(asked, drawn, found)
    for rule in ("falling", "clocks", "unmeasured", "duplicates"):
        found.looked(rule, len(drawn.posts), drawn.all_there)
    found.looked("followers", len(drawn.channels))


def falls_of(readings: Sequence[Read]) -> list[tuple[Read, Read]]:
    """Looks at one post that read less than the look before, from the same field."""
    series: dict[str, list[Read]] = {}
    for one in readings:
        if one.source != OWN_SOURCE:
            series.setdefault(one.metric, []).append(one)
    return [
        (before, after)
        for own in series.values()
        for before, after in pairwise(own)
        if after.value < before.value and after.source == before.source
    ]


def _falling(drawn: Sample, channel: ChannelRow, found: Found) -> None:
    by_metric: dict[str, list[tuple[Read, Read]]] = {}
    for post in drawn.of(channel):
        for before, after in falls_of(drawn.readings.get(post.id, ())):
            by_metric.setdefault(after.metric, []).append((before, after))
    for metric, falls in sorted(by_metric.items()):
        large = [(old, new) for old, new in falls if old.value - new.value >= max(MUCH, SHARE * old.value)]
        told = large or falls
        before, after = max(told, key=lambda pair: pair[0].value - pair[1].value)
        values: dict[str, Value] = {
            "metric": _name(metric), "count": len(told), "before": before.value, "after": after.value,
        }  # fmt: skip
        found.add(
            Finding(
                rule="falling",
                severity=Severity.LOOK if large else Severity.FINE,
                what=Sentence("audit.falling" if large else "audit.falling_little", values),
                action=Sentence("audit.do_falling" if large else "audit.do_nothing"),
                where=at(channel),
                count=len(told),
                examples=drawn.places(list(dict.fromkeys(new.post_id for _, new in told))),
                since=min(new.read_at for _, new in told),
            )
        )


def _name(metric: str) -> Words | str:
    return CATALOGUE[metric].name if metric in CATALOGUE else metric


def _clocks(asked: Asked, drawn: Sample, channel: ChannelRow, found: Found) -> None:
    late, early = asked.now + CLOCKS, []
    future: list[Read] = []
    for post in drawn.of(channel):
        for one in drawn.readings.get(post.id, ()):
            if one.read_at > late:
                future.append(one)
            elif one.read_at < post.published_at - CLOCKS:
                early.append(one)
    of_channel = audit.future_of_channels(asked.session, [channel.id], after=late).get(channel.id, 0)
    for key, rows, more in (("audit.clocks", future, of_channel), ("audit.clocks_before", early, 0)):
        if rows or more:
            found.add(
                Finding(
                    rule="clocks",
                    severity=Severity.WRONG,
                    what=Sentence(key, {"count": len(rows) + more}),
                    action=Sentence("audit.do_clocks"),
                    where=at(channel),
                    count=len(rows) + more,
                    examples=drawn.places(list(dict.fromkeys(one.post_id for one in rows))),
                    since=min((one.read_at for one in rows), default=None),
                )
            )


def _unmeasured(asked: Asked, drawn: Sample, channel: ChannelRow, found: Found) -> None:
    settled = asked.now - CLOCKS
    bare = [
        post
        for post in drawn.of(channel)
        if post.id not in drawn.measurements and post.remote_id and post.published_at < settled
    ]
    if bare:
        found.add(
            Finding(
                rule="unmeasured",
                severity=Severity.WRONG,
                what=Sentence("audit.unmeasured", {"count": len(bare)}),
                action=Sentence("audit.do_unmeasured"),
                where=at(channel),
                count=len(bare),
                examples=drawn.places([post.id for post in bare]),
                since=min(post.published_at for post in bare),
            )
        )


def _jumps(asked: Asked, channel: ChannelRow, found: Found) -> None:
    series = numbers(asked.session, asked.workspace.id, channel.id, start=asked.since, end=asked.now + CLOCKS)
    for metric, own in series.items():
        jumps = [one for one in own if one.jump]
        if jumps:
            found.add(
                Finding(
                    rule="followers",
                    severity=Severity.LOOK,
                    what=Sentence("audit.followers", {"metric": _name(metric), "count": len(jumps)}),
                    action=Sentence("audit.do_followers"),
                    where=at(channel),
                    count=len(jumps),
                    since=jumps[0].at,
                )
            )


def _duplicates(asked: Asked, drawn: Sample, found: Found) -> None:
    by_id = {channel.id: channel for channel in drawn.channels}
    by_url: dict[str, list[int]] = {}
    for post in drawn.posts.values():
        if post.remote_url:
            by_url.setdefault(post.remote_url, []).append(post.id)
    twice: dict[int, list[int]] = {}
    for ids in by_url.values():
        for post_id in sorted(ids)[1:]:
            twice.setdefault(drawn.posts[post_id].channel_id, []).append(post_id)
    for channel_id, ids in twice.items():
        found.add(
            Finding(
                rule="duplicates",
                severity=Severity.WRONG,
                what=Sentence("audit.duplicates", {"count": len(ids)}),
                action=Sentence("audit.do_duplicates"),
                where=at(by_id[channel_id]),
                count=len(ids),
                examples=drawn.places(ids),
                since=min(drawn.posts[post_id].published_at for post_id in ids),
            )
        )
    for rows in audit.same_places(asked.session, asked.workspace.id):
        names = tuple(row.name for row in rows)
        found.add(
            Finding(
                rule="duplicates",
                severity=Severity.LOOK,
                what=Sentence("audit.duplicate_channels", {"count": len(rows), "names": names}),
                action=Sentence("audit.do_duplicates"),
                where=at(rows[-1]),
                count=len(rows),
                examples=tuple(at(row) for row in rows),
            )
        )
