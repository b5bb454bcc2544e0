"""What new entries leave out: where their shortened links lead, and their pages' pictures.

This costs requests, so it comes before the transaction that stores the entries, and only where a route reads
the feed; pictures are looked for only where a platform shows them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.entry import Entry
from feeds.page import DEADLINE, MOST, complete, is_shortened, unroll
from net.deadline import is_over, time_limit
from scheduler.arriving import oldest_first
from scheduler.context import Context
from scheduler.recognising import Shown
from store import entries as rows
from store import memories, routes
from store.engine import reading, writing


def completed(
    context: Context,
    feed_id: int,
    entries: Sequence[Shown],
    *,
    now: datetime,
    feed_image: str | None = None,
) -> tuple[Shown, ...]:
    """The entries of a document, in its order, with what could be found out; their keys do not change.

    Args:
        now: current time, UTC.
        feed_image: the feed's own picture, for entries for which no other is found.
    """
    lacking = {
        place: entry
        for place in reversed(oldest_first(entries))
        if isinstance(entry := entries[place], Entry) and entry.link and _lacks(entry)
    }
    if not lacking:
        return tuple(entries)
    with reading(context.engine) as session:
        platforms = routes.platforms_reading(session, feed_id)
        if not platforms:
            return tuple(entries)
        recognised = rows.recognise(session, feed_id, [entry.keys for entry in lacking.values()])
        led_to = memories.followed(
            session, filter(is_shortened, (entry.link or "" for entry in lacking.values())), now=now
        )
    found = {place: _followed(entry, led_to) for place, entry in lacking.items()}
    new = [place for at, place in enumerate(found) if at not in recognised.rows]
    pictures = any(context.shows_pictures(platform) for platform in platforms)
    with time_limit(DEADLINE):
        asked = [found[place] for place in new]
        done = complete(context.http, asked, images=pictures, feed_image=feed_image)
        found |= dict(zip(new, done, strict=True))
        _follow_edited(context, found, [place for place in found if place not in new])
    _remember(context, lacking, found, now=now)
    return tuple(found.get(place, entry) for place, entry in enumerate(entries))


def _lacks(entry: Entry) -> bool:
    return entry.image_url is None or is_shortened(entry.link or "")


def _followed(entry: Entry, led_to: Mapping[str, str]) -> Entry:
    return replace(entry, link=led_to.get(entry.link or "", entry.link))


def _follow_edited(context: Context, found: dict[int, Entry], places: Sequence[int]) -> None:
    """An edit must not bring a shortened link back; entries that are known are asked about no pictures."""
    short = [place for place in places if is_shortened(found[place].link or "")]
    for place in short[:MOST]:
        if not is_over():
            link = unroll(context.http, found[place].link or "")
            found[place] = replace(found[place], link=link)


def _remember(
    context: Context, before: Mapping[int, Entry], after: Mapping[int, Entry], *, now: datetime
) -> None:
    targets = {
        entry.link: target
        for place, entry in before.items()
        if entry.link
        and is_shortened(entry.link)
        and (target := after[place].link)
        and not is_shortened(target)
    }
    if targets:
        with writing(context.engine) as session:
            memories.keep_followed(session, targets, now=now)
            session.commit()
