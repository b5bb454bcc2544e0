"""Reading an address from outside: time, size, redirects and secrets are bounded."""

import gzip
import socket
import time
import zlib
from collections.abc import Iterator, Mapping
from datetime import timedelta

import httpx
import pytest

from domain.errors import FetchError, RefusedAddress, TooLarge, TooSlow, Unreachable
from net.client import Response, make_client, read
from tests.net.raw import RawServer
from tests.servers.loopback import Answer, Loopback, endlessly, slowly

SECOND = timedelta(seconds=1)
MIB = 2**20


@pytest.fixture(params=["keep-alive", "close"])
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """Both ways to connect: shared connections, and one for each request."""
    with make_client(allowed_networks=["127.0.0.0/8"], timeout=5) as made:
        made.headers["Connection"] = request.param
        yield made


def get(client: httpx.Client, url: str, **changes: object) -> Response:
    limits: dict[str, object] = {"deadline": 5 * SECOND, "max_bytes": MIB, **changes}
    return read(client, url, **limits)  # type: ignore[arg-type]


def serving(answer: Answer) -> Loopback:
    return Loopback(lambda path, headers: answer)


def test_an_answer_comes_back_whole_with_status_and_headers(client: httpx.Client) -> None:
    with serving((404, {"X-Kind": "none"}, b"nothing here")) as server:
        response = get(client, f"{server.url}/a?b=c")

    assert (response.status, response.body, response.headers["x-kind"]) == (404, b"nothing here", "none")
    assert response.url == f"{server.url}/a?b=c"
    assert response.permanent_url is None


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"hello " * 999)),
        ("x-gzip", gzip.compress(b"hello " * 500) + gzip.compress(b"hello " * 499)),
        ("gzip", gzip.compress(b"hello " * 999) + b"\0\0padding"),
        ("deflate", zlib.compress(b"hello " * 999)),
        ("deflate", zlib.compress(b"hello " * 999)[2:-4]),
        ("gzip", b"hello " * 999),
        ("identity", b"hello " * 999),
    ],
    ids=["gzip", "members", "padded", "zlib", "raw", "lie", "identity"],
)
def test_content_codings_are_undone_even_when_the_header_lies(
    client: httpx.Client, coding: str, packed: bytes
) -> None:
    with serving((200, {"Content-Encoding": coding}, packed)) as server:
        assert get(client, server.url).body == b"hello " * 999


@pytest.mark.parametrize(
    ("coding", "body", "words"),
    [
        ("compress", b"\x0b\x02", "'compress', which was not asked for"),
        ("gzip", gzip.compress(b"hello " * 9999)[:-20], "breaks off"),
        ("gzip", b"\x1f\x8b\x08\x00" + b"\xff" * 40, "damaged"),
    ],
    ids=["unknown", "short", "damaged"],
)
def test_a_body_that_cannot_be_unpacked_is_an_error(
    client: httpx.Client, coding: str, body: bytes, words: str
) -> None:
    with (
        serving((200, {"Content-Encoding": coding}, body)) as server,
        pytest.raises(Unreachable, match=words),
    ):
        get(client, server.url)


def test_a_server_that_spoils_what_it_compresses_is_asked_for_the_plain_body(client: httpx.Client) -> None:
    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        if headers["accept-encoding"] == "identity":
            return 200, {}, headers["x-mine"].encode()
        return 200, {"Content-Encoding": "gzip"}, gzip.compress(b"hello")[:-9]

    with Loopback(answer) as server:
        assert get(client, server.url, headers={"X-Mine": "plain"}).body == b"plain"
        assert server.count() == 2


def test_a_damaged_answer_to_a_change_is_never_asked_for_again(client: httpx.Client) -> None:
    with serving((200, {"Content-Encoding": "gzip"}, gzip.compress(b"hello")[:-9])) as server:
        with pytest.raises(Unreachable, match="breaks off"):
            read(client, client.build_request("POST", server.url), deadline=SECOND, max_bytes=MIB)
        assert server.count() == 1


def test_a_compressed_bomb_is_stopped_at_the_cap(client: httpx.Client) -> None:
    bomb = gzip.compress(bytes(60 * MIB), 9)
    assert len(bomb) < MIB / 10

    with (
        serving((200, {"Content-Encoding": "gzip"}, bomb)) as server,
        pytest.raises(TooLarge, match=r"^127\.0\.0\.1 sent more than 1 MiB; "),
    ):
        get(client, server.url)


def test_an_endless_answer_is_stopped_at_the_cap(client: httpx.Client) -> None:
    with (
        Loopback(lambda path, headers: (200, {}, endlessly())) as server,
        pytest.raises(TooLarge, match=r"^127\.0\.0\.1 sent more"),
    ):
        get(client, server.url)


def test_a_dripping_body_ends_with_the_deadline(client: httpx.Client) -> None:
    with Loopback(lambda path, headers: (200, {}, b"")) as server:
        drops = iter([b"x"] * 600)
        server.answer = lambda path, headers: (200, {}, slowly(drops, seconds=0.1, server=server))
        with pytest.raises(TooSlow, match=r"did not finish within 0\.5 s"):
            get(client, server.url, deadline=SECOND / 2)

    assert next(drops) == b"x"  # a minute of them, and the reader has left long before


def test_dripping_headers_end_with_the_deadline(client: httpx.Client) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        while not server.stopping.wait(0.05):
            connection.sendall(b"x")

    with RawServer(talk) as server:
        started = time.monotonic()
        with pytest.raises(TooSlow, match="did not finish within"):
            get(client, server.url, deadline=SECOND / 2)

        assert time.monotonic() - started < 2


def test_endless_headers_are_no_answer(client: httpx.Client) -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000)

    with RawServer(talk) as server, pytest.raises(Unreachable):
        get(client, server.url)


def test_a_silent_server_is_too_slow() -> None:
    def silent(connection: socket.socket) -> None:
        server.stopping.wait(5)

    with (
        make_client(allowed_networks=["127.0.0.1"], timeout=0.2) as client,
        RawServer(silent) as server,
        pytest.raises(TooSlow, match="stopped sending"),
    ):
        get(client, server.url)


def test_a_broken_answer_names_the_host(client: httpx.Client) -> None:
    with (
        RawServer(
            lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        ) as server,
        pytest.raises(Unreachable, match=r"^127\.0\.0\.1 could not be reached"),
    ):
        get(client, server.url)


def test_nobody_listening_names_the_host_and_asks_to_check_the_address(client: httpx.Client) -> None:
    with pytest.raises(Unreachable, match=r"^127\.0\.0\.1 could not be reached .*check the address$"):
        get(client, "http://127.0.0.1:1/")


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://x.example/", "x.example/feed", "", "http://", "http://[::1", "gopher://x"],
)
def test_only_http_addresses_are_read(client: httpx.Client, url: str) -> None:
    with pytest.raises(RefusedAddress):
        get(client, url)


def test_a_private_address_says_which_setting_allows_it() -> None:
    with (
        make_client() as client,
        pytest.raises(RefusedAddress, match=r"leads to 127\.0\.0\.1.*TABUH_ALLOWED_NETWORKS") as caught,
    ):
        get(client, "http://user:secret@127.0.0.1:8080/")

    assert "secret" not in str(caught.value) + caught.value.url


def redirecting(status: int = 301) -> Loopback:
    """/a leads to /b leads to /end; /away leads to wherever the query says."""

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        if path.startswith("/away?"):
            return status, {"Location": path.partition("?")[2]}, b""
        steps = {"/a": "/b", "/b": "end", "/round": "/round", "/temporary": "/a"}
        if path in steps:
            return 302 if path == "/temporary" else status, {"Location": steps[path]}, b"moved"
        return 200, {}, headers.get("authorization", "no secret").encode()

    return Loopback(answer)


@pytest.mark.parametrize(
    ("status", "permanent"), [(301, True), (308, True), (302, False), (303, False), (307, False)]
)
def test_redirects_are_followed_and_remembered(client: httpx.Client, status: int, permanent: bool) -> None:
    with redirecting(status) as server:
        response = get(client, f"{server.url}/a")

    assert response.url == f"{server.url}/end"
    assert [hop.url for hop in response.hops] == [f"{server.url}/b", f"{server.url}/end"]
    assert response.permanent_url == (f"{server.url}/end" if permanent else None)


def test_one_temporary_hop_makes_the_whole_way_temporary(client: httpx.Client) -> None:
    with redirecting() as server:
        response = get(client, f"{server.url}/temporary")

    assert response.url == f"{server.url}/end"
    assert response.permanent_url is None


def test_a_circle_of_redirects_ends(client: httpx.Client) -> None:
    with redirecting() as server:
        with pytest.raises(Unreachable, match="redirects more than 5 times"):
            get(client, f"{server.url}/round")

        assert server.count("/round") == 6


@pytest.mark.parametrize(
    "target",
    ["http://10.0.0.1/", "http://[::1]:8080/", "http://169.254.169.254/latest", "file:///etc/passwd"],
)
def test_a_redirect_into_a_private_network_is_refused(client: httpx.Client, target: str) -> None:
    with redirecting() as server, pytest.raises(RefusedAddress):
        get(client, f"{server.url}/away?{target}")


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "http://[", "//", "http://a b/", "http://x.example:99999999/"],
)
def test_a_redirect_to_something_that_is_no_address_is_an_error(client: httpx.Client, target: str) -> None:
    with redirecting() as server, pytest.raises((Unreachable, RefusedAddress)):
        get(client, f"{server.url}/away?{target}")


def test_a_redirect_can_be_the_answer(client: httpx.Client) -> None:
    with redirecting(302) as server:
        answer = get(client, f"{server.url}/a", max_redirects=None)

    assert (answer.status, answer.headers["location"], answer.hops) == (302, "/b", ())


def test_secrets_stay_with_their_origin(client: httpx.Client) -> None:
    secret = {"Authorization": "Bearer abc", "X-Token": "abc"}
    with redirecting() as here, redirecting() as there:
        same = get(client, f"{here.url}/away?/end", headers=secret)
        other = get(client, f"{here.url}/away?{there.url}/end", headers={**secret, "Accept": "text/x"})
        [request] = there.requests

    assert same.body == b"Bearer abc"
    assert other.body == b"no secret"
    assert "x-token" not in request.headers
    assert request.headers["accept"] == "text/x"


def test_a_password_in_the_address_is_sent_to_its_own_host_only(client: httpx.Client) -> None:
    with redirecting() as here, redirecting() as there:
        url = here.url.replace("://", "://user:secret@")
        own = get(client, f"{url}/a")
        foreign = get(client, f"{url}/away?{there.url}/end")

    assert own.body.startswith(b"Basic ")
    assert "secret" not in own.url
    assert foreign.body == b"no secret"


def test_no_cookie_is_kept(client: httpx.Client) -> None:
    with serving((200, {"Set-Cookie": "a=b; Path=/"}, b"")) as server:
        get(client, server.url)
        get(client, server.url)

        assert all("cookie" not in request.headers for request in server.requests)


def test_a_request_that_changes_something_is_never_redirected(client: httpx.Client) -> None:
    with redirecting(307) as server:
        request = client.build_request("POST", f"{server.url}/a", content=b"x")
        response = read(client, request, deadline=SECOND, max_bytes=MIB)

        assert response.status == 307
        assert server.count() == 1


def test_one_deadline_covers_all_redirects(client: httpx.Client) -> None:
    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        server.wait(0.2)
        return 302, {"Location": path + "x"}, b""

    with Loopback(answer) as server, pytest.raises(TooSlow):
        get(client, server.url + "/", deadline=SECOND / 2, max_redirects=50)


def test_every_failure_is_one_sentence_that_names_the_host(client: httpx.Client) -> None:
    with redirecting() as server:
        for url in (f"{server.url}/round", f"{server.url}/away?http://10.0.0.1/", "http://127.0.0.1:1/"):
            with pytest.raises(FetchError) as caught:
                get(client, url)
            text = str(caught.value)
            assert "\n" not in text
            assert text.startswith(("127.0.0.1 ", "10.0.0.1 "))
