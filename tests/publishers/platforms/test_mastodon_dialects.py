"""Servers that speak the Mastodon API and disagree about keys, limits, and what they show of a text."""

from datetime import timedelta

import httpx
import pytest

from domain.content import Content
from domain.errors import OutcomeUnknown, PostGone, RateLimited
from domain.metrics import Metric
from publishers.platforms.mastodon import Mastodon
from tests.pictures import Folder, picture
from tests.publishers.case import OTHER_KEY, Case
from tests.publishers.fake_servers import LOST_ANSWER
from tests.publishers.fakes.fediverse import GoToSocial, Hollo, Pixelfed, Pleroma
from tests.world import NOON, FixedClock

DIALECTS = [GoToSocial, Hollo, Pleroma, Pixelfed]
LINK = "https://news.site.com/story?utm_source=tabuh&utm_medium=social&n=" + "x" * 60

TEXTS = [
    'Genderang <3 & "drums" 🥁 #tabuh',
    "Hi @drum@far.example, look: https://a.site.com/é?x=1&y=2.",
    "One\n\nTwo\nThree -- it's 'so' …",
    "# Programme\n\n- first drum\n- second drum\n\n1. one\n2. two\n\n> **loud** words",
    "a_b_c *d* ~e~ `f`",
    "5 > 3 - 1",
]


def connected(kind: type[GoToSocial]) -> Case:
    """A channel on such a server, with what it said of its limits."""
    clock = FixedClock()
    case = Case(
        "mastodon",
        kind(clock),
        {"server": "https://mastodon.example"},
        {"access_token": GoToSocial.TOKEN},
        secrets=[GoToSocial.TOKEN],
        clock=clock,
    )
    learned = case.publisher().enrich()
    assert learned is not None
    case.settings = learned.model_dump(mode="json")
    case.files = Folder(picture())
    return case


def content(case: Case, text: str, link: str | None = None) -> Content:
    """With a picture where nothing goes without."""
    assert isinstance(case.files, Folder)
    needs = case.publisher().limits().needs_media
    return Content(text, link, media=case.files.attachments("Stalls") if needs else ())


@pytest.mark.parametrize("kind", DIALECTS)
@pytest.mark.parametrize("text", TEXTS)
def test_a_lost_answer_is_settled_whatever_the_server_makes_of_the_text(
    kind: type[GoToSocial], text: str
) -> None:
    case = connected(kind)
    case.publish(content(case, "Something else"), key=OTHER_KEY)
    case.kept.handle = None
    meant = content(case, text, LINK)
    case.server.faults.append(LOST_ANSWER)
    with pytest.raises(OutcomeUnknown):
        case.publish(meant)
    case.clock.forward(minutes=2)

    found = case.find(meant)

    assert found is not None
    assert case.copies == 2
    assert case.find(content(case, text + " again", LINK)) is None
    there = case.publisher().text_there(found.id, case.publisher().render(meant, created_at=NOON))
    assert there is not None
    assert not there.changed


@pytest.mark.parametrize(("kind", "copies"), [(GoToSocial, 2), (Hollo, 1), (Pleroma, 2)])
def test_the_key_is_always_sent_and_never_relied_upon(kind: type[GoToSocial], copies: int) -> None:
    case = connected(kind)
    for _ in range(2):
        case.publish(Content("Drums"))

    assert case.copies == copies
    assert len({request.headers.get("idempotency-key") for request in case.server.requests[-2:]}) == 1


@pytest.mark.parametrize(
    ("kind", "most", "per_url"), [(GoToSocial, 5000, 25), (Hollo, 10_000, 256), (Pleroma, 5000, 23)]
)
def test_each_server_counts_by_its_own_word(kind: type[GoToSocial], most: int, per_url: int) -> None:
    case = connected(kind)
    publisher = case.publisher()

    assert publisher.limits().max_characters == most
    assert publisher.length(Content("a" * 100, LINK)) == 100 + 2 + per_url
    payload = publisher.render(Content("drum " * 4000, LINK), created_at=NOON)
    assert publisher.length(Content(payload["status"])) <= most
    assert payload["status"].endswith(LINK)


def test_pixelfed_is_given_no_text_alone() -> None:
    publisher = connected(Pixelfed).publisher()

    assert publisher.problems(Content("Drums")) == [
        "Mastodon takes no post without a picture or a video. Add one."
    ]
    assert connected(GoToSocial).publisher().problems(Content("Drums")) == []


def test_a_reset_in_iso_time_says_how_long_to_wait() -> None:
    case = connected(GoToSocial)
    assert isinstance(case.server, GoToSocial)
    case.server.left = 0

    with pytest.raises(RateLimited) as caught:
        case.publish(Content("Drums"))

    assert timedelta(seconds=1) <= caught.value.retry_after <= timedelta(hours=24)


def test_a_number_that_a_server_does_not_give_is_absent_and_a_deleted_status_is_gone() -> None:
    case = connected(GoToSocial)
    remote = case.publish(Content("Drums"))
    publisher = case.publisher()
    assert isinstance(publisher, Mastodon)

    assert Metric.QUOTES not in {one.metric for one in publisher.metrics(remote.id)}
    publisher.delete(remote.id)
    with pytest.raises(PostGone):
        publisher.metrics(remote.id)


@pytest.mark.parametrize("kind", DIALECTS)
def test_an_answer_of_a_proxy_in_front_of_the_server_is_no_limit(kind: type[GoToSocial]) -> None:
    case = connected(kind)
    case.server.always = httpx.Response(200, html="<h1>Just a moment</h1>")

    with pytest.raises(OutcomeUnknown):
        case.publisher().enrich()
