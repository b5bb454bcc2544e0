"""WebSub from end to end: a small hub on loopback, our callbacks in the public application, real polls."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from scheduler.feeds import add_feed
from scheduler.hubs import ask_hub
from scheduler.polling import poll
from scheduler.removing import remove_feed
from store import feeds, hubs
from store.due import claim_due
from store.engine import reading, writing
from store.tables import Feed, HubSubscription
from tests.publisher_site import LEASE, PERSON, item, poll_all, rss
from tests.servers.hub import SmallHub, path_of
from tests.servers.loopback import Answer, Loopback
from tests.world import World, new_world
from web.app import create_public_app
from web.deps import WebContext


class Place:
    """A world whose public address is one, a feed on loopback, and its hub."""

    def __init__(self, engine: Engine) -> None:
        self.world: World = new_world(engine, public_url="https://post.example.org")
        self.world.context = replace(self.world.context, websub=True)
        web = WebContext(context=self.world.context, private_url="http://localhost:8000")
        self.public = TestClient(create_public_app(web), base_url="https://post.example.org")
        self.hub = SmallHub(self._call)
        self.site = Loopback(self._answer)
        self.numbers = [1]
        self.named_hub: str | None = ""

    def _call(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        answer = self.public.request(method, path_of(url), content=body, headers=dict(headers))
        return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)

    def _answer(self, _path: str, _headers: Mapping[str, str]) -> Answer:
        items = [item(number, hours=number) for number in reversed(self.numbers)]
        named = self.hub.url if self.named_hub == "" else self.named_hub
        link = f'<{self.site.url}/self>; rel="self"' + (f', <{named}/hub>; rel="hub"' if named else "")
        return 200, {"Content-Type": "application/rss+xml", "Link": link}, rss(items).encode()

    def publish(self, *numbers: int) -> None:
        """Show more entries."""
        self.numbers += numbers

    def poll(self, **later: float) -> Feed:
        """Poll what is due after some time, and read the feed again."""
        self.world.clock.forward(**(later or {"days": 2}))
        poll_all(self.world)
        return self.feed()

    def feed(self) -> Feed:
        with reading(self.world.engine) as session:
            [found] = feeds.listed(session, self.world.workspace.id)
            return found

    def ask_hubs(self) -> int:
        """Let the clockwork send what is due to hubs; how many requests."""
        with writing(self.world.engine) as session:
            due = claim_due(session, HubSubscription, now=self.world.clock.now, lease=LEASE, limit=10)
        for row in due:
            ask_hub(self.world.context, row)
        return len(due)

    def subscription(self) -> HubSubscription:
        with reading(self.world.engine) as session:
            found = hubs.of_feed(session, self.feed().id)
            assert found is not None
            return found

    def subscribed(self) -> None:
        """A feed that was added, read again, and subscribed to."""
        add_feed(
            self.world.context, self.world.workspace.id, f"{self.site.url}/rss", existing="none", actor=PERSON
        )
        self.publish(80)
        self.poll()
        assert self.ask_hubs() == 1
        assert self.hub.verify().status_code == 200


@pytest.fixture
def place(engine: Engine) -> Iterator[Place]:
    made = Place(engine)
    with made.hub, made.site, made.world.context.http:
        yield made


def test_a_feed_that_names_a_hub_is_subscribed_to_after_a_poll_and_confirmed(place: Place) -> None:
    place.subscribed()
    [asked] = place.hub.asked
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == f"{place.site.url}/self"
    assert asked["hub.callback"].startswith("https://post.example.org/hooks/websub/")
    assert "hub.secret" not in asked  # this hub would get it in clear text
    row = place.subscription()
    assert row.verified_until == place.world.clock.now + timedelta(days=10)
    assert row.next_at is not None
    assert timedelta(days=5) <= row.next_at - place.world.clock.now <= timedelta(days=8)


def test_the_challenge_comes_back_byte_for_byte_and_as_plain_text(place: Place) -> None:
    place.subscribed()
    answer = place.hub.verify()
    assert answer.text == "c h/a?l=l&é"
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.topic": "https://other.example/feed"},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.mode": "publish"},
    ],
)
def test_what_was_not_asked_for_is_not_confirmed(place: Place, changed: dict[str, str]) -> None:
    place.subscribed()
    before = place.subscription().verified_until
    assert place.hub.verify(lease=3600, **changed).status_code == 404
    assert place.subscription().verified_until == before


def test_an_address_that_nobody_was_given_answers_404(place: Place) -> None:
    for token in ("x" * 43, "short", "..%2f..%2fetc"):
        assert place.public.get(f"/hooks/websub/{token}?hub.mode=subscribe").status_code == 404
        assert place.public.post(f"/hooks/websub/{token}", content=b"x").status_code in (404, 405)


def test_a_push_brings_the_next_look_within_seconds_and_its_entries_count_as_pushed(place: Place) -> None:
    place.subscribed()
    place.world.clock.forward(minutes=5)
    assert place.hub.push().status_code == 202
    soon = place.feed().next_at
    assert soon is not None
    assert soon - place.world.clock.now <= timedelta(seconds=5)
    place.publish(90, 91)
    place.poll(seconds=6)
    assert (place.subscription().pushed, place.subscription().polled) == (2, 0)
    place.publish(99)
    place.poll()
    assert (place.subscription().pushed, place.subscription().polled) == (2, 1)


def test_many_pushes_in_a_minute_make_one_look(place: Place) -> None:
    place.subscribed()
    place.world.clock.forward(minutes=5)
    place.hub.push()
    place.poll(seconds=6)
    after = place.feed().next_at
    assert after is not None
    for _ in range(20):
        assert place.hub.push().status_code == 202
    assert place.feed().next_at == after


def test_a_push_during_a_poll_is_not_lost(place: Place) -> None:
    place.subscribed()
    place.world.clock.forward(days=2)
    with writing(place.world.engine) as session:
        [slow] = claim_due(session, Feed, now=place.world.clock.now, lease=LEASE, limit=1)
    place.hub.push()
    place.publish(95)
    poll(place.world.context, slow)  # it lost its claim to the push
    assert place.poll(seconds=6).last_success_at == place.world.clock.now


def with_https_hub(place: Place) -> str:
    """As if the hub had TLS: it is told a secret, and what it pushes must be signed."""
    with writing(place.world.engine) as session:
        row = hubs.of_feed(session, place.feed().id)
        assert row is not None
        row.hub = "https://hub.example.org/"
        session.add(row)
        session.commit()
        return str(place.world.context.seal.open(row.id, row.secret)["secret"])


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_signed_push_is_believed(place: Place, method: str) -> None:
    place.subscribed()
    secret = with_https_hub(place)
    place.world.clock.forward(minutes=5)
    assert place.hub.push(secret=secret, method=method).status_code == 202
    assert place.feed().next_reason == "its hub has told of news"


def test_a_forged_push_is_answered_alike_and_changes_nothing(place: Place) -> None:
    place.subscribed()
    secret = with_https_hub(place)
    before = place.feed().next_at
    assert place.hub.push(secret="guessed").status_code == 202
    assert place.hub.push(secret=secret, method="md5").status_code == 202
    assert place.feed().next_at == before
    assert place.subscription().last_push_at is None


def test_a_push_that_is_too_large_is_not_read_and_rings(place: Place) -> None:
    place.subscribed()
    place.world.clock.forward(minutes=5)
    assert place.hub.push(b"x" * (3 * 2**20)).status_code == 202
    assert place.feed().next_reason == "its hub has told of news"


def test_a_hub_that_keeps_its_word_spares_polls_but_for_one_a_day(place: Place) -> None:
    place.subscribed()
    for number in range(100, 106):
        place.world.clock.forward(minutes=5)
        place.hub.push()
        place.publish(number)
        place.poll(seconds=6)
    feed = place.feed()
    assert feed.next_reason == "every 24 h, to be safe: the feed's hub tells us of news at once"
    assert feed.next_at is not None
    assert timedelta(hours=21) < feed.next_at - place.world.clock.now < timedelta(hours=27)


def test_a_hub_that_never_pushes_is_given_up(place: Place) -> None:
    place.subscribed()
    place.publish(*range(200, 220))
    place.poll(hours=7)
    row = place.subscription()
    assert row.given_up_at == place.world.clock.now
    assert place.ask_hubs() == 1
    assert place.hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert place.hub.verify().status_code == 200
    place.publish(230)
    place.poll()
    assert place.ask_hubs() == 0


def test_a_lease_is_renewed_before_it_ends_with_the_same_callback(place: Place) -> None:
    place.subscribed()
    place.world.clock.forward(days=9)
    assert place.ask_hubs() == 1
    first, again = place.hub.asked
    assert again == first
    place.hub.verify(lease=10**9)
    assert place.subscription().verified_until == place.world.clock.now + timedelta(days=14)


def test_a_hub_that_refuses_is_asked_less_and_less_and_then_no_more(place: Place) -> None:
    place.hub.status = 500
    add_feed(
        place.world.context, place.world.workspace.id, f"{place.site.url}/rss", existing="none", actor=PERSON
    )
    place.publish(80)
    place.poll()
    for _ in range(12):
        place.ask_hubs()
        place.world.clock.forward(days=2)
    assert len(place.hub.asked) == 8
    row = place.subscription()
    assert row.given_up_at is not None
    assert row.last_error == "127.0.0.1 refuses the subscription (500)"


def test_a_denial_is_noted_with_its_reason(place: Place) -> None:
    place.subscribed()
    assert place.hub.deny("not for you").status_code == 200
    row = place.subscription()
    assert (row.verified_until, row.last_error) == (None, "the hub refuses: not for you")


def test_a_hub_in_a_private_network_is_not_called(place: Place) -> None:
    place.named_hub = "http://10.0.0.1"
    add_feed(
        place.world.context, place.world.workspace.id, f"{place.site.url}/rss", existing="none", actor=PERSON
    )
    place.publish(80)
    place.poll()
    assert place.ask_hubs() == 1
    assert "10.0.0.1" in (place.subscription().last_error or "")
    assert "not public" in (place.subscription().last_error or "")


def test_a_removed_feed_is_unsubscribed(place: Place) -> None:
    place.subscribed()
    feed = place.feed()
    remove_feed(place.world.context, place.world.workspace.id, feed.id, actor=PERSON)
    assert place.ask_hubs() == 1
    assert place.hub.asked[-1]["hub.mode"] == "unsubscribe"
    assert place.hub.verify().text == "c h/a?l=l&é"
    assert place.hub.push().status_code == 202  # too late: nothing is woken
    with reading(place.world.engine) as session:
        assert session.get_one(Feed, feed.id).next_at is None


@pytest.mark.parametrize(
    "values", [{"websub": False}, {"public_url": "http://127.0.0.1:8420"}, {"public_url": "http://tabuh.lan"}]
)
def test_nobody_is_asked_unless_the_owner_wants_it_and_the_address_is_public(
    place: Place, values: dict[str, object]
) -> None:
    place.world.context = replace(place.world.context, **values)  # type: ignore[arg-type]
    add_feed(
        place.world.context, place.world.workspace.id, f"{place.site.url}/rss", existing="none", actor=PERSON
    )
    place.publish(80)
    place.poll()
    assert place.ask_hubs() == 0
    assert place.hub.asked == []
