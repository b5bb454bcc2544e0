"""Links that lead elsewhere are followed, and pages give their pictures, within bounds."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

import pytest

from domain.entry import Entry
from feeds.page import SHORTENERS, complete, is_shortened, picture_of, read_page, unroll
from net.client import Client, make_client
from tests.servers.loopback import Answer, Loopback

URL = "https://blog.example/2026/post"
HERE = frozenset({"127.0.0.1"})


@pytest.fixture
def client() -> Iterator[Client]:
    with make_client(allowed_networks=["127.0.0.0/8"]) as made:
        yield made


def picture(page: str) -> str | None:
    return picture_of(page.encode(), url=URL)


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ('<meta property="og:image" content="https://i.example/a.jpg?x=1&amp;y=2">', "https://i.example/a.jpg?x=1&y=2"),
        ("<META NAME='twitter:image' CONTENT='/a.jpg'>", "https://blog.example/a.jpg"),
        ('<link rel="image_src" href="a.jpg">', "https://blog.example/2026/a.jpg"),
        ('<meta name=twitter:image content=/t.jpg><meta property=og:image content=/o.jpg>', "https://blog.example/o.jpg"),
        (
            '<meta property=og:image content="/a.jpg"><meta property=og:image:secure_url content="/s.jpg">',
            "https://blog.example/s.jpg",
        ),
        ('<base href="https://cdn.example/x/"><meta property="og:image" content="a.jpg">', "https://cdn.example/x/a.jpg"),
        ('<meta property="og:image" content="/1.jpg"><meta property="og:image" content="/2.jpg">', "https://blog.example/1.jpg"),
        ('<meta property="og:image" content="data:image/png;base64,x"><link rel=image_src href=/a.png>', "https://blog.example/a.png"),
        ('<meta property="og:image" content="https://stats.wp.com/b.gif">', None),
        ('<meta property="og:image" content=""><meta property="og:title" content="x">', None),
        ('<!-- <meta property="og:image" content="/a.jpg"> -->', None),
        ('<script>"<meta property=og:image content=/b.jpg>"</script>', None),
        ("", None),
    ],
)  # fmt: skip
def test_a_page_gives_its_picture(page: str, url: str | None) -> None:
    assert picture(page) == url


def chain(*hops: str, status: int = 302, refuses: str = "") -> Loopback:
    """/0 leads to the first hop, /1 to the second, ...; requests by the method ``refuses`` fail."""

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        if server.requests[-1].method == refuses:
            return 405, {}, b""
        place = int(path.strip("/"))
        return status, {"Location": hops[place]} if place < len(hops) else {}, b""

    server = Loopback(answer)
    return server


def follow(client: Client, server: Loopback) -> str:
    return unroll(client, f"{server.url}/0", shorteners=HERE)


def test_a_shortened_link_is_followed_and_its_target_is_never_asked(client: Client) -> None:
    with chain("/1", "https://blog.example/post?utm_source=feedburner&id=7") as server:
        assert follow(client, server) == "https://blog.example/post?id=7"
        assert [request.method for request in server.requests] == ["HEAD", "HEAD"]


def test_a_host_that_refuses_head_is_asked_with_get(client: Client) -> None:
    with chain("https://blog.example/post", refuses="HEAD") as server:
        assert follow(client, server) == "https://blog.example/post"
        assert [request.method for request in server.requests] == ["HEAD", "GET"]


@pytest.mark.parametrize("status", [301, 303, 307, 308])
def test_every_kind_of_redirect_counts(client: Client, status: int) -> None:
    with chain("https://blog.example/post", status=status) as server:
        assert follow(client, server) == "https://blog.example/post"


@pytest.mark.parametrize(
    "hops", [[], ["/0"], [f"/{n}" for n in range(1, 9)], ["javascript:alert(1)"], ["file:///x"]]
)
def test_a_link_that_leads_nowhere_stays_as_it_is(client: Client, hops: list[str]) -> None:
    with chain(*hops) as server:
        assert follow(client, server) == f"{server.url}/0"
        assert server.count() <= 10


def test_links_into_private_networks_are_not_followed() -> None:
    with make_client() as client, chain("https://blog.example/") as server:
        assert follow(client, server) == f"{server.url}/0"
        assert server.count() == 0


def test_only_hosts_that_shorten_are_followed(client: Client) -> None:
    assert is_shortened("https://t.co/x")
    assert is_shortened("http://www.feeds.feedburner.com/~r/x/~3/y")
    assert not is_shortened("https://blog.example/t.co/")
    assert not is_shortened("https://[broken")
    assert "youtu.be" not in SHORTENERS
    assert unroll(client, "https://blog.example/post") == "https://blog.example/post"


def test_a_page_is_read_with_its_redirects(client: Client) -> None:
    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/old":
            return 301, {"Location": "/new/"}, b""
        return 200, {}, b'<meta property="og:image" content="a.jpg">'

    with Loopback(answer) as server:
        page = read_page(client, f"{server.url}/old")

    assert (page.url, page.image_url) == (f"{server.url}/new/", f"{server.url}/new/a.jpg")


def entries(url: str, count: int) -> list[Entry]:
    return [Entry(str(number), f"{url}/{number}", "x") for number in range(count)]


PAGE = b'<meta property="og:image" content="/picture.jpg">'


def test_new_entries_get_the_picture_of_their_page(client: Client) -> None:
    with Loopback(lambda path, headers: (200, {}, PAGE)) as server:
        bare, pictured = (
            entries(server.url, 1)[0],
            Entry("2", f"{server.url}/2", "x", image_url="https://i.example/"),
        )
        found = complete(client, [bare, pictured, Entry("3", None, "x")], images=True)

        assert [entry.image_url for entry in found] == [
            f"{server.url}/picture.jpg",
            "https://i.example/",
            None,
        ]
        assert server.count() == 1
        assert complete(client, [bare], images=False) == (bare,)
        assert server.count() == 1


def test_the_picture_of_the_feed_comes_last(client: Client) -> None:
    logo = "https://i.example/logo.png"
    with Loopback(lambda path, headers: (200, {}, PAGE if path == "/0" else b"nothing")) as server:
        bare = [*entries(server.url, 2), Entry("4", None, "x")]
        found = complete(client, bare, images=True, feed_image=logo)
        many = complete(client, [Entry(str(n), None, "x") for n in range(30)], images=True, feed_image=logo)

        assert [entry.image_url for entry in found] == [f"{server.url}/picture.jpg", logo, logo]
        assert {entry.image_url for entry in many} == {logo}
        assert complete(client, bare, images=False, feed_image=logo) == tuple(bare)


def test_links_are_followed_before_their_pages_are_read(client: Client) -> None:
    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        if path == "/page":
            return 200, {}, PAGE
        return 302, {"Location": server.url.replace("127.0.0.1", "localhost") + "/page"}, b""

    with make_client(allowed_networks=["127.0.0.0/8", "::1"]) as local, Loopback(answer) as server:
        short = Entry("1", f"{server.url}/short", "x")
        [found] = complete(local, [short], images=True, shorteners=HERE)

    assert (found.link or "").endswith("/page")
    assert (found.image_url or "").endswith("/picture.jpg")
    assert found.keys == short.keys


def test_an_entry_about_which_nothing_can_be_found_out_stays_as_it_is(client: Client) -> None:
    broken = [
        Entry("1", "http://127.0.0.1:1/", "x"),
        Entry("2", "http://10.0.0.1/", "x"),
        Entry("3", "http://[", "x"),
    ]

    assert complete(client, broken, images=True) == tuple(broken)


def test_many_entries_cost_few_requests_and_bounded_time(client: Client) -> None:
    with Loopback(lambda path, headers: (200, {}, PAGE)) as server:
        found = complete(client, entries(server.url, 30), images=True)
        assert server.count() == 10
        assert sum(entry.image_url is not None for entry in found) == 10

    def slow(path: str, headers: Mapping[str, str]) -> Answer:
        sleepy.wait(0.3)
        return 200, {}, PAGE

    with Loopback(slow) as sleepy:
        complete(client, entries(sleepy.url, 30), images=True, deadline=timedelta(seconds=0.5))
        assert sleepy.count() <= 3
