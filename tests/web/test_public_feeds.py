"""The feeds of a page channel, as feed readers take them."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from store.tables import Post
from tests.web.setting import NOW, Installation

HOUR = timedelta(hours=1)


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine, public_url="https://news.example")


def test_atom_is_valid_and_keeps_its_ids_when_the_address_changes(engine: Engine) -> None:
    place = Installation(engine, public_url="https://news.example")
    channel = place.page(language="id")
    post = place.post(
        channel,
        "Words & <more>\nhttps://a.example/",
        payload={"title": "T\x0bitle <b>", "link": "https://a.example/"},
    )
    place.post(channel, "older", age=HOUR)

    answer = place.public().get("/p/news/feed.atom")
    feed = feedparser.parse(answer.content)

    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    assert not feed.bozo
    assert ET.fromstring(answer.content).tag == "{http://www.w3.org/2005/Atom}feed"
    assert (feed.version, feed.feed.title, feed.feed.language) == ("atom10", "News & more", "id")
    newest = feed.entries[0]
    assert newest.link == f"https://news.example/p/news/{post.remote_id}"
    assert newest.title_detail.value == "Title <b>"
    assert newest.updated == "2026-11-24T01:30:00+00:00"
    assert "Words &amp; &lt;more&gt;" in newest.content[0].value
    assert f'href="https://news.example/l/{place.code_of(post)}"' in newest.content[0].value
    moved = Installation(engine, public_url="https://moved.example").public().get("/p/news/feed.atom")
    assert [e.id for e in feedparser.parse(moved.content).entries] == [e.id for e in feed.entries]
    assert len({e.id for e in feed.entries} | {feed.feed.id}) == 3


def test_json_feed_has_what_its_standard_asks_for(place: Installation) -> None:
    post = place.post(place.page(), "Words <b>", payload={"link": "https://a.example/", "language": "id"})

    answer = place.public().get("/p/news/feed.json")
    feed: Mapping[str, Any] = json.loads(answer.content)

    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "https://news.example/p/news/feed.json"
    [entry] = feed["items"]
    assert entry["id"].startswith("urn:uuid:")
    assert entry["url"] == f"https://news.example/p/news/{post.remote_id}"
    assert entry["content_html"].startswith("<p>Words &lt;b&gt;</p>")
    assert entry["content_text"] == "Words <b>"
    assert entry["external_url"] == f"https://news.example/l/{place.code_of(post)}"
    assert (entry["language"], entry["date_published"]) == ("id", "2026-11-24T01:30:00+00:00")


@pytest.mark.parametrize("name", ["feed.atom", "feed.json"])
def test_an_unchanged_feed_is_not_sent_again(place: Installation, name: str) -> None:
    channel = place.page()
    post = place.post(channel, "x", age=HOUR)
    client, path = place.public(), f"/p/news/{name}"
    first = client.get(path)
    tag, changed = first.headers["etag"], first.headers["last-modified"]

    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"other", {tag.removeprefix("W/")}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": changed},
    ):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), headers
    for headers in (
        {"If-None-Match": '"other"', "If-Modified-Since": changed},
        {"If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
    ):
        assert client.get(path, headers=headers).status_code == 200, headers

    with Session(place.engine) as session:
        row = session.get_one(Post, post.id)
        row.deleted_at = NOW
        session.add(row)
        session.commit()
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert client.get(path, headers={"If-Modified-Since": changed}).status_code == 200
