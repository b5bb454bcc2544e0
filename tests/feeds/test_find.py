"""A person types an address; the feed that they mean is found."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from domain.errors import BadStatus, FetchError, NotAFeed, RefusedAddress
from feeds.find import FoundFeed, find
from net.client import Client, make_client
from tests.servers.loopback import Answer, Loopback

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
RSS = b"<rss version='2.0'><channel><title>T</title><item><title>x</title></item></channel></rss>"
PAGE = b"<!doctype html><html><head>%s</head></html>"
LINK = b'<link rel="alternate" type="application/rss+xml" href="%s">'


@pytest.fixture
def client() -> Iterator[Client]:
    with make_client(allowed_networks=["127.0.0.0/8"]) as made:
        yield made


def site(**paths: bytes | Answer) -> Loopback:
    """Names are paths without their slash; ``index`` is the root. Everything else is 404."""
    answers = {f"/{name if name != 'index' else ''}": answer for name, answer in paths.items()}

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        found = answers.get(path, (404, {}, b"nothing here"))
        return (200, {}, found) if isinstance(found, bytes) else found

    return Loopback(answer)


def look(client: Client, url: str, **headers: str) -> FoundFeed:
    return find(client, url, now=NOW, headers=headers or None)


def test_a_feed_is_taken_at_once(client: Client) -> None:
    with site(feed=RSS) as server:
        found = look(client, f"  {server.url}/feed ")
        assert server.count() == 1

    assert (found.url, found.found_on, found.others) == (f"{server.url}/feed", None, ())
    assert found.document.parsed.title == "T"


def test_a_page_leads_to_its_main_feed_and_names_the_others(client: Client) -> None:
    with site(index=PAGE % (LINK % b"/one" + LINK % b"/two"), one=RSS, two=RSS) as server:
        found = look(client, f"{server.url}/")

    assert (found.url, found.found_on) == (f"{server.url}/one", f"{server.url}/")
    assert found.others == (f"{server.url}/two",)


def test_a_main_feed_that_is_broken_gives_way_to_the_next(client: Client) -> None:
    with site(
        index=PAGE % (LINK % b"/gone" + LINK % b"/page" + LINK % b"/two"), page=PAGE, two=RSS
    ) as server:
        assert look(client, f"{server.url}/").url == f"{server.url}/two"


def test_the_link_header_is_read(client: Client) -> None:
    header = {"Link": '</feed>; rel="alternate"; type="application/rss+xml"'}
    with site(index=(200, header, PAGE), feed=RSS) as server:
        assert look(client, f"{server.url}/").url == f"{server.url}/feed"


@pytest.mark.parametrize("place", ["feed", "atom.xml", "index.xml"])
def test_well_known_places_are_tried_when_a_page_names_nothing(client: Client, place: str) -> None:
    with site(**{"index": PAGE, place: RSS}) as server:
        found = look(client, f"{server.url}/")

        assert (found.url, found.found_on) == (f"{server.url}/{place}", f"{server.url}/")
        assert server.count() <= 10


def test_a_well_known_place_below_the_page_comes_before_those_of_the_site(client: Client) -> None:
    with site(**{"blog/": PAGE, "blog/feed": RSS, "feed": RSS}) as server:
        assert look(client, f"{server.url}/blog/").url == f"{server.url}/blog/feed"


def test_redirects_of_well_known_places_are_not_followed(client: Client) -> None:
    """Many sites answer every unknown address with a redirect to their front page."""
    with site(index=PAGE, feed=(302, {"Location": "/other"}, b""), other=RSS) as server:
        with pytest.raises(NotAFeed, match="names no feed"):
            look(client, f"{server.url}/")
        assert server.count("/other") == 0


def test_an_address_that_is_refused_is_not_searched(client: Client) -> None:
    with site(feed=RSS) as server:
        with pytest.raises(BadStatus, match="404"):
            look(client, f"{server.url}/page")
        assert server.count() == 1


def test_secrets_go_to_the_same_origin_only(client: Client) -> None:
    with site(feed=RSS) as there, site(one=RSS) as here:
        page = PAGE % (LINK % f"{there.url}/no".encode() + LINK % b"/one")
        here.answer = lambda path, headers: (200, {}, RSS if path == "/one" else page)
        look(client, f"{here.url}/", Authorization="Bearer x")

        assert "authorization" not in there.requests[0].headers
        assert here.requests[1].headers["authorization"] == "Bearer x"


@pytest.mark.parametrize(
    "address", ["", "file:///etc/passwd", "javascript:alert(1)", "ftp://x.example/", "feed:", "http://"]
)
def test_what_is_no_web_address_is_refused(client: Client, address: str) -> None:
    with pytest.raises(FetchError) as caught:
        look(client, address)
    assert isinstance(caught.value, RefusedAddress)


def test_addresses_as_readers_hand_them_over_are_understood(client: Client) -> None:
    with site(feed=RSS) as server:
        for prefix in ("feed:", "web+feed:"):
            assert look(client, f"{prefix}{server.url}/feed").url == f"{server.url}/feed"
