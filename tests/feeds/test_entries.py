"""Dates, pictures and plain text of an entry."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.clean import is_too_deep, resolve
from feeds.dates import utc
from feeds.images import choose, first_image
from feeds.plain import cut, one_line, plain
from tests.feeds.test_parse import NOW, one, rss
from tests.feeds.test_parse import read as read_feed

BASE = "https://blog.example/post"


def when(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Mon, 01 Jan 2024 10:00:00 GMT", when(2024, 1, 1, 10)),
        ("Mon, 01 Jan 2024 10:00:00 +0700", when(2024, 1, 1, 3)),
        ("Mon, 01 Jan 2024 10:00:00 EST", when(2024, 1, 1, 15)),
        ("Mon, 01 Jul 2024 10:00:00 CEST", when(2024, 7, 1, 8)),
        ("Mon, 01 Jul 2024 10:00:00 WIB", when(2024, 7, 1, 3)),
        ("Mon, 01 Jul 2024 10:00:00 IST", when(2024, 7, 1, 4, 30)),
        ("Mon, 01 Jul 2024 10:00:00 (PDT)", when(2024, 7, 1, 17)),
        ("01 Jul 2024 10:00 GMT", when(2024, 7, 1, 10)),
        ("Friday, January 29, 2021 04:42 PM", when(2021, 1, 29, 16, 42)),
        ("Mon, 01 Jul 2024 12:05:00 AM +0000", when(2024, 7, 1, 0, 5)),
        ("2024-01-01T10:00:00Z", when(2024, 1, 1, 10)),
        ("2024-01-01T10:00:00.123456+05:30", when(2024, 1, 1, 4, 30)),
        ("2024-01-01T10:00:00-0800", when(2024, 1, 1, 18)),
        ("2024-01-01 10:00:00", when(2024, 1, 1, 10)),
        ("2024-01-01", when(2024, 1, 1)),
        ("20240101", when(2024, 1, 1)),
        ("2020/1/10 14:33:00", when(2020, 1, 10, 14, 33)),
        ("22.11.2022 12:16", when(2022, 11, 22, 12, 16)),
        ("Mon, 01 Jan 2024 23:59:60 GMT", when(2024, 1, 1, 23, 59, 59)),
    ],
)
def test_a_date_is_read_in_its_own_zone(text: str, meant: datetime) -> None:
    assert utc(text, now=NOW) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        None,
        "soon",
        "1704103200",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "2024-02-31T00:00:00Z",
        "Sat, 31 Feb 2024 10:00:00 GMT",
        "2024-01-01T25:00:00Z",
        "2041-01-01T00:00:00Z",
        "9999-99-99",
        "Mon, 01 Jan 2024 99:99:99 GMT",
        "2024-01-01T10:00:00+99:99",
    ],
)
def test_what_is_no_possible_date_is_none(text: str | None) -> None:
    assert utc(text, now=NOW) is None


def test_a_date_up_to_two_days_ahead_is_believed() -> None:
    assert utc((NOW + timedelta(days=1)).isoformat(), now=NOW) == NOW + timedelta(days=1)
    assert utc((NOW + timedelta(days=3)).isoformat(), now=NOW) is None


def test_feedparsers_reading_is_the_fall_back() -> None:
    parsed = time.struct_time((2024, 1, 1, 10, 0, 0, 0, 1, 0))

    assert utc("some Hungarian date", parsed, now=NOW) == when(2024, 1, 1, 10)
    assert utc("1704103200", time.struct_time((1704, 1, 3, 2, 0, 0, 0, 1, 0)), now=NOW) is None


def test_a_publication_date_falls_back_to_the_update_and_never_the_other_way() -> None:
    only_published = one("<title>x</title><pubDate>Mon, 01 Jan 2024 10:00:00 GMT</pubDate>")
    assert (only_published.published_at, only_published.updated_at) == (when(2024, 1, 1, 10), None)

    only_updated = one("<title>x</title><atom:updated>2024-01-01T10:00:00Z</atom:updated>")
    assert only_updated.published_at == only_updated.updated_at == when(2024, 1, 1, 10)


@pytest.mark.parametrize(
    ("items", "image"),
    [
        ('<media:content url="/v.mp4" medium="video"/><media:thumbnail url="/t.jpg"/>', "/t.jpg"),
        (
            '<media:content url="/s.jpg" medium="image" width="100"/>'
            '<media:content url="/l.jpg" type="image/jpeg" width="900"/>',
            "/l.jpg",
        ),
        (
            '<media:content url="/l.jpg" medium="image" width="900"/>'
            '<media:content url="/d.jpg" medium="image" isDefault="true"/>',
            "/d.jpg",
        ),
        ('<media:group><media:content url="/g.jpg" medium="image"/></media:group>', "/g.jpg"),
        ('<media:content url="/plain.webp?x=1"/>', "/plain.webp?x=1"),
        (
            '<media:content url="/a.mp3" type="audio/mpeg"/><enclosure url="/e.png" type="image/png"/>',
            "/e.png",
        ),
        ('<enclosure url="/a.mp3" type="audio/mpeg"/><itunes:image href="/cover.jpg"/>', "/cover.jpg"),
        ("<description>&lt;img src='/first.jpg'&gt;</description>", "/first.jpg"),
        ("<description>no picture</description>", None),
    ],
)
def test_the_best_picture_is_chosen(items: str, image: str | None) -> None:
    [entry] = read_feed(rss(f"<item><title>x</title>{items}</item>")).entries
    assert entry.image_url == (f"https://blog.example{image}" if image else None)


@pytest.mark.parametrize(
    ("markup", "image"),
    [
        ("<img src='data:image/gif;base64,AAAA'><img src=b.png>", "https://blog.example/b.png"),
        ("<img width=1 height=1 src=/pixel.png><img width='600' src=/b.png>", "https://blog.example/b.png"),
        ("<img src='https://feeds.feedburner.com/~r/x/~4/1'><img src=/b.png>", "https://blog.example/b.png"),
        (
            "<img src='https://s.w.example/images/smilies/x.png'><img src=/b.png>",
            "https://blog.example/b.png",
        ),
        (
            '<img data-src="/lazy.png" alt="src=no" src="/b.png?a=1&amp;b=2">',
            "https://blog.example/b.png?a=1&b=2",
        ),
        ("<img width='100%' src=/b.png>", "https://blog.example/b.png"),
        ("<img alt='no address'>", None),
        ("<image src=/b.png>", None),
    ],
)
def test_counting_pixels_and_smileys_are_no_pictures(markup: str, image: str | None) -> None:
    assert first_image(markup, base=BASE) == image


def test_a_useless_picture_does_not_end_the_search() -> None:
    entry: dict[str, Any] = {
        "media_content": [{"url": "javascript:x", "medium": "image"}],
        "media_thumbnail": [{"url": "https://x.example/pixel.gif"}],
    }
    assert choose(entry, "<img src=/b.png>", base=BASE) == "https://blog.example/b.png"


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("a &amp; b &amp;lt; c", "a & b &lt; c"),
        ("<p>One</p><p>Two<br>Three</p>", "One\n\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("line\nbreaks\tare   <b>spaces</b>", "line breaks are spaces"),
        ("a<script>b</script><style>c</style><!-- d -->e", "ae"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("<p>broken <b>tags", "broken tags"),
        ("", ""),
    ],
)
def test_html_becomes_plain_text(markup: str, text: str) -> None:
    assert plain(markup) == text


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two, three", 10, "one two…"),
        ("unbreakable", 5, "unbr…"),
        ("a bcdefghijk", 8, "a bcdef…"),
    ],
)
def test_text_is_cut_at_a_word(text: str, limit: int, short: str) -> None:
    assert cut(text, limit) == short
    assert len(short) <= limit


def test_one_line_has_no_white_space_but_single_spaces() -> None:
    assert one_line(" a\n\tb\u00a0 c\u200b ") == "a b c"


@pytest.mark.parametrize(
    ("url", "absolute"),
    [
        ("/a", "https://blog.example/a"),
        ("b", "https://blog.example/b"),
        ("//x.example/c", "https://x.example/c"),
        (" https://x.example/d ", "https://x.example/d"),
        ("javascript:alert(1)", None),
        ("mailto:a@x.example", None),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_resolved(url: str | None, absolute: str | None) -> None:
    assert resolve(url, base=BASE) == absolute


def test_depth_counts_open_elements_only() -> None:
    assert not is_too_deep("<div></div>" * 500)
    assert not is_too_deep("<br><img><p>" * 500)
    assert not is_too_deep("<div>" * 200)
    assert is_too_deep("<div>" * 201)
    assert is_too_deep("<div><p>x</p>" * 201)
    assert is_too_deep("<div></b>" * 201), "what was never opened closes nothing"
