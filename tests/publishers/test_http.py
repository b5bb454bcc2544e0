"""How a call has ended, told from what HTTP says."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from domain.errors import NotSent, OutcomeUnknown, RateLimited, Rejected
from net.client import make_client
from publishers.http import (
    MAX_ANSWER,
    SECRETS,
    ask,
    json_object,
    json_objects,
    retry_after,
    send_once,
    wait_asked,
)
from tests.publishers.fake_servers import Body

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def sent(answer: httpx.Response, *, method: str = "POST") -> httpx.Response:
    with httpx.Client(transport=httpx.MockTransport(lambda request: answer)) as client:
        request = client.build_request(method, "https://a.example/x", extensions={SECRETS: ("s3cret",)})
        return send_once(client, request)


def test_a_refusal_carries_the_words_of_the_platform() -> None:
    with pytest.raises(Rejected, match=r"a\.example refuses this post \(422: Text is too long\)\."):
        sent(httpx.Response(422, json={"error": "Text is\n too long."}))
    with pytest.raises(Rejected, match=r"a\.example answered 404\."):
        sent(httpx.Response(404, html="<p>no</p>"), method="GET")


def test_a_secret_that_the_platform_repeats_is_struck_out() -> None:
    with pytest.raises(Rejected, match=r"\(400: token \*\*\* is odd\)"):
        sent(httpx.Response(400, json={"message": "token s3cret is odd"}))


def test_a_redirect_is_a_wrong_address_and_is_not_followed() -> None:
    with pytest.raises(Rejected, match="sends us elsewhere"):
        sent(httpx.Response(302, headers={"Location": "https://b.example"}))


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_the_server_may_have_done_it_when_it_fails(status: int) -> None:
    with pytest.raises(OutcomeUnknown):
        sent(httpx.Response(status))


def test_a_question_that_fails_has_changed_nothing() -> None:
    broken = httpx.MockTransport(lambda request: httpx.Response(502))
    with httpx.Client(transport=broken) as client, pytest.raises(NotSent):
        ask(client, client.build_request("GET", "https://a.example/x"))


def test_an_endless_answer_is_never_held() -> None:
    with pytest.raises(OutcomeUnknown, match="larger than"):
        sent(httpx.Response(200, stream=Body(b"x" * (MAX_ANSWER + 1))))


def test_a_compressed_answer_is_read_once() -> None:
    packed = gzip.compress(b'{"id": 1}')
    answer = sent(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Body(packed)))

    assert json_object(answer) == {"id": 1}


class Broken(httpx.SyncByteStream):
    """A body that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"id"'
        raise httpx.ReadError("connection reset")


def test_a_success_that_breaks_off_is_unknown_and_a_refusal_stays_one() -> None:
    with pytest.raises(OutcomeUnknown):
        sent(httpx.Response(200, stream=Broken()))
    with pytest.raises(Rejected):
        sent(httpx.Response(422, stream=Broken()))


def test_a_private_address_is_named_with_the_way_out() -> None:
    with make_client() as client, pytest.raises(NotSent, match=r"name it in TABUH_ALLOWED_NETWORKS\.$"):
        send_once(client, client.build_request("POST", "http://127.0.0.1:9/"))


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"x"', b"[" * 100_000])
def test_an_answer_that_is_no_object_is_unknown(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        json_object(sent(httpx.Response(200, content=body)))
    with pytest.raises(OutcomeUnknown):
        json_objects(sent(httpx.Response(200, content=body)))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 60),
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "30", "X-RateLimit-Reset": "2026-03-02T13:00:00Z"}, 30),
        ({"X-RateLimit-Reset": "2026-03-02T12:02:00.000000Z"}, 120),
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 290)}, 290),
        ({"X-RateLimit-Reset": "45"}, 45),
        ({"X-RateLimit-Reset": "2026-03-02T11:00:00Z"}, 1),
        ({"X-RateLimit-Reset": "soon"}, 60),
        ({"ratelimit-reset": "9" * 400}, 86_400),
    ],
)
def test_the_wait_is_read_from_every_dialect(headers: dict[str, str], seconds: int) -> None:
    assert wait_asked(httpx.Headers(headers), now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, 60),
        ("0", 1),
        ("120", 120),
        ("9" * 5000, 86_400),
        ("²", 60),
        ("-5", 60),
        (format_datetime(NOW + timedelta(minutes=5), usegmt=True), 300),
        ("tomorrow", 60),
    ],
)
def test_retry_after_is_between_a_second_and_a_day(value: str | None, seconds: int) -> None:
    assert retry_after(value, now=NOW) == timedelta(seconds=seconds)


def test_a_rate_limit_says_how_long() -> None:
    with pytest.raises(RateLimited, match=r"asks us to wait 30 s \(429\)") as caught:
        sent(httpx.Response(429, headers={"Retry-After": "30"}))

    assert caught.value.retry_after == timedelta(seconds=30)


def _failing(times: int, *, status: int = 503) -> tuple[httpx.Client, list[int]]:
    calls: list[int] = []

    def reply(request: httpx.Request) -> httpx.Response:
        calls.append(1)
        return httpx.Response(status if len(calls) <= times else 200, json={})

    return httpx.Client(transport=httpx.MockTransport(reply)), calls


def test_a_question_is_asked_again_and_a_publish_call_never_is() -> None:
    client, questions = _failing(2)
    assert ask(client, client.build_request("GET", "https://a.test/")).is_success
    assert len(questions) == 3

    client, calls = _failing(2)
    with pytest.raises(OutcomeUnknown):
        send_once(client, client.build_request("POST", "https://a.test/"))
    assert len(calls) == 1


def test_a_question_that_is_refused_or_told_to_wait_is_not_asked_again() -> None:
    for status, error in ((404, Rejected), (429, RateLimited)):
        client, calls = _failing(9, status=status)
        with pytest.raises(error):
            ask(client, client.build_request("GET", "https://a.test/"))
        assert len(calls) == 1
