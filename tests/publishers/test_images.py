"""Pictures are judged by their bytes, and never break a post."""

from datetime import timedelta

import httpx
import pytest

from publishers.images import Image, fetch_image, kind_of
from tests.publishers.fake_pds import PNG
from tests.publishers.fake_servers import Body


def fetched(answer: httpx.Response | httpx.HTTPError, url: str = "https://a.example/i.png") -> Image | None:
    def reply(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, httpx.HTTPError):
            raise answer
        return answer

    with httpx.Client(transport=httpx.MockTransport(reply)) as client:
        return fetch_image(client, url, max_bytes=100, deadline=timedelta(seconds=5))


def test_a_picture_comes_with_its_kind() -> None:
    answer = httpx.Response(200, headers={"Content-Type": "text/html"}, stream=Body(PNG))

    assert fetched(answer) == Image(PNG, "image/png")


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, stream=Body(b"<html>no picture</html>")),
        httpx.Response(200, stream=Body(PNG + b"x" * 100)),
        httpx.Response(404, stream=Body(PNG)),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
    ],
)
def test_everything_else_is_no_picture(answer: httpx.Response | httpx.HTTPError) -> None:
    assert fetched(answer) is None


def test_an_address_that_is_none_is_no_picture() -> None:
    assert fetched(httpx.Response(200, stream=Body(PNG)), "data:image/png;base64,AAAA") is None


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"<svg", None),
        (b"", None),
    ],
)
def test_the_first_bytes_tell_the_kind(start: bytes, kind: str | None) -> None:
    assert kind_of(start) == kind
