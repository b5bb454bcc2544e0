"""A report of one period: its figures, its sentences and its reasons, against numbers worked out by hand."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from analytics.reports.asking import Asked
from analytics.reports.letter import letter, subject
from analytics.reports.making import Around, make_report
from domain.period import Every, Span
from domain.report import Report, Tone, spans_of, thawed
from domain.sentences import say
from store.tables import Kpi
from tests.measured import SUPPLIES, Measured

DAY = timedelta(days=1)
#: A Monday; reports are about the week before it.
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
QUIET = Around(waiting={"uncertain": 0, "failed": 0, "approval": 0}, broken=(), queued={})


def report(world: Measured, *, every: Every = Every.WEEK, around: Around = QUIET, **changes: Any) -> Report:
    span, before = spans_of((MONDAY - DAY).date(), every, week_start=0)
    asked = Asked(
        session=world.session,
        workspace_id=world.id,
        every=every,
        span=span,
        before=before,
        zone_name="UTC",
        supplies=SUPPLIES,
        now=MONDAY + timedelta(hours=7),
        **changes,
    )
    return make_report(asked, world.workspace, around)


def week_of_posts(world: Measured, start: datetime, engagement: list[int], impressions: list[int]) -> None:
    """One post a day on one channel, each read a day later."""
    channel = world.channel("exposed")
    for number, (total, seen) in enumerate(zip(engagement, impressions, strict=True)):
        post = world.post(channel, start + number * DAY)
        world.engaged(post, DAY / 2, total, impressions=seen)


def lines(found: Report) -> dict[str, Any]:
    return {line.key: line for line in found.figures}


def said(found: Report) -> list[str]:
    return [say(one.sentence) for one in found.happened]


def test_each_figure_stands_beside_the_period_before_with_its_passport(session: Session) -> None:
    world = Measured(session)
    week_of_posts(world, MONDAY - 14 * DAY, [10, 10], [100, 100])
    week_of_posts(world, MONDAY - 7 * DAY, [30, 20, 10], [200, 200, 200])

    found = report(world)

    assert (found.first, found.last) == (date(2026, 11, 16), date(2026, 11, 22))
    assert (found.before_first, found.before_last) == (date(2026, 11, 9), date(2026, 11, 15))
    engagement, rate = lines(found)["engagement"], lines(found)["er_impr"]
    assert (engagement.value, engagement.before, engagement.change) == (60, 20, pytest.approx(200))
    assert engagement.better is True
    assert (rate.value, rate.before) == (pytest.approx(10), pytest.approx(10))
    assert lines(found)["posts_published"].value == 3
    assert engagement.sources == ("favourites_count", "reblogs_count", "replies_count")
    assert say(engagement.coverage) == "5 of 5 posts measured"
    assert "3 posts went out, after 2 in the period before." in said(found)
    assert "Engagement rose by 200% to 60, from 20." in said(found)


def test_figures_that_nobody_supplies_are_left_out_and_reach_is_never_added(session: Session) -> None:
    world = Measured(session)
    week_of_posts(world, MONDAY - 7 * DAY, [1], [10])

    assert "reach" not in lines(report(world))
    assert not any(key.startswith("clicks_bot") for key in lines(report(world)))


def test_an_empty_period_says_so_and_proposes_nothing(session: Session) -> None:
    found = report(Measured(session))

    assert said(found) == ["Nothing was published and nothing was counted in this period."]
    assert [*found.top, *found.bottom, *found.causes, *found.proposals] == []


def test_the_change_is_split_exactly_into_its_factors(session: Session) -> None:
    world = Measured(session)
    # Known answer of the design notes: (20, 1000, .05) -> (25, 900, .04), logarithmic mean.
    week_of_posts_at(world, MONDAY - 14 * DAY, 20, 1000, 50)
    week_of_posts_at(world, MONDAY - 7 * DAY, 25, 900, 36)

    [cause] = report(world).causes

    assert (cause.before, cause.after, cause.method) == (1000, 900, "lmdi")
    effects = {part.name.en: round(part.effect, 3) for part in cause.parts}
    assert effects == {
        "Number of posts": 211.790,
        "Impressions per post": -100.0,
        "Engagement per impression": -211.790,
    }
    assert sum(part.effect for part in cause.channels) == -100


def week_of_posts_at(world: Measured, start: datetime, posts: int, impressions: int, engagement: int) -> None:
    channel = world.session.info.setdefault("channel", None) or world.channel("exposed")
    world.session.info["channel"] = channel
    for number in range(posts):
        post = world.post(channel, start + number * timedelta(hours=1))
        world.engaged(post, DAY / 2, engagement, impressions=impressions)


def test_the_best_and_the_weakest_posts_never_overlap(session: Session) -> None:
    world = Measured(session)
    week_of_posts(world, MONDAY - 7 * DAY, [5, 1, 9], [10, 10, 10])

    found = report(world)

    assert [post.value for post in found.top] == [9, 5]
    assert [post.value for post in found.bottom] == [1]
    assert found.top[0].reasons, "each has a reason, or says that there are too few posts to compare with"


def test_a_large_change_is_told_by_how_rare_it_was(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    for week in range(12, 0, -1):
        at = MONDAY - 7 * week * DAY
        # Weeks of 100 and 110 by turns, then one of 300.
        total = 300 if week == 1 else (100 if week % 2 else 110)
        world.engaged(world.post(channel, at), DAY / 2, total)

    line = lines(report(world))["engagement"]

    assert (line.rarity, line.periods) == (0, 10)
    [sentence] = [
        one for one in report(world).happened if one.about == "figure-engagement" and one.rule == "figure"
    ]
    assert say(sentence.sentence).endswith("; none of 10 earlier periods changed as much.")
    assert sentence.tone is Tone.GOOD


def test_a_kpi_is_told_as_it_stood_at_the_end_of_the_period(session: Session) -> None:
    world = Measured(session)
    week_of_posts(world, MONDAY - 7 * DAY, [30], [100])
    later = world.post(world.channel("square"), MONDAY)
    world.engaged(later, timedelta(hours=1), 500)
    world.session.add(
        Kpi(
            workspace_id=world.id, name="Engage", metric="engagement", target=40, period="week",
            starts_on=date(2026, 11, 2), created_at=MONDAY - 20 * DAY,
        )
    )  # fmt: skip
    world.session.flush()

    found = report(world)

    [line] = found.kpis
    assert (line.actual, line.target, line.status) == (30, 40, "missed")
    assert "1 of 1 targets are missed, behind or off track." in said(found)
    assert [say(one.sentence) for one in found.needed] == [
        "Engage: missed. See what can be done, or set the target anew."
    ]


def test_what_waits_and_what_is_queued_is_said(session: Session) -> None:
    world = Measured(session)
    around = Around(
        waiting={"uncertain": 2, "failed": 0, "approval": 1},
        broken=["Kabar"],
        queued={"Kabar": (0, None), "Toko": (3, MONDAY + 9 * DAY)},
    )

    found = report(world, around=around)

    assert [say(one.sentence) for one in found.needed] == [
        "2 posts are uncertain: look whether they went out.",
        "1 posts wait for approval.",
        "Kabar has to be connected again.",
    ]
    assert [say(one.sentence, "id") for one in found.coming] == [
        "Kabar: belum ada antrean untuk periode berikutnya.",
        "Toko: 3 pos terbit sendiri pada periode berikutnya; antrean cukup sampai 2 Desember 2026.",
    ]


def test_targets_are_proposed_from_the_own_past(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    for day in range(84, 0, -1):
        world.engaged(world.post(channel, MONDAY - day * DAY), DAY / 2, 10 + day % 3)

    [proposal] = report(world).proposals

    assert proposal.key == "engagement"
    assert 60 <= proposal.even <= 95, "about 11 a day"
    assert proposal.bold > proposal.even


def test_a_report_reads_the_same_after_it_was_frozen(session: Session) -> None:
    world = Measured(session)
    week_of_posts(world, MONDAY - 7 * DAY, [30, 20], [100, 90])
    found = report(world)

    again = thawed(found.frozen())

    assert again == found
    assert letter(again, "id", address="https://x.test/report/1") == letter(
        found, "id", address="https://x.test/report/1"
    )
    assert subject(found, "id").startswith("Laporan mingguan: ")
    assert letter(found, "en", address="https://x.test/report/1").endswith("https://x.test/report/1\n")


def test_a_quarter_follows_the_week_start_and_the_calendar() -> None:
    this, before = spans_of(date(2026, 11, 20), Every.QUARTER, week_start=6)
    assert (this, before) == (
        Span(date(2026, 10, 1), date(2027, 1, 1)),
        Span(date(2026, 7, 1), date(2026, 10, 1)),
    )
    week, _ = spans_of(date(2026, 11, 22), Every.WEEK, week_start=6)
    assert week == Span(date(2026, 11, 22), date(2026, 11, 29))


def test_platform_fields_of_impressions_are_named(session: Session) -> None:
    world = Measured(session)
    week_of_posts(world, MONDAY - 7 * DAY, [1], [10])

    assert lines(report(world))["impressions"].sources == ("impression_count",)
