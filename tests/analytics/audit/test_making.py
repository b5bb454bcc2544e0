"""Every rule of an audit rings where something is wrong, and stays silent where nothing is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from analytics.audit.asking import Asked
from analytics.audit.making import make_audit
from domain.audit import Audit, Finding, Severity, since, thawed
from domain.audit_sentences import RULES
from domain.breaks import Break
from domain.definition import Supplies, Supply
from domain.errors import UsageError
from domain.metrics import CHECKPOINTS, Metric
from domain.sentence import Words
from domain.sentences import say
from store import packing
from store.tables import (
    ChannelReading,
    ChannelRow,
    Click,
    Connector,
    EntryRow,
    Feed,
    ImportedFile,
    Kpi,
    KpiReading,
    Post,
    Reading,
    Rollup,
    Route,
    RouteFeed,
    Site,
    Standing,
    StandingPart,
    Visit,
)
from tests.measured import ENGAGEMENT, M, Measured, measurements_of
from tests.world import NOON

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: As `tests.measured.SUPPLIES`; "square" changed its reactions a week ago.
_BREAK = Break(
    platform="broken", metric=M.REACTIONS, on=(NOON - 7 * DAY).date(), before="likes", after="hearts",
    what=Words("Hearts count twice.", "Hati terhitung dua kali."),
)  # fmt: skip
SUPPLIES = Supplies(
    {
        "square": Supply("square", "Square", ENGAGEMENT | {M.FOLLOWERS}),
        "exposed": Supply("exposed", "Exposed", ENGAGEMENT | {M.IMPRESSIONS, M.REACH, M.FOLLOWERS}),
        "broken": Supply("broken", "Broken", ENGAGEMENT, breaks=(_BREAK,)),
        "hook": Supply("hook", "Hook", frozenset()),
    },
    own_links=True,
)


def audited(world: Measured, *, days: int = 30, most_posts: int = 5_000) -> Audit:
    """The world's audit at noon."""
    return make_audit(Asked(world.session, world.workspace, SUPPLIES, NOON, days, most_posts=most_posts))


def rung(world: Measured, rule: str) -> list[Finding]:
    """What a rule found."""
    return [one for one in audited(world).findings if one.rule == rule]


def healthy(
    world: Measured, platform: str = "square", *, ago: timedelta = 2 * DAY
) -> tuple[ChannelRow, Post]:
    """A channel that was read, with a post that was looked at whenever it should have been."""
    channel = world.channel(platform)
    channel.tested_at = NOON - HOUR
    world.session.add(channel)
    post = world.post(channel, NOON - ago)
    for age in CHECKPOINTS:
        if age <= ago:
            world.engaged(post, age, int(age / HOUR) + 1)
    return channel, post


def test_a_healthy_workspace_has_no_finding_and_lists_every_check_as_passed(session: Session) -> None:
    world = Measured(session)
    channel, _ = healthy(world)
    packing.rebuild(session, channel.id)

    audit = audited(world)

    assert audit.findings == ()
    assert not audit.wrong
    assert [one.rule for one in audit.passed()] == list(RULES)
    assert {one.rule: one.looked for one in audit.checked}["standings"] == 1


def test_an_empty_workspace_is_audited_too(session: Session) -> None:
    assert audited(Measured(session)).findings == ()


Ill = Callable[[Measured, ChannelRow, Post], None]


def _overdue(world: Measured, _: ChannelRow, post: Post) -> None:
    row = measurements_of(world.session, [post.id])[post.id]
    row.next_at = NOON - 2 * HOUR


def _failing(world: Measured, _: ChannelRow, post: Post) -> None:
    row = measurements_of(world.session, [post.id])[post.id]
    row.failures, row.last_error = 3, "503"


def _old_channel(world: Measured, channel: ChannelRow, _: Post) -> None:
    channel.tested_at = NOON - 4 * DAY


def _refused(world: Measured, channel: ChannelRow, _: Post) -> None:
    channel.state = "needs_reconnect"


def _old_connector(world: Measured, _: ChannelRow, __: Post) -> None:
    world.session.add(
        Connector(
            workspace_id=world.id, name="GA", tool="ga4", credentials=b"", failures=4, last_error="401",
            last_read_at=NOON, created_at=NOON - 9 * DAY,
        )
    )  # fmt: skip


def _old_import(world: Measured, _: ChannelRow, __: Post) -> None:
    world.session.add(
        ImportedFile(workspace_id=world.id, kind="ads", last_at=NOON - 60 * DAY, created_at=NOON - 50 * DAY)
    )


def _missed(world: Measured, channel: ChannelRow, _: Post) -> None:
    post = world.post(channel, NOON - 2 * DAY)
    world.engaged(post, 24 * HOUR, 3)


def _fell(world: Measured, channel: ChannelRow, _: Post) -> None:
    post = world.post(channel, NOON - 90 * timedelta(minutes=1))
    world.engaged(post, CHECKPOINTS[0], 40)
    world.engaged(post, CHECKPOINTS[1], 10)


def _future(world: Measured, channel: ChannelRow, _: Post) -> None:
    world.session.add(
        ChannelReading(channel_id=channel.id, metric="followers", at=NOON + DAY, value=1, source="f")
    )


def _before(world: Measured, channel: ChannelRow, _: Post) -> None:
    post = world.post(channel, NOON - 20 * timedelta(minutes=1))
    world.session.get_one(Post, post.id).created_at = NOON
    world.read(post, CHECKPOINTS[0], {one: 1 for one in ENGAGEMENT}, at=NOON - DAY)


def _unmeasured(world: Measured, channel: ChannelRow, _: Post) -> None:
    post = world.post(channel, NOON - 20 * timedelta(minutes=1))
    row = measurements_of(world.session, [post.id])[post.id]
    world.session.delete(row)


def _twice(world: Measured, channel: ChannelRow, post: Post) -> None:
    again = world.post(channel, NOON - timedelta(minutes=5))
    for one in (post, again):
        world.session.get_one(Post, one.id).remote_url = "https://square.example/1"


def _same_place(world: Measured, channel: ChannelRow, _: Post) -> None:
    other = world.channel()
    other.tested_at = NOON
    for one in (channel, other):
        one.remote_id = "@we"


def _torn(world: Measured, channel: ChannelRow, _: Post) -> None:
    post = world.post(channel, NOON - 20 * timedelta(minutes=1))
    world.read(post, CHECKPOINTS[0], {M.REACTIONS: 3})


def _reached(world: Measured, channel: ChannelRow, _: Post) -> None:
    post = world.post(channel, NOON - 20 * timedelta(minutes=1))
    world.engaged(post, CHECKPOINTS[0], 1, reach=9, impressions=8)


def _tampered(world: Measured, channel: ChannelRow, post: Post) -> None:
    packing.rebuild(world.session, channel.id)
    mine = (col(Reading.post_id) == post.id, col(Reading.metric) == "reactions")
    world.session.connection().execute(update(Reading).where(*mine).values(value=Reading.value + 1000))


def _unbalanced(world: Measured, channel: ChannelRow, _: Post) -> None:
    feed = Feed(workspace_id=world.id, url="https://a.example/feed", existing="none", created_at=NOON)
    world.session.add(feed)
    world.session.flush()
    route = Route(workspace_id=world.id, name="r", channel_id=channel.id, template="", created_at=NOON)
    world.session.add(route)
    world.session.flush()
    world.session.add(RouteFeed(route_id=route.id, feed_id=feed.id))
    world.session.add(
        EntryRow(
            workspace_id=world.id, feed_id=feed.id, first_seen_at=NOON, position=1, digest=b"d", origin="new"
        )
    )


def _clicked(visits: int) -> Ill:
    def ill(world: Measured, _: ChannelRow, post: Post) -> None:
        link = world.link(post)
        site = Site(workspace_id=world.id, name="s", key="k", created_at=NOON)
        world.session.add(site)
        world.session.flush()
        for number in range(40):
            click = Click(
                link_id=link.id, post_id=post.id, at=NOON - DAY, audience="human", key=f"{post.id}-{number}"
            )
            world.session.add(click)
            world.session.flush()
            if number < visits:
                world.session.add(
                    Visit(
                        id=click.id, workspace_id=world.id, site_id=site.id, visitor=f"d:{number}",
                        audience="human", began_at=NOON - DAY, ended_at=NOON - DAY, pages=1, seconds=1,
                        entry="/", exit="/", kind="click", click_id=click.id,
                    )
                )  # fmt: skip

    return ill


def _clicked_there(world: Measured, _: ChannelRow, post: Post) -> None:
    world.read(post, CHECKPOINTS[3], {Metric.CLICKS_PLATFORM: 90})
    link = world.link(post)
    for _number in range(20):
        world.session.add(Click(link_id=link.id, post_id=post.id, at=NOON - DAY, audience="human"))


def _broken(world: Measured, _: ChannelRow, __: Post) -> None:
    healthy(world, "broken")


def _other_field(world: Measured, _: ChannelRow, post: Post) -> None:
    mine = (
        col(Reading.post_id) == post.id,
        col(Reading.metric) == "reactions",
        col(Reading.checkpoint) == int((2 * DAY).total_seconds()),
    )
    world.session.connection().execute(update(Reading).where(*mine).values(source="hearts"))


def _kpi(version: int, measured: int) -> Ill:
    def ill(world: Measured, _: ChannelRow, __: Post) -> None:
        kpi = Kpi(
            workspace_id=world.id, name="k", metric="engagement", formula_version=version, target=1,
            starts_on=NOON.date(), created_at=NOON,
        )  # fmt: skip
        world.session.add(kpi)
        world.session.flush()
        world.session.add(
            KpiReading(
                kpi_id=kpi.id, at=NOON, period_start=NOON.date(), status="unknown", measured=measured,
                in_scope=10,
            )
        )  # fmt: skip

    return ill


def _jumped(world: Measured, channel: ChannelRow, _: Post) -> None:
    for days in range(12):
        value = 1000 + (11 - days) if days else 5000
        world.followers(channel, NOON - days * DAY, value)


ILLS: list[tuple[str, Ill, Severity]] = [
    ("looks_overdue", _overdue, Severity.LOOK),
    ("looks_failing", _failing, Severity.LOOK),
    ("channel_old", _old_channel, Severity.LOOK),
    ("channel_old", _refused, Severity.WRONG),
    ("connector_old", _old_connector, Severity.LOOK),
    ("imports_old", _old_import, Severity.LOOK),
    ("gaps", _missed, Severity.LOOK),
    ("falling", _fell, Severity.LOOK),
    ("clocks", _future, Severity.WRONG),
    ("clocks", _before, Severity.WRONG),
    ("unmeasured", _unmeasured, Severity.WRONG),
    ("duplicates", _twice, Severity.WRONG),
    ("duplicates", _same_place, Severity.LOOK),
    ("parts", _torn, Severity.LOOK),
    ("standings", _tampered, Severity.WRONG),
    ("ledger", _unbalanced, Severity.WRONG),
    ("click_visit", _clicked(0), Severity.WRONG),
    ("click_visit", _clicked(8), Severity.LOOK),
    ("click_platform", _clicked_there, Severity.LOOK),
    ("meaning", _broken, Severity.LOOK),
    ("meaning", _other_field, Severity.LOOK),
    ("formula", _kpi(99, 10), Severity.LOOK),
    ("kpi_coverage", _kpi(1, 5), Severity.LOOK),
    ("followers", _jumped, Severity.LOOK),
]


@pytest.mark.parametrize(("rule", "ill", "severity"), ILLS)
def test_a_rule_rings_for_what_it_is_about_and_for_nothing_else(
    session: Session, rule: str, ill: Ill, severity: Severity
) -> None:
    world = Measured(session)
    channel, post = healthy(world)
    assert audited(world).findings == ()

    ill(world, channel, post)
    session.flush()
    audit = audited(world)

    assert {one.rule for one in audit.findings} == {rule}
    assert audit.findings[0].severity is severity
    assert rule not in {one.rule for one in audit.passed()}
    for one in audit.findings:
        for language in ("en", "id"):
            assert "{" not in say(one.what, language) + say(one.action, language)
    assert thawed(audit.frozen()) == audit


def test_reach_above_impressions_cannot_be(session: Session) -> None:
    world = Measured(session)
    channel, _ = healthy(world, "exposed")
    assert rung(world, "reach") == []

    _reached(world, channel, _)

    assert [one.count for one in rung(world, "reach")] == [1]


def test_visits_of_most_clicks_and_counts_that_agree_are_silent(session: Session) -> None:
    world = Measured(session)
    channel, post = healthy(world)
    _clicked(36)(world, channel, post)
    session.flush()

    assert audited(world).findings == ()


def test_a_small_fall_is_good_to_know_only(session: Session) -> None:
    world = Measured(session)
    channel, _ = healthy(world)
    post = world.post(channel, NOON - 90 * timedelta(minutes=1))
    world.engaged(post, CHECKPOINTS[0], 40)
    world.engaged(post, CHECKPOINTS[1], 39)

    [found] = rung(world, "falling")

    assert found.severity is Severity.FINE
    assert "falling" in {one.rule for one in audited(world).passed()}


def test_looks_that_a_budget_left_out_and_looks_after_a_post_was_gone_are_no_gaps(session: Session) -> None:
    world = Measured(session)
    channel, _ = healthy(world)
    thin, gone = world.post(channel, NOON - 2 * DAY), world.post(channel, NOON - 2 * DAY)
    measurements_of(session, [thin.id])[thin.id].thinned = [int(age.total_seconds()) for age in CHECKPOINTS]
    session.get_one(Post, gone.id).deleted_at = gone.published_at
    session.flush()

    assert rung(world, "gaps") == []


def test_a_tampered_standing_and_a_tampered_sum_are_found_and_made_anew(session: Session) -> None:
    world = Measured(session)
    channel, _ = healthy(world)
    packing.rebuild(session, channel.id)
    session.connection().execute(update(Rollup).values(total=Rollup.total, slices=b"", times=b""))
    session.connection().execute(update(StandingPart).values(sources={}))
    session.connection().execute(update(Standing).values(place=0))
    assert [one.what.key for one in rung(world, "standings")] == ["audit.sums"]

    packing.rebuild(session, channel.id)

    assert rung(world, "standings") == []


def test_posts_beyond_the_days_and_other_workspaces_are_not_looked_at(session: Session) -> None:
    world, other = Measured(session), Measured(session)
    healthy(world)
    channel, _ = healthy(other)
    _fell(other, channel, _)
    old = world.post(world.channel(), NOON - 40 * DAY)
    world.engaged(old, CHECKPOINTS[0], 40)
    world.engaged(old, CHECKPOINTS[1], 1)

    assert rung(world, "falling") == []


def test_a_sample_is_shared_by_all_channels_and_said(session: Session) -> None:
    world = Measured(session)
    big, small = world.channel(), world.channel()
    for number in range(30):
        world.post(big, NOON - number * HOUR)
    world.post(small, NOON - HOUR)

    audit = audited(world, most_posts=10)

    [falling] = [one for one in audit.checked if one.rule == "falling"]
    assert (falling.looked, falling.of) == (10, 31)
    assert falling.sampled


def test_what_changed_since_the_audit_before_is_told_by_rule_and_place(session: Session) -> None:
    world = Measured(session)
    channel, post = healthy(world)
    _old_channel(world, channel, post)
    before = audited(world)
    channel.tested_at = NOON
    _fell(world, channel, post)
    now = audited(world)

    changed = since(before, now)

    assert [one.rule for one in changed.new] == ["falling"]
    assert [one.rule for one in changed.gone] == ["channel_old"]
    assert since(None, now).new == ()


@pytest.mark.parametrize("days", [0, -1, 367])
def test_days_that_make_no_sense_are_refused(session: Session, days: int) -> None:
    with pytest.raises(UsageError, match="1 to 366 days"):
        audited(Measured(session), days=days)
