"""Pages and API of what changes a feed: its settings, its end, lists, and the health of all."""

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from domain.person import Role, Scope
from scheduler.asking import request_headers
from scheduler.people import make_token
from store import feeds
from store.changes import Actor
from store.engine import reading, writing
from store.tables import Feed
from tests.publisher_site import html, item
from tests.web.reading import URL, Reader, in_language, notice, words

OTHER = "https://blog.test/other.xml"
API = "/api/v1/feeds"


@pytest.fixture
def reader(engine: Engine) -> Reader:
    return Reader(engine)


@pytest.fixture
def program(reader: Reader) -> TestClient:
    """A program that may read and write."""
    actor = Actor("person", reader.place.owner.id)
    scopes = (Scope.READ, Scope.WRITE)
    _, token = make_token(reader.context, reader.workspace_id, "program", scopes, actor=actor)
    client = reader.place.private()
    del client.headers["Sec-Fetch-Site"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def again(reader: Reader, feed_id: int) -> Feed:
    with reading(reader.place.engine) as session:
        return feeds.get(session, reader.workspace_id, feed_id)


def test_other_feeds_of_a_page_are_a_choice(reader: Reader) -> None:
    reader.site.feeds["/other.xml"] = [item(1)]
    reader.site.special["/"] = html({URL: "The blog", OTHER: "News"})
    look = reader.browser.post("/feeds/new", data={"url": "https://blog.test/", "act": "look"})
    assert "The page names other feeds, too." in words(look)
    assert "/feeds/new?url=https%3A//blog.test/other.xml" in look.text


def test_what_opens_a_feed_is_kept_replaced_and_removed_and_never_shown(reader: Reader) -> None:
    feed = reader.feed()
    address = f"/feeds/{feed.id}"
    kept = {"kind": "basic", "name": "ana", "secret": "hush"}
    assert "Kept." in notice(reader.browser, reader.browser.post(f"{address}/access", data=kept))
    row = again(reader, feed.id)
    assert request_headers(reader.context, row)["Authorization"] == "Basic YW5hOmh1c2g="
    pages = [
        reader.browser.get(each).text for each in (address, f"{address}/settings", "/feeds", "/feeds/health")
    ]
    assert not [page for page in pages if "hush" in page or "YW5hOmh1c2g" in page]
    assert "User name and password" in words(reader.browser.get(address))
    said = notice(reader.browser, reader.browser.post(f"{address}/access", data={"kind": ""}))
    assert "The feed is read as public." in said
    assert again(reader, feed.id).credentials is None


def test_a_wrong_secret_is_said_beside_its_field_and_is_not_echoed(reader: Reader) -> None:
    feed = reader.feed()
    wrong = {"kind": "cookie", "secret": "zgr7w"}
    answer = reader.browser.post(f"/feeds/{feed.id}/access", data=wrong)
    assert answer.status_code == 422
    assert "Write the cookie as name=value" in words(answer)
    assert "zgr7w" not in answer.text


def test_a_feed_that_needs_a_password_is_looked_at_and_added_with_it(reader: Reader) -> None:
    form = {"url": URL, "kind": "bearer", "secret": "hush"}
    look = reader.browser.post("/feeds/new", data={**form, "act": "look"})
    assert look.status_code == 200
    assert "hush" not in look.text
    added = reader.browser.post("/feeds/new", data={**form, "act": "add", "existing": "none"})
    assert added.status_code == 303
    assert reader.site.requests[-1].headers["Authorization"] == "Bearer hush"
    missing = reader.browser.post("/feeds/new", data={"url": URL, "kind": "bearer", "act": "look"})
    assert "is missing" in words(missing)


def test_a_feed_is_moved_asked_for_by_another_name_and_removed(reader: Reader) -> None:
    feed = reader.feed()
    reader.site.feeds["/other.xml"] = [item(9), *reader.site.feeds["/feed.xml"]]
    address = f"/feeds/{feed.id}"
    moved = reader.browser.post(f"{address}/move", data={"url": OTHER})
    assert f"The feed is read at {OTHER} now." in notice(reader.browser, moved)
    wrong = reader.browser.post(f"{address}/move", data={"url": "https://blog.test/nothing"})
    assert wrong.status_code == 422
    assert "404" in words(wrong)
    assert notice(reader.browser, reader.browser.post(f"{address}/agent", data={"agent": "Reader/1"}))
    assert again(reader, feed.id).user_agent == "Reader/1"
    gone = reader.browser.post(f"{address}/remove")
    assert f"Removed {feed.title}." in notice(reader.browser, gone)
    assert reader.browser.get(address).status_code == 404


def test_who_may_only_look_changes_nothing(reader: Reader) -> None:
    feed = reader.feed()
    viewer = reader.place.signed_in(reader.place.person("Vi", Role.READER))
    for address in ("settings",):
        assert viewer.get(f"/feeds/{feed.id}/{address}").status_code == 403
    for act in ("access", "agent", "move", "remove"):
        assert viewer.post(f"/feeds/{feed.id}/{act}", data={"url": OTHER}).status_code == 403
    assert viewer.post("/feeds/lists", data={"existing": "none"}).status_code == 403
    assert viewer.get("/feeds/health").status_code == viewer.get("/feeds/lists").status_code == 200


def test_lists_come_in_with_all_that_became_of_them_and_go_out(reader: Reader) -> None:
    reader.feed()
    body = (
        f"<opml><body><outline xmlUrl='{URL}'/><outline xmlUrl='{OTHER}' text='O'/>"
        f"<outline xmlUrl='{OTHER}'/><outline xmlUrl='nonsense'/></body></opml>"
    )
    answer = reader.browser.post(
        "/feeds/lists", data={"existing": "none"}, files={"file": ("a.opml", body.encode())}
    )
    said = words(answer)
    assert "1 feed was added" in said
    assert f"One of your feeds already: {URL}" in said
    assert f"In the list more than once: {OTHER}" in said
    assert "nonsense (no web address)" in said
    out = reader.browser.get("/feeds/lists/feeds.opml")
    assert OTHER in out.text
    assert "attachment" in out.headers["content-disposition"]
    for files in ({}, {"file": ("a.opml", b"")}, {"file": ("a.opml", b"<html/>")}):
        wrong = reader.browser.post("/feeds/lists", data={"existing": "none"}, files=files)
        assert wrong.status_code == 422
        assert "OPML" in words(wrong)


def test_health_shows_those_that_need_a_person_first_in_plain_words(reader: Reader) -> None:
    feed = reader.feed()
    with writing(reader.place.engine) as session:
        row = session.get_one(Feed, feed.id)
        row.failures, row.last_status = 3, 403
        row.last_error = (
            "blog.test puts a Cloudflare challenge before its feed, which only a browser can pass; "
            "ask its owner to let feed readers through"
        )
        session.add(row)
        session.commit()
    said = words(reader.browser.get("/feeds/health"))
    assert "puts a Cloudflare challenge before its feed" in said
    assert "what is usual is not known yet" in said
    assert "tantangan Cloudflare" in words(in_language(reader.browser, "id").get("/feeds/health"))


def test_a_feed_that_was_paused_since_it_is_gone_stands_on_the_first_page(reader: Reader) -> None:
    feed = reader.feed()
    with writing(reader.place.engine) as session:
        row = session.get_one(Feed, feed.id)
        row.paused_at = row.gone_since = reader.place.now
        row.paused_reason = "blog.test says that the feed is gone for good (410): give its new address with "
        row.paused_reason += "`tabuh feed move`, or end it with `tabuh feed remove`"
        session.add(row)
        session.commit()
    said = words(reader.browser.get("/"))
    assert f"Feed {feed.title} is gone: its owner has removed it." in said
    page = words(reader.browser.get(f"/feeds/{feed.id}"))
    assert "give its new address in its settings" in page
    assert "tabuh feed move" not in page


def test_the_api_does_what_the_pages_do(reader: Reader, program: TestClient) -> None:
    made = program.post(
        API, json={"url": URL, "existing": "none", "access": {"kind": "bearer", "secret": "hush"}}
    )
    assert (made.status_code, made.json()["access"]) == (201, "bearer")
    one = f"{API}/{made.json()['id']}"
    changed = program.patch(one, json={"access": None, "user_agent": "Reader/1"})
    assert (changed.json()["access"], changed.json()["user_agent"]) == (None, "Reader/1")
    assert program.patch(one, json={}).status_code == 422
    assert program.patch(one, json={"access": {"kind": "cookie", "secret": "x"}}).status_code == 422
    told = program.get(one).json()
    assert (told["this_week"], told["silent"], told["hub"]) == (3, False, None)
    assert [row["id"] for row in program.get(f"{API}/health").json()["rows"]] == [made.json()["id"]]
    assert URL in program.get(f"{API}/opml").text
    listed = program.post(f"{API}/opml", json={"opml": f"<opml><outline xmlUrl='{OTHER}'/></opml>"})
    assert listed.json()["added"] == [OTHER]
    reader.site.feeds["/moved.xml"] = reader.site.feeds["/feed.xml"]
    moved = program.post(f"{one}/move", json={"url": "https://blog.test/moved.xml"})
    assert moved.json()["url"] == "https://blog.test/moved.xml"
    assert program.delete(one).status_code == 204
    assert program.get(one).status_code == 404
    assert "hush" not in program.get(API).text + program.get(f"{API}/health").text
