"""The simulated year: it is whole, it repeats itself, its numbers agree, and nothing of it leaves."""

import hashlib
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, select, text
from sqlmodel import Session, col

from analytics.kpis import evaluate
from domain.definition import OWN_SOURCE
from domain.metrics import CHECKPOINTS, Metric
from domain.pace import expected, status
from domain.post import Fate, PostState
from net.client import make_client
from scheduler.context import Context
from scheduler.demo.fill import fill
from scheduler.demo.guard import Simulated
from scheduler.demo.year import Year
from scheduler.measuring import supplies
from scheduler.polling import poll
from store import demo, kpis, ledger
from store.demo import Standing
from store.engine import open_engine, reading, writing
from store.seal import Seal, new_key
from store.tables import (
    METADATA,
    Attempt,
    ChannelReading,
    ChannelRow,
    Click,
    Feed,
    Kpi,
    KpiReading,
    Measurement,
    PageCount,
    Post,
    Reading,
    SlotChoice,
    Workspace,
)
from tests.servers.loopback import Loopback

UNTIL = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
#: Posts a day: enough for everything to occur, and quickly written.
PACE = 2.0


def context_of(engine: Engine) -> Context:
    return Simulated.of(
        Context(
            engine=engine,
            http=make_client(allowed_networks=("127.0.0.0/8",)),
            seal=Seal([new_key()]),
            clock=lambda: NOW,
            public_url="http://127.0.0.1:8420",
            database_clock=False,
        )
    )


@dataclass
class Demo:
    """A filled database and its context."""

    context: Context
    session: Session

    @property
    def workspace(self) -> Workspace:
        return self.session.scalars(select(Workspace)).one()

    def channel(self, platform: str) -> ChannelRow:
        found = select(ChannelRow).where(col(ChannelRow.platform) == platform)
        row = self.session.scalars(found.order_by(col(ChannelRow.id))).first()
        assert row is not None
        return row


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One year for all tests that only look."""
    path = tmp_path_factory.mktemp("demo") / "tabuh.db"
    shutil.copyfile(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    context = context_of(engine)
    fill(context, Year(7, UNTIL, PACE))
    with reading(engine) as session:
        yield Demo(context, session)
    engine.dispose()


def test_the_year_fits_either_database_and_its_ledger_balances(engine: Engine) -> None:
    told: list[float] = []

    done = fill(context_of(engine), Year(7, UNTIL, 1.0), tell=told.append)

    with reading(engine) as session:
        workspace = session.scalars(select(Workspace)).one()
        balances = ledger.balances(session, workspace.id)
        posts = session.scalars(select(Post)).all()
        assert demo.standing(engine) is Standing.SIMULATED
    assert workspace.simulated
    assert len(balances) == 6
    assert all(balance.holds and balance.seen for balance in balances.values())
    assert done.rows["post"] == len(posts) > 300
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_every_state_and_every_fate_occurs(filled: Demo) -> None:
    states = Counter(filled.session.scalars(select(col(Post.state))))
    fates: Counter[Fate] = Counter()
    for balance in ledger.balances(filled.session, filled.workspace.id).values():
        fates.update(dict(balance.fates))

    assert set(states) == set(PostState)
    assert set(+fates) == set(Fate)
    assert states[PostState.PUBLISHED] > 600


def test_nothing_in_it_is_ever_due(filled: Demo) -> None:
    for table in (Post, Feed, Measurement, ChannelRow, Kpi):
        assert filled.session.scalars(select(table).where(col(table.next_at).is_not(None))).all() == []
    states = {row.platform: row.state for row in filled.session.scalars(select(ChannelRow))}
    assert states == {"page": "active", "mastodon": "paused", "bluesky": "paused", "webhook": "paused"}


def test_the_queue_reaches_two_weeks_ahead_and_nothing_in_it_is_overdue_today(filled: Demo) -> None:
    query = select(col(Post.planned_at)).where(col(Post.state) == PostState.QUEUED)
    planned = sorted(at for at in filled.session.scalars(query) if at is not None)

    assert planned[0] >= NOW + timedelta(days=1)
    assert planned[-1] > NOW + timedelta(days=10)
    assert len(planned) >= 8


def test_the_same_seed_and_day_give_the_same_rows_and_another_seed_does_not(
    sqlite_template: Path, tmp_path: Path
) -> None:
    def digest(name: str, year: Year) -> str:
        path = tmp_path / f"{name}.db"
        shutil.copyfile(sqlite_template, path)
        engine = open_engine(f"sqlite:///{path}")
        fill(context_of(engine), year)
        found = _digest(engine)
        engine.dispose()
        return found

    once = digest("once", Year(3, UNTIL, 1.0))

    assert digest("again", Year(3, UNTIL, 1.0)) == once
    assert digest("other", Year(4, UNTIL, 1.0)) != once


def _digest(engine: Engine) -> str:
    """Over all rows but sealed credentials and what the set-up wrote down with today's ids."""
    digest = hashlib.sha256()
    with engine.connect() as connection:
        for table in METADATA.sorted_tables:
            columns = [column.name for column in table.columns if column.name != "credentials"]
            where = " WHERE subject = 'post'" if table.name == "change" else ""
            rows = connection.execute(text(f"SELECT {', '.join(columns)} FROM {table.name}{where}")).all()
            digest.update(repr((table.name, sorted(map(repr, rows)))).encode())
    return digest.hexdigest()


def test_cumulative_readings_never_fall_with_age(filled: Demo) -> None:
    series: defaultdict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    for row in filled.session.scalars(select(Reading)):
        series[row.post_id, row.metric].append((row.checkpoint, row.value))

    known = {int(checkpoint.total_seconds()) for checkpoint in CHECKPOINTS}
    assert len(series) > 3000
    for points in series.values():
        values = [value for _, value in sorted(points)]
        assert values == sorted(values)
        assert {checkpoint for checkpoint, _ in points} <= known


def test_click_readings_are_the_clicks_there_were_when_they_were_read(filled: Demo) -> None:
    clicks: defaultdict[tuple[int | None, str], list[datetime]] = defaultdict(list)
    for click in filled.session.scalars(select(Click)):
        clicks[click.post_id, click.audience].append(click.at)
    metrics = {Metric.CLICKS: "human", Metric.CLICKS_BOT: "bot", Metric.CLICKS_UNKNOWN: "unknown"}
    rows = filled.session.scalars(select(Reading).where(col(Reading.metric).in_(metrics))).all()

    assert sum(row.value for row in rows) > 5000
    for row in rows:
        happened = clicks[row.post_id, metrics[Metric(row.metric)]]
        assert row.value == sum(at < row.read_at for at in happened)


def test_page_readings_never_say_more_than_the_page_counted(filled: Demo) -> None:
    counted: defaultdict[int, list[tuple[datetime, int]]] = defaultdict(list)
    query = select(PageCount).where(col(PageCount.kind) == "views", col(PageCount.audience) == "human")
    for count in filled.session.scalars(query):
        counted[count.post_id].append((count.hour, count.shown))
    rows = filled.session.scalars(select(Reading).where(col(Reading.metric) == Metric.VIEWS)).all()

    assert sum(row.value for row in rows) > 1000
    for row in rows:
        assert row.value <= sum(shown for hour, shown in counted[row.post_id] if hour < row.read_at)


def test_what_a_platform_does_not_give_is_absent(filled: Demo) -> None:
    query = (
        select(col(ChannelRow.platform), col(Reading.metric), col(Reading.source))
        .join(Post, col(Post.id) == col(Reading.post_id))
        .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
        .distinct()
    )
    given: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for platform, metric, source in filled.session.execute(query):
        given[platform].add((metric, source))

    for platform in ("mastodon", "bluesky", "webhook"):
        assert not {"impressions", "views", "visits"} & {metric for metric, _ in given[platform]}
    assert {source for _, source in given["webhook"]} == {OWN_SOURCE}
    assert ("reactions", "likeCount") in given["bluesky"]
    assert ("impressions", OWN_SOURCE) in given["page"]
    assert ("views_bot", OWN_SOURCE) in given["page"]


def test_each_kpi_stands_as_it_is_meant_to_and_its_readings_are_what_evaluation_says(filled: Demo) -> None:
    able = supplies(filled.context, filled.session, filled.workspace.id)
    standing: dict[str, set[str]] = defaultdict(set)
    for kpi in kpis.listed(filled.session, filled.workspace.id):
        query = select(KpiReading).where(col(KpiReading.kpi_id) == kpi.id)
        rows = filled.session.scalars(query.order_by(col(KpiReading.id))).all()
        standing[kpi.metric].add(rows[-1].status)
        for row in (*rows[:: max(1, len(rows) // 4)], rows[-1]):
            told = evaluate(filled.session, kpi, row.at, supplies=able, day=row.period_start)
            covered = told.actual.passport.coverage
            straight = replace(told.course, due=None)  # the year's readings are from before forecasts
            assert (row.actual, row.status) == (told.actual.value, status(straight)), (kpi.name, row.at)
            assert row.expected == pytest.approx(expected(straight))
            assert (row.measured, row.in_scope) == (covered.measured, covered.in_scope), (kpi.name, row.at)

    assert standing["clicks"] == {"reached"}
    assert standing["followers"] == {"behind"}
    assert standing["replies"] == {"missed"}
    assert standing["engagement_per_post"] == {"no_data"}
    assert "on_track" in standing["engagement"]
    assert standing["visits"]


def test_every_attempt_is_honest_about_how_it_ended(filled: Demo) -> None:
    attempts: defaultdict[int, list[Attempt]] = defaultdict(list)
    for attempt in filled.session.scalars(select(Attempt).order_by(col(Attempt.id))):
        attempts[attempt.post_id].append(attempt)
    outcomes = Counter(attempt.outcome for calls in attempts.values() for attempt in calls)
    assert {"published", "not_sent", "rate_limited", "rejected", "unknown", None} <= set(outcomes)

    for post in filled.session.scalars(select(Post)):
        calls = attempts[post.id]
        assert [call.claim for call in calls] == sorted({call.claim for call in calls})
        assert sum(call.outcome == "published" for call in calls) <= (post.state == PostState.PUBLISHED)
        match PostState(post.state):
            case PostState.PUBLISHED:
                assert calls[-1].outcome in ("published", "unknown")
                assert post.remote_id
            case PostState.FAILED | PostState.UNCERTAIN:
                assert calls
                assert post.reason
            case PostState.SKIPPED:
                assert all(call.outcome == "rejected" for call in calls)
                assert post.reason
            case PostState.PUBLISHING:
                assert calls[-1].outcome is None
            case _:
                assert not calls
        late = post.published_at and post.planned_at and post.published_at - post.planned_at
        if late and late > timedelta(minutes=2):
            assert post.late_reason or calls[-1].outcome == "unknown"


def test_slots_are_chosen_with_the_odds_that_are_written_down(filled: Demo) -> None:
    rows = filled.session.scalars(select(SlotChoice)).all()
    first = [row for row in rows if row.candidates[0] == row.chosen_at.isoformat()]
    explored = [row for row in rows if row.rule == "explore/1"]

    assert all(row.chosen_at.isoformat() in row.candidates for row in rows)
    assert all(row.propensity == 1.0 for row in rows if row.rule == "next_free/1")
    assert {row.propensity for row in explored} == {0.733333, 0.133333}
    share = len([row for row in first if row.rule == "explore/1"]) / len(explored)
    assert share == pytest.approx(0.733, abs=0.08)


def test_followers_grow_and_fall_once(filled: Demo) -> None:
    channel = filled.channel("mastodon")
    query = select(ChannelReading).where(col(ChannelReading.channel_id) == channel.id)
    values = [row.value for row in filled.session.scalars(query.order_by(col(ChannelReading.at)))]

    falls = [before / after for before, after in pairwise(values)]
    assert len(values) == 365
    assert values[-1] > 2 * values[0]
    assert sum(fall > 1.05 for fall in falls) == 1


def test_the_curves_behind_the_figures_are_kept_and_show_in_them(filled: Demo) -> None:
    from scheduler.demo.reactions import hour_of_week

    channel = filled.channel("mastodon")
    truth = demo.truth(filled.session)["channels"][str(channel.id)]
    last = int(CHECKPOINTS[-1].total_seconds())
    query = select(col(Post.published_at), col(Reading.value)).where(
        col(Reading.post_id) == col(Post.id),
        col(Post.channel_id) == channel.id,
        col(Reading.metric) == Metric.REACTIONS,
        col(Reading.checkpoint) == last,
    )
    by_value = sorted(
        (truth["value"][int(hour_of_week(at, channel.zone))], value)
        for at, value in filled.session.execute(query)
    )
    half = len(by_value) // 2
    poor = sum(value for _, value in by_value[:half]) / half
    rich = sum(value for _, value in by_value[half:]) / (len(by_value) - half)

    assert len(truth["activity"]) == 168
    assert sum(truth["value"]) / 168 == pytest.approx(1.0, abs=0.001)
    assert rich > 1.15 * poor


def test_a_failure_on_the_way_leaves_nothing_behind(engine: Engine) -> None:
    def tell(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(context_of(engine), Year(7, UNTIL, 1.0), tell=tell)

    assert demo.standing(engine) is Standing.EMPTY


def test_simulating_anew_leaves_nothing_of_the_year_before(engine: Engine) -> None:
    context = context_of(engine)
    before = fill(context, Year(7, UNTIL, 1.0))

    after = fill(context, Year(8, UNTIL, 1.0), anew=True)

    with reading(engine) as session:
        assert demo.truth(session)["seed"] == 8
        found = len(session.scalars(select(col(Post.id))).all())
    assert found == after.rows["post"] != before.rows["post"]


def test_a_database_is_told_from_ones_own(engine: Engine) -> None:
    assert demo.standing(engine) is Standing.EMPTY

    with writing(engine) as session:
        session.add(Workspace(name="Main", created_at=NOW))
        session.commit()

    assert demo.standing(engine) is Standing.OWN


def test_a_database_of_another_program_is_not_taken_for_empty(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'other.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (id INTEGER)"))

    assert demo.standing(engine) is Standing.OWN
    assert inspect(engine).get_table_names() == ["customers"]
    engine.dispose()


def test_nothing_leaves_a_simulated_workspace(engine: Engine) -> None:
    context = context_of(engine)
    with Loopback(lambda _path, _headers: (200, {}, b"<rss/>")) as server, writing(engine) as session:
        workspace = Workspace(name="Demo", simulated=True, created_at=NOW)
        session.add(workspace)
        session.flush()
        feed = Feed(
            workspace_id=workspace.id,
            url=f"{server.url}/feed.xml",
            existing="none",
            next_at=NOW,
            created_at=NOW,
        )
        session.add(feed)
        session.commit()

        poll(context, feed)

        session.refresh(feed)
        assert feed.last_error is not None
        assert "this is a demonstration, and nothing leaves it" in feed.last_error
        assert server.count() == 0
    assert context.shortens_links
