"""The server on loopback answers as told, also when told to misbehave."""

import itertools
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from tests.servers.loopback import Answer, Loopback, endlessly, folder, huge, slowly


def test_a_folder_is_served_with_an_etag_that_gives_304(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_text("<rss/>")
    with Loopback(folder(tmp_path)) as server:
        first = httpx.get(f"{server.url}/feed.xml")
        again = httpx.get(f"{server.url}/feed.xml", headers={"If-None-Match": first.headers["ETag"]})
        since = {"If-Modified-Since": first.headers["Last-Modified"]}
        dated = httpx.get(f"{server.url}/feed.xml", headers=since)
        (tmp_path / "feed.xml").write_text("<rss></rss>")
        changed = httpx.get(f"{server.url}/feed.xml", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, first.text, first.headers["Content-Type"]) == (
        200,
        "<rss/>",
        "application/xml",
    )
    assert [again.status_code, dated.status_code, changed.status_code] == [304, 304, 200]
    assert again.content == b""


@pytest.mark.parametrize("path", ["/absent", "/../secret", "/%2e%2e/secret", "/"])
def test_nothing_outside_the_folder_is_served(tmp_path: Path, path: str) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "public").mkdir()
    with Loopback(folder(tmp_path / "public")) as server:
        assert httpx.get(server.url + path).status_code == 404


def test_requests_are_noted_down_with_headers_and_body() -> None:
    with Loopback(lambda path, headers: (201, {"X-Seen": headers["x-word"]}, b"made")) as server:
        answer = httpx.post(f"{server.url}/hook?a=1", content=b"body", headers={"X-Word": "yes"})

    assert (answer.status_code, answer.headers["X-Seen"], answer.text) == (201, "yes", "made")
    [request] = server.requests
    assert (request.method, request.path, request.body) == ("POST", "/hook?a=1", b"body")
    assert (server.count("/hook"), server.count("/other"), server.count()) == (1, 0, 1)


def test_a_huge_body_arrives_whole_in_pieces() -> None:
    with Loopback(lambda path, headers: (200, {}, huge(3_000_001))) as server:
        answer = httpx.get(server.url)

    assert len(answer.content) == 3_000_001
    assert answer.headers["Transfer-Encoding"] == "chunked"


def test_an_endless_body_ends_when_the_reader_has_enough() -> None:
    with (
        Loopback(lambda path, headers: (200, {}, endlessly())) as server,
        httpx.stream("GET", server.url) as answer,
    ):
        some = b"".join(itertools.islice(answer.iter_raw(), 20))

    assert set(some) == {ord("x")}


def test_an_endless_body_ends_when_the_server_closes() -> None:
    with (
        Loopback(lambda path, headers: (200, {}, endlessly())) as server,
        httpx.stream("GET", server.url) as answer,
    ):
        server.close()
        with pytest.raises(httpx.TransportError):
            answer.read()


def test_a_slow_body_times_the_reader_out_and_does_not_hold_the_server_up() -> None:
    servers: list[Loopback] = []

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        return 200, {"Content-Length": "2"}, slowly([b"a", b"b"], seconds=30, server=servers[0])

    with Loopback(answer) as server:
        servers.append(server)
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(server.url, timeout=0.2)


def test_a_length_that_lies_is_sent_as_it_is() -> None:
    with (
        Loopback(lambda path, headers: (200, {"Content-Length": "10"}, b"short")) as server,
        pytest.raises(httpx.RemoteProtocolError, match="received 5 bytes, expected 10"),
    ):
        httpx.get(server.url)
