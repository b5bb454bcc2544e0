"""Google Business Profile: the link is a button, pictures come by address, locations are chosen."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from domain.content import Channel, Content
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, Rejected
from domain.media import Attachment
from publishers.base import NoProgress
from publishers.oauth import Application, OAuthCredentials
from publishers.platforms.google_business import GoogleBusiness
from tests.publishers.case import KEY, Case
from tests.publishers.fakes.google_business import LOCATION, FakeGoogleBusiness, refusal
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums?utm_source=tabuh"
OWN = Attachment(sha256="ab" * 32, media_type="image/webp", size=9)
APPLICATION = Application("app.apps.googleusercontent.com", SecretStr("application-secret"))


@pytest.fixture
def server() -> FakeGoogleBusiness:
    return FakeGoogleBusiness(FixedClock())


def google(server: Any, *, public_url: str = "https://tabuh.example", **settings: Any) -> GoogleBusiness:
    known = {"location": LOCATION, **settings}
    channel = Channel(1, "google_business", "Drums", "drums", known, public_url)
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = OAuthCredentials.model_validate({"access_token": FakeGoogleBusiness.TOKEN})
    return GoogleBusiness(channel, http, credentials=credentials, clock=FixedClock(), application=APPLICATION)


def send(publisher: GoogleBusiness, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=NoProgress())


def find(publisher: GoogleBusiness, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.find_existing(payload, key=KEY, handle=None, since=NOON)


def test_the_link_is_a_button_below_the_text(server: FakeGoogleBusiness) -> None:
    remote = send(google(server, button="SHOP"), Content("Drums", link=LINK, language="id"))

    post = server.posts[0]
    assert (post["summary"], post["topicType"], post["languageCode"]) == ("Drums", "STANDARD", "id")
    assert post["callToAction"] == {"actionType": "SHOP", "url": LINK}
    assert remote.id == f"{LOCATION}/localPosts/1"
    assert remote.url == "https://local.google.com/place?id=1"


def test_a_picture_is_fetched_from_a_public_address_only(server: FakeGoogleBusiness) -> None:
    content = Content("Look", media=(OWN,))

    send(google(server), content)

    address = f"https://tabuh.example/m/{'ab' * 32}/google_business.jpeg"
    assert server.posts[0]["media"] == [{"mediaFormat": "PHOTO", "sourceUrl": address}]
    private = google(server, public_url="http://192.168.1.5:8000")
    assert any("TABUH_PUBLIC_URL" in one for one in private.problems(content))
    with pytest.raises(Rejected, match="TABUH_PUBLIC_URL"):
        send(private, content)


@pytest.mark.parametrize("sign", ["x", "🥁"])
def test_a_text_is_counted_in_code_points(server: FakeGoogleBusiness, sign: str) -> None:
    publisher = google(server)

    assert publisher.render(Content(sign * 1500), created_at=NOON)["summary"] == sign * 1500
    assert len(publisher.render(Content(sign * 1501), created_at=NOON)["summary"]) <= 1500


def test_a_lost_post_is_found_page_by_page(server: FakeGoogleBusiness) -> None:
    content = Content("Drums", link=LINK)
    assert find(google(server), content) is None
    remote = send(google(server), content)
    server.add(NOON - timedelta(hours=1), summary="Drums", callToAction={"url": LINK})
    server.add(NOON, summary="Drums")
    server.page = 1

    assert find(google(server), content) == remote
    assert find(google(server), Content("Drums", link="https://other.example/")) is None
    for number in range(11):
        server.add(NOON, summary=f"newer {number}")
    with pytest.raises(OutcomeUnknown, match="too many posts"):
        find(google(server), content)


def test_the_locations_of_all_accounts_are_the_choice(server: FakeGoogleBusiness) -> None:
    found = google(server, location=None).targets()

    assert [(one.name, one.settings) for one in found] == [("Pasar Drums", {"location": LOCATION})]
    assert google(server).identify().name == "Pasar Drums"
    none = google(server, location=None)
    assert any("No location is chosen" in one for one in none.problems(Content("hi")))
    with pytest.raises(NeedsReconnect, match="choose one"):
        send(none, Content("hi"))


def test_a_post_is_changed_and_deleted(server: FakeGoogleBusiness) -> None:
    publisher = google(server)
    remote = send(publisher, Content("hi"))

    publisher.edit(remote.id, publisher.render(Content("ho", link=LINK), created_at=NOON))
    assert (server.posts[0]["summary"], server.posts[0]["callToAction"]["url"]) == ("ho", LINK)
    publisher.delete(remote.id)
    publisher.delete(remote.id)
    assert server.copies == 0
    with pytest.raises(PostGone):
        publisher.edit(remote.id, publisher.render(Content("ho"), created_at=NOON))


def test_no_number_is_invented(server: FakeGoogleBusiness) -> None:
    publisher = google(server)
    remote = send(publisher, Content("hi"))

    assert publisher.metrics(remote.id) == []
    assert publisher.channel_metrics() == []
    assert publisher.capabilities.post_metrics == frozenset()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (refusal(403, "PERMISSION_DENIED", "The caller does not have permission"), "Business Profile API"),
        (refusal(404, "NOT_FOUND", "Requested entity was not found."), "location is gone"),
        (refusal(401, "UNAUTHENTICATED", "invalid credentials"), "invalid credentials"),
    ],
)
def test_refusals_say_in_words_what_to_do(
    server: FakeGoogleBusiness, answer: httpx.Response, said: str
) -> None:
    server.always = answer

    with pytest.raises(NeedsReconnect, match=said):
        send(google(server), Content("hi"))


def test_access_is_asked_for_with_what_renews_it(server: FakeGoogleBusiness) -> None:
    address = google(server).consent_address(redirect_uri="https://t.example/back", state="s", verifier="v")

    query = parse_qs(urlsplit(address).query)
    assert (query["access_type"], query["prompt"]) == (["offline"], ["consent"])
    assert query["code_challenge_method"] == ["S256"]


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "google_business",
        FakeGoogleBusiness(clock),
        {"location": LOCATION},
        {"access_token": FakeGoogleBusiness.TOKEN},
        [FakeGoogleBusiness.TOKEN],
        clock,
        application=APPLICATION,
        length=lambda payload: len(payload["summary"]),
    )
