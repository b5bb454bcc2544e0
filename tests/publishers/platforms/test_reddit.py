"""Reddit: titles, links or texts, Markdown, refusals with HTTP 200, and a program that says whose it is."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from domain.content import Card, Channel, Content
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.metrics import Metric
from publishers.base import Measured, NoProgress
from publishers.oauth import Application, OAuthCredentials
from publishers.platforms.reddit import Reddit
from publishers.reddit_text import escaped, read_back
from tests.publishers.case import KEY, Case
from tests.publishers.fakes.reddit import COMMUNITY, FakeReddit
from tests.world import NOON, FixedClock

LINK = "https://news.example/drums_at_dawn?utm_source=tabuh"
APPLICATION = Application("reddit-app", SecretStr("reddit-secret"))


@pytest.fixture
def server() -> FakeReddit:
    return FakeReddit(FixedClock())


def reddit(server: Any, **settings: Any) -> Reddit:
    channel = Channel(1, "reddit", "Drums", "drums", {"community": COMMUNITY, **settings})
    http = httpx.Client(transport=httpx.MockTransport(server))
    credentials = OAuthCredentials.model_validate({"access_token": FakeReddit.TOKEN})
    return Reddit(channel, http, credentials=credentials, clock=FixedClock(), application=APPLICATION)


def send(publisher: Reddit, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=NoProgress())


def find(publisher: Reddit, content: Content) -> Any:
    payload = publisher.render(content, created_at=NOON)
    return publisher.find_existing(payload, key=KEY, handle=None, since=NOON)


@pytest.mark.parametrize(
    ("content", "kind", "title", "text"),
    [
        (Content("Drums at dawn", link=LINK), "link", "Drums at dawn", None),
        (Content("Drums at dawn", link=LINK, title="Drums"), "self", "Drums", f"Drums at dawn\n\n{LINK}"),
        (Content("Drums", link=LINK, title="Drums"), "link", "Drums", None),
        (Content("Drums\nAt dawn.", link=LINK), "self", "Drums", f"At dawn.\n\n{LINK}"),
        (Content("Drums"), "self", "Drums", ""),
        (Content("", link=LINK, card=Card("A card")), "link", "A card", None),
    ],
)
def test_a_post_is_a_link_where_its_title_says_it_all(
    server: FakeReddit, content: Content, kind: str, title: str, text: str | None
) -> None:
    payload = reddit(server).render(content, created_at=NOON)

    assert (payload["kind"], payload["title"], payload.get("text")) == (kind, title, text)
    assert payload.get("url") == (LINK if kind == "link" else None)


def test_the_channel_may_insist_on_a_kind(server: FakeReddit) -> None:
    content = Content("Drums\nAt dawn", link=LINK)

    assert reddit(server, kind="link").render(content, created_at=NOON)["url"] == LINK
    assert reddit(server, kind="text").render(Content("Drums", link=LINK), created_at=NOON)["text"] == LINK


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("*a* _b_ ^c", r"\*a\* \_b\_ \^c"),
        (f"see {LINK} *now*", f"see {LINK} \\*now\\*"),
        ("# head\n> said\n- one", "\\# head  \n\\> said  \n\\- one"),
        ("a\nb\n\nc", "a  \nb\n\nc"),
    ],
)
def test_signs_and_lines_of_a_text_stay_as_they_are(text: str, written: str) -> None:
    assert escaped(text) == written
    assert read_back(written) == text


@given(st.text(alphabet=st.characters(exclude_characters=" ")))
def test_what_is_escaped_reads_as_it_was_written(text: str) -> None:
    assert read_back(escaped(text)) == text


def test_titles_and_texts_are_within_their_limits(server: FakeReddit) -> None:
    publisher = reddit(server)

    long = publisher.render(Content("drum " * 100), created_at=NOON)
    assert len(long["title"]) <= 300
    assert long["title"].endswith("…")
    assert publisher.text_of(long).startswith(long["title"])
    stars = publisher.render(Content("Title\n" + "*" * 30_000, link=LINK), created_at=NOON)
    assert len(stars["text"]) <= 40_000
    assert stars["text"].endswith(f"…\n\n{LINK}")
    exact = publisher.render(Content("Title\n" + "x" * 40_000), created_at=NOON)
    assert exact["text"] == "x" * 40_000


def test_the_program_says_whose_it_is(server: FakeReddit) -> None:
    send(reddit(server, contact="drummer"), Content("Drums"))

    agents = {one.headers["user-agent"] for one in server.requests}
    assert agents == {"server:tabuh:v1 (by /u/drummer)"}
    renewal = reddit(server, contact="drummer").token_request({"grant_type": "refresh_token"})
    assert renewal.headers["user-agent"] == "server:tabuh:v1 (by /u/drummer)"
    assert renewal.headers["authorization"].startswith("Basic ")


def test_a_flair_goes_along_and_a_link_is_not_posted_twice(server: FakeReddit) -> None:
    publisher = reddit(server, flair_id="f-1", flair_text="News")

    remote = send(publisher, Content("Drums", link=LINK))

    assert (server.posts[0]["flair_id"], server.posts[0]["flair_text"]) == ("f-1", "News")
    assert remote.url == "https://www.reddit.com/r/Drums/comments/abc1/a_title/"
    with pytest.raises(Rejected, match="posted in that community before"):
        send(publisher, Content("Again", link=LINK))


def test_a_lost_post_is_found_among_our_newest(server: FakeReddit) -> None:
    content = Content("Drums *now*\nAt dawn & noon", link=LINK)
    publisher = reddit(server)
    remote = send(publisher, content)
    server.add(NOON, title="Drums *now*", selftext="other")
    server.add(NOON, title="Drums *now*", selftext=server.posts[1]["selftext"], subreddit="elsewhere")
    server.add(NOON - timedelta(days=9), title="Rules", pinned=True)
    server.page = 1

    assert find(publisher, content) == remote
    assert find(publisher, Content("Drums *now*", link=LINK)) is None
    for number in range(11):
        server.add(NOON, title=f"newer {number}")
    with pytest.raises(OutcomeUnknown, match="too many newer posts"):
        find(publisher, content)


def test_votes_and_comments_are_counted(server: FakeReddit) -> None:
    publisher = reddit(server)
    remote = send(publisher, Content("Drums"))

    assert publisher.metrics(remote.id) == [
        Measured(Metric.REACTIONS, 5, "score"),
        Measured(Metric.REPLIES, 2, "num_comments"),
        Measured(Metric.SHARES, 0, "num_crossposts"),
    ]
    assert publisher.channel_metrics() == [Measured(Metric.FOLLOWERS, 42, "subscribers")]


def test_a_text_is_changed_and_a_title_is_not(server: FakeReddit) -> None:
    publisher = reddit(server)
    remote = send(publisher, Content("Drums\nAt dawn"))

    publisher.edit(remote.id, publisher.render(Content("Drums\nAt noon"), created_at=NOON))
    assert server.posts[0]["selftext"] == "At noon"
    with pytest.raises(Rejected, match="nobody change a title"):
        publisher.edit(remote.id, publisher.render(Content("Bells\nAt noon"), created_at=NOON))
    with pytest.raises(Rejected, match="nobody change a link"):
        publisher.edit(remote.id, publisher.render(Content("Drums", link=LINK), created_at=NOON))
    publisher.delete(remote.id)
    publisher.delete(remote.id)
    with pytest.raises(PostGone):
        publisher.metrics(remote.id)


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (
            ["RATELIMIT", "Take a break for 9 minutes before trying again.", "ratelimit"],
            RateLimited,
            "wait 540 s",
        ),
        (["SUBREDDIT_NOEXIST", "that subreddit doesn't exist", "sr"], NeedsReconnect, "no such community"),
        (["SUBREDDIT_NOTALLOWED", "you aren't allowed to post there.", "sr"], NeedsReconnect, "may not post"),
        (["SUBMIT_VALIDATION_FLAIR_REQUIRED", "flair", "flair"], NeedsReconnect, "asks for a flair"),
        (["BAD_URL", "you should check that url", "url"], Rejected, "you should check that url"),
    ],
)
def test_refusals_with_http_200_say_in_words_what_to_do(
    server: FakeReddit, error: list[str], kind: type[Exception], told: str
) -> None:
    server.errors = [error]

    with pytest.raises(kind, match=told):
        send(reddit(server), Content("Drums"))


def test_a_wait_is_told_in_seconds_by_a_header(server: FakeReddit) -> None:
    server.always = httpx.Response(429, headers={"X-Ratelimit-Reset": "217"}, json={"message": "Too Many"})

    with pytest.raises(RateLimited) as caught:
        send(reddit(server), Content("Drums"))

    assert caught.value.retry_after == timedelta(seconds=217)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("r/drums", "drums"),
        ("/r/drums/", "drums"),
        ("https://www.reddit.com/r/drums", "drums"),
        ("u_me_2", "u_me_2"),
    ],
)
def test_a_community_is_named_in_several_ways(said: str, kept: str) -> None:
    assert Reddit.Settings.model_validate({"community": said}).model_dump()["community"] == kept


@pytest.mark.parametrize("said", ["", "r/", "two words", "https://example.org/r/drums"])
def test_what_is_no_community_is_refused(said: str) -> None:
    with pytest.raises(ValidationError, match="no community"):
        Reddit.Settings.model_validate({"community": said})


def test_access_is_asked_for_so_that_it_lasts(server: FakeReddit) -> None:
    address = reddit(server).consent_address(redirect_uri="https://t.example/back", state="s", verifier="v")

    assert parse_qs(urlsplit(address).query)["duration"] == ["permanent"]
    assert reddit(server).identify().name == f"u/drummer in r/{COMMUNITY}"


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    content = Content("Drums at dawn #news", link=LINK, title="Drums")
    return Case(
        "reddit",
        FakeReddit(clock),
        {"community": COMMUNITY},
        {"access_token": FakeReddit.TOKEN},
        [FakeReddit.TOKEN],
        clock,
        content=content,
        application=APPLICATION,
        length=lambda payload: len(payload.get("text", "")),
    )
