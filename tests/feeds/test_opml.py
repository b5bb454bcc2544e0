"""Lists of subscriptions, as they really come and as they go out."""

import re
import time
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from feeds.opml import MAX_FEEDS, Subscription, read_opml, write_opml

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def opml(outlines: str, head: str = "<title>My list</title>") -> bytes:
    return (
        f'<?xml version="1.0"?><opml version="2.0"><head>{head}</head><body>{outlines}</body></opml>'.encode()
    )


def one(outline: str) -> Subscription:
    [feed] = read_opml(opml(outline)).feeds
    return feed


def test_all_real_lists_are_read_whole_well_formed_or_not(shared: Path) -> None:
    total = malformed = untitled = 0
    for file in sorted((shared / "feeds" / "opml").rglob("*.opml")):
        text = file.read_text()
        addresses = re.findall(r'xmlUrl="([^"]*)"', re.sub(r"(?s)<!--.*?-->", "", text))
        found = read_opml(text.encode())
        assert len({feed.url for feed in found.feeds}) == len(found.feeds), file
        assert len(found.feeds) + len(found.refused) == len(set(addresses)), file
        untitled += sum(not feed.title for feed in found.feeds)
        total += len(found.feeds)
        try:
            ET.fromstring(text)
        except ET.ParseError:
            malformed += 1
    assert total > 4280
    assert malformed > 70
    assert untitled < 10


def test_a_feed_has_an_address_a_title_a_page_and_folders() -> None:
    found = read_opml(
        opml(
            '<outline text="News"><outline text="Local &amp; more">'
            '<outline type="rss" text="x" title="The  Paper" xmlUrl=" https://a.example/feed?x=1&amp;y=2 " '
            'htmlUrl="https://a.example/"/></outline></outline>'
            '<outline text="Top" xmlUrl="https://b.example/feed" htmlUrl="javascript:x"></outline>'
        )
    )

    assert found.title == "My list"
    assert found.feeds == (
        Subscription(
            "https://a.example/feed?x=1&y=2", "The Paper", "https://a.example/", ("News", "Local & more")
        ),
        Subscription("https://b.example/feed", "Top"),
    )


@pytest.mark.parametrize(
    ("outline", "url"),
    [
        ("<outline XMLURL='http://a.example/f' text='x'/>", "http://a.example/f"),
        (
            '<outline text="A & B < C" xmlUrl="http://a.example/f?a=1&copy=2"/>',
            "http://a.example/f?a=1&copy=2",
        ),
        ('<outline text="The "Best"" xmlUrl="http://a.example/f"/>', "http://a.example/f"),
        (
            '<outline text="x" description="a <a href="http://x.example/">b</a>" xmlUrl="http://a.example/f"/>',
            "http://a.example/f",
        ),
        ('<outline xmlUrl="feed://a.example/f"/>', "http://a.example/f"),
        ('<outline xmlUrl="feed:https://a.example/f"/>', "https://a.example/f"),
        ('<outline xmlUrl="http://a.example/f"', "http://a.example/f"),
        ('<opml:outline xmlUrl="no"/><outline xmlUrl="http://a.example/f">', "http://a.example/f"),
    ],
)
def test_broken_lists_are_read_as_far_as_they_go(outline: str, url: str) -> None:
    assert one(outline).url == url


def test_a_broken_description_does_not_take_its_neighbours_into_a_folder() -> None:
    broken = '<outline text="x" description="<em>y</em> "z" <b>" xmlUrl="http://a.example/1" type="rss" />'
    found = read_opml(opml(f'<outline text="F">{broken}<outline xmlUrl="http://a.example/2"/></outline>'))

    assert [(feed.url, feed.folders) for feed in found.feeds] == [
        ("http://a.example/1", ("F",)),
        ("http://a.example/2", ("F",)),
    ]


def test_what_is_no_address_is_refused_by_name_and_repetitions_are_left_out() -> None:
    found = read_opml(
        opml(
            '<outline xmlUrl="http://a.example/"/><outline xmlUrl="http://a.example/" text="again"/>'
            '<outline xmlUrl="file:///etc/passwd"/><outline type="rss" text="Lost"/>'
            '<outline xmlUrl="javascript:alert(1)"/><!-- <outline xmlUrl="http://hidden.example/"/> -->'
        )
    )

    assert [feed.url for feed in found.feeds] == ["http://a.example/"]
    assert found.refused == ("file:///etc/passwd", "Lost", "javascript:alert(1)")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_encoding_of_a_list_is_found(codec: str) -> None:
    text = opml('<outline text="Grüße" xmlUrl="http://a.example/"/>').decode()
    declared = text.replace('"1.0"?', f'"1.0" encoding="{codec.removesuffix("-sig")}"?')

    assert read_opml(declared.encode(codec)).feeds[0].title == "Grüße"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "lists no feeds"),
        (b"hello", "lists no feeds"),
        (b"<html><a href='http://x.example'>x</a></html>", "lists no feeds"),
        (opml('<outline text="Only a folder"/>'), "lists no feeds"),
        (bytes(9 * 2**20), "larger than 8 MiB"),
        (opml("".join(f'<outline xmlUrl="http://a.example/{n}"/>' for n in range(MAX_FEEDS + 1))), "20,000"),
        (b"<!ENTITY a 'b'>" * 400 + opml("<outline/>"), "300 declarations"),
    ],
)
def test_what_is_no_list_is_named_in_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read_opml(body)
    assert str(caught.value).endswith(".")


HOSTILE = {
    "laughs": b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><outline text="&b;" xmlUrl="http://a.example/"/>',
    "file": b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><outline text="&e;" xmlUrl="http://a.example/"/>',
    "deep": b'<outline text="a">' * 200_000 + b'<outline xmlUrl="http://a.example/"/>',
    "tags": b"<opml>" + b"<" * 3_000_000 + b'<outline xmlUrl="http://a.example/"/>',
    "open": b"<outline " * 300_000 + b'/><outline xmlUrl="http://a.example/"/>',
    "mending": (b"<outline a>" + b"x" * 19_980) * 300 + b'<outline xmlUrl="http://a.example/"/>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_list_takes_bounded_time_and_expands_nothing(name: str) -> None:
    started = time.process_time()
    [feed] = read_opml(HOSTILE[name]).feeds

    assert feed.url == "http://a.example/"
    assert "root" not in feed.title
    assert len(feed.title) < 20
    assert len(feed.folders) <= 10
    assert time.process_time() - started < 5


names = st.text(max_size=20).map(lambda text: " ".join(text.split()))
subscriptions = st.builds(
    Subscription,
    url=st.from_regex(r"https?://[a-z]{1,9}\.example/[!-~]{0,20}", fullmatch=True),
    title=names,
    site_url=st.none() | st.just("https://a.example/?a=1&b=<2>"),
    folders=st.lists(names, max_size=3).map(tuple),
)


@given(st.lists(subscriptions, max_size=8), names)
def test_what_is_written_is_xml_and_reads_back(feeds: list[Subscription], title: str) -> None:
    body = write_opml(title, feeds, now=NOW)

    root = ET.fromstring(body)
    addresses = [outline.get("xmlUrl") for outline in root.iter("outline") if outline.get("xmlUrl")]
    assert len(addresses) == len(feeds)
    if feeds:
        found = read_opml(body)
        assert {feed.url for feed in found.feeds} == {feed.url for feed in feeds}


def test_folders_and_titles_survive_the_way_out_and_in() -> None:
    feeds = (
        Subscription("https://a.example/1?x=1&y=2", 'A "quoted" <title>', "https://a.example/"),
        Subscription("https://a.example/2", "Two", None, ("News",)),
        Subscription("https://a.example/3", "Three", None, ("News", "Déjà & vu")),
        Subscription("https://a.example/4", "Four", None, ("Other",)),
    )

    body = write_opml("Mine & yours", reversed(feeds), now=NOW)

    assert read_opml(body).title == "Mine & yours"
    assert sorted(read_opml(body).feeds, key=lambda feed: feed.url) == list(feeds)
    assert body.count(b'<outline text="News"') == 1
    assert b"Sun, 01 Mar 2026 12:00:00 +0000" in body
