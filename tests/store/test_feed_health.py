"""How many entries came this week beside what is usual, pauses of servers, and hubs."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from domain.errors import NotFound
from store import feed_health, hosts
from store.tables import EntryRow, Feed, HubSubscription
from tests.world import NOON, World, new_world


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine)


def add_feed(session: Session, world: World, name: str) -> Feed:
    feed = Feed(
        workspace_id=world.workspace.id,
        url=f"https://{name}/rss",
        host=name,
        existing="none",
        created_at=NOON,
    )
    session.add(feed)
    session.flush()
    return feed


def add_entries(session: Session, feed: Feed, *days_ago: float) -> None:
    for place, days in enumerate(days_ago):
        at = NOON - timedelta(days=days)
        session.add(
            EntryRow(
                workspace_id=feed.workspace_id, feed_id=feed.id, published_at=at, first_seen_at=at,
                position=place, digest=b"x", origin="new",
            )
        )  # fmt: skip
    session.flush()


@pytest.mark.parametrize(
    ("days_ago", "this_week", "usual", "silent"),
    [
        ((), 0, None, False),
        ((1, 2, 3), 3, None, False),
        ((1, *range(8, 63)), 1, 7.0, False),
        (tuple(range(8, 63)), 0, 7.0, True),
        ((20,), 0, 7 / 13, False),
        ((-1, 1), 1, None, False),
    ],
)
def test_a_week_is_held_against_those_before_it(  # noqa: PLR0917 - pytest names them
    session: Session,
    world: World,
    days_ago: tuple[float, ...],
    this_week: int,
    usual: float | None,
    silent: bool,
) -> None:
    feed = add_feed(session, world, "blog.org")
    add_entries(session, feed, *days_ago)
    found = feed_health.of(session, world.workspace.id, feed.id, now=NOON).rhythm
    assert found.this_week == this_week
    assert found.usual == (None if usual is None else pytest.approx(usual, rel=0.05))
    assert found.is_silent is silent


def test_each_feed_is_told_with_its_servers_pause_and_its_hub(session: Session, world: World) -> None:
    one, other = add_feed(session, world, "blog.org"), add_feed(session, world, "other.org")
    hosts.keep_quiet(session, "blog.org", NOON + timedelta(hours=2))
    hosts.keep_quiet(session, "other.org", NOON - timedelta(hours=2))
    session.add(
        HubSubscription(
            workspace_id=world.workspace.id, feed_id=other.id, hub="https://hub/", topic=other.url,
            secret=b"", token="t", created_at=NOON,
        )
    )  # fmt: skip
    session.flush()
    found = {each.line.feed.id: each for each in feed_health.all_of(session, world.workspace.id, now=NOON)}
    assert found[one.id].quiet_until == NOON + timedelta(hours=2)
    assert found[other.id].quiet_until is None
    assert found[one.id].hub is None
    hub = found[other.id].hub
    assert hub is not None
    assert hub.hub == "https://hub/"
    with pytest.raises(NotFound):
        feed_health.of(session, world.workspace.id + 1, one.id, now=NOON)
