"""One look at a feed: what is sent, and what each answer means."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import BadStatus, FeedGone
from feeds.fetch import Agent, Fetched, NotModified, Validators, body_hash, fetch, trusted
from net.client import Client, make_client
from net.decode import ACCEPTED
from tests.servers.loopback import Answer, Loopback

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def client() -> Iterator[Client]:
    with make_client(allowed_networks=["127.0.0.0/8"]) as made:
        yield made


def serving(status: int, headers: Mapping[str, str] | None = None, body: bytes = b"<rss/>") -> Loopback:
    answer: Answer = (status, headers or {}, body)
    return Loopback(lambda path, sent: answer)


def test_the_first_look_sends_no_validators_and_keeps_those_that_come(client: Client) -> None:
    given = {
        "ETag": 'W/"abc-gzip"',
        "Last-Modified": "Sun, 01 Mar 2026 10:00:00 GMT",
        "Content-Type": "text/xml",
    }
    with serving(200, given) as server:
        found = fetch(client, server.url, now=NOON, agent=Agent(subscribers=3))
        [request] = server.requests

    assert isinstance(found, Fetched)
    assert found.validators == Validators('W/"abc-gzip"', "Sun, 01 Mar 2026 10:00:00 GMT")
    assert (found.body, found.body_hash) == (b"<rss/>", body_hash(b"<rss/>"))
    assert len(found.body_hash) == 16
    assert found.content_type == "text/xml"
    assert "if-none-match" not in request.headers
    assert "if-modified-since" not in request.headers
    assert request.headers["accept-encoding"] == ACCEPTED
    assert "application/atom+xml" in request.headers["accept"]
    assert request.headers["user-agent"].startswith("Tabuh/")
    assert "3 subscribers" in request.headers["user-agent"]


@pytest.mark.parametrize("etag", ['"quoted"', 'W/"weak"', "bare", '"b\xe4se \xa7"', '"a,b"', '""'])
def test_validators_go_back_byte_for_byte(client: Client, etag: str) -> None:
    modified = "Sunday, 01-Mar-26 10:00:00 GMT"
    with serving(304) as server:
        fetch(client, server.url, validators=Validators(etag, modified), now=NOON)
        [request] = server.requests

    assert request.headers["if-none-match"] == etag
    assert request.headers["if-modified-since"] == modified


def test_an_etag_survives_the_round_trip_through_a_server(client: Client) -> None:
    with serving(200, {"ETag": '"b\xe4se"'}) as server:
        found = fetch(client, server.url, now=NOON)
        fetch(client, server.url, validators=found.validators, now=NOON)

        assert server.requests[1].headers["if-none-match"] == '"b\xe4se"'


OLD = Validators('"old"', "Sat, 28 Feb 2026 10:00:00 GMT")


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ({}, OLD),
        ({"ETag": '"new"'}, Validators('"new"', OLD.last_modified)),
        (
            {"Last-Modified": "Sun, 01 Mar 2026 10:00:00 GMT"},
            Validators(OLD.etag, "Sun, 01 Mar 2026 10:00:00 GMT"),
        ),
    ],
)
def test_a_304_replaces_the_validators_that_it_brings(
    client: Client, sent: Mapping[str, str], kept: Validators
) -> None:
    with serving(304, sent, b"") as server:
        found = fetch(client, server.url, validators=OLD, now=NOON)

    assert isinstance(found, NotModified)
    assert found.validators == kept


def test_a_200_forgets_the_validators_that_it_does_not_bring(client: Client) -> None:
    with serving(200, {"ETag": '"new"'}) as server:
        found = fetch(client, server.url, validators=OLD, now=NOON)

    assert found.validators == Validators('"new"', None)


def test_a_200_with_the_same_etag_still_brings_its_body(client: Client) -> None:
    with serving(200, {"ETag": '"old"'}, b"<rss>new</rss>") as server:
        found = fetch(client, server.url, validators=OLD, now=NOON)

    assert isinstance(found, Fetched)
    assert found.body_hash != body_hash(b"<rss/>")


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        ({"ETag": '"a"', "Expires": "0"}, Validators()),
        ({"ETag": '"a"', "Last-Modified": "Sun, 01 Jan 2041 00:00:00 GMT"}, Validators('"a"', None)),
    ],
)
def test_validators_that_would_lie_for_ever_are_not_kept(
    client: Client, headers: Mapping[str, str], kept: Validators
) -> None:
    with serving(200, headers) as server:
        assert fetch(client, server.url, now=NOON).validators == kept


def test_after_a_long_silence_one_look_is_unconditional() -> None:
    def ask(silence: timedelta, gap: timedelta | None) -> Validators:
        return trusted(OLD, last_body_at=NOON - silence, usual_gap=gap, now=NOON)

    assert ask(6 * DAY, HOUR) == OLD
    assert ask(8 * DAY, HOUR) == Validators()
    assert ask(8 * DAY, DAY) == OLD
    assert ask(11 * DAY, DAY) == Validators()
    assert trusted(OLD, last_body_at=None, usual_gap=None, now=NOON) == OLD


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "wants a user name and password"),
        (403, "refuses to show the feed"),
        (404, "has no feed at this address"),
        (418, r"refuses the request \(418\)"),
        (204, r"answers without a feed \(204\)"),
        (500, r"has trouble of its own \(500\)"),
    ],
)
def test_each_refusal_says_in_one_sentence_what_to_do(client: Client, status: int, words: str) -> None:
    with (
        serving(status, {}, b"") as server,
        pytest.raises(BadStatus, match=rf"^127\.0\.0\.1 {words}") as caught,
    ):
        fetch(client, server.url, now=NOON)

    assert caught.value.status == status
    assert caught.value.retry_after is None
    assert not isinstance(caught.value, FeedGone)


def test_410_means_gone(client: Client) -> None:
    with serving(410) as server, pytest.raises(FeedGone, match="gone for good"):
        fetch(client, server.url, now=NOON)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "120"}, timedelta(seconds=120)),
        ({"Retry-After": "0"}, timedelta(0)),
        ({"Retry-After": "Sun, 01 Mar 2026 13:30:00 GMT"}, 1.5 * HOUR),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, timedelta(0)),
        ({"Retry-After": "9999999"}, DAY),
        ({"Retry-After": "soon"}, 4 * HOUR),
        ({"X-RateLimit-Reset": "90", "X-RateLimit-Remaining": "0"}, timedelta(seconds=90)),
        ({"X-RateLimit-Reset": str(NOON.timestamp() + 600)}, timedelta(minutes=10)),
        ({}, 4 * HOUR),
    ],
)
def test_a_busy_server_is_left_alone_as_long_as_it_wants(
    client: Client, status: int, headers: Mapping[str, str], wait: timedelta
) -> None:
    with serving(status, headers) as server, pytest.raises(BadStatus) as caught:
        fetch(client, server.url, now=NOON)

    assert caught.value.retry_after == wait


def test_a_cloudflare_challenge_is_named(client: Client) -> None:
    challenge = {"cf-mitigated": "challenge", "Content-Type": "text/html"}
    with serving(403, challenge) as server, pytest.raises(BadStatus, match="Cloudflare challenge"):
        fetch(client, server.url, now=NOON)


def test_cache_hints_are_read_on_200_and_on_304(client: Client) -> None:
    headers = {
        "Cache-Control": "public, max-age=1800, s-maxage=60",
        "Expires": "Sun, 01 Mar 2026 14:00:00 GMT",
        "Date": "Sun, 01 Mar 2026 12:00:00 GMT",
    }
    for status in (200, 304):
        with serving(status, headers, b"") as server:
            hints = fetch(client, server.url, now=NOON).hints
        # the loopback server adds a Date of its own, so only the order of magnitude is known
        assert hints.max_age == HOUR / 2
        assert hints.expires_in is not None


def test_a_permanent_move_is_reported_with_the_password_of_the_address(client: Client) -> None:
    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        return (200, {}, b"<rss/>") if path == "/new" else (301, {"Location": "/new"}, b"")

    with Loopback(answer) as server:
        plain = fetch(client, f"{server.url}/old", now=NOON)
        secret = fetch(client, f"{server.url}/old".replace("://", "://me:pw@"), now=NOON)

    assert plain.permanent_url == plain.url == f"{server.url}/new"
    assert secret.permanent_url == f"{server.url}/new".replace("://", "://me:pw@")
    assert "pw" not in secret.url


def test_a_feeds_own_headers_are_sent(client: Client) -> None:
    with serving(200) as server:
        fetch(client, server.url, now=NOON, headers={"Authorization": "Bearer x", "User-Agent": "Other/1"})

        assert server.requests[0].headers["authorization"] == "Bearer x"
        assert server.requests[0].headers["user-agent"] == "Other/1"


def test_new_entries_alone_are_asked_for_only_where_they_would_do(client: Client) -> None:
    with serving(226, {"IM": "feed", "ETag": '"new"'}) as server:
        found = fetch(client, server.url, validators=OLD, now=NOON, deltas=True)
        [request] = server.requests

    assert request.headers["a-im"] == "feed"
    assert isinstance(found, Fetched)
    assert found.is_partial
    assert found.validators.etag == '"new"'


@pytest.mark.parametrize(
    ("validators", "deltas", "applied"),
    [(OLD, False, "feed"), (Validators(), True, "feed"), (OLD, True, "gzip")],
)
def test_new_entries_alone_that_were_not_asked_for_are_no_feed(
    client: Client, validators: Validators, deltas: bool, applied: str
) -> None:
    with serving(226, {"IM": applied}) as server, pytest.raises(BadStatus, match="without a feed"):
        fetch(client, server.url, validators=validators, now=NOON, deltas=deltas)


def test_a_server_may_send_the_whole_feed_all_the_same(client: Client) -> None:
    with serving(200) as server:
        found = fetch(client, server.url, validators=OLD, now=NOON, deltas=True)

    assert isinstance(found, Fetched)
    assert not found.is_partial
