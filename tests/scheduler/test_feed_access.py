"""What opens a feed that is not public: sent to its own origin, sealed, and shown nowhere."""

import base64
from collections.abc import Mapping

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from domain.errors import UsageError
from scheduler.asking import request_headers
from scheduler.feed_access import KINDS, Access, access_of, kind_of, set_access, set_user_agent
from scheduler.feeds import add_feed
from store import feeds
from store.engine import reading
from store.tables import Change, Feed
from tests.publisher_site import PERSON, Site, item, poll_all, rss, world_with
from tests.servers.loopback import Answer, Loopback
from tests.world import World, new_world

URL = "https://blog.test/rss"
SECRET = "hush hush"
EACH = {
    "basic": Access("basic", SECRET, "ana"),
    "bearer": Access("bearer", SECRET),
    "header": Access("header", SECRET, "X-Api-Key"),
    "cookie": Access("cookie", f"sid={SECRET}"),
}


@pytest.fixture
def site() -> Site:
    return Site({"/rss": [item(3), item(2), item(1)]})


@pytest.fixture
def world(engine: Engine, site: Site) -> World:
    return world_with(engine, site)


def again(world: World, feed: Feed) -> Feed:
    world.clock.forward(days=2)
    poll_all(world)
    with reading(world.engine) as session:
        return feeds.get(session, world.workspace.id, feed.id)


@pytest.mark.parametrize(
    ("kind", "header", "value"),
    [
        ("basic", "Authorization", f"Basic {base64.b64encode(b'ana:hush hush').decode()}"),
        ("bearer", "Authorization", "Bearer hush hush"),
        ("header", "X-Api-Key", "hush hush"),
        ("cookie", "Cookie", "sid=hush hush"),
    ],
)
def test_each_kind_is_sent_with_every_look_and_can_be_replaced_and_removed(
    world: World, site: Site, kind: str, header: str, value: str
) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON, access=EACH[kind])
    assert (feed.access, site.requests[-1].headers[header]) == (kind, value)
    again(world, feed)
    assert site.requests[-1].headers[header] == value
    set_access(world.context, world.workspace.id, feed.id, Access("bearer", "other"), actor=PERSON)
    again(world, feed)
    assert site.requests[-1].headers["Authorization"] == "Bearer other"
    assert header == "Authorization" or header not in site.requests[-1].headers
    after = set_access(world.context, world.workspace.id, feed.id, None, actor=PERSON)
    assert (after.access, after.credentials) == (None, None)
    again(world, feed)
    assert "Authorization" not in site.requests[-1].headers


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_stands_nowhere_in_the_database_and_in_no_repr(world: World, kind: str) -> None:
    access = EACH[kind]
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON, access=access)
    set_access(world.context, world.workspace.id, feed.id, access, actor=PERSON)
    assert SECRET not in repr(access)
    with Session(world.engine) as session:
        row = session.exec(select(Feed)).one()
        told = [str(change.before) + str(change.after) for change in session.exec(select(Change))]
        assert not [text for text in (str(row.model_dump()), *told) if SECRET in text]


def test_a_secret_never_follows_a_redirect_to_another_origin(engine: Engine) -> None:
    """Another host, another port, and back from another one: told by real servers."""
    world = new_world(engine)
    body = rss([item(1)]).encode()
    seen: list[Mapping[str, str]] = []

    def other(_path: str, headers: Mapping[str, str]) -> Answer:
        seen.append(headers)
        return 200, {"Content-Type": "application/rss+xml", "Set-Cookie": "track=1"}, body

    with Loopback(other) as stranger, world.context.http:

        def own(path: str, _headers: Mapping[str, str]) -> Answer:
            return 302, {"Location": f"{stranger.url}{path}"}, b""

        with Loopback(own) as server:
            for number, access in enumerate(EACH.values()):
                add_feed(
                    world.context, world.workspace.id, f"{server.url}/{number}", existing="none",
                    actor=PERSON, access=access,
                )  # fmt: skip
            sent = [request.headers for request in server.requests]
    assert [set(headers) & {"authorization", "x-api-key", "cookie"} for headers in sent] == [
        {"authorization"}, {"authorization"}, {"x-api-key"}, {"cookie"},
    ]  # fmt: skip
    assert not [headers for headers in seen if {"authorization", "x-api-key", "cookie"} & set(headers)]


def test_a_cookie_that_a_server_sets_is_not_kept_for_anybody(engine: Engine) -> None:
    world = new_world(engine)
    body = rss([item(1)]).encode()

    def answer(_path: str, _headers: Mapping[str, str]) -> Answer:
        return 200, {"Content-Type": "application/rss+xml", "Set-Cookie": "id=7; Path=/"}, body

    with Loopback(answer) as server, world.context.http:
        for path in ("/a", "/b", "/c"):
            add_feed(world.context, world.workspace.id, f"{server.url}{path}", existing="none", actor=PERSON)
        assert not [request for request in server.requests if "cookie" in request.headers]


def test_an_error_says_nothing_of_the_secret(world: World, site: Site) -> None:
    address = "https://ana:hush@blog.test/rss"
    feed = add_feed(world.context, world.workspace.id, address, existing="none", actor=PERSON)
    assert (feed.url, feed.access) == (URL, "basic")
    site.special["/rss"] = httpx.Response(401)
    failed = again(world, feed)
    assert "hush" not in (failed.last_error or "")
    assert "wants a user name and password" in (failed.last_error or "")


@pytest.mark.parametrize(
    ("kind", "name", "secret", "sentence"),
    [
        ("basic", "", "x", "user name without a colon"),
        ("basic", "a:b", "x", "user name without a colon"),
        ("bearer", "", "  ", "is missing"),
        ("bearer", "", "a\r\nX-Evil: 1", "in one line"),
        ("header", "Host", "x", "header of your own"),
        ("header", "bad name", "x", "header of your own"),
        ("header", "X\r\nY", "x", "header of your own"),
        ("cookie", "", "novalue", "name=value"),
        ("cookie", "", "a=b\r\nc: d", "in one line"),
        ("cookie", "", f"a={'b' * 5000}", "at most"),
        ("digest", "", "x", "one of: basic, bearer, header, cookie"),
    ],
)
def test_what_cannot_stand_in_a_header_is_refused(kind: str, name: str, secret: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        access_of(kind, name=name, secret=secret)


@given(st.sampled_from(KINDS), st.text(), st.text())
def test_no_access_ever_makes_a_second_header(kind: str, name: str, secret: str) -> None:
    try:
        access = access_of(kind, name=name, secret=secret)
    except UsageError:
        return
    assert access is not None
    [(header, value)] = access.headers().items()
    assert kind_of({header: value}) in (kind, "basic", "bearer", "cookie")
    assert not {"\r", "\n", "\0"} & set(header + value)
    value.encode("latin-1")


def test_another_user_agent_is_sent_as_it_is_and_ours_comes_back(world: World, site: Site) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    set_user_agent(world.context, world.workspace.id, feed.id, "Mozilla/5.0 (compatible)", actor=PERSON)
    again(world, feed)
    assert site.requests[-1].headers["User-Agent"] == "Mozilla/5.0 (compatible)"
    set_user_agent(world.context, world.workspace.id, feed.id, "", actor=PERSON)
    again(world, feed)
    assert site.requests[-1].headers["User-Agent"].startswith("Tabuh/")
    with pytest.raises(UsageError, match="one line"):
        set_user_agent(world.context, world.workspace.id, feed.id, "a\nb", actor=PERSON)


def test_we_say_who_we_are_where_to_find_us_and_for_how_many(engine: Engine, site: Site) -> None:
    world = world_with(engine, site, public_url="https://post.example.org")
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    again(world, feed)
    agent = site.requests[-1].headers["User-Agent"]
    assert agent.endswith("(+https://post.example.org; 1 subscriber)")


def test_a_plain_403_is_asked_about_once_more_in_feedparsers_name_and_that_is_remembered(
    world: World, site: Site
) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)

    def picky(request: httpx.Request) -> httpx.Response:
        site.requests.append(request)
        if not request.headers["user-agent"].startswith("feedparser/"):
            return httpx.Response(403, content=iter([b""]))
        return httpx.Response(200, content=iter([rss([item(3)]).encode()]))

    world.context.http._transport = httpx.MockTransport(picky)  # another server behind the same client
    site.requests.clear()
    assert again(world, feed).plain_agent
    assert len(site.requests) == 2
    assert "Tabuh/" in site.requests[1].headers["user-agent"]  # honest all the same
    again(world, feed)
    assert len(site.requests) == 3


@pytest.mark.parametrize("headers", [{"cf-mitigated": "challenge"}, {"Retry-After": "60"}])
def test_a_challenge_and_a_pause_are_no_question_of_the_name(
    world: World, site: Site, headers: dict[str, str]
) -> None:
    feed = add_feed(world.context, world.workspace.id, URL, existing="none", actor=PERSON)
    site.requests.clear()
    site.special["/rss"] = httpx.Response(403, headers=headers)
    failed = again(world, feed)
    assert len(site.requests) == 1
    if "cf-mitigated" in headers:
        assert "puts a Cloudflare challenge before its feed" in (failed.last_error or "")


def test_credentials_of_one_feed_open_no_other(world: World, site: Site) -> None:
    site.feeds["/b"] = [item(9)]
    one = add_feed(
        world.context, world.workspace.id, URL, existing="none", actor=PERSON, access=EACH["bearer"]
    )
    add_feed(world.context, world.workspace.id, "https://blog.test/b", existing="none", actor=PERSON)
    with reading(world.engine) as session:
        other = session.exec(select(Feed).where(col(Feed.id) != one.id)).one()
    assert request_headers(world.context, other) == {}
    site.requests.clear()
    world.clock.forward(days=2)
    poll_all(world)
    assert [
        ("authorization" in request.headers) for request in site.requests if request.url.path == "/b"
    ] == [False]
