"""Six plausible weeks of a workspace: feeds of every health, routes, posts with readings and clicks, KPIs."""

import math
import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlmodel import Session

from domain.content import Card, Content, content_json
from domain.ids import new_id
from domain.metrics import CHECKPOINTS, Metric
from store.engine import writing
from store.tables import (
    Attempt,
    ChannelReading,
    ChannelRow,
    Click,
    EntryRow,
    Feed,
    Kpi,
    Ledger,
    Link,
    Measurement,
    PageCount,
    Post,
    PostingTimeRow,
    Reading,
    Route,
    RouteFeed,
)
from tests.web.filled_kpis import add_kpis
from tests.web.setting import Installation

TITLES = (
    "Pasar Santa buka sampai malam: tujuh kedai yang layak didatangi",
    "What a hundred feeds taught us about being late",
    "Rilis: laporan KPI dalam dua bahasa",
    "Why we measure a post eleven times",
    "Kopi Gayo, dari kebun ke cangkir: sebuah perjalanan panjang",
    "A short history of the bedug, the drum that calls",
    "Lima hal yang perlu diketahui sebelum memindahkan akun Mastodon Anda",
    "Open hours this weekend, and what is new on the shelves",
)
FIELDS = {
    "mastodon": {"reactions": "favourites_count", "replies": "replies_count", "shares": "reblogs_count"},
    "bluesky": {"reactions": "likeCount", "replies": "replyCount", "shares": "repostCount"},
}
OUTCOMES = ("rate_limited", "mastodon.example asks us to wait 60 s (429).")


class Filling:
    """The rows, made one after the other with a fixed seed."""

    def __init__(self, place: Installation, session: Session, *, weeks: int) -> None:
        self.weeks = weeks
        self.place, self.session, self.now = place, session, place.now
        self.rng = random.Random(7)
        self.workspace_id = place.workspace.id
        self.channels: dict[str, ChannelRow] = {}
        self.feeds: list[Feed] = []
        self.routes: list[Route] = []
        self.kpis: list[Kpi] = []
        #: Rows that no other points to.
        self.rows: list[Any] = []

    def add(self, row: Any) -> Any:
        """A row that others point to."""
        self.session.add(row)
        self.session.flush()
        return row

    def fill(self) -> None:
        self._channels()
        self._feeds()
        self._routes()
        for number in range(self.weeks * 7 * 2, 0, -1):
            self._entry(number)
        self._odd_posts()
        self.session.add_all(self.rows)
        add_kpis(self)

    def _channels(self) -> None:
        start = self.now - timedelta(weeks=self.weeks + 2)
        known: dict[str, tuple[str, int, dict[str, str], dict[str, str]]] = {
            "page": ("Kabar Toko Sari", 0, {}, {}),
            "mastodon": (
                "@toko@mastodon.example",
                4210,
                {"server": "https://mastodon.example"},
                {"access_token": "x" * 40},
            ),
            "bluesky": ("toko.bsky.example", 860, {}, {"handle": "toko.bsky.example", "app_password": "x"}),
        }
        seal = self.place.web.context.seal
        for platform, (name, followers, settings, secret) in known.items():
            channel_id = new_id()
            row = self.add(
                ChannelRow(
                    id=channel_id,
                    settings=settings,
                    credentials=seal.close(channel_id, secret) if secret else None,
                    workspace_id=self.workspace_id,
                    platform=platform,
                    name=name,
                    slug=f"sari-{platform}",
                    zone="Asia/Jakarta",
                    created_at=start,
                )
            )
            self.channels[platform] = row
            for day in range(7):
                for wall in ("09:00", "12:30", "19:00"):
                    self.rows.append(PostingTimeRow(channel_id=row.id, weekday=day, wall=wall))
            for day in range(self.weeks * 7 if followers else 0):
                at = self.now - timedelta(days=self.weeks * 7 - day)
                count = int(followers + day * followers / 400 + self.rng.gauss(0, 4))
                self.rows.append(
                    ChannelReading(
                        channel_id=row.id, metric="followers", at=at, value=count, source="followers_count"
                    )
                )

    def _feeds(self) -> None:
        soon = self.now + timedelta(minutes=18)
        known: Sequence[dict[str, Any]] = (
            {"title": "Blog Toko Sari", "next_reason": "every 30 min: this feed posts about every 2.5 h"},
            {"title": "Kabar Kota", "next_reason": "every 1 h: the server's max-age asks for it"},
            {
                "title": "Produk baru",
                "failures": 3,
                "last_error": "shop.example.org has trouble of its own (503); the next look comes later",
                "next_reason": "in 2.5 h: the feed could not be read 3 times in a row",
            },
            {
                "title": "Arsip lama",
                "paused_at": self.now - timedelta(days=3),
                "paused_reason": "moving house",
            },
            {"title": "Pengumuman", "ask": True, "next_reason": "every 1 h: chosen by hand"},
        )
        for place, values in enumerate(known):
            paused = "paused_at" in values
            self.feeds.append(
                self.add(
                    Feed(
                        workspace_id=self.workspace_id,
                        url=f"https://example.org/feed{place}.xml",
                        site_url="https://example.org/",
                        existing="last:3",
                        baseline_at=self.now - timedelta(weeks=self.weeks),
                        last_polled_at=self.now - timedelta(minutes=12),
                        last_success_at=self.now - timedelta(minutes=12),
                        last_status=200 if place % 2 else 304,
                        next_at=None if paused else soon + timedelta(minutes=7 * place),
                        created_at=self.now - timedelta(weeks=self.weeks),
                        **values,
                    )
                )
            )

    def _routes(self) -> None:
        known: Sequence[dict[str, Any]] = (
            {"name": "Blog to page", "channel": "page"},
            {"name": "Blog to Mastodon", "channel": "mastodon", "exclude": ["Open hours", "lowongan"]},
            {"name": "Kota to Bluesky", "channel": "bluesky", "include": ["kopi", "pasar", "bedug", "feeds"]},
        )
        for values in known:
            channel = self.channels[values["channel"]]
            rest = {key: value for key, value in values.items() if key != "channel"}
            route = self.add(
                Route(
                    workspace_id=self.workspace_id,
                    channel_id=channel.id,
                    template="{{ title }}\n\n{{ link }}",
                    utm={"utm_source": "{{ platform }}", "utm_medium": "social"},
                    created_at=self.now - timedelta(weeks=self.weeks),
                    **rest,
                )
            )
            self.routes.append(route)
            for feed in self.feeds[: 2 if channel.platform == "page" else 1]:
                self.rows.append(RouteFeed(route_id=route.id, feed_id=feed.id))

    def _entry(self, number: int) -> None:
        at = self.now - timedelta(hours=12 * number - 5, minutes=self.rng.randrange(50))
        title = TITLES[number % len(TITLES)]
        feed = self.feeds[number % 2]
        entry = self.add(
            EntryRow(
                workspace_id=self.workspace_id,
                feed_id=feed.id,
                guid=f"{feed.url}#{number}",
                link=f"https://example.org/{number}",
                title=title,
                text=f"{title}. A paragraph that says a little more.",
                published_at=at,
                first_seen_at=at + timedelta(minutes=9),
                position=1000 - number,
                digest=bytes(16),
                origin="new",
            )
        )
        for route in self.routes:
            if feed is not self.feeds[0] and route is not self.routes[0]:
                continue
            reason = "has the excluded word: Open hours" if "Open" in title and route.exclude else ""
            if reason or (route.include and "kopi" not in title.lower() and number % 3):
                self._fate(entry, route, "filtered", reason or "has none of: kopi, pasar, bedug, feeds")
            else:
                self._post(entry, route, at + timedelta(minutes=20))

    def _fate(self, entry: EntryRow, route: Route, fate: str, reason: str) -> None:
        self.rows.append(Ledger(entry_id=entry.id, route_id=route.id, fate=fate, reason=reason, at=self.now))

    def _post(self, entry: EntryRow, route: Route, at: datetime) -> None:
        channel = next(row for row in self.channels.values() if row.id == route.channel_id)
        content = Content(
            text=f"{entry.title}\n\n{entry.link}",
            link=entry.link,
            card=Card(title=entry.title, description="A paragraph that says a little more."),
        )
        key = f"{new_id():032x}"
        late = self.rng.random() < 0.05
        post = self.add(
            Post(
                workspace_id=self.workspace_id,
                channel_id=channel.id,
                story_id=entry.id,
                route_id=route.id,
                entry_id=entry.id,
                state="published",
                content=content_json(content),
                payload=self.place.web.context.publisher(channel).render(content, created_at=at),
                payload_hash="ab" * 32,
                planned_at=at,
                planned_wall=at.isoformat(timespec="seconds")[:19],
                planned_zone="Asia/Jakarta",
                slot_at=at,
                delivery_key=key,
                remote_id=key,
                remote_url=f"https://{channel.platform}.example/{quote(key)}",
                published_at=at + timedelta(seconds=2),
                late_reason="No worker was free or running at its hour." if late else None,
                tries=1,
                created_at=entry.first_seen_at,
            )
        )
        self.rows.append(
            Ledger(entry_id=entry.id, route_id=route.id, post_id=post.id, at=entry.first_seen_at)
        )
        self._attempts(post, at)
        self._measured(post, channel)

    def _attempts(self, post: Post, at: datetime) -> None:
        refused = self.rng.random() < 0.1
        tries = [(at - timedelta(seconds=61), *OUTCOMES)] if refused else []
        for started, outcome, detail in [*tries, (at, "published", None)]:
            self.rows.append(
                Attempt(
                    post_id=post.id,
                    claim=1,
                    started_at=started,
                    finished_at=started + timedelta(milliseconds=840),
                    outcome=outcome,
                    detail=detail,
                    remote_id=post.remote_id if outcome == "published" else None,
                    payload_hash="ab" * 32,
                )
            )

    def _measured(self, post: Post, channel: ChannelRow) -> None:
        assert post.published_at is not None
        age = self.now - post.published_at
        strength = math.exp(self.rng.gauss(0, 0.6)) * (1.6 if post.published_at.weekday() < 5 else 0.8)
        passed = [checkpoint for checkpoint in CHECKPOINTS if checkpoint <= age]
        for checkpoint in passed:
            grown = 1 - math.exp(-checkpoint / timedelta(hours=20))
            read_at = post.published_at + checkpoint + timedelta(seconds=self.rng.randrange(4, 90))
            for metric, field in FIELDS.get(channel.platform, {}).items():
                size = {"reactions": 22, "replies": 3, "shares": 7}[metric]
                count = int(size * strength * grown)
                self._reading(post, metric, checkpoint, at=read_at, value=count, source=field)
        coming = next((one for one in CHECKPOINTS if one > age), None)
        self.rows.append(
            Measurement(
                workspace_id=self.workspace_id,
                post_id=post.id,
                channel_id=channel.id,
                published_at=post.published_at,
                last_read_at=post.published_at + passed[-1] if passed else None,
                next_at=post.published_at + coming if coming else None,
            )
        )
        self._clicks(post, channel, strength, age, passed)

    def _reading(
        self, post: Post, metric: str, checkpoint: timedelta, *, at: datetime, value: int, source: str
    ) -> None:
        self.rows.append(
            Reading(
                post_id=post.id,
                metric=metric,
                checkpoint=int(checkpoint.total_seconds()),
                read_at=at,
                value=value,
                source=source,
            )
        )

    def _clicks(
        self, post: Post, channel: ChannelRow, strength: float, age: timedelta, passed: Sequence[timedelta]
    ) -> None:
        assert post.published_at is not None
        link = self.add(
            Link(
                workspace_id=self.workspace_id,
                code=f"k{post.id:x}",
                target=post.content["link"],
                post_id=post.id,
                created_at=post.created_at,
            )
        )
        times = []
        for _ in range(int(14 * strength)):
            at = post.published_at + timedelta(hours=min(self.rng.expovariate(1 / 18), 400))
            if at < self.now:
                audience = self.rng.choices(["human", "bot", "unknown"], [7, 3, 1])[0]
                times.append((at, audience))
                referrer = self.rng.choice([None, "mastodon.example", "bsky.app", "www.google.com"])
                self.rows.append(
                    Click(link_id=link.id, post_id=post.id, at=at, audience=audience, referrer=referrer)
                )
        if channel.platform == "page":
            self._shown(post, channel, strength, age)
        for checkpoint in passed:
            count = sum(who == "human" and at <= post.published_at + checkpoint for at, who in times)
            at = post.published_at + checkpoint
            self._reading(post, Metric.CLICKS, checkpoint, at=at, value=count, source="tabuh")

    def _shown(self, post: Post, channel: ChannelRow, strength: float, age: timedelta) -> None:
        assert post.published_at is not None
        hour = post.published_at.replace(minute=0, second=0, microsecond=0)
        for number in range(min(int(age / timedelta(hours=1)), 72)):
            fade = math.exp(-number / 20)
            for kind, size in (("impressions", 9), ("views", 4), ("visits", 3)):
                count = int(size * strength * fade + self.rng.random())
                if count:
                    self.rows.append(
                        PageCount(
                            channel_id=channel.id,
                            post_id=post.id,
                            hour=hour + timedelta(hours=number),
                            kind=kind,
                            audience="human",
                            shown=count,
                        )
                    )

    def _odd_posts(self) -> None:
        entry = self.add(
            EntryRow(
                workspace_id=self.workspace_id,
                feed_id=self.feeds[0].id,
                guid="held",
                title="An entry that came while somebody was asked",
                text="Some text.",
                first_seen_at=self.now,
                position=2000,
                digest=bytes(16),
                origin="new",
            )
        )
        for route, fate in zip(self.routes, ("held", "duplicate", "failed"), strict=True):
            said = "the same as “Another entry” of another feed" if fate == "duplicate" else ""
            self._fate(entry, route, fate, said or "came while the route was paused")


def fill(place: Installation, *, weeks: int = 6) -> Filling:
    """Fill the installation's workspace; what was made is in the answer."""
    with writing(place.engine) as session:
        filling = Filling(place, session, weeks=weeks)
        filling.fill()
        session.commit()
    return filling
