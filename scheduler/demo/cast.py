"""Who appears in the simulated year: a small spice shop with its feeds, channels, routes and people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from domain.metrics import Metric
from domain.schedule import PostingTime, parse_schedule
from scheduler.demo.audience import Habits
from scheduler.demo.writing import NEWS, NOTES, RECIPES, TALKS, Style

WORKSPACE = "Demo (simulated)"
ZONE = "Asia/Jakarta"
#: Why nothing goes out on channels of other platforms.
SIMULATED = "simulated: nothing is sent"
#: The public address that the shop had, under which its short links lay.
PUBLIC_URL = "https://pos.rumahrempah.example"
OWNER, EDITOR, APPROVER = "owner", "Sari", "Bram"
#: Posts a day on all channels together that the feeds below give.
USUAL_PACE = 12.0
#: Slots of a posting schedule for each post that is to be expected.
_ROOM = 1.5
_FIRST_SLOT, _LAST_SLOT = timedelta(hours=6, minutes=45), timedelta(hours=21, minutes=30)
_QUARTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCast:
    """One feed."""

    key: str
    title: str
    url: str
    site: str
    style: Style
    #: Entries a day at the usual pace.
    pace: float
    #: How much its posts are liked; 1 is average.
    appeal: float
    #: Polls in a row that failed lately.
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Followers:
    """How many follow a channel over the year, counted daily."""

    first: int
    last: int
    #: Share that the platform removed on one day, as it does with false accounts.
    purged: float = 0.0
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCast:
    """One channel with its audience."""

    key: str
    platform: str
    name: str
    zone: str
    language: str
    #: Posts a day at the usual pace, for its posting schedule.
    pace: float
    habits: Habits
    settings: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict)
    remote: tuple[str, str, str] | None = None  #: id, name and address of the owner there
    followers: Followers | None = None
    #: Mean of each metric: for each follower where there are any, else for each post; on the page, visits
    #: and clicks for each view. What programs do is for each post everywhere.
    rates: Mapping[Metric, float]
    #: The platform's own field of each metric that it gives; the others Tabuh counts itself.
    sources: Mapping[Metric, str] = field(default_factory=dict)

    def schedule(self, factor: float) -> tuple[PostingTime, ...]:
        """Weekly times, evenly over the day, for ``factor`` times the usual pace."""
        slots = max(2, round(self.pace * factor * _ROOM))
        step = (_LAST_SLOT - _FIRST_SLOT) / (slots - 1)
        at = [(_FIRST_SLOT + step * number) // _QUARTER for number in range(slots)]
        times = sorted({f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in at})
        return parse_schedule(f"daily {','.join(times)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteCast:
    """One route; feeds and channel by their keys."""

    key: str
    name: str
    channel: str
    feeds: Sequence[str]
    template: str = "{{ title }}\n\n{{ link }}"
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    shorten: bool = True
    timing: str = "next_slot"
    needs_approval: bool = False
    late: str = "send"
    #: Paused so long before the end of the year, and still.
    paused: timedelta | None = None


FEEDS = (
    FeedCast(
        key="kabar", title="Rumah Rempah: Kabar", style=NEWS, pace=1.55, appeal=1.0,
        url="https://kabar.rumahrempah.example/feed.xml", site="https://kabar.rumahrempah.example",
    ),
    FeedCast(
        key="notes", title="Spice Notes", style=NOTES, pace=1.2, appeal=1.15,
        url="https://notes.rumahrempah.example/atom.xml", site="https://notes.rumahrempah.example",
    ),
    FeedCast(
        key="resep", title="Resep Harian", style=RECIPES, pace=1.25, appeal=1.4,
        url="https://resep.rumahrempah.example/feed", site="https://resep.rumahrempah.example",
    ),
    FeedCast(
        key="talks", title="Spice Talks", style=TALKS, pace=0.55, appeal=0.75,
        url="https://talks.rumahrempah.example/feed.json", site="https://talks.rumahrempah.example",
        failures=3,
    ),
)  # fmt: skip

_FEDIVERSE = {
    Metric.REACTIONS: "favourites_count",
    Metric.REPLIES: "replies_count",
    Metric.REPLIES_OTHERS: "descendants",
    Metric.SHARES: "reblogs_count",
    Metric.QUOTES: "quotes_count",
}
_OFFICE = ((8.5, 5.0, 0.8), (12.5, 6.0, 0.9), (20.5, 4.0, 0.9))
_EVENING = ((7.0, 5.0, 0.6), (12.3, 6.0, 0.6), (20.0, 3.5, 1.2))

CHANNELS = (
    ChannelCast(
        key="page", platform="page", name="Rumah Rempah", zone=ZONE, language="id", pace=4.5,
        habits=Habits(_EVENING, weekend=1.1, own=0.25, half_life=9.0, lasting=0.3),
        rates={
            Metric.IMPRESSIONS: 80.0, Metric.VIEWS: 21.0, Metric.VISITS: 0.66, Metric.CLICKS: 0.3,
            Metric.VIEWS_BOT: 6.0, Metric.VIEWS_UNKNOWN: 1.2, Metric.CLICKS_BOT: 1.5,
            Metric.CLICKS_UNKNOWN: 0.3,
        },
    ),
    ChannelCast(
        key="sosial", platform="mastodon", name="Sosial Nusantara", zone=ZONE, language="id", pace=2.9,
        habits=Habits(_EVENING, weekend=1.0, own=0.45, half_life=3.5, lasting=0.06),
        settings={"server": "https://sosial.example"}, credentials={"access_token": "simulated"},
        remote=("10412", "@rumahrempah", "https://sosial.example/@rumahrempah"),
        followers=Followers(first=1180, last=2650, purged=0.085, source="followers_count"),
        rates={
            Metric.REACTIONS: 0.0085, Metric.REPLIES: 0.0011, Metric.SHARES: 0.0029, Metric.QUOTES: 0.0004,
            Metric.CLICKS: 0.0046, Metric.CLICKS_BOT: 9.0, Metric.CLICKS_UNKNOWN: 0.6,
        },
        sources=_FEDIVERSE,
    ),
    ChannelCast(
        key="europe", platform="mastodon", name="Spice Europe", zone="Europe/Berlin", language="en", pace=2.1,
        habits=Habits(_OFFICE, weekend=0.8, own=0.35, half_life=4.5, lasting=0.05),
        settings={"server": "https://toots.example"}, credentials={"access_token": "simulated"},
        remote=("77201", "@spices", "https://toots.example/@spices"),
        followers=Followers(first=640, last=1320, source="followers_count"),
        rates={
            Metric.REACTIONS: 0.0105, Metric.REPLIES: 0.0017, Metric.SHARES: 0.0041, Metric.QUOTES: 0.0003,
            Metric.CLICKS: 0.0062, Metric.CLICKS_BOT: 11.0, Metric.CLICKS_UNKNOWN: 0.8,
        },
        sources=_FEDIVERSE,
    ),
    ChannelCast(
        key="sky", platform="bluesky", name="Spice Sky", zone="America/New_York", language="en", pace=1.8,
        habits=Habits(_OFFICE, weekend=0.9, own=0.55, half_life=2.5, lasting=0.04),
        settings={"service": "https://sky.example"},
        credentials={
            "handle": "rumahrempah.example", "app_password": "simulated",
            "did": "did:web:rumahrempah.example",
        },
        remote=("did:web:rumahrempah.example", "@rumahrempah.example", "https://sky.example/rumahrempah"),
        followers=Followers(first=310, last=1890, source="followersCount"),
        rates={
            Metric.REACTIONS: 0.0120, Metric.REPLIES: 0.0014, Metric.SHARES: 0.0026, Metric.QUOTES: 0.0006,
            Metric.SAVES: 0.0019, Metric.CLICKS: 0.0035, Metric.CLICKS_BOT: 2.0, Metric.CLICKS_UNKNOWN: 0.4,
        },
        sources={
            Metric.REACTIONS: "likeCount", Metric.REPLIES: "replyCount", Metric.SHARES: "repostCount",
            Metric.QUOTES: "quoteCount", Metric.SAVES: "bookmarkCount",
            Metric.REPLIES_OTHERS: "thread.replies",
        },
    ),
    ChannelCast(
        key="letter", platform="webhook", name="Newsletter", zone="Asia/Kolkata", language="id", pace=0.75,
        habits=Habits(_OFFICE, weekend=0.6, own=0.3, half_life=12.0, lasting=0.1),
        settings={"url": "https://letter.example/hook"},
        credentials={"secret": "whsec_c2ltdWxhdGVkLCBzbyBpdCBzaWducyBub3RoaW5n"},
        rates={Metric.CLICKS: 5.5, Metric.CLICKS_BOT: 3.0, Metric.CLICKS_UNKNOWN: 0.7},
    ),
)  # fmt: skip

#: Where people come from who click, by channel; none said most often.
REFERRERS: Mapping[str, Sequence[str | None]] = {
    "page": ("pos.rumahrempah.example",),
    "sosial": (None, None, "sosial.example", "mas.example", "app.toot.example"),
    "europe": (None, None, "toots.example", "fedi.example"),
    "sky": (None, "sky.example", "sky.example"),
    "letter": (None, None, None, "mail.example"),
}

ROUTES = (
    RouteCast(
        key="all", name="Everything to our page", channel="page", shorten=False,
        feeds=("kabar", "notes", "resep", "talks"), template="{{ title }}\n\n{{ summary | cut(180) }}",
    ),
    RouteCast(
        key="id", name="Kabar and recipes", channel="sosial", feeds=("kabar", "resep"),
        template="{{ title }}\n\n{{ link }}\n\n{{ hashtags }}", exclude=("lowongan",),
    ),
    RouteCast(
        key="eu", name="Notes and talks", channel="europe", feeds=("notes", "talks"), late="ask",
        template="{{ title }}: {{ summary | cut(120) }}\n\n{{ link }}",
    ),
    RouteCast(
        key="sky", name="English, approved first", channel="sky", feeds=("notes", "talks"),
        needs_approval=True, template="{{ title }}",
    ),
    RouteCast(
        key="letter", name="Recipes to the newsletter", channel="letter", feeds=("resep",),
        include=("resep",), timing="at_once", late="skip",
    ),
    RouteCast(
        key="export", name="Exports, for Europe", channel="europe", feeds=("kabar",),
        include=("ekspor", "Jerman", "Belanda"), paused=timedelta(days=16),
    ),
)  # fmt: skip

UTM = {"utm_source": "{{ platform }}", "utm_medium": "social", "utm_campaign": "{{ route }}"}
