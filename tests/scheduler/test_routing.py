"""From entries to posts: fates, times, links, approval, edits, and what routes do when told to pause."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.errors import NotFound, UsageError
from domain.post import Fate, PostState
from scheduler.feeds import add_feed
from scheduler.polling import poll
from scheduler.posts import edit
from scheduler.routes import add_feed_to_route, add_route, change_route, pause_route, resume_route
from scheduler.rules import Rules
from store import channels, feeds, ledger, links, routes
from store.engine import reading, writing
from store.ledger import Balance
from store.tables import Feed, Post, Route, SlotChoice
from tests.fakes import Crash
from tests.publisher_site import PERSON, Site, claim, crashing, item, poll_all, world_with
from tests.world import NOON, World

URL = "https://blog.test/rss"
AT_ONCE = Rules(timing="at_once")


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def feed_of(world: World, *, existing: str = "none", url: str = URL) -> Feed:
    return add_feed(world.context, world.workspace.id, url, existing=existing, actor=PERSON)


def route_of(
    world: World, *read: Feed, rules: Rules = Rules(), existing: str | None = None, name: str = "All"
) -> Route:
    return add_route(
        world.context,
        world.workspace.id,
        name=name,
        feed_ids=[feed.id for feed in read],
        channel_id=world.channel.id,
        rules=rules,
        existing=existing,
        actor=PERSON,
    )


def posts(world: World) -> list[Post]:
    with reading(world.engine) as session:
        return list(session.exec(select(Post).order_by(col(Post.planned_at), col(Post.id))))


def texts(world: World) -> list[str]:
    return [post.content["text"] for post in posts(world)]


def balance(world: World, route: Route) -> Balance:
    with reading(world.engine) as session:
        found = ledger.balance(session, world.workspace.id, route.id)
    assert found.holds
    return found


def tomorrow(world: World) -> None:
    world.clock.forward(days=1)
    poll_all(world)


def test_what_was_chosen_takes_the_next_slots_oldest_first(world: World) -> None:
    route = route_of(world, feed_of(world, existing="last:2"))
    first, second = posts(world)
    assert first.content["text"] == "Entry 2\n\nhttps://blog.test/posts/2"
    assert first.content["link"] == "https://blog.test/posts/2"
    assert first.content["card"]["title"] == "Entry 2"
    assert (first.planned_at, second.planned_at) == (NOON + timedelta(hours=6), NOON + timedelta(hours=12))
    assert {first.state, second.state} == {PostState.QUEUED}
    assert first.slot_at == first.next_at == first.planned_at
    found = balance(world, route)
    assert (found.seen, found.fates[Fate.QUEUED], found.fates[Fate.SKIPPED]) == (3, 2, 1)
    with reading(world.engine) as session:
        assert len(session.exec(select(SlotChoice)).all()) == 2
        [fate] = ledger.fates_of(session, world.workspace.id, [first.entry_id or 0])[first.entry_id or 0]
    assert (fate.route_name, fate.fate, fate.post_id) == ("All", Fate.QUEUED, first.id)


def test_a_second_route_does_not_post_what_the_first_had(world: World) -> None:
    feed = feed_of(world, existing="newest")
    route_of(world, feed)
    second = route_of(world, feed, name="Again")
    assert balance(world, second).fates[Fate.SKIPPED] == 3
    third = route_of(world, feed, name="All of them", existing="last:3")
    assert balance(world, third).fates[Fate.QUEUED] == 3


def test_posts_of_one_entry_share_a_story(world: World, site: Site) -> None:
    feed = feed_of(world)
    route_of(world, feed, rules=AT_ONCE)
    route_of(world, feed, rules=AT_ONCE, name="Other")
    site.feeds["/rss"].insert(0, item(82))
    tomorrow(world)
    one, other = posts(world)
    assert one.story_id == other.story_id
    assert one.delivery_key != other.delivery_key


def test_at_once_means_now_without_a_slot(world: World) -> None:
    route_of(world, feed_of(world, existing="newest"), rules=AT_ONCE)
    [post] = posts(world)
    assert (post.planned_at, post.slot_at, post.placed_by) == (NOON, None, "automation")
    assert (post.planned_wall, post.planned_zone) == ("2026-03-02T12:00:00", "UTC")


def test_a_post_that_needs_approval_holds_its_slot_and_is_not_due(world: World) -> None:
    route = route_of(world, feed_of(world, existing="newest"), rules=Rules(needs_approval=True))
    [post] = posts(world)
    assert (post.state, post.next_at) == (PostState.AWAITING_APPROVAL, None)
    assert post.slot_at == NOON + timedelta(hours=6)
    assert balance(world, route).fates[Fate.HELD] == 1


def test_words_decide_and_the_ledger_says_which(world: World, site: Site) -> None:
    feed = feed_of(world)
    route = route_of(world, feed, rules=Rules(include=["python", "rust"], exclude=["sponsored"]))
    site.feeds["/rss"] = [
        replace(item(84), title="Python, sponsored"),
        replace(item(83), categories=("Python",)),
        item(82),
    ]
    tomorrow(world)
    assert texts(world) == ["Entry 83\n\nhttps://blog.test/posts/83"]
    assert balance(world, route).fates[Fate.FILTERED] == 2
    with reading(world.engine) as session:
        lines = feeds.entry_lines(session, world.workspace.id, feed.id, limit=3)
    assert [line.fates[0].reason for line in lines] == [
        "has the excluded word: sponsored",
        "",
        "has none of: python, rust",
    ]


def test_the_same_article_in_two_feeds_is_posted_once(world: World, site: Site) -> None:
    site.feeds["/news"] = []
    route = route_of(world, feed_of(world), feed_of(world, url="https://blog.test/news"))
    article = replace(item(82), guid="a")
    copy = replace(article, guid="b", link=f"{article.link}?utm_source=rss", title="Another title")
    site.feeds["/rss"].insert(0, article)
    site.feeds["/news"].insert(0, copy)
    tomorrow(world)
    assert len(posts(world)) == 1
    assert balance(world, route).fates[Fate.DUPLICATE] == 1


def test_what_comes_during_a_pause_is_posted_after_it(world: World, site: Site) -> None:
    feed = feed_of(world)
    route = route_of(world, feed)
    pause_route(world.context, world.workspace.id, route.id, actor=PERSON)
    site.feeds["/rss"] = [item(83), item(82)]
    tomorrow(world)
    assert posts(world) == []
    assert balance(world, route).fates[Fate.HELD] == 2
    assert resume_route(world.context, world.workspace.id, route.id, actor=PERSON) == 2
    assert [text.split("\n")[0] for text in texts(world)] == ["Entry 82", "Entry 83"]
    with pytest.raises(UsageError, match="not paused"):
        resume_route(world.context, world.workspace.id, route.id, actor=PERSON)


def test_a_feed_can_join_a_route_later(world: World, site: Site) -> None:
    route = route_of(world, feed_of(world))
    site.feeds["/news"] = [item(7, site="https://news.test"), item(6, site="https://news.test")]
    news = feed_of(world, url="https://blog.test/news", existing="newest")
    assert add_feed_to_route(world.context, world.workspace.id, route.id, news.id, actor=PERSON) == 1
    assert balance(world, route).seen == 5
    with pytest.raises(UsageError, match="already"):
        add_feed_to_route(world.context, world.workspace.id, route.id, news.id, actor=PERSON)
    with reading(world.engine) as session:
        [line] = routes.lines(session, world.workspace.id)
    assert (len(line.feeds), line.channel.name, line.balance.seen) == (2, "Page", 5)


def test_links_are_ours_where_the_public_address_is_public(engine: Engine, site: Site) -> None:
    world = world_with(engine, site, public_url="https://tabuh.blog.org")
    rules = Rules(utm={"source": "{{ platform }}", "medium": "social"}, template="{{ title }} {{ link }}")
    route_of(world, feed_of(world, existing="newest"), rules=rules)
    [post] = posts(world)
    with reading(engine) as session:
        link = links.link_of(session, post.id)
        assert link is not None
        assert links.by_code(session, link.code) == link
    assert link.target == "https://blog.test/posts/3?utm_source=page&utm_medium=social"
    assert post.content["link"] == f"https://tabuh.blog.org/l/{link.code}"
    assert post.content["text"] == f"Entry 3 {post.content['link']}"


def test_links_are_tagged_but_not_ours_elsewhere(world: World) -> None:
    route_of(world, feed_of(world, existing="newest"), rules=Rules(utm={"campaign": "{{ route }}"}))
    [post] = posts(world)
    assert post.content["link"] == "https://blog.test/posts/3?utm_campaign=All"
    with reading(world.engine) as session:
        assert links.link_of(session, post.id) is None


def edited(site: Site) -> None:
    newest = site.feeds["/rss"][0]
    site.feeds["/rss"][0] = replace(newest, title="Edited")


def test_an_edit_reaches_a_post_that_nobody_touched(engine: Engine, site: Site) -> None:
    world = world_with(engine, site, public_url="https://tabuh.blog.org")
    route = route_of(world, feed_of(world, existing="newest"), rules=Rules(template="{{ title }} {{ link }}"))
    with writing(engine) as session:  # an hour that is not near
        post = session.exec(select(Post)).one()
        post.planned_at = post.next_at = post.slot_at = NOON + timedelta(days=2)
        session.add(post)
        session.commit()
    edited(site)
    tomorrow(world)
    [after] = posts(world)
    assert after.content["text"] == f"Edited {post.content['link']}"
    assert after.content["card"]["title"] == "Edited"
    assert balance(world, route).fates[Fate.QUEUED] == 1


@pytest.mark.parametrize("hand", ["edited", "tried", "due"])
def test_an_edit_leaves_a_post_that_somebody_touched(world: World, site: Site, hand: str) -> None:
    route_of(world, feed_of(world, existing="newest"))
    [post] = posts(world)
    with writing(world.engine) as session:
        row = session.get_one(Post, post.id)
        if hand != "due":
            row.planned_at = row.next_at = row.slot_at = NOON + timedelta(days=2)
        if hand == "tried":
            row.payload, row.tries = {"text": "sent"}, 1
        session.add(row)
        session.commit()
    if hand == "edited":
        edit(world.context, world.workspace.id, post.id, text="By hand", actor=PERSON)
    before = texts(world)
    edited(site)
    tomorrow(world)
    assert texts(world) == before


def test_a_schedule_that_vanished_leaves_a_draft_with_the_reason(world: World, site: Site) -> None:
    route = route_of(world, feed_of(world))
    with writing(world.engine) as session:
        channels.set_schedule(session, world.channel.id, ())
        session.commit()
    site.feeds["/rss"].insert(0, item(82))
    tomorrow(world)
    [post] = posts(world)
    assert (post.state, post.slot_at) == (PostState.DRAFT, None)
    assert "no posting schedule" in (post.reason or "")
    assert balance(world, route).fates[Fate.HELD] == 1


def test_a_route_into_slots_needs_a_schedule(engine: Engine, site: Site) -> None:
    world = world_with(engine, site, times=False)
    feed = feed_of(world)
    with pytest.raises(UsageError, match="--timing at_once"):
        route_of(world, feed)
    route_of(world, feed, rules=AT_ONCE)


def test_an_entry_that_makes_no_text_fails_alone(world: World, site: Site) -> None:
    route = route_of(world, feed_of(world), rules=Rules(template="{{ hashtags }}"))
    bare = replace(item(82), link=None)
    site.feeds["/rss"] = [
        replace(bare, guid="1", categories=("News",)),
        replace(bare, guid="2", title="Bare"),
    ]
    tomorrow(world)
    assert texts(world) == ["#News"]
    assert balance(world, route).fates[Fate.FAILED] == 1


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (Rules(template="{{ titel }}"), "'titel', which is not known. Known: title, link"),
        (Rules(utm={"source": "{{ nobody }}"}), "'nobody', which is not known. Known: platform"),
        (Rules(utm={"colour": "x"}), "Unknown UTM parameter"),
        (Rules(timing="soon"), "Known: next_slot, at_once"),
        (Rules(late="maybe"), "Known: send, skip, ask"),
    ],
)
def test_a_route_with_wrong_rules_is_refused(world: World, rules: Rules, said: str) -> None:
    feed = feed_of(world)
    with pytest.raises(UsageError, match=said):
        route_of(world, feed, rules=rules)
    with reading(world.engine) as session:
        assert routes.lines(session, world.workspace.id) == []


def test_names_are_taken_once_and_rows_belong_to_a_workspace(world: World) -> None:
    feed = feed_of(world)
    route = route_of(world, feed)
    with pytest.raises(UsageError, match="already"):
        route_of(world, feed)
    with pytest.raises(UsageError, match="at least one feed"):
        route_of(world, name="None")
    with pytest.raises(NotFound, match="no route"):
        pause_route(world.context, world.workspace.id + 1, route.id, actor=PERSON)
    with pytest.raises(NotFound, match="no feed"):
        route_of(world, Feed(workspace_id=1, url="", existing="none", created_at=NOON), name="Other")


def test_changed_rules_hold_for_what_comes(world: World, site: Site) -> None:
    route = route_of(world, feed_of(world, existing="newest"))
    rules = replace(Rules.of(route), template="New: {{ title }}")
    change_route(world.context, world.workspace.id, route.id, name="News", rules=rules, actor=PERSON)
    site.feeds["/rss"].insert(0, item(82))
    tomorrow(world)
    assert texts(world) == ["Entry 3\n\nhttps://blog.test/posts/3", "New: Entry 82"]
    with reading(world.engine) as session:
        assert routes.named(session, world.workspace.id, "News").template == "New: {{ title }}"


def test_a_crash_at_any_statement_of_a_poll_loses_and_doubles_nothing(world: World, site: Site) -> None:
    route = route_of(world, feed_of(world))
    site.feeds["/rss"] = [item(83), item(82), *site.feeds["/rss"]]
    world.clock.forward(days=1)
    crashes = 0
    while True:
        row = claim(world)
        assert row is not None
        try:
            with crashing(world.engine, after=crashes):
                poll(world.context, row)
            break
        except Crash:
            crashes += 1
            assert (posts(world), balance(world, route).seen) == ([], 3)
            world.clock.forward(minutes=6)  # the lease ends
    assert crashes > 10
    assert [text.split("\n")[0] for text in texts(world)] == ["Entry 82", "Entry 83"]
    assert balance(world, route).fates[Fate.QUEUED] == 2


def test_a_poll_and_a_new_route_at_the_same_time_leave_no_entry_without_a_fate(
    world: World, site: Site
) -> None:
    feed = feed_of(world)
    for number in range(82, 90):
        site.feeds["/rss"].insert(0, item(number))
        world.clock.forward(days=1)
        row = claim(world)
        assert row is not None
        start = Barrier(2)
        with ThreadPoolExecutor(2) as pool:

            def polled(row: Feed = row, start: Barrier = start) -> None:
                start.wait()
                poll(world.context, row)

            def routed(number: int = number, start: Barrier = start) -> Route:
                start.wait()
                return route_of(world, feed, name=f"Route {number}", rules=AT_ONCE)

            poller, person = pool.submit(polled), pool.submit(routed)
        assert (poller.exception(), person.exception()) == (None, None)
    with reading(world.engine) as session:
        balances = ledger.balances(session, world.workspace.id)
    assert {(found.seen, found.holds) for found in balances.values()} == {(11, True)}
