"""Mastodon: how it counts, what is sent, how a lost status is found again, what it tells."""

import json
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from domain.content import Channel, Content
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, PublishError, RateLimited
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.mastodon_text import length
from publishers.platforms.mastodon import Mastodon, MastodonCredentials
from tests.pictures import Folder, picture
from tests.publishers.case import Case
from tests.publishers.fake_servers import FakeMastodon
from tests.world import NOON, FixedClock

KEY = "0f" * 16


class Kept:
    """The handle that an adapter saved last."""

    handle: Mapping[str, Any] | None = None

    def save(self, handle: Mapping[str, Any]) -> None:
        self.handle = dict(handle)


LINK = "https://news.site.com/story?utm_source=tabuh&utm_medium=social&utm_campaign=" + "x" * 60


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def server(clock: FixedClock) -> FakeMastodon:
    return FakeMastodon(clock)


def mastodon(
    reply: Callable[[httpx.Request], httpx.Response], clock: FixedClock, **settings: Any
) -> Mastodon:
    channel = Channel(1, "mastodon", "Drums", "drums", {"server": "https://mastodon.example", **settings})
    http = httpx.Client(transport=httpx.MockTransport(reply))
    credentials = MastodonCredentials.model_validate({"access_token": FakeMastodon.TOKEN})
    return Mastodon(channel, http, credentials=credentials, clock=clock)


def find(publisher: Mastodon, text: str) -> str | None:
    found = publisher.find_existing({"status": text}, key=KEY, handle=None, since=NOON)
    return found.id if found else None


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("abc", 3),
        ("👨‍👩‍👧‍👦é", 2),
        (f"see {LINK} now", 4 + 23 + 4),
        ("http://a.io", 23),
        ("http://a.io.", 24),
        ("(http://a.io/b)", 25),
        ("xhttp://a.io", 12),
        ("http://localhost:3000/some/path/to", 34),
        ("https://news.example/some/path/to", 33),
        ("@drum@a.very.long.server.example hi", 8),
        ("@drum hi", 8),
        ("mail@server.example", 19),
    ],
)
def test_characters_are_counted_as_mastodon_counts_them(text: str, counted: int) -> None:
    assert length(text) == counted


def test_a_long_text_is_shortened_by_the_servers_own_numbers(clock: FixedClock, server: FakeMastodon) -> None:
    publisher = mastodon(server, clock, max_characters=100, characters_per_url=40)

    status = publisher.render(Content("drum " * 50, link=LINK), created_at=NOON)["status"]

    assert status.endswith(f"drum…\n\n{LINK}")
    assert 95 <= length(status, per_url=40) <= 100
    assert publisher.limits().max_characters == 100


def test_only_what_the_channel_or_the_author_says_is_sent(clock: FixedClock, server: FakeMastodon) -> None:
    plain = mastodon(server, clock).render(Content("hi"), created_at=NOON)
    full = mastodon(server, clock, visibility="unlisted").render(
        Content("hi", language="id-ID"), created_at=NOON
    )

    assert plain == {"status": "hi"}
    assert full == {"status": "hi", "visibility": "unlisted", "language": "id"}


def test_a_link_that_mastodon_counts_in_full_and_has_no_room_is_a_problem(
    clock: FixedClock, server: FakeMastodon
) -> None:
    publisher = mastodon(server, clock)

    assert publisher.problems(Content("hi", link="http://localhost/" + "x" * 600)) == [
        "The link alone is longer than the 500 that fit. Use a shorter one."
    ]
    assert publisher.problems(Content("hi", link=LINK)) == []


def test_the_same_key_goes_with_every_try(clock: FixedClock) -> None:
    server = FakeMastodon(clock, keeps_keys=True)
    publisher = mastodon(server, clock)

    posts = [publisher.publish({"status": "hi"}, key=KEY, progress=NoProgress()) for _ in range(2)]

    assert posts[0] == posts[1]
    assert posts[0].url == f"https://mastodon.example/@tabuh/{posts[0].id}"
    assert json.loads(server.requests[0].content) == {"status": "hi"}
    assert server.copies == 1


def test_a_status_is_found_by_what_became_of_its_text(clock: FixedClock, server: FakeMastodon) -> None:
    text = f"Drums & more\n\n{LINK} #news @drum@far.example"
    status = server.add(text, NOON + timedelta(seconds=1))
    server.add("something newer", NOON + timedelta(minutes=1))

    assert find(mastodon(server, clock), text) == status["id"]
    assert find(mastodon(server, clock), "Drums") is None


def test_an_older_status_with_the_same_text_is_not_ours(clock: FixedClock, server: FakeMastodon) -> None:
    server.add("Good morning", NOON - timedelta(hours=24))

    assert find(mastodon(server, clock), "Good morning") is None


def test_the_list_is_read_back_to_the_first_try(clock: FixedClock, server: FakeMastodon) -> None:
    ours = server.add("ours", NOON)
    for number in range(100):
        server.add(f"newer {number}", NOON + timedelta(seconds=number))

    assert find(mastodon(server, clock), "ours") == ours["id"]
    assert len([one for one in server.requests if one.url.path.endswith("/statuses")]) == 3


def test_absence_is_not_claimed_of_a_list_that_was_not_read_to_the_end(
    clock: FixedClock, server: FakeMastodon
) -> None:
    for number in range(450):
        server.add(f"newer {number}", NOON)

    with pytest.raises(OutcomeUnknown, match="too many newer statuses"):
        find(mastodon(server, clock), "ours")


def test_the_numbers_carry_the_names_of_their_fields(clock: FixedClock, server: FakeMastodon) -> None:
    status = server.add("hi", NOON)

    assert mastodon(server, clock).metrics(status["id"]) == [
        Measured(Metric.REACTIONS, 3, "favourites_count"),
        Measured(Metric.REPLIES, 1, "replies_count"),
        Measured(Metric.SHARES, 2, "reblogs_count"),
    ]
    status["quotes_count"] = 0
    assert Measured(Metric.QUOTES, 0, "quotes_count") in mastodon(server, clock).metrics(status["id"])
    assert mastodon(server, clock).channel_metrics() == [Measured(Metric.FOLLOWERS, 42, "followers_count")]


def test_replies_of_others_are_counted_without_our_own(clock: FixedClock, server: FakeMastodon) -> None:
    status = server.add("hi", NOON)
    status["account"] = {"id": "7"}
    below = [
        {"in_reply_to_id": status["id"], "account": {"id": "7"}},
        {"in_reply_to_id": status["id"], "account": {"id": "8"}},
        {"in_reply_to_id": "another", "account": {"id": "9"}},
    ]
    there = f"GET /api/v1/statuses/{status['id']}/context"
    server.routes = {there: lambda request: httpx.Response(200, json={"descendants": below}), **server.routes}

    counted = Measured(Metric.REPLIES_OTHERS, 1, "descendants")
    assert counted in mastodon(server, clock).metrics(status["id"])
    status["replies_count"] = 0
    counted = Measured(Metric.REPLIES_OTHERS, 0, "descendants")
    assert counted in mastodon(server, clock).metrics(status["id"])


def test_a_deleted_status_is_gone(clock: FixedClock, server: FakeMastodon) -> None:
    with pytest.raises(PostGone):
        mastodon(server, clock).metrics("999")


def test_the_owner_is_named_with_the_server(clock: FixedClock, server: FakeMastodon) -> None:
    identity = mastodon(server, clock).identify()

    assert (identity.name, identity.remote_id) == ("@tabuh@mastodon.example", "7")


def test_limits_are_learned_from_the_server(clock: FixedClock, server: FakeMastodon) -> None:
    server.instance["configuration"]["statuses"] = {"max_characters": 5000, "characters_reserved_per_url": 25}

    learned = mastodon(server, clock).enrich()

    assert learned is not None
    assert (learned.max_characters, learned.characters_per_url) == (5000, 25)
    assert mastodon(server, clock, **learned.model_dump()).enrich() is None


def test_an_old_server_tells_its_limits_at_the_old_address(clock: FixedClock) -> None:
    def reply(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/instance":
            return httpx.Response(200, json={"max_toot_chars": 1000})
        return httpx.Response(404, json={"error": "Record not found"})

    learned = mastodon(reply, clock).enrich()

    assert learned is not None
    assert (learned.max_characters, learned.characters_per_url) == (1000, None)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (
            httpx.Response(401, json={"error": "The access token is invalid"}),
            NeedsReconnect,
            "token is invalid",
        ),
        (
            httpx.Response(403, json={"error": "outside the authorized scopes"}),
            NeedsReconnect,
            "write:statuses",
        ),
        (httpx.Response(404, html="no"), PublishError, "Is it a Mastodon server?"),
        (httpx.Response(200, json={"hello": 1}), OutcomeUnknown, "does not answer as a Mastodon server does"),
        (httpx.Response(429, headers={"X-RateLimit-Reset": "2020-01-01T00:00:00Z"}), RateLimited, "wait 1 s"),
    ],
)
def test_a_failed_test_of_the_channel_says_what_to_do(
    clock: FixedClock, answer: httpx.Response, error: type[PublishError], said: str
) -> None:
    with pytest.raises(error, match=said):
        mastodon(lambda request: answer, clock).identify()


@pytest.mark.parametrize("status", [{}, {"id": "1"}, {"id": "1", "created_at": "yesterday"}])
def test_a_status_without_id_or_time_is_an_unknown_outcome(clock: FixedClock, status: dict[str, str]) -> None:
    publisher = mastodon(lambda request: httpx.Response(200, json=status), clock)

    with pytest.raises(OutcomeUnknown):
        publisher.publish({"status": "hi"}, key=KEY, progress=NoProgress())


def test_a_server_without_encryption_is_refused() -> None:
    with pytest.raises(ValidationError, match="not encrypted"):
        Mastodon.Settings.model_validate({"server": "http://mastodon.example"})


@pytest.mark.parametrize("slow_looks", [0, 2])
def test_pictures_are_uploaded_with_what_they_show_before_the_status(
    server: FakeMastodon, clock: FixedClock, slow_looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    server.slow_looks = slow_looks
    folder = Folder(picture(), picture(60, 41))
    publisher = mastodon(server, clock)
    publisher.files = folder
    content = Content("Look", media=folder.attachments("Pasar at dawn"))
    payload = publisher.render(content, created_at=NOON)
    kept = Kept()

    remote = publisher.publish(payload, key=KEY, progress=kept)

    assert [b"Pasar at dawn" in body for body in server.uploads] == [True, False]
    assert server.statuses[0]["media_attachments"] == [{"id": "1"}, {"id": "2"}]
    assert kept.handle == {"media_ids": ["1", "2"]}
    assert publisher.find_existing(payload, key=KEY, handle=None, since=NOON) == remote
    without = publisher.render(Content("Look"), created_at=NOON)
    assert publisher.find_existing(without, key=KEY, handle=None, since=NOON) is None


def test_a_later_try_uses_what_an_earlier_one_has_uploaded(server: FakeMastodon, clock: FixedClock) -> None:
    folder, kept = Folder(picture(), picture(60, 41)), Kept()
    publisher = mastodon(server, clock)
    publisher.files = folder
    payload = publisher.render(Content("Look", media=folder.attachments()), created_at=NOON)
    server.faults.append(httpx.ReadTimeout("slow"))
    with pytest.raises(OutcomeUnknown):
        publisher.publish(payload, key=KEY, progress=kept)

    publisher.publish(payload, key=KEY, progress=kept)

    assert len(server.uploads) == 2
    assert server.copies == 1


def test_what_the_server_takes_of_pictures_is_learned(server: FakeMastodon, clock: FixedClock) -> None:
    server.instance = {
        "configuration": {
            "statuses": {"max_characters": 5000, "max_media_attachments": 16},
            "media_attachments": {"image_size_limit": 1_000, "description_limit": 3},
        }
    }

    known = mastodon(server, clock).enrich()

    assert known is not None
    publisher = mastodon(server, clock, **known.model_dump(exclude={"server"}))
    rules = publisher.limits().pictures
    assert rules is not None
    assert (rules.most, rules.max_bytes, rules.max_alt) == (16, 1_000, 3)
    folder = Folder(picture())
    assert publisher.problems(Content("Look", media=folder.attachments("Pasar"))) == [
        "Mastodon takes descriptions of at most 3 characters. Shorten it."
    ]


def test_a_picture_whose_upload_ends_unclear_makes_no_doubt_about_the_post(
    server: FakeMastodon, clock: FixedClock
) -> None:
    folder = Folder(picture())
    publisher = mastodon(server, clock)
    publisher.files = folder
    payload = publisher.render(Content("Look", media=folder.attachments()), created_at=NOON)
    server.always = httpx.ReadTimeout("slow")

    with pytest.raises(NotSent):
        publisher.publish(payload, key=KEY, progress=NoProgress())


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    token = FakeMastodon.TOKEN
    return Case(
        "mastodon",
        FakeMastodon(clock),
        {"server": "https://mastodon.example"},
        {"access_token": token},
        [token],
        clock,
        length=lambda payload: length(payload["status"]),
    )
