"""Rows for `benchmarks.statistics`: three years of a busy workspace, drawn from one seed."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, insert
from sqlmodel import Session

from store.tables import METADATA, ChannelReading, ChannelRow, Feed, Person, Route

Numbers = NDArray[Any]

NOW = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
YEARS = 3
_DAY = 86_400_000_000
#: Platform, what is read of its posts, and how many read its posts.
PLATFORMS: Sequence[tuple[str, Sequence[str], int]] = (
    ("mastodon", ("reactions", "replies", "shares", "quotes"), 2_500),
    ("mastodon", ("reactions", "replies", "shares", "quotes"), 800),
    ("bluesky", ("reactions", "replies", "shares", "quotes"), 4_000),
    ("facebook", ("impressions", "reactions", "replies", "shares", "reach"), 20_000),
    ("facebook", ("impressions", "reactions", "replies", "shares", "reach"), 7_000),
    ("instagram", ("impressions", "reactions", "replies", "shares", "saves", "reach"), 30_000),
    ("linkedin", ("impressions", "reactions", "replies", "shares"), 5_000),
    ("threads", ("views", "reactions", "replies", "shares", "quotes"), 3_000),
    ("x", ("impressions", "reactions", "replies", "shares", "quotes", "saves"), 15_000),
    ("tiktok", ("views", "reactions", "replies", "shares"), 50_000),
    ("page", (), 1_000),
    ("telegram", (), 6_000),
)
ROUTES, FEEDS, AUTHORS, CAMPAIGNS, TAGS = 24, 10, 6, 12, 15
CHECKPOINTS = (900, 3_600, 21_600, 86_400, 259_200, 604_800, 2_505_600)
#: A look is at most so late, in microseconds.
_LATEST = 90_000_000
#: Which of them an old post has, by how many looks it got.
LOOKS: Mapping[int, Sequence[int]] = {
    count: tuple(CHECKPOINTS[-count:]) if count < 5 else tuple(CHECKPOINTS[: count - 1]) + CHECKPOINTS[-1:]
    for count in range(1, 8)
}
KINDS: Sequence[tuple[float, Mapping[str, Any]]] = (
    (0.45, {"link": "https://a.example/1"}),
    (0.25, {"media": [{"media_type": "image/jpeg"}]}),
    (0.2, {}),
    (0.08, {"media": [{"media_type": "video/mp4"}]}),
    (0.02, {"poll": {"options": ["a", "b"], "minutes": 60, "multiple": False}}),
)


@dataclass(frozen=True)
class Size:
    """How much is generated."""

    posts: int
    readings: int
    clicks: int


@dataclass
class Made:
    """The posts that were drawn, as columns in the order of their ids."""

    ids: Numbers
    channels: Numbers
    at: Numbers
    linked: Numbers
    #: How well a post does; 1 is usual.
    appeal: Numbers


class Loader:
    """Writes many rows the fast way that each database has."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, table: str, columns: Mapping[str, Any], *, chunk: int = 200_000) -> None:
        """Rows of columns; instants are microseconds since 1970 in arrays of type ``M8[us]``."""
        names, size = list(columns), len(next(iter(columns.values())))
        for start in range(0, size, chunk):
            parts = [self._plain(values[start : start + chunk]) for values in columns.values()]
            self._rows(table, names, zip(*parts, strict=True))

    def _plain(self, values: Any) -> Sequence[Any]:
        if isinstance(values, np.ndarray):
            if values.dtype.kind == "M":
                texts: list[str] = np.datetime_as_string(values, unit="us").tolist()
                if self._engine.dialect.name == "sqlite":
                    return [text.replace("T", " ") for text in texts]
                return [f"{text}+00" for text in texts]
            plain: list[Any] = values.tolist()
            return plain
        return list(values)

    def _rows(self, table: str, names: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
        raw = self._engine.raw_connection()
        try:
            driver: Any = raw.driver_connection
            if isinstance(driver, sqlite3.Connection):
                marks = ", ".join("?" * len(names))
                driver.execute("BEGIN")
                driver.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", rows)
                driver.execute("COMMIT")
            else:
                with driver.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                driver.commit()
        finally:
            raw.close()


def fill(engine: Engine, workspace_id: int, size: Size, *, seed: int) -> None:
    """Write everything that the readers of statistics read; the same for the same seed."""
    rng = np.random.default_rng(seed)
    channel_ids, routes, feeds, authors = _frame(engine, workspace_id, rng)
    loader = Loader(engine)
    made = _posts(loader, workspace_id, size, rng, (channel_ids, routes, feeds, authors))
    _readings(loader, made, size.readings, channel_ids, rng)
    _clicks(loader, workspace_id, made, size.clicks, rng)


def _frame(
    engine: Engine, workspace_id: int, rng: np.random.Generator
) -> tuple[list[int], list[tuple[int, int]], list[int], list[int]]:
    """Channels with their followers, routes, feeds and people."""
    start = datetime(NOW.year - YEARS, NOW.month, 1, tzinfo=UTC)
    with Session(engine, expire_on_commit=False) as session:
        channels = [
            ChannelRow(
                workspace_id=workspace_id, platform=name, name=f"{name} {number}", slug=f"c{number}",
                created_at=start,
            )
            for number, (name, _, _) in enumerate(PLATFORMS)
        ]  # fmt: skip
        feeds = [
            Feed(workspace_id=workspace_id, url=f"https://f{n}.example/", existing="none", created_at=start)
            for n in range(FEEDS)
        ]
        people = [Person(name=f"Author {number}", created_at=start) for number in range(AUTHORS)]
        session.add_all([*channels, *feeds, *people])
        session.flush()
        routes = [
            Route(
                workspace_id=workspace_id, name=f"route {number}", template="", created_at=start,
                channel_id=channels[number % len(channels)].id,
            )
            for number in range(ROUTES)
        ]  # fmt: skip
        session.add_all(routes)
        session.flush()
        rows: list[dict[str, Any]] = []
        for channel, (_, _, followers) in zip(channels, PLATFORMS, strict=True):
            grown = followers * np.cumprod(1 + rng.normal(0.0006, 0.002, 365 * YEARS))
            for day, value in enumerate(grown.astype(int).tolist()):
                at = np.datetime64(start.replace(tzinfo=None)) + np.timedelta64(day, "D")
                rows.append(
                    {
                        "id": len(rows) + channel.id % 1000 * 1_000_000 + 1, "channel_id": channel.id,
                        "metric": "followers", "at": at.astype(datetime).replace(tzinfo=UTC),
                        "value": value, "source": "followers_count",
                    }
                )  # fmt: skip
        for number, row in enumerate(rows):
            row["id"] = number + 1
        session.connection().execute(insert(ChannelReading), rows)
        session.commit()
        return (
            [one.id for one in channels],
            [(one.id, one.channel_id) for one in routes],
            [one.id for one in feeds],
            [one.id for one in people],
        )


def _moments(count: int, rng: np.random.Generator) -> Numbers:
    """When posts went out: more each year, more on weekdays, mostly in the daytime."""
    end = int(NOW.timestamp()) * 1_000_000
    days = YEARS * 365
    place = np.sqrt(rng.uniform(0.15, 1, count))  # three quarters as many in the first year as in the last
    day = (place * days).astype(np.int64)
    hour = np.clip(rng.normal(7, 4.5, count), 0, 23.99)
    at = end - (days - day) * _DAY + (hour * 3_600_000_000).astype(np.int64)
    at = at + rng.integers(0, 60_000_000, count)
    found: Numbers = np.sort(np.minimum(at, end - 120_000_000))
    return found


def _posts(
    loader: Loader,
    workspace_id: int,
    size: Size,
    rng: np.random.Generator,
    frame: tuple[list[int], list[tuple[int, int]], list[int], list[int]],
) -> Made:
    channel_ids, routes, feeds, authors = frame
    count = size.posts
    ids = np.arange(1, count + 1, dtype=np.int64) + 10_000_000
    at = _moments(count, rng)
    share = np.array([1.6, 0.7, 1.5, 1.3, 0.8, 1.0, 0.6, 1.1, 1.8, 0.4, 0.8, 0.6])
    place = rng.choice(len(channel_ids), count, p=share / share.sum())
    channels = np.array(channel_ids, np.int64)[place]
    of_route = rng.random(count) < 0.7
    second = rng.random(count) < 0.3
    route = np.array([one for one, _ in routes], np.int64)[place + second * len(channel_ids)]
    feed = np.array(feeds, np.int64)[(place * 2 + second + rng.integers(0, 2, count)) % len(feeds)]
    entries = np.flatnonzero(of_route)
    stamp = at.astype("M8[us]")
    loader.write(
        "entry",
        {
            "id": ids[entries], "workspace_id": np.full(len(entries), workspace_id), "feed_id": feed[entries],
            "title": ["An entry"] * len(entries), "first_seen_at": stamp[entries],
            "position": np.arange(len(entries)), "digest": [b"d"] * len(entries),
            "origin": ["new"] * len(entries), "edits": [0] * len(entries),
            "summary_html": [""] * len(entries), "content_html": [""] * len(entries),
            "text": [""] * len(entries), "authors": ["[]"] * len(entries),
            "categories": ["[]"] * len(entries), "enclosures": ["[]"] * len(entries),
        },
    )  # fmt: skip
    kinds = rng.choice(len(KINDS), count, p=[one for one, _ in KINDS])
    text = "A post of a usual length, as a feed would give it."
    content = [json.dumps({"text": text, **more}) for _, more in KINDS]
    campaigns = rng.integers(0, CAMPAIGNS * 10, count)
    tags = rng.integers(0, TAGS * 5, count)
    author = np.array(authors, np.int64)[rng.integers(0, len(authors), count)]
    blank = [None] * count
    loader.write(
        "post",
        {
            "id": ids, "workspace_id": np.full(count, workspace_id), "channel_id": channels, "story_id": ids,
            "route_id": _some(route, of_route), "entry_id": _some(ids, of_route),
            "state": ["published"] * count,
            "content": [content[kind] for kind in kinds.tolist()],
            "campaign": [f"Campaign {one}" if one < CAMPAIGNS else None for one in campaigns.tolist()],
            "tags": [json.dumps([f"tag{one}"]) if one < TAGS else None for one in tags.tolist()],
            "placed_by": ["automation"] * count, "tries": [1] * count, "looks": [0] * count,
            "in_doubt": [False] * count, "claim": [1] * count,
            "delivery_key": [f"{one:032x}" for one in ids.tolist()],
            "remote_id": [str(one) for one in ids.tolist()], "published_at": stamp, "created_at": stamp,
            "created_by": _some(author, ~of_route), "reason": blank,
        },
    )  # fmt: skip
    linked = rng.random(count) < 0.6
    return Made(ids, place, at, linked, rng.lognormal(0, 0.9, count))


def _some(values: Numbers, there: Numbers) -> list[int | None]:
    return [one if kept else None for one, kept in zip(values.tolist(), there.tolist(), strict=True)]


def _readings(
    loader: Loader, made: Made, wanted: int, channel_ids: Sequence[int], rng: np.random.Generator
) -> None:
    """One row per look and metric; looks per post as many as make the number that is wanted."""
    metrics = [sorted(names) for _, names, _ in PLATFORMS]
    width = np.array([len(names) for names in metrics], np.int64)[made.channels]
    end = int(NOW.timestamp()) * 1_000_000
    possible = np.searchsorted(np.array(CHECKPOINTS) * 1_000_000 + _LATEST, end - made.at, side="right")
    looks = np.minimum(_looks(width, wanted, possible), possible)
    ages = np.array([(*LOOKS[count], *([0] * (7 - count))) if count else [0] * 7 for count in range(8)])
    young = np.array([*CHECKPOINTS])
    names = np.array([[*own, *([""] * (6 - len(own)))] for own in metrics])
    readers = np.array([one for _, _, one in PLATFORMS], np.float64)
    measured = np.zeros(len(made.ids), np.int64)
    first = 1
    for start in range(0, len(made.ids), 25_000):
        part = np.arange(start, min(start + 25_000, len(made.ids)))
        late = rng.integers(0, _LATEST, (len(part), 7))
        rows = looks[part] * width[part]
        post = np.repeat(part, rows)
        within = np.arange(len(post)) - np.repeat(np.cumsum(rows) - rows, rows)
        order, look = within // looks[post], within % looks[post]
        checkpoint = np.where(possible[post] < 7, young[look], ages[looks[post], look])
        at = made.at[post] + checkpoint * 1_000_000 + late[post - start, look]
        metric = names[made.channels[post], order]
        shown = np.isin(metric, ("impressions", "views", "reach"))
        full = made.appeal[post] * readers[made.channels[post]] * np.where(shown, 0.6, 0.02 / (order + 1))
        np.maximum.at(measured, post, at)
        texts: list[str] = metric.tolist()
        loader.write(
            "reading",
            {
                "id": np.arange(first, first + len(post)), "post_id": made.ids[post], "metric": texts,
                "checkpoint": checkpoint, "read_at": at.astype("M8[us]"),
                "value": (full * (1 - 0.5 ** (1 + checkpoint / 20_000))).astype(np.int64),
                "source": [f"{one}_count" for one in texts],
            },
        )  # fmt: skip
        first += len(post)
    _measurements(loader, made, channel_ids, measured)


def _looks(width: Numbers, wanted: int, possible: Numbers) -> Numbers:
    """Looks of each post, so that all together make about the wanted number of readings."""
    for most in range(1, 8):
        if (np.minimum(most, possible) * width).sum() >= wanted:
            fewer = (np.minimum(most - 1, possible) * width).sum()
            per_post = (np.minimum(most, possible) - np.minimum(most - 1, possible)) * width
            enough = int(np.searchsorted(np.cumsum(per_post), wanted - fewer)) + 1
            return np.where(np.arange(len(width)) < enough, most, most - 1)
    return np.full(len(width), 7)


def _measurements(loader: Loader, made: Made, channel_ids: Sequence[int], measured: Numbers) -> None:
    count = len(made.ids)
    workspace = METADATA.tables["workspace"]
    with loader._engine.connect() as connection:
        workspace_id = connection.execute(workspace.select()).first()
    assert workspace_id is not None
    read = measured.astype("M8[us]")
    texts = loader._plain(read)
    loader.write(
        "measurement",
        {
            "id": made.ids, "workspace_id": np.full(count, workspace_id.id), "post_id": made.ids,
            "channel_id": np.array(channel_ids, np.int64)[made.channels],
            "published_at": made.at.astype("M8[us]"), "failures": [0] * count, "claim": [1] * count,
            "last_read_at": [text if at else None for text, at in zip(texts, measured.tolist(), strict=True)],
        },
    )  # fmt: skip


def _clicks(loader: Loader, workspace_id: int, made: Made, wanted: int, rng: np.random.Generator) -> None:
    """Links on three of five posts, and clicks on them: most soon, some for months."""
    own = np.flatnonzero(made.linked)
    ids = made.ids[own]
    loader.write(
        "link",
        {
            "id": ids, "workspace_id": np.full(len(own), workspace_id), "post_id": ids,
            "code": [f"{one:x}" for one in ids.tolist()], "target": ["https://a.example/"] * len(own),
            "created_at": made.at[own].astype("M8[us]"),
        },
    )  # fmt: skip
    share = made.appeal[own] / made.appeal[own].sum()
    end = int(NOW.timestamp()) * 1_000_000
    first = 1
    for start in range(0, wanted, 500_000):
        count = min(500_000, wanted - start)
        place = np.sort(rng.choice(own, count, p=share))
        hours = np.where(rng.random(count) < 0.93, rng.exponential(9, count), rng.exponential(1_200, count))
        at = np.minimum(made.at[place] + (hours * 3_600_000_000).astype(np.int64), end - 1_000_000)
        audience = rng.choice(["human", "bot", "unknown"], count, p=[0.6, 0.3, 0.1])
        loader.write(
            "click",
            {
                "id": np.arange(first, first + count), "link_id": made.ids[place], "post_id": made.ids[place],
                "at": at.astype("M8[us]"), "audience": audience,
                "referrer": ["a.example"] * count,
            },
        )  # fmt: skip
        first += count
