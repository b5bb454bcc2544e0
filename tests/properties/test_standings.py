"""Whatever comes in whatever order: standings and sums say what the readings say, and all figures agree."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete
from sqlmodel import Session

from analytics.daily import daily
from analytics.overview import overview
from analytics.posts import post_list
from analytics.sums import Stretch, figure_over
from domain.catalogue import CATALOGUE, of_posts
from domain.definition import OWN_SOURCE, Shape
from domain.kpi import Scope, ScopeKind
from domain.metrics import CHECKPOINTS, Audience
from domain.period import Span
from store import adding_up, agreeing, links, measuring, packing, traffic
from store.answers import kept
from store.measuring import Look, Taken
from store.tables import (
    ChannelRow,
    EntryRow,
    Feed,
    Link,
    Post,
    Rollup,
    Route,
    Standing,
    StandingChannel,
    StandingColumn,
    StandingPart,
)
from store.traffic import WHOLE_PAGE, Shown
from store.values import NO_FILTERS
from tests.measured import FIELDS, SUPPLIES, M, Measured
from tests.world import emptied

START = datetime(2026, 3, 20, tzinfo=UTC)  # clocks change within in Berlin and in New York
DAYS = 40
METRICS = (M.REACTIONS, M.REPLIES, M.SHARES, M.IMPRESSIONS, M.REACH, M.CLICKS)
ZONES = ("UTC", "Asia/Kathmandu", "Europe/Berlin", "America/New_York", "Asia/Jakarta", "Australia/Lord_Howe")
_FEW = settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@dataclass
class Story:
    """A small workspace in which things happen in an order drawn from a seed."""

    session: Session
    rng: Random
    world: Measured = field(init=False)
    channels: list[ChannelRow] = field(init=False)
    posts: list[Post] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    #: Post → how many looks came in order, and of which metrics the last was.
    seen: dict[int, tuple[int, list[M]]] = field(default_factory=dict)
    now: datetime = START + timedelta(days=DAYS)

    def __post_init__(self) -> None:
        self.world = Measured(self.session)
        self.channels = [self.world.channel(name) for name in ("square", "exposed", "page", "exposed")]
        self.routes = [self._route(channel) for channel in self.channels[:3]]
        self.feed = Feed(workspace_id=self.world.id, url="https://a.test/", existing="none", created_at=START)
        self.session.add_all([*self.routes, self.feed])
        self.session.flush()
        for channel in self.channels[:2]:
            for day in sorted(self.rng.sample(range(DAYS), 3)):
                self.world.followers(channel, START + timedelta(days=day), self.rng.randrange(1, 500))
        for number in range(self.rng.randrange(4, 9)):
            self._post(number)

    def _route(self, channel: ChannelRow) -> Route:
        return Route(
            workspace_id=self.world.id,
            name=channel.name,
            channel_id=channel.id,
            template="",
            created_at=START,
        )

    def _post(self, number: int) -> None:
        place = self.rng.randrange(len(self.channels))
        entry = None
        if self.rng.random() < 0.5:
            entry = EntryRow(
                workspace_id=self.world.id, feed_id=self.feed.id, first_seen_at=START, position=number,
                digest=b"", origin="new",
            )  # fmt: skip
            self.session.add(entry)
            self.session.flush()
        post = self.world.post(
            self.channels[place],
            self.moment(),
            route_id=self.routes[place].id if place < 3 and self.rng.random() < 0.7 else None,
            entry_id=entry.id if entry else None,
        )
        self.posts.append(post)
        if self.rng.random() < 0.6:
            self.links.append(self.world.link(post))

    def moment(self) -> datetime:
        """Any moment, sometimes on the edge of a quarter of an hour."""
        at = START + timedelta(
            seconds=self.rng.randrange(DAYS * 86400), microseconds=self.rng.randrange(10**6)
        )
        quarter = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
        return self.rng.choice([at, at, quarter, quarter - timedelta(microseconds=1)])

    def look(self) -> Look:
        """A look at any post at any checkpoint, at any time: late, early, again."""
        post = self.rng.choice(self.posts)
        metrics = self.rng.sample(METRICS, self.rng.randrange(1, len(METRICS)))
        taken = [
            Taken(one, self.rng.randrange(50), OWN_SOURCE if one is M.CLICKS else self._field(one))
            for one in metrics
        ]
        return Look(post.id, self.rng.choice(CHECKPOINTS), self.moment(), taken)

    def next_look(self) -> Look:
        """A look after all others of its post, mostly: of the metrics of the one before, or nearly so."""
        post = self.rng.choice(self.posts)
        number, metrics = self.seen.get(post.id, (0, [M.REACTIONS, M.SHARES, M.IMPRESSIONS]))
        if self.rng.random() < 0.2:
            metrics = self.rng.sample(METRICS, self.rng.randrange(1, len(METRICS)))
        self.seen[post.id] = number + 1, metrics
        taken = [
            Taken(one, self.rng.randrange(50), OWN_SOURCE if one is M.CLICKS else self._field(one))
            for one in metrics
        ]
        at = START + timedelta(days=DAYS - 12, hours=self.rng.choice([7, 7, 7, 0]) * number, microseconds=1)
        return Look(post.id, CHECKPOINTS[-1] + timedelta(seconds=number), at, taken)

    def _field(self, metric: M) -> str:
        return "newer_field" if self.rng.random() < 0.2 else FIELDS.get(metric, "field")

    def happen(self) -> None:
        """One thing of many."""
        match self.rng.randrange(14):
            case 0 | 1 | 2 | 3:
                looks = [self.look() for _ in range(self.rng.randrange(1, 5))]
                measuring.append_looks(self.session, [*looks, self.rng.choice(looks)])
            case 4 | 5 if self.links:
                link, audience = self.rng.choice(self.links), self.rng.choice(list(Audience))
                links.record_click(self.session, link, at=self.moment(), audience=audience, referrer=None)
            case 6:
                page = self.channels[2]
                own = [post.id for post in self.posts if post.channel_id == page.id]
                kind = self.rng.choice(["impressions", "views", "visits"])
                audience = self.rng.choice(list(Audience))
                post_id = self.rng.choice([WHOLE_PAGE, *own])
                if post_id != WHOLE_PAGE or kind != "impressions":
                    shown = Shown(page.id, post_id, kind, audience, self.moment())
                    traffic.count_shown(self.session, [shown] * self.rng.randrange(1, 4))
            case 7:
                packing.pack(self.session, limit=self.rng.choice([1, 2, 100]))
            case 8:
                adding_up.add_up(self.session, limit=self.rng.choice([1, 2, 100]))
            case 9:
                measuring.mark_gone(self.session, self.rng.choice(self.posts).id, now=self.now)
                packing.rebuild(self.session, self.rng.choice(self.channels).id)
            case 10 | 11 | 12:
                measuring.append_looks(
                    self.session, [self.next_look() for _ in range(self.rng.randrange(1, 5))]
                )
            case 13:
                measuring.looked_at(self.session, self.rng.choice(self.posts).id)

    def scopes(self) -> list[Scope]:
        """Every kind of question."""
        found = [Scope(), *(Scope(ScopeKind.CHANNEL, one.id) for one in self.channels)]
        return [*found, Scope(ScopeKind.ROUTE, self.routes[1].id), Scope(ScopeKind.FEED, self.feed.id)]

    def stretch(self) -> Stretch:
        """A period of days in some zone, seen while it runs or later."""
        where = ZoneInfo(self.rng.choice(ZONES))
        first = START.date() + timedelta(days=self.rng.randrange(DAYS))
        start, end = Span(first, first + timedelta(days=self.rng.choice([1, 1, 7, 30]))).bounds(where)
        now = self.rng.choice([self.now, self.moment(), end])
        return Stretch(start, end, max(now, start + timedelta(seconds=1)))


def told(seed: int, session: Session) -> Story:
    """A story of which everything has happened and every channel is built."""
    story = Story(session, Random(seed))
    for _ in range(story.rng.randrange(5, 40)):
        story.happen()
    for channel_id in packing.unbuilt(session):
        packing.rebuild(session, channel_id)
    for _ in range(story.rng.randrange(0, 10)):
        story.happen()
    session.flush()
    return story


def never_built(session: Session) -> None:
    """As after an upgrade from a release that knew neither standings nor sums."""
    for table in (StandingChannel, StandingColumn, StandingPart, Standing, Rollup):
        session.connection().execute(delete(table))


def unbuilt(session: Session) -> None:
    """From now on every figure is made from readings."""
    session.connection().execute(delete(StandingChannel))


@given(seed=st.integers(0, 2**32))
@_FEW
def test_standings_and_sums_say_what_the_readings_say(shared_engine: Engine, seed: int) -> None:
    with Session(emptied(shared_engine), expire_on_commit=False) as session:
        story = told(seed, session)

        assert agreeing.differences(session, story.world.id) == []
        while packing.pack(session):
            pass
        assert agreeing.differences(session, story.world.id) == []


@given(seed=st.integers(0, 2**32))
@_FEW
def test_every_figure_is_the_same_from_columns_and_from_readings(shared_engine: Engine, seed: int) -> None:
    with Session(emptied(shared_engine), expire_on_commit=False) as session:
        story = told(seed, session)
        questions = [
            (entry, stretch, scope)
            for entry in CATALOGUE.values()
            if not entry.outside
            for scope in story.rng.sample(story.scopes(), 3)
            for stretch in [story.stretch()]
        ]

        def answers() -> list[object]:
            return [
                figure_over(
                    session, entry, stretch, workspace_id=story.world.id, scope=scope, supplies=SUPPLIES
                )
                for entry, stretch, scope in questions
            ]

        from_columns = answers()
        with kept(session):
            in_a_round = answers()
        unbuilt(session)
        from_readings = answers()
        with kept(session):
            of_readings_in_a_round = answers()

        ways = (from_columns, in_a_round, from_readings, of_readings_in_a_round)
        for question, *each in zip(questions, *ways, strict=True):
            assert all(one == each[0] for one in each), question


@given(seed=st.integers(0, 2**32))
@_FEW
def test_lists_days_and_overviews_are_the_same_from_columns_and_from_readings(
    shared_engine: Engine, seed: int
) -> None:
    with Session(emptied(shared_engine), expire_on_commit=False) as session:
        story = told(seed, session)
        stretches = [story.stretch() for _ in range(3)]
        spans = [
            (story.rng.choice(ZONES), story.rng.choice(story.scopes()), story.moment()) for _ in range(4)
        ]
        flows = [key for key, one in CATALOGUE.items() if one.shape is Shape.FLOW and not one.outside]

        def answers() -> list[object]:
            first = date(2026, 3, 19)
            found: list[object] = [_lists(story)]
            for zone_name, scope, now in spans:
                for key in flows:
                    found.append(
                        daily(
                            session, story.world.id, key, Span(first, first + timedelta(days=DAYS)),
                            zone_name=zone_name, scope=scope, supplies=SUPPLIES, now=now,
                        )
                    )  # fmt: skip
            for one in stretches:
                seen = overview(session, story.world.id, one.start, one.end, supplies=SUPPLIES, now=one.now)
                found.append([totals for _, totals in seen.channels] + [seen.total])
            return found

        from_columns = answers()
        unbuilt(session)

        assert from_columns == answers()


def _lists(story: Story) -> list[Sequence[int]]:
    found: list[Sequence[int]] = []
    for sort in ("published", *(entry.key for entry in of_posts())):
        page = post_list(
            story.session, story.world.id, NO_FILTERS, sort=sort, descending=len(sort) % 2 == 0,
            supplies=SUPPLIES, now=story.now,
        )  # fmt: skip
        found.append([line.post.id for line in page.lines])
    return found


@given(seed=st.integers(0, 2**32))
@_FEW
def test_what_there_was_before_standings_is_summed_whole_while_more_comes_in(
    shared_engine: Engine, seed: int
) -> None:
    with Session(emptied(shared_engine), expire_on_commit=False) as session:
        story = told(seed, session)
        never_built(session)
        for channel in story.channels:
            after, is_done = None, False
            while not is_done:
                built = packing.build(session, channel.id, limit=story.rng.choice([1, 2, 100]), after=after)
                is_done, after = not built.posts and after is None, built.until
                if not is_done and story.rng.random() < 0.5:
                    story.happen()
        packing.pack(session)

        assert packing.unbuilt(session) == []
        for channel in story.channels:
            assert agreeing.differences(session, channel.id) == []
