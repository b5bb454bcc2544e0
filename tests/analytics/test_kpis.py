"""How KPIs stand, against numbers worked out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from analytics.baselines import baseline_of, refusals
from analytics.kpis import Standing, evaluate
from domain.definition import Direction
from domain.errors import NotFound
from domain.figure import Coverage
from domain.kpi import KpiRefused, NewKpi, Scope, ScopeKind, TargetKind
from domain.metrics import Audience
from domain.pace import Status
from domain.period import Every, Span
from domain.sentences import say
from store.tables import Kpi, KpiReading
from tests.measured import SUPPLIES, Measured
from tests.world import NOON

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MARCH = date(2026, 3, 1)


def kpi(world: Measured, **values: Any) -> Kpi:
    """A KPI of 100 clicks each month from March on, unless told otherwise."""
    usual: dict[str, Any] = {
        "name": "clicks", "metric": "clicks", "target": 100, "period": "month", "starts_on": MARCH,
    }  # fmt: skip
    row = Kpi(workspace_id=world.id, created_at=NOON, **(usual | values))
    world.session.add(row)
    world.session.flush()
    return row


def stands(world: Measured, row: Kpi, now: datetime, **options: Any) -> Standing:
    """How it stands at a time."""
    return evaluate(world.session, row, now, supplies=SUPPLIES, **options)


def clicked(world: Measured, *times: datetime) -> None:
    """Human clicks on one post's link, and one by a program each time."""
    link = world.link(world.post(world.channel("hook"), times[0] - HOUR))
    for at in times:
        world.click(link, at)
        world.click(link, at, audience=Audience.BOT)


def test_a_monthly_count_is_held_against_its_pace(session: Session) -> None:
    world = Measured(session)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    clicked(world, *[start + hour * HOUR for hour in range(40)], start - HOUR)

    found = stands(world, kpi(world), start + 31 * DAY / 4)  # a quarter of March has passed

    assert found.span == Span(MARCH, date(2026, 4, 1))
    assert (found.actual.value, found.expected, found.forecast) == (40, 25, 160)
    assert found.status is Status.ON_TRACK
    assert [say(piece) for piece in found.sentences] == [
        "40 of 100",
        "25 expected by now",
        "at this pace 160 on 31 March 2026",
        "1 of 1 posts measured",
    ]
    assert (
        say(found.target_sentence)
        == "Clicks: at least 100 a month in the whole workspace, from 1 March 2026 on."
    )


def test_behind_and_reached_and_missed_follow(session: Session) -> None:
    world = Measured(session)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    clicked(world, *[start + hour * HOUR for hour in range(40)])
    row = kpi(world)

    assert stands(world, row, start + 15 * DAY).status is Status.BEHIND
    assert stands(world, kpi(world, name="small", target=40), start + 15 * DAY).status is Status.REACHED
    assert stands(world, row, start + 60 * DAY, day=date(2026, 3, 9)).status is Status.MISSED
    assert (
        stands(world, kpi(world, name="ahead", starts_on=date(2026, 5, 1)), start).status
        is Status.NOT_STARTED
    )


def test_a_month_is_the_month_of_the_kpis_zone(session: Session) -> None:
    world = Measured(session)
    jakarta_midnight = datetime(2026, 2, 28, 17, tzinfo=UTC)
    clicked(world, jakarta_midnight, jakarta_midnight - timedelta(seconds=1))

    found = stands(world, kpi(world, zone="Asia/Jakarta"), NOON)

    assert (found.start, found.actual.value) == (jakarta_midnight, 1)


def test_a_cut_first_month_asks_for_its_share_of_the_target(session: Session) -> None:
    world = Measured(session)
    world.channel("page")

    found = stands(
        world, kpi(world, starts_on=date(2026, 3, 12), target=310), datetime(2026, 3, 20, tzinfo=UTC)
    )

    assert found.target == pytest.approx(200)  # 20 of 31 days
    assert "this period counts 20 of 31 days, so its target is 200" in [
        say(piece) for piece in found.sentences
    ]


def test_followers_run_from_what_there_was_to_the_target(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    start = datetime(2026, 3, 1, tzinfo=UTC)
    world.followers(channel, start - DAY, 8000)
    world.followers(channel, start + 50 * DAY, 9100)
    row = kpi(world, metric="followers", target=10_000, period="once", deadline=date(2026, 6, 8))  # 100 days

    found = stands(world, row, start + 50 * DAY)

    assert (found.expected, found.actual.value, found.forecast) == (9000, 9100, 10_200)
    assert found.status is Status.ON_TRACK
    assert [say(piece) for piece in found.sentences][-1] == "1 of 1 channels counted"


def test_a_rate_is_held_against_the_target_itself(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    world.engaged(world.post(channel, NOON - 30 * HOUR), DAY, 5, impressions=100)
    world.post(channel, NOON - HOUR)
    row = kpi(world, metric="er_impr", target=6)

    found = stands(world, row, NOON)

    assert (found.actual.value, found.expected, found.status) == (5, 6, Status.BEHIND)
    assert found.actual.passport.coverage == Coverage(1, 2)
    assert say(found.sentences[0], "id") == "5%, target 6%"


def test_a_kpi_over_a_channel_counts_that_channel_alone(session: Session) -> None:
    world = Measured(session)
    one, two = world.channel(), world.channel()
    world.engaged(world.post(one, NOON - 25 * HOUR), HOUR, 4)
    world.engaged(world.post(two, NOON - 25 * HOUR), HOUR, 9)

    row = kpi(world, metric="engagement", scope=Scope(ScopeKind.CHANNEL, one.id).stored())

    found = stands(world, row, NOON)
    assert found.actual.value == 4
    assert found.scope_name == one.name


def test_a_kpi_with_nothing_measured_has_no_data(session: Session) -> None:
    world = Measured(session)
    world.post(world.channel(), NOON - HOUR)

    found = stands(world, kpi(world, metric="engagement"), NOON)

    assert found.status is Status.NO_DATA
    assert say(found.sentences[0]) == "Not measured yet."


NEW = NewKpi(
    name="more clicks",
    metric="clicks",
    target=20,
    target_kind=TargetKind.RELATIVE,
    every=Every.MONTH,
    starts_on=MARCH,
    baseline_from=date(2026, 2, 1),
    baseline_to=date(2026, 2, 28),
)


def baseline(world: Measured, new: NewKpi = NEW) -> float | None:
    """The baseline of a KPI asked for at noon."""
    return baseline_of(world.session, world.id, new, supplies=SUPPLIES, now=NOON)


def test_a_baseline_is_what_its_days_had_in_one_period_of_the_target(session: Session) -> None:
    world = Measured(session)
    clicked(world, *[datetime(2026, 1, 1, 2, tzinfo=UTC) + day * DAY for day in range(59)])

    assert baseline(world) == 28  # a whole February, though March is longer
    two_months = replace(NEW, baseline_from=date(2026, 1, 1))
    assert baseline(world, two_months) == 29.5  # 59 in two months
    week = replace(NEW, baseline_from=date(2026, 2, 1), baseline_to=date(2026, 2, 10), every=Every.WEEK)
    assert baseline(world, week) == 7


def test_a_baseline_that_a_person_gives_is_taken(session: Session) -> None:
    world = Measured(session)

    assert baseline(world, replace(NEW, baseline=12.5)) == 12.5
    assert baseline(world, replace(NEW, target_kind=TargetKind.ABSOLUTE)) is None


def test_a_baseline_without_own_data_is_refused_with_the_reason(session: Session) -> None:
    world = Measured(session)
    with pytest.raises(KpiRefused, match="no data of your own"):
        baseline(world)

    clicked(world, datetime(2026, 2, 10, 5, tzinfo=UTC))
    with pytest.raises(KpiRefused, match="begins on 10 February 2026"):
        baseline(world)

    world.link(world.post(world.channel("hook"), datetime(2026, 1, 1, tzinfo=UTC)))
    with pytest.raises(KpiRefused, match="The baseline is 0"):
        baseline(world, replace(NEW, baseline_from=date(2026, 1, 1), baseline_to=date(2026, 1, 31)))
    with pytest.raises(KpiRefused, match="have not been counted"):
        baseline(world, replace(NEW, metric="followers", scope=Scope(ScopeKind.CHANNEL, world.channel().id)))


def test_a_rates_baseline_is_the_rate_itself(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("exposed")
    world.engaged(world.post(channel, datetime(2026, 2, 1, tzinfo=UTC)), DAY, 5, impressions=200)

    assert baseline(world, replace(NEW, metric="er_impr")) == 2.5


def test_a_relative_kpi_stands_against_its_changed_baseline(session: Session) -> None:
    world = Measured(session)
    world.channel("page")
    row = kpi(world, target_kind="relative", target=25, baseline=40.0, direction=Direction.DOWN)

    assert stands(world, row, NOON).target == 30


def test_a_name_that_is_taken_and_a_scope_of_another_workspace_are_refused(session: Session) -> None:
    world, other = Measured(session), Measured(session)
    world.channel("page")
    kpi(world, name="more clicks")

    found = refusals(session, world.id, NEW, supplies=SUPPLIES, now=NOON)

    assert [say(reason) for reason in found] == [
        "There is a KPI called more clicks already: choose another name."
    ]
    foreign = replace(NEW, scope=Scope(ScopeKind.CHANNEL, other.channel().id))
    with pytest.raises(NotFound):
        refusals(session, world.id, foreign, supplies=SUPPLIES, now=NOON)


def daily_clicks(world: Measured, first: datetime, numbers: list[int]) -> None:
    """So many human clicks on each day from ``first`` on."""
    times = [
        first + day * DAY + n * timedelta(minutes=5) for day, many in enumerate(numbers) for n in range(many)
    ]
    clicked(world, *times)


WEEK = [6, 4, 4, 4, 4, 1, 1]


def test_with_enough_history_the_end_is_told_with_its_interval_and_chance(session: Session) -> None:
    world = Measured(session)
    start = datetime(2026, 2, 2, tzinfo=UTC)  # a Monday
    daily_clicks(world, start, WEEK * 6)  # up to Sunday, 15 March
    row = kpi(world, target=100)

    found = stands(world, row, datetime(2026, 3, 16, tzinfo=UTC))

    assert found.prospect is not None
    assert found.actual.value == 1 + 24 + 24
    assert found.prospect.low < 49 + 24 * 16 / 7 < found.prospect.high
    assert found.forecast == found.prospect.middle
    assert 0.3 < found.prospect.chance < 0.9
    keys = [one.key for one in found.sentences]
    assert keys[-3:] == ["standing.prospect", "standing.chance", "coverage.posts"]
    assert "8 times in 10" in say(found.sentences[-3])


def test_what_is_expected_by_now_follows_the_weekdays(session: Session) -> None:
    world = Measured(session)
    daily_clicks(world, datetime(2026, 2, 2, tzinfo=UTC), WEEK * 6 + WEEK[:5])
    row = kpi(world, period="week", starts_on=date(2026, 3, 16), target=24)

    friday_night = stands(world, row, datetime(2026, 3, 21, tzinfo=UTC))

    assert friday_night.expected is not None
    # Straight days would ask for 5/7 of 24; five of its weekdays bring 22 of 24, drawn towards the mean.
    assert friday_night.expected == pytest.approx(24 * (0.7 * 22 + 0.3 * 24 * 5 / 7) / 24)


def test_a_target_out_of_reach_is_off_track_and_an_easy_one_on_track(session: Session) -> None:
    world = Measured(session)
    daily_clicks(world, datetime(2026, 2, 2, tzinfo=UTC), WEEK * 6)
    now = datetime(2026, 3, 16, tzinfo=UTC)

    assert stands(world, kpi(world, target=1000), now).status is Status.OFF_TRACK
    assert stands(world, kpi(world, name="easy", target=60), now).status is Status.ON_TRACK


def test_a_cap_is_likely_to_hold_when_its_count_is_unlikely_to_pass_it(session: Session) -> None:
    world = Measured(session)
    daily_clicks(world, datetime(2026, 2, 2, tzinfo=UTC), WEEK * 6)
    row = kpi(world, target=1000, direction=Direction.DOWN)

    found = stands(world, row, datetime(2026, 3, 16, tzinfo=UTC))

    assert found.prospect is not None
    assert found.prospect.chance > 0.9
    assert found.status is Status.ON_TRACK


def test_three_weeks_are_too_few_for_a_prospect(session: Session) -> None:
    world = Measured(session)
    daily_clicks(world, datetime(2026, 3, 1, tzinfo=UTC), [4] * 20)

    assert stands(world, kpi(world), datetime(2026, 3, 21, tzinfo=UTC)).prospect is None


def test_a_status_changes_when_two_evaluations_in_a_row_say_so(session: Session) -> None:
    world = Measured(session)
    daily_clicks(world, datetime(2026, 2, 2, tzinfo=UTC), WEEK * 6)
    row, now = kpi(world, target=1000), datetime(2026, 3, 16, tzinfo=UTC)

    def was(status: Status, chance: float) -> None:
        session.add(
            KpiReading(kpi_id=row.id, at=now - HOUR, period_start=MARCH, status=status, chance=chance)
        )
        session.flush()

    was(Status.ON_TRACK, 0.8)
    assert stands(world, row, now).status is Status.ON_TRACK
    was(Status.ON_TRACK, 0.1)
    assert stands(world, row, now).status is Status.OFF_TRACK
