"""What the simulated feeds showed in a year, and when it was first seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from domain.entry import Entry
from feeds.identity import text_digest, with_keys
from scheduler.demo.audience import poisson, uneven
from scheduler.demo.cast import FEEDS, FeedCast
from scheduler.demo.writing import article, slug
from scheduler.demo.year import DAY, LENGTH, Year

#: Entries that each feed showed when it was added, and how many of them were chosen then.
EXISTING, CHOSEN = 12, 3
#: Share of recipes that the news feed repeats, so that one route sees them twice.
_REPEATED = 0.06
#: Fewer articles at weekends.
_WEEKEND = 0.55
#: Spread (log) of how well a story does, whatever the channel.
_STORY_LUCK = 0.4


@dataclass(frozen=True, slots=True)
class Arrived:
    """One entry as it was stored."""

    id: int
    feed: FeedCast
    entry: Entry
    first_seen_at: datetime
    position: int
    origin: str
    #: How much its posts are liked; 1 is average.
    appeal: float

    @property
    def is_new(self) -> bool:
        """Whether it came after the feed was added, or was chosen then."""
        return self.origin != "existing"


def arrivals(year: Year) -> list[Arrived]:
    """All entries of all feeds in the order in which they were first seen."""
    shown = {feed.key: _entries(year, feed) for feed in FEEDS}
    shown["kabar"] += _repeated(year.rng("repeated"), shown["resep"], year.end)
    found = [one for feed in FEEDS for one in _arrived(year, feed, shown[feed.key])]
    return sorted(found, key=lambda one: (one.first_seen_at, one.position, one.id))


def added_at(year: Year, feed: FeedCast) -> datetime:
    """When the feed was added and read for the first time."""
    return year.start + timedelta(minutes=7 * FEEDS.index(feed) + 1)


def _entries(year: Year, feed: FeedCast) -> list[Entry]:
    rng = year.rng("feed", feed.key)
    times = [added_at(year, feed) - timedelta(days=8 * rng.random()) for _ in range(EXISTING)]
    for number in range(LENGTH.days):
        day = year.start + number * DAY
        usual = feed.pace * year.factor * 1.1 * (_WEEKEND if day.weekday() >= 5 else 1.15)
        times += [day + _hour(rng) for _ in range(poisson(rng, usual))]
    return [_entry(rng, feed, at, number) for number, at in enumerate(sorted(times)) if at < year.end]


def _hour(rng: Random) -> timedelta:
    """Articles come out in the daytime of Jakarta."""
    return timedelta(hours=rng.triangular(0, 14, 4), seconds=rng.randint(0, 59))


def _entry(rng: Random, feed: FeedCast, at: datetime, number: int) -> Entry:
    written = article(rng, feed.style)
    link = f"{feed.site}/{at:%Y/%m}/{slug(written.title)}-{number}"
    return Entry(
        guid=link,
        link=link,
        title=written.title,
        summary_html=f"<p>{written.text}</p>",
        text=written.text,
        authors=("Rumah Rempah",),
        categories=written.categories,
        published_at=at.replace(microsecond=0),
        language=feed.style.language,
        digest=text_digest(written.title, link, written.text),
    )


def _repeated(rng: Random, recipes: Sequence[Entry], end: datetime) -> list[Entry]:
    chosen = [entry for entry in recipes[EXISTING:] if rng.random() < _REPEATED]
    later = [replace(entry, published_at=_later(entry, rng)) for entry in chosen]
    return [entry for entry in later if entry.published_at and entry.published_at < end - timedelta(hours=1)]


def _later(entry: Entry, rng: Random) -> datetime:
    assert entry.published_at is not None
    return entry.published_at + timedelta(minutes=rng.randint(60, 400))


def _arrived(year: Year, feed: FeedCast, entries: Sequence[Entry]) -> list[Arrived]:
    rng, added = year.rng("seen", feed.key), added_at(year, feed)
    ordered = sorted(entries, key=lambda entry: (entry.published_at or added, entry.title))
    found: list[Arrived] = []
    for position, entry in enumerate(with_keys(ordered, site_url=feed.site), start=1):
        assert entry.published_at is not None
        seen = max(added, entry.published_at + timedelta(seconds=rng.randint(40, 1700)))
        seen = year.when_up(seen)
        if seen >= year.end:
            continue
        origin = _origin(position) if entry.published_at < added else "new"
        appeal = feed.appeal * uneven(year.rng("story", entry.title, entry.link), _STORY_LUCK)
        found.append(Arrived(year.new_id(seen), feed, entry, seen, position, origin, appeal))
    return found


def _origin(position: int) -> str:
    return "chosen" if position > EXISTING - CHOSEN else "existing"
