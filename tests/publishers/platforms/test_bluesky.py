"""Bluesky: what a post is made of, the key that cannot double it, and its session."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from domain.content import Card, Channel, Content, Payload, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.metrics import Metric
from publishers.atproto_session import SessionCredentials
from publishers.base import Measured, NoProgress
from publishers.platforms.bluesky import Bluesky
from publishers.text import graphemes
from tests.pictures import Folder, picture
from tests.publishers.case import Case
from tests.publishers.fake_pds import DID, HANDLE, PASSWORD, PNG, FakePds
from tests.publishers.fake_servers import Body
from tests.world import NOON, FixedClock

KEY = "0f" * 16
LINK = "https://news.example/drums"
CARD = Card("Drums", "At dawn", "https://pds.example/image.png")


@pytest.fixture
def pds() -> FakePds:
    return FakePds(FixedClock())


def bluesky(pds: FakePds, /, **credentials: Any) -> Bluesky:
    channel = Channel(1, "bluesky", "Drums", "drums", {"service": "https://pds.example"})
    opened = SessionCredentials.model_validate({**pds.credentials(), **credentials})
    return Bluesky(channel, pds.client(), credentials=opened, clock=pds.clock)


def rendered(pds: FakePds, content: Content) -> Payload:
    return bluesky(pds).render(content, created_at=NOON)


def publish(pds: FakePds, content: Content, /, **credentials: Any) -> RemotePost:
    publisher = bluesky(pds, **credentials)
    return publisher.publish(publisher.render(content, created_at=NOON), key=KEY, progress=NoProgress())


def only_record(pds: FakePds) -> dict[str, Any]:
    [record] = pds.records.values()
    return record


def test_a_card_carries_the_link_and_the_text_stays_free_of_it(pds: FakePds) -> None:
    record = rendered(pds, Content("Drums at dawn", LINK, CARD, "id"))["record"]

    assert record["text"] == "Drums at dawn"
    assert record["embed"]["external"] == {"uri": LINK, "title": "Drums", "description": "At dawn"}
    assert record["langs"] == ["id"]


def test_without_a_card_the_link_stands_in_the_text(pds: FakePds) -> None:
    record = rendered(pds, Content("drum " * 100, LINK))["record"]

    assert record["text"].endswith(f"drum…\n\n{LINK}")
    assert graphemes(record["text"]) <= 300
    assert record["facets"][-1]["features"][0]["uri"] == LINK
    assert "embed" not in record


def test_a_link_longer_than_a_post_goes_into_a_card_of_its_own(pds: FakePds) -> None:
    link = f"{LINK}?{'x' * 400}"

    record = rendered(pds, Content("Drums", link))["record"]

    assert record["text"] == "Drums"
    assert record["embed"]["external"] == {"uri": link, "title": "news.example", "description": ""}


def test_the_picture_is_uploaded_and_the_mention_resolved(pds: FakePds) -> None:
    remote = publish(pds, Content(f"By @{HANDLE} and @nobody.example #drums", LINK, CARD))

    record = only_record(pds)
    features = [facet["features"][0] for facet in record["facets"]]
    assert record["embed"]["external"]["thumb"]["mimeType"] == "image/png"
    assert features == [
        {"$type": "app.bsky.richtext.facet#mention", "did": DID},
        {"$type": "app.bsky.richtext.facet#tag", "tag": "drums"},
    ]
    rkey = remote.id.rsplit("/", 1)[-1]
    assert remote.id == f"at://{DID}/app.bsky.feed.post/{rkey}"
    assert remote.url == f"https://bsky.app/profile/{HANDLE}/post/{rkey}"


def test_a_post_bears_the_time_of_its_call_not_of_its_making(pds: FakePds) -> None:
    publisher = bluesky(pds)
    payload = publisher.render(Content("Drums"), created_at=NOON - timedelta(days=3))

    publisher.publish(payload, key=KEY, progress=NoProgress())

    assert only_record(pds)["createdAt"] == "2026-03-02T12:00:00.000Z"


@pytest.mark.parametrize(
    "picture",
    [
        httpx.Response(404, stream=Body(PNG)),
        httpx.Response(200, stream=Body(b"<html>")),
        httpx.Response(200, stream=Body(PNG + b"x" * 1_000_000)),
    ],
)
def test_a_picture_that_cannot_be_had_fails_no_post(pds: FakePds, picture: httpx.Response) -> None:
    pds.routes["GET /image.png"] = lambda request: picture

    publish(pds, Content("Drums", LINK, CARD))

    assert "thumb" not in only_record(pds)["embed"]["external"]


def test_a_picture_that_the_server_refuses_fails_no_post(pds: FakePds) -> None:
    pds.faults.append(httpx.Response(400, json={"error": "InvalidRequest", "message": "blob too big"}))

    publish(pds, Content("Drums", LINK, CARD))

    assert "thumb" not in only_record(pds)["embed"]["external"]


def test_a_picture_that_must_wait_makes_the_post_wait(pds: FakePds) -> None:
    limited = httpx.Response(429, headers={"ratelimit-reset": "1"})
    pds.routes["POST /xrpc/com.atproto.repo.uploadBlob"] = lambda request: limited

    with pytest.raises(RateLimited):
        publish(pds, Content("Drums", LINK, CARD))
    assert pds.copies == 0


class Lost:
    """Progress of a worker that has lost its claim."""

    handle = None

    def save(self, handle: object) -> None:
        raise OutcomeUnknown("Another worker took this post over.")


def test_a_worker_that_lost_its_claim_over_a_slow_picture_sends_nothing(pds: FakePds) -> None:
    publisher = bluesky(pds)

    with pytest.raises(OutcomeUnknown):
        publisher.publish(rendered(pds, Content("Drums", LINK, CARD)), key=KEY, progress=Lost())
    assert pds.copies == 0


def test_a_second_call_finds_the_first_even_when_pictures_and_owners_differ(pds: FakePds) -> None:
    content = Content(f"@{HANDLE} drums", LINK, CARD)
    first = publish(pds, content)
    pds.routes["GET /image.png"] = lambda request: httpx.Response(404, stream=Body(b""))
    pds.known_handles.clear()
    assert isinstance(pds.clock, FixedClock)
    pds.clock.forward(hours=2)

    assert publish(pds, content, **pds.credentials()) == first
    assert pds.copies == 1


def test_a_stranger_at_our_key_is_neither_found_nor_overwritten(pds: FakePds) -> None:
    remote = publish(pds, Content("Drums"))
    pds.records[remote.id.rsplit("/", 1)[-1]]["text"] = "Something else"

    with pytest.raises(Rejected, match="Another post stands"):
        publish(pds, Content("Drums"))
    found = bluesky(pds).find_existing(rendered(pds, Content("Drums")), key=KEY, handle=None, since=NOON)
    assert found is None
    assert only_record(pds)["text"] == "Something else"


def test_nobody_logs_in_for_a_single_post(pds: FakePds) -> None:
    for number in range(5):
        publish(pds, Content(f"Drums {number}"), **pds.credentials())
        pds.records.clear()

    assert pds.logins == 0


def test_a_session_is_opened_once_and_renewed_before_it_ends(pds: FakePds) -> None:
    publisher = bluesky(pds, access_jwt=None, refresh_jwt=None, did=None)
    assert publisher.needs_refresh()
    fresh = publisher.refresh()
    assert fresh is not None
    assert (fresh.did, fresh.handle, pds.logins) == (DID, HANDLE, 1)

    later = bluesky(pds, **fresh.sealable())
    assert not later.needs_refresh()
    assert later.refresh() is None
    assert isinstance(pds.clock, FixedClock)
    pds.clock.forward(hours=1, minutes=51)
    assert later.needs_refresh()
    assert later.refresh() is not None
    assert (pds.logins, pds.sessions) == (1, 3)


def test_a_session_that_is_refused_too_early_is_renewed_and_the_call_made_again(pds: FakePds) -> None:
    stale = pds.credentials()
    pds.revoke()

    publish(pds, Content("Drums"), **stale)

    assert (pds.copies, pds.logins) == (1, 1)


def test_a_session_that_cannot_be_renewed_now_sends_nothing(pds: FakePds) -> None:
    pds.routes["POST /xrpc/com.atproto.server.refreshSession"] = lambda request: httpx.Response(502)

    with pytest.raises(NotSent):
        publish(pds, Content("Drums"), access_jwt=None)
    assert pds.copies == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "refuses the handle or the app password"),
        (httpx.Response(401, json={"error": "AuthFactorTokenRequired"}), "with an app password"),
        (httpx.Response(401, json={"error": "AccountTakedown", "message": "Taken down"}), "Taken down"),
    ],
)
def test_a_login_that_is_refused_says_what_to_do(
    pds: FakePds, answer: httpx.Response | None, said: str
) -> None:
    if answer is not None:
        pds.routes["POST /xrpc/com.atproto.server.createSession"] = lambda request: answer

    with pytest.raises(NeedsReconnect, match=said):
        bluesky(pds, access_jwt=None, refresh_jwt=None, app_password="wrong").refresh()


def test_an_owner_who_is_deactivated_must_act_there(pds: FakePds) -> None:
    pds.session_says = {"active": False, "status": "deactivated"}

    with pytest.raises(NeedsReconnect, match="deactivated"):
        bluesky(pds, access_jwt=None).refresh()


def test_posts_go_to_the_server_that_holds_them(pds: FakePds) -> None:
    home = {"id": "#atproto_pds", "serviceEndpoint": "https://home.example"}
    pds.session_says = {"didDoc": {"service": [home]}}

    fresh = bluesky(pds, access_jwt=None).refresh()
    assert fresh is not None
    publish(pds, Content("Drums"), **fresh.sealable())

    assert pds.requests[-1].url.host == "home.example"


def test_the_numbers_carry_the_names_of_their_fields(pds: FakePds) -> None:
    remote = publish(pds, Content("Drums"))
    with pytest.raises(NotSent, match="has not counted"):
        bluesky(pds).metrics(remote.id)

    pds.views[remote.id] = {"likeCount": 3, "replyCount": 0, "repostCount": 2, "quoteCount": 1}
    assert bluesky(pds).metrics(remote.id) == [
        Measured(Metric.REACTIONS, 3, "likeCount"),
        Measured(Metric.REPLIES, 0, "replyCount"),
        Measured(Metric.SHARES, 2, "repostCount"),
        Measured(Metric.QUOTES, 1, "quoteCount"),
        Measured(Metric.REPLIES_OTHERS, 0, "thread.replies"),
    ]
    assert bluesky(pds).channel_metrics() == [Measured(Metric.FOLLOWERS, 42, "followersCount")]


def test_one_request_tells_of_many_posts_and_one_that_is_gone_harms_no_other(pds: FakePds) -> None:
    there = publish(pds, Content("Drums")).id
    gone, fresh = f"{there[:-4]}gone", f"{there[:-4]}anew"
    pds.records[fresh.rsplit("/", 1)[-1]] = only_record(pds)
    pds.views[there] = {"uri": there, "likeCount": 3}
    publisher = bluesky(pds)

    found = publisher.metrics_of([there, gone, fresh])

    numbers = found[there]
    assert isinstance(numbers, list)
    assert (numbers[0].metric, numbers[0].value) == (Metric.REACTIONS, 3)
    assert isinstance(found[gone], PostGone)
    assert isinstance(found[fresh], NotSent)
    assert [len(batch) for batch in publisher.batches([str(number) for number in range(60)])] == [25, 25, 10]


def test_a_deleted_post_is_gone(pds: FakePds) -> None:
    remote = publish(pds, Content("Drums"))
    pds.records.clear()

    with pytest.raises(PostGone):
        bluesky(pds).metrics(remote.id)


def test_a_handle_is_taken_as_people_write_it(pds: FakePds) -> None:
    assert bluesky(pds, handle=" @Tabuh.Example").identify().name == f"@{HANDLE}"
    with pytest.raises(ValidationError, match="with its domain"):
        SessionCredentials.model_validate({"handle": "tabuh", "app_password": PASSWORD})


def test_pictures_take_the_place_of_the_card_and_the_link_stands_in_the_text(pds: FakePds) -> None:
    folder = Folder(picture(), picture(60, 41))
    publisher = bluesky(pds)
    publisher.files = folder
    content = Content("Look", LINK, CARD, media=folder.attachments("Pasar at dawn"))

    remote = publisher.publish(publisher.render(content, created_at=NOON), key=KEY, progress=NoProgress())

    record = only_record(pds)
    assert record["text"] == f"Look\n\n{LINK}"
    assert record["embed"]["$type"] == "app.bsky.embed.images"
    assert [(one["alt"], one["aspectRatio"]) for one in record["embed"]["images"]] == [
        ("Pasar at dawn", {"width": 60, "height": 40}),
        ("", {"width": 60, "height": 41}),
    ]
    again = publisher.publish(publisher.render(content, created_at=NOON), key=KEY, progress=NoProgress())
    assert again == remote
    assert pds.copies == 1


def test_a_picture_too_heavy_for_bluesky_is_made_lighter(pds: FakePds) -> None:
    folder = Folder(picture(2600, 1800, noisy=True, quality=98))
    publisher = bluesky(pds)
    publisher.files = folder

    publisher.publish(
        publisher.render(Content("", media=folder.attachments()), created_at=NOON),
        key=KEY,
        progress=NoProgress(),
    )

    [shown] = only_record(pds)["embed"]["images"]
    assert shown["image"]["size"] <= 1_000_000


def test_an_upload_that_ends_unclear_makes_no_doubt_about_the_post(pds: FakePds) -> None:
    folder = Folder(picture())
    publisher = bluesky(pds)
    publisher.files = folder
    pds.always = httpx.ReadTimeout("slow")

    with pytest.raises(NotSent):
        publisher.publish(
            publisher.render(Content("Look", media=folder.attachments()), created_at=NOON),
            key=KEY,
            progress=NoProgress(),
        )


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    pds = FakePds(clock)
    return Case(
        "bluesky",
        pds,
        {"service": "https://pds.example"},
        pds.credentials(),
        [PASSWORD, pds.access, pds.renewal],
        clock,
        length=lambda payload: graphemes(payload["record"]["text"]),
    )
