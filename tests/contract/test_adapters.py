"""What every adapter of the registry must keep, whatever its platform."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.content import Card, Channel, Content, DeliveryClass, Payload, RemotePost
from domain.errors import (
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PublishError,
    RateLimited,
    Rejected,
)
from publishers.base import NoProgress, Publisher
from publishers.mastodon_text import length as mastodon_length
from publishers.registry import BUILT_IN, adapter
from publishers.text import graphemes
from tests.publishers.fake_pds import PASSWORD, FakePds
from tests.publishers.fake_servers import LOST_ANSWER, FakeMastodon, FakeReceiver, FakeServer
from tests.world import NOON, FixedClock

KEY, OTHER_KEY = "0f" * 16, "a1" * 16
CONTENT = Content(
    "Drums at dawn #news", link="https://news.example/drums?utm_source=tabuh", card=Card("Drums", "At dawn")
)


@dataclass
class Case:
    """One adapter with the fake of its platform."""

    platform: str
    server: FakeServer
    settings: dict[str, Any]
    credentials: dict[str, Any]
    secrets: list[str]
    clock: FixedClock = field(default_factory=FixedClock)

    def publisher(self) -> Publisher:
        kind = adapter(self.platform)
        return kind(
            Channel(
                id=1,
                platform=self.platform,
                name="Drums",
                slug="drums",
                settings=self.settings,
                public_url="https://tabuh.example",
            ),
            self.server.client(),
            credentials=kind.Credentials.model_validate(self.credentials),
            clock=self.clock,
        )

    def publish(self, content: Content = CONTENT, *, key: str = KEY) -> RemotePost:
        publisher = self.publisher()
        payload = publisher.render(content, created_at=NOON)
        return publisher.publish(payload, key=key, progress=NoProgress())

    def find(self, content: Content = CONTENT, *, key: str = KEY) -> RemotePost | None:
        publisher = self.publisher()
        payload = publisher.render(content, created_at=NOON)
        return publisher.find_existing(payload, key=key, handle=None, since=NOON)

    @property
    def copies(self) -> int:
        copies: int = self.server.copies  # type: ignore[attr-defined]
        return copies


def _bluesky() -> Case:
    clock = FixedClock()
    pds = FakePds(clock)
    settings = {"service": "https://pds.example"}
    secrets = [PASSWORD, pds.access, pds.renewal]
    return Case("bluesky", pds, settings, pds.credentials(), secrets, clock)


def _mastodon() -> Case:
    clock = FixedClock()
    token = FakeMastodon.TOKEN
    settings = {"server": "https://mastodon.example"}
    return Case("mastodon", FakeMastodon(clock), settings, {"access_token": token}, [token], clock)


def _webhook() -> Case:
    clock = FixedClock()
    secret = FakeReceiver.SECRET
    settings = {"url": "https://hooks.example/hook"}
    return Case("webhook", FakeReceiver(clock), settings, {"secret": secret}, [secret], clock)


def _page() -> Case:
    return Case("page", FakeServer(FixedClock()), {}, {}, [])


CASES: dict[str, Callable[[], Case]] = {
    "bluesky": _bluesky,
    "mastodon": _mastodon,
    "page": _page,
    "webhook": _webhook,
}
#: How long the text of a payload is, as its platform counts; for those that set a limit.
LENGTHS: dict[str, Callable[[Payload], int]] = {
    "bluesky": lambda payload: graphemes(payload["record"]["text"]),
    "mastodon": lambda payload: mastodon_length(payload["status"]),
}
REMOTE = sorted(name for name in CASES if adapter(name).capabilities.delivery != DeliveryClass.LOCAL)
FINDING = [name for name in REMOTE if adapter(name).capabilities.delivery != DeliveryClass.AT_MOST_ONCE]


def test_every_adapter_of_the_registry_is_held_to_the_contract() -> None:
    assert set(CASES) == set(BUILT_IN)


contents = st.builds(
    Content,
    text=st.lists(st.one_of(st.text(max_size=40), st.sampled_from(["#tag", "@a@b.example"]))).map(" ".join),
    link=st.sampled_from([None, "https://news.example/a", "https://n.example/" + "x" * 400]),
    card=st.sampled_from([None, Card("Drums", "d" * 2000, "https://n.example/i.png"), Card()]),
    language=st.sampled_from([None, "id", "en-GB", "not a language"]),
)


@pytest.mark.parametrize("platform", sorted(CASES))
def test_rendering_is_pure_json_and_within_the_limits(platform: str) -> None:
    publisher = CASES[platform]().publisher()
    limits = publisher.limits()

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(contents)
    def check(content: Content) -> None:
        if publisher.problems(content):
            return
        payload = publisher.render(content, created_at=NOON)

        assert publisher.render(content, created_at=NOON) == payload
        assert json.loads(json.dumps(payload)) == payload
        assert (content.link or "") in json.dumps(payload, ensure_ascii=False)
        if limits.max_characters is not None:
            assert LENGTHS[platform](payload) <= limits.max_characters

    check()


@pytest.mark.parametrize("platform", sorted(CASES))
def test_an_empty_post_is_a_problem_in_words(platform: str) -> None:
    assert CASES[platform]().publisher().problems(Content("  ")) == ["The post has neither text nor link."]


@pytest.mark.parametrize("platform", sorted(CASES))
def test_a_post_that_goes_well_is_there_once(platform: str) -> None:
    case = CASES[platform]()

    remote = case.publish()

    assert remote.id
    assert remote.published_at == NOON
    assert platform == "page" or case.copies == 1


@pytest.mark.parametrize("platform", REMOTE)
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401), NeedsReconnect),
        (httpx.Response(422, json={"error": "Text cannot be blank"}), Rejected),
        (httpx.Response(307, headers={"Location": "https://elsewhere.example"}), Rejected),
        (httpx.Response(429, headers={"Retry-After": "30"}), RateLimited),
        (httpx.Response(503), OutcomeUnknown),
        (httpx.ConnectError("refused"), NotSent),
        (httpx.ConnectTimeout("nobody there"), NotSent),
        (httpx.ReadTimeout("slow"), OutcomeUnknown),
        (httpx.RemoteProtocolError("cut"), OutcomeUnknown),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else None,
)
def test_every_failure_says_what_to_do_next(
    platform: str, answer: httpx.Response | httpx.HTTPError, error: type[PublishError]
) -> None:
    case = CASES[platform]()
    case.server.always = answer

    with pytest.raises(PublishError) as caught:
        case.publish()

    assert type(caught.value) is error
    assert str(caught.value).endswith(".")
    if isinstance(caught.value, RateLimited):
        assert caught.value.retry_after == timedelta(seconds=30)


@pytest.mark.parametrize("platform", sorted(set(REMOTE) - {"webhook"}))
def test_a_success_that_cannot_be_read_is_an_unknown_outcome(platform: str) -> None:
    case = CASES[platform]()
    case.server.faults.append(httpx.Response(200, html="<h1>Welcome to this hotel's network</h1>"))

    with pytest.raises(OutcomeUnknown):
        case.publish()


@pytest.mark.parametrize("platform", FINDING)
def test_what_was_published_is_found_and_nothing_else(platform: str) -> None:
    case = CASES[platform]()
    assert case.find() is None

    remote = case.publish()
    found = case.find()

    assert found is not None
    assert (found.id, found.url, found.published_at) == (remote.id, remote.url, remote.published_at)
    assert case.find(Content("Something else"), key=OTHER_KEY) is None


@pytest.mark.parametrize("platform", REMOTE)
def test_after_a_lost_answer_the_post_is_there_once_and_settled_by_its_class(platform: str) -> None:
    case = CASES[platform]()
    delivery = adapter(platform).capabilities.delivery
    case.server.faults.append(LOST_ANSWER)

    with pytest.raises(OutcomeUnknown):
        case.publish()
    case.clock.forward(minutes=2)

    match delivery:
        case DeliveryClass.NATIVE_KEY:
            assert case.publish() == case.find()
        case DeliveryClass.LIST_AND_MATCH:
            assert case.find() is not None
        case _:
            with pytest.raises(OutcomeUnknown, match="cannot be asked"):
                case.find()
    assert case.copies == 1


@pytest.mark.parametrize("platform", FINDING)
def test_a_platform_that_cannot_be_asked_proves_nothing(platform: str) -> None:
    case = CASES[platform]()
    case.server.always = httpx.Response(503)

    with pytest.raises(PublishError):
        case.find()


@pytest.mark.parametrize("platform", REMOTE)
def test_no_secret_shows_in_any_text(platform: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    case = CASES[platform]()
    texts = [repr(case.publisher().credentials), str(case.publisher().credentials), repr(case.publisher())]
    for answer in (
        httpx.Response(401, json={"error": f"bad token {case.secrets[-1]}"}),
        httpx.Response(422, json={"message": " ".join(case.secrets)}),
        httpx.ConnectError("refused"),
    ):
        case.server.always = answer
        for call in (case.publish, case.publisher().identify, case.publisher().channel_metrics):
            try:
                call()
            except PublishError as error:
                texts += [str(error), repr(error), repr(error.__cause__)]
    texts += [record.getMessage() for record in caplog.records]

    assert case.secrets
    assert not [text for text in texts for secret in case.secrets if secret in text]


@pytest.mark.parametrize("platform", sorted(CASES))
def test_secrets_survive_sealing_and_opening(platform: str) -> None:
    credentials = CASES[platform]().publisher().credentials

    opened = type(credentials).model_validate(json.loads(json.dumps(credentials.sealable())))

    assert opened == credentials


@pytest.mark.parametrize("platform", sorted(CASES))
def test_only_metrics_that_are_declared_are_supplied(platform: str) -> None:
    publisher = CASES[platform]().publisher()
    declared = publisher.capabilities.channel_metrics

    assert {measured.metric for measured in publisher.channel_metrics()} <= declared
