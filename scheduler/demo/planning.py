"""From the simulated entries to posts with an hour: every entry gets its fate on every route."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from domain.content import Content
from domain.post import Fate, PlacedBy, PostState
from domain.route import match
from domain.schedule import instant, wall_time
from feeds.plain import cut
from scheduler.arriving import EXISTED_BEFORE_FEED
from scheduler.composing import Place, Wording, compose
from scheduler.demo.arrivals import Arrived, arrivals
from scheduler.demo.audience import uneven
from scheduler.demo.cast import (
    APPROVER,
    CHANNELS,
    EDITOR,
    PUBLIC_URL,
    ROUTES,
    UTM,
    ChannelCast,
    RouteCast,
)
from scheduler.demo.slotbook import Choice, SlotBook
from scheduler.demo.writing import by_hand
from scheduler.demo.year import AHEAD, DAY, LENGTH, Year
from scheduler.judging import texts_of
from scheduler.routing import ROUTE_PAUSED
from scheduler.templating import tagged

#: Spread (log) of how well one post does, besides its story and its hour.
_POST_LUCK = 0.6
#: Of posts that wait for approval: how many are refused, and the mean wait in hours.
_REFUSED, _REVIEW = 0.08, 5.0
#: Whoever approves was last there so long before the end of the year; longer where little comes.
_AWAY = timedelta(hours=40)
#: Of posts in the queue, how many an editor takes out.
_TAKEN_OUT = 0.015
_REFUSALS = ("Not for this audience.", "We said this last week.", "Wait until the shop has it.")
_OUT = ("Skipped by hand.", "Out of stock.", "Replaced by a newer post.")
#: Posts that people write, each day: on all channels, and in the two weeks to come.
_BY_HAND, _BY_HAND_AHEAD = 0.3, 3.0
_DRAFTS = 6
_CODE = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@dataclass(slots=True, kw_only=True)
class Planned:
    """One post from its writing to wherever it has come by the end of the year."""

    id: int
    channel: ChannelCast
    route: RouteCast | None = None
    arrived: Arrived | None = None
    story_id: int
    content: Content
    #: Code and target of its short link.
    link: tuple[str, str] | None = None
    delivery_key: str
    created_at: datetime
    #: Who wrote it; None: automation.
    by: str | None = None
    state: PostState
    reason: str | None = None
    planned_at: datetime | None = None
    planned_wall: str | None = None
    planned_zone: str | None = None
    placed_by: PlacedBy = PlacedBy.AUTOMATION
    slot_at: datetime | None = None
    choice: Choice | None = None
    #: How much it is liked; 1 is average.
    appeal: float
    #: What people did with it, when, and who.
    decisions: list[tuple[datetime, str, str]] = field(default_factory=list)
    approved: bool = False
    claim: int = 0
    tries: int = 0
    looks: int = 0
    in_doubt: bool = False
    late_reason: str | None = None
    remote_id: str | None = None
    remote_url: str | None = None
    published_at: datetime | None = None
    deleted_at: datetime | None = None
    #: Publish calls, oldest first, as their rows without post and payload.
    attempts: list[dict[str, Any]] = field(default_factory=list)

    def plan(self, at: datetime, wall: datetime, by: PlacedBy, slot_at: datetime | None = None) -> None:
        """Give it its hour."""
        self.planned_at, self.planned_wall = at, wall.isoformat(timespec="seconds")
        self.planned_zone, self.placed_by, self.slot_at = self.channel.zone, by, slot_at

    def skip(self, at: datetime, who: str, reason: str) -> None:
        """A person takes it out."""
        self.decisions.append((at, "skipped", who))
        self.state, self.reason, self.slot_at = PostState.SKIPPED, reason, None


@dataclass(frozen=True, slots=True)
class Fated:
    """What became of an entry on a route: a post, or a fate with its reason."""

    arrived: Arrived
    route: RouteCast
    at: datetime
    post: Planned | None = None
    fate: Fate | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All entries, what became of them, and all posts, those of people too."""

    arrivals: Sequence[Arrived]
    fates: Sequence[Fated]
    posts: Sequence[Planned]


def planned_year(year: Year) -> Plan:
    """The year up to the moment at which each post is to go out."""
    found = arrivals(year)
    desk = _Desk(year)
    fates = [fate for one in found for fate in desk.fates(one)]
    routed = [fate.post for fate in fates if fate.post is not None]
    posts = [*routed, *_by_hand(year), *_drafts(year)]
    return Plan(found, fates, sorted(posts, key=lambda post: (post.created_at, post.id)))


class _Desk:
    """Decides on entries as they come, and fills the channels' slots."""

    def __init__(self, year: Year) -> None:
        self._year = year
        self._channels = {cast.key: cast for cast in CHANNELS}
        self._books = {cast.key: SlotBook(year, cast.schedule(year.factor), cast.zone) for cast in CHANNELS}
        #: Links that each route has made a post of, with the title.
        self._had: dict[tuple[str, str], str] = {}

    def fates(self, arrived: Arrived) -> Iterator[Fated]:
        """What becomes of one entry, route by route."""
        for route in ROUTES:
            if arrived.feed.key in route.feeds:
                yield self._fate(arrived, route)

    def _fate(self, arrived: Arrived, route: RouteCast) -> Fated:
        now = arrived.first_seen_at
        fate, reason = self._refusal(arrived, route)
        if fate is not None:
            return Fated(arrived, route, now, fate=fate, reason=reason)
        self._had[route.key, str(arrived.entry.link)] = arrived.entry.title
        return Fated(arrived, route, now, post=self._post(arrived, route))

    def _refusal(self, arrived: Arrived, route: RouteCast) -> tuple[Fate | None, str]:
        if not arrived.is_new:
            return Fate.SKIPPED, EXISTED_BEFORE_FEED
        passed = match(texts_of(arrived.entry), include=route.include, exclude=route.exclude)
        if not passed.passes:
            return Fate.FILTERED, passed.reason
        original = self._had.get((route.key, str(arrived.entry.link)))
        if original is not None:
            return Fate.DUPLICATE, f"the same as “{cut(original, 80)}” of another feed"
        if route.paused is not None and arrived.first_seen_at >= self._year.end - route.paused:
            return Fate.HELD, ROUTE_PAUSED
        return None, ""

    def _post(self, arrived: Arrived, route: RouteCast) -> Planned:
        channel, now = self._channels[route.channel], arrived.first_seen_at
        rng = self._year.rng("post", arrived.feed.key, arrived.position, route.key)
        content, link = _composed(arrived, route, channel, code="".join(rng.choices(_CODE, k=8)))
        post = Planned(
            id=self._year.new_id(now),
            channel=channel,
            route=route,
            arrived=arrived,
            story_id=arrived.id,
            content=content,
            link=link,
            delivery_key=f"{rng.getrandbits(128):032x}",
            created_at=now,
            state=PostState.AWAITING_APPROVAL if route.needs_approval else PostState.QUEUED,
            appeal=arrived.appeal * uneven(rng, _POST_LUCK),
        )
        if route.timing == "at_once":
            post.plan(now, wall_time(now, ZoneInfo(channel.zone)), PlacedBy.AUTOMATION)
        else:
            choice = post.choice = self._books[channel.key].take(rng, now=now)
            post.plan(choice.slot.at, choice.slot.wall, PlacedBy.AUTOMATION, choice.slot.at)
        self._decide(post)
        return post

    def _decide(self, post: Planned) -> None:
        """What people do with it before its hour."""
        rng, end = self._year.rng("decide", post.delivery_key), self._year.end
        if post.state == PostState.AWAITING_APPROVAL:
            decided = post.created_at + timedelta(hours=rng.expovariate(1 / _REVIEW))
            if decided >= end - _AWAY / min(1.0, self._year.factor):
                return
            if rng.random() < _REFUSED:
                self._take_out(post, decided, APPROVER, rng.choice(_REFUSALS))
                return
            post.decisions.append((decided, "approved", APPROVER))
            post.state, post.approved = PostState.QUEUED, True
            if post.choice is not None and post.choice.slot.at <= decided:  # its hour passed meanwhile
                slot = self._books[post.channel.key].take(rng, now=decided).slot
                post.plan(slot.at, slot.wall, PlacedBy.PERSON, slot.at)
        elif rng.random() < _TAKEN_OUT and post.planned_at is not None and post.slot_at is not None:
            decided = post.created_at + (post.planned_at - post.created_at) * rng.random()
            if decided < end:
                self._take_out(post, decided, EDITOR, rng.choice(_OUT))

    def _take_out(self, post: Planned, at: datetime, who: str, reason: str) -> None:
        if post.choice is not None:
            self._books[post.channel.key].give_back(post.choice.slot)
        post.skip(at, who, reason)


def _composed(
    arrived: Arrived, route: RouteCast, channel: ChannelCast, *, code: str
) -> tuple[Content, tuple[str, str]]:
    values = {
        "platform": channel.platform,
        "channel": channel.name,
        "route": route.name,
        "feed": arrived.feed.title,
    }
    target = tagged(str(arrived.entry.link), UTM, values=values)
    place = Place(**values, where=ZoneInfo(channel.zone), language=channel.language)
    link = f"{PUBLIC_URL}/l/{code}" if route.shorten else target
    content = compose(arrived.entry, Wording(route.template), link=link, place=place)
    return content, (code, target)


def _by_hand(year: Year) -> Iterator[Planned]:
    """What people wrote for one channel and an hour of their choice."""
    writable = [cast for cast in CHANNELS if cast.platform != "webhook"]
    for number in range(LENGTH.days + AHEAD.days):
        rng, ahead = year.rng("hand", number), number > LENGTH.days
        for _ in range(_some(rng, (_BY_HAND_AHEAD if ahead else _BY_HAND) * min(year.factor, 1.5))):
            channel = rng.choice(writable)
            post = _hand_written(year, channel, year.start + number * DAY, rng.getrandbits(64))
            if not year.end <= (post.planned_at or year.end) < year.end + DAY:
                yield post


def _some(rng: Random, mean: float) -> int:
    return int(mean) + int(rng.random() < mean % 1)


def _hand_written(year: Year, channel: ChannelCast, day: datetime, number: int) -> Planned:
    rng, where = year.rng("hand", number), ZoneInfo(channel.zone)
    of_day = wall_time(day, where).replace(hour=rng.randint(7, 20), minute=rng.choice((0, 10, 20, 30, 45)))
    wall = of_day.replace(second=0, microsecond=0)
    at = instant(wall, where)
    written = min(at, year.end) - timedelta(hours=rng.uniform(1, 70))
    post = _empty(year, channel, written, rng.getrandbits(128), text=by_hand(rng, channel.language))
    post.state, post.appeal = PostState.QUEUED, uneven(rng, _POST_LUCK)
    post.plan(at, wall, PlacedBy.PERSON)
    return post


def _drafts(year: Year) -> Iterator[Planned]:
    rng = year.rng("drafts")
    for number in range(_DRAFTS):
        channel = CHANNELS[number % 4]
        written = year.end - timedelta(hours=rng.uniform(3, 200))
        yield _empty(year, channel, written, rng.getrandbits(128), text=by_hand(rng, channel.language))


def _empty(year: Year, channel: ChannelCast, at: datetime, key: int, *, text: str) -> Planned:
    return Planned(
        id=year.new_id(at),
        channel=channel,
        story_id=year.new_id(at),
        content=Content(text, language=channel.language),
        delivery_key=f"{key:032x}",
        created_at=at,
        by=EDITOR,
        state=PostState.DRAFT,
        appeal=1.0,
    )
