"""Who is behind a request."""

import pytest

from domain.agents import KINDS
from domain.audience import (
    REASONS,
    Judged,
    asks_not_to_be_followed,
    audience_of,
    came_from_outside,
    judged,
    referrer_host,
)
from domain.metrics import Audience

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Mobile/15E148 Instagram 350.0"
)
CUBOT = "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    "agent", [FIREFOX, IPHONE, CUBOT, "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.12", "w3m/0.5.3"]
)
def test_browsers_and_in_app_browsers_are_people(agent: str) -> None:
    assert audience_of("GET", {"User-Agent": agent}) is Audience.HUMAN


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (compatible; bingbot/2.0) Chrome/120.0 Safari/537.36",
        "facebookexternalhit/1.1",
        "Mastodon/4.5.0 (http.rb/5.3.1; +https://example.social/)",
        "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1)",
        "TelegramBot (like TwitterBot)",
        "Slackbot-LinkExpanding 1.0",
        "WhatsApp/2.23.20.0 A",
        "curl/8.5.0",
        "python-httpx/0.28.1",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0 Safari/537.36",
        "Miniflux/2.2",
    ],
)
def test_programs_are_known_by_their_agent(agent: str) -> None:
    assert audience_of("GET", {"user-agent": agent}) is Audience.BOT


@pytest.mark.parametrize(
    "headers", [{}, {"User-Agent": ""}, {"User-Agent": "okhttp/4.12"}, {"User-Agent": "Mozilla/5.0"}]
)
def test_who_says_nothing_of_use_is_unknown(headers: dict[str, str]) -> None:
    assert audience_of("GET", headers) is Audience.UNKNOWN


@pytest.mark.parametrize(
    "field",
    [
        ("Sec-Purpose", "prefetch;prerender"),
        ("Purpose", "prefetch"),
        ("X-Moz", "prefetch"),
        ("X-Purpose", "preview"),
    ],
)
def test_a_browser_that_fetches_ahead_is_no_reader_yet(field: tuple[str, str]) -> None:
    name, value = field

    assert audience_of("GET", {"User-Agent": FIREFOX, name: value}) is Audience.BOT


def test_a_head_request_shows_nobody_anything() -> None:
    assert audience_of("HEAD", {"User-Agent": FIREFOX}) is Audience.BOT


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://News.Example:8443/a/b?c=d", "news.example"),
        ("android-app://com.google.android.gm/", "com.google.android.gm"),
        ("", None),
        (None, None),
        ("nonsense", None),
        ("http://[bad", None),
        (f"https://{'a' * 300}.example/", None),
    ],
)
def test_a_referrer_is_kept_as_its_host_alone(referrer: str | None, host: str | None) -> None:
    assert referrer_host(referrer) == host


def test_a_view_from_another_of_our_pages_opens_no_visit() -> None:
    own = frozenset({"page.example"})

    assert came_from_outside(None, own)
    assert came_from_outside("https://other.example/", own)
    assert not came_from_outside("https://page.example/p/main", own)


@pytest.mark.parametrize(
    ("method", "headers", "audience", "why"),
    [
        ("GET", {"User-Agent": FIREFOX}, "human", "browser"),
        ("GET", {"User-Agent": FIREFOX, "Sec-Fetch-Mode": "navigate"}, "human", "browser"),
        ("HEAD", {"User-Agent": FIREFOX}, "bot", "head"),
        ("GET", {"User-Agent": FIREFOX, "Sec-Purpose": "prefetch"}, "bot", "ahead"),
        ("GET", {"User-Agent": FIREFOX, "Sec-Fetch-Mode": "no-cors"}, "unknown", "part"),
        ("GET", {"User-Agent": "facebookexternalhit/1.1"}, "bot", "preview"),
        ("GET", {"User-Agent": "WhatsApp/2.23.20.0 A"}, "bot", "preview"),
        ("GET", {"User-Agent": "Slackbot-LinkExpanding 1.0"}, "bot", "preview"),
        ("GET", {"User-Agent": "Mozilla/5.0 zgrab/0.x"}, "bot", "scanner"),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; UptimeRobot/2.0)"}, "bot", "monitor"),
        ("GET", {"User-Agent": "Feedly/1.0"}, "bot", "feed_reader"),
        ("GET", {"User-Agent": "Mozilla/5.0 HeadlessChrome/130.0 Safari/537.36"}, "bot", "browser_driven"),
        ("GET", {"User-Agent": "curl/8.5.0"}, "bot", "library"),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; Bytespider)"}, "bot", "crawler"),
        ("GET", {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "bot", "bot"),
        ("GET", {}, "unknown", "no_agent"),
        ("GET", {"User-Agent": "okhttp/4.12"}, "unknown", "odd_agent"),
    ],
)
def test_every_class_has_its_reason(method: str, headers: dict[str, str], audience: str, why: str) -> None:
    assert judged(method, headers) == Judged(Audience(audience), why)
    assert REASONS[why].en != REASONS[why].id


def test_every_kind_of_agent_is_dated_names_its_source_and_has_words() -> None:
    for kind in KINDS:
        assert kind.as_of.year >= 2026
        assert kind.source
        assert kind.why in REASONS
        assert len(kind.why) <= 16
        assert all(pattern == pattern.lower() for pattern in (*kind.patterns, *kind.beginnings))


@pytest.mark.parametrize(
    ("headers", "asks"),
    [
        ({"dnt": "1"}, True),
        ({"sec-gpc": "1"}, True),
        ({"dnt": "0"}, False),
        ({"dnt": "null"}, False),
        ({}, False),
    ],
)
def test_who_asks_not_to_be_followed_is_heard(headers: dict[str, str], asks: bool) -> None:
    assert asks_not_to_be_followed(headers) is asks
