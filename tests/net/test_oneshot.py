"""One connection for one request: every way in which an answer may come, or break."""

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.errors import FetchError, TooLarge, Unreachable
from net.client import Response, make_client, read
from tests.net.raw import RawServer

SECOND = timedelta(seconds=1)
MIB = 2**20


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with make_client(allowed_networks=["127.0.0.0/8"], timeout=5) as made:
        made.headers["Connection"] = "close"
        yield made


def ask(client: httpx.Client, *pieces: bytes, method: str = "GET", max_bytes: int = MIB) -> Response:
    """The answer that these bytes are, sent one after the other; then the server hangs up."""

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        for piece in pieces:
            connection.sendall(piece)
            if len(pieces) > 1:
                time.sleep(0.01)

    with RawServer(talk) as server:
        request = client.build_request(method, server.url)
        return read(client, request, deadline=10 * SECOND, max_bytes=max_bytes)


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: 5\r\n\r\nhello",
        OK + b"Content-Length: 5\r\n\r\nhello and more",
        OK + b"\r\nhello",
        b"HTTP/1.0 200\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        OK
        + b"Transfer-Encoding: Chunked\r\nContent-Length: 2\r\n\r\n"
        + b"2;x=y\r\nhe\r\n003\r\nllo\r\n0\r\nTrailer: x\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n",
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK + b"\r\nhello",
        OK + b"this line is no header\r\n: neither\r\nContent-Length:5 \r\n\r\nhello",
        OK + b"Content-Length: five\r\n\r\nhello",
    ],
)
def test_every_way_to_send_a_body_is_understood(client: httpx.Client, answer: bytes) -> None:
    assert ask(client, answer).body == b"hello"
    assert ask(client, *(answer[start : start + 7] for start in range(0, len(answer), 7))).body == b"hello"


def test_headers_come_as_they_are(client: httpx.Client) -> None:
    answer = OK + b'ETag: W/"\xe4b" \r\nSet-X: a\r\nset-x: b\r\nFolded: one\r\n   two\r\nEmpty:\r\n\r\n'
    headers = ask(client, answer).headers

    assert headers["etag"] == 'W/"äb"'
    assert headers.get_list("set-x") == ["a", "b"]
    assert (headers["folded"], headers["empty"]) == ("one two", "")


@pytest.mark.parametrize("status", [204, 304])
def test_an_answer_without_a_body_ends_with_its_head(client: httpx.Client, status: int) -> None:
    answer = ask(client, b"HTTP/1.1 %d X\r\nContent-Length: 99\r\n\r\n" % status)

    assert (answer.status, answer.body) == (status, b"")


def test_a_head_request_has_no_body(client: httpx.Client) -> None:
    assert ask(client, OK + b"Content-Length: 99\r\n\r\n", method="HEAD").body == b""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"", "hung up"),
        (b"HTTP/1.1 200 OK\r\nX: y\r\n", "hung up"),
        (OK + b"Content-Length: 9\r\n\r\nhello", "hung up"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel", "hung up"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "hung up"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX\r\n0\r\n\r\n", "broken chunks"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nhello", "broken chunks"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello", "broken chunks"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 200_000, "broken chunks"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "not HTTP"),
        (b"HTTP/2 200\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 99999 X\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 000 X\r\n\r\n", "not HTTP"),
        (OK + b"X: y\r\n" * 100_000, "too long"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 50, "never gives it"),
    ],
)
def test_a_broken_answer_is_an_error_that_says_why(client: httpx.Client, answer: bytes, words: str) -> None:
    with pytest.raises(Unreachable, match=words):
        ask(client, answer)


@pytest.mark.parametrize(
    "head", [b"Content-Length: 99999999\r\n\r\n", b"\r\n", b"Transfer-Encoding: chunked\r\n\r\nffffff\r\n"]
)
def test_no_body_grows_beyond_the_cap(client: httpx.Client, head: bytes) -> None:
    with pytest.raises(TooLarge):
        ask(client, OK + head + b"x" * 300_000, max_bytes=100_000)


def test_each_request_has_a_connection_of_its_own_and_hangs_up(client: httpx.Client) -> None:
    ended = []

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(OK + b"Content-Length: 2\r\n\r\nok")
        ended.append(connection.recv(10))

    with RawServer(talk) as server:
        for _ in range(3):
            assert read(client, server.url, deadline=10 * SECOND, max_bytes=99).body == b"ok"

    assert server.connections == 3
    assert ended == [b"", b"", b""]


def test_the_request_is_plain_http(client: httpx.Client) -> None:
    asked = []

    def talk(connection: socket.socket) -> None:
        asked.append(connection.recv(65536))
        connection.sendall(OK + b"\r\n")

    with RawServer(talk) as server:
        read(client, f"{server.url}a%20b?c=d&e#f", deadline=10 * SECOND, max_bytes=99, headers={"ETag": "ä"})

    [head] = asked
    assert head.startswith(b"GET /a%%20b?c=d&e HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n" % server.port)
    assert b"\r\nETag: \xe4\r\n" in head
    assert b"\r\nConnection: close\r\n" in head
    assert head.endswith(b"\r\n\r\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([b"", OK, OK + b"Transfer-Encoding: chunked\r\n\r\n"]))
def test_whatever_a_server_sends_it_is_an_answer_or_an_expected_error(
    client: httpx.Client, junk: bytes, start: bytes
) -> None:
    with suppress(FetchError):
        assert 200 <= ask(client, start + junk).status < 1000
