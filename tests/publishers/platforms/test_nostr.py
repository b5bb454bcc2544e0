"""Nostr: what is signed and told, what relays' answers mean, and what others did with a note."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.content import Channel, Content
from domain.errors import (
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PostGone,
    PublishError,
    RateLimited,
    Rejected,
)
from domain.media import Attachment
from domain.metrics import Metric
from publishers.nostr_events import Event, is_genuine, signed, tags_of, with_addresses
from publishers.nostr_keys import nevent, npub
from publishers.platforms.nostr import Nostr
from publishers.schnorr import public_key
from tests.publishers.case import KEY, Case, Kept
from tests.publishers.fake_servers import LOST_ANSWER, Crash
from tests.publishers.fakes.nostr import NSEC, RELAY, SECRET, FakeRelay
from tests.world import NOON, FixedClock

AUTHOR = public_key(bytes.fromhex(SECRET))
READER, OTHER = b"\2" * 32, b"\3" * 32


def case() -> Case:
    """Nostr for the contract."""
    clock = FixedClock()
    return Case(
        "nostr",
        FakeRelay(clock),
        {"relays": RELAY},
        {"secret_key": NSEC},
        secrets=[SECRET, NSEC],
        clock=clock,
    )


@pytest.fixture
def place() -> Case:
    return case()


def relay(place: Case) -> FakeRelay:
    assert isinstance(place.server, FakeRelay)
    return place.server


def nostr(place: Case) -> Nostr:
    publisher = place.publisher()
    assert isinstance(publisher, Nostr)
    return publisher


def notes(server: FakeRelay) -> list[Event]:
    return sorted(
        (one for one in server.events.values() if one["kind"] == 1), key=lambda one: one["created_at"]
    )


def test_tags_say_who_and_what_a_text_names() -> None:
    friend = npub(AUTHOR)
    text = with_addresses(
        f"Hi @{friend}, {friend} #Drums #drums #2026 #パレード see https://x.example/#no and npub1broken"
    )

    assert text.startswith(f"Hi nostr:{friend}, nostr:{friend} #Drums")
    assert tags_of(text) == [["p", AUTHOR.hex()], ["t", "drums"], ["t", "パレード"]]


def test_a_note_is_signed_at_its_hour_and_the_same_one_is_sent_again(place: Case) -> None:
    place.clock.forward(days=3)
    first = place.publish()
    place.clock.forward(hours=1)
    second = place.publish()

    [note] = notes(relay(place))
    assert is_genuine(note)
    assert (first, first.id, first.published_at) == (second, note["id"], NOON + timedelta(days=3))
    assert first.url == f"https://njump.me/{nevent(note['id'], relays=[RELAY], author=AUTHOR)}"


def test_pictures_stand_at_the_end_with_what_they_show(place: Case) -> None:
    own = Attachment("ab" * 32, media_type="image/png", size=9, width=4, height=3, alt="Seven\nstalls")
    other = Attachment(url="https://news.example/p.webp")

    place.publish(Content("Look", media=(own, other)))

    [note] = notes(relay(place))
    address = f"https://tabuh.example/m/{'ab' * 32}/nostr.jpeg"
    assert note["content"] == f"Look\n\n{address}\nhttps://news.example/p.webp"
    assert note["tags"] == [
        ["imeta", f"url {address}", "m image/jpeg", "dim 4x3", "alt Seven stalls"],
        ["imeta", "url https://news.example/p.webp"],
    ]


def test_a_video_is_named_by_its_kind(place: Case) -> None:
    video = Attachment("cd" * 32, media_type="video/mp4", size=9, width=16, height=9, alt="Dance")
    assert nostr(place).problems(Content("Look", media=(video,))) == []

    place.publish(Content("Look", media=(video,)))

    [note] = notes(relay(place))
    address = f"https://tabuh.example/m/{'cd' * 32}.mp4"
    assert note["content"] == f"Look\n\n{address}"
    assert note["tags"] == [["imeta", f"url {address}", "m video/mp4", "dim 16x9", "alt Dance"]]


def test_without_a_public_address_pictures_are_a_problem_in_words(place: Case) -> None:
    channel = replace(place.publisher().channel, public_url="http://127.0.0.1:8420")
    publisher = Nostr(
        channel, place.server.client(), credentials=place.publisher().credentials, clock=place.clock
    )
    content = Content("Look", media=(Attachment("ab" * 32, media_type="image/png", size=9),))

    assert any("TABUH_PUBLIC_URL" in problem for problem in publisher.problems(content))
    with pytest.raises(Rejected, match="TABUH_PUBLIC_URL"):
        publisher.publish(publisher.render(content, created_at=NOON), key=KEY, progress=Kept())


def test_the_strictest_relay_says_how_long_a_note_is(place: Case) -> None:
    relay(place).about = {"limitation": {"max_content_length": 300}}
    learned = nostr(place).enrich()
    assert learned is not None
    assert learned.max_text == 300
    place.settings = learned.model_dump()
    media = (Attachment("ab" * 32, media_type="image/png", size=9),)

    place.publish(Content("drum " * 200, link="https://n.example/a", media=media))

    [note] = notes(relay(place))
    assert len(note["content"].encode()) <= 300
    assert "https://n.example/a\n\nhttps://tabuh.example/m/" in note["content"]
    relay(place).about = {"limitation": "none"}
    relaxed = nostr(place).enrich()
    assert relaxed is not None
    assert relaxed.max_text is None


@pytest.mark.parametrize("after", [False, True])
def test_a_thread_cut_short_anywhere_is_completed_with_the_same_notes(after: bool) -> None:
    content = Content("One", thread=("Two", "Two", "Three"))
    whole = case()
    whole.publish(content)
    for step in range(len(whole.server.requests)):
        place = case()
        place.server.crash_at, place.server.crash_after = step, after
        with pytest.raises(Crash):
            place.publish(content)
        place.server.crash_at = None
        place.clock.forward(minutes=3)

        remote = place.publish(content)

        first, second, third, fourth = notes(relay(place))
        assert [first["content"], second["content"], fourth["content"]] == ["One", "Two", "Three"], step
        assert remote.id == first["id"]
        assert second["tags"][0] == ["e", first["id"], RELAY, "root", AUTHOR.hex()]
        assert fourth["tags"][1] == ["e", third["id"], RELAY, "reply", AUTHOR.hex()]


def test_half_a_thread_of_which_nothing_is_known_is_for_a_person(place: Case) -> None:
    place.publish(Content("One"))

    with pytest.raises(OutcomeUnknown, match="1 of its 2 notes"):
        place.find(Content("One", thread=("Two",)))


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("rate-limited: slow down there chief", RateLimited),
        ("blocked: you are banned from posting here", NeedsReconnect),
        ("restricted: members only", NeedsReconnect),
        ("auth-required: who are you", NeedsReconnect),
        ("pow: 26 is less than 30", Rejected),
        ("invalid: event creation date is too far off", Rejected),
        ("error: could not connect to the database", OutcomeUnknown),
        ("", OutcomeUnknown),
        ("too many drums", Rejected),
    ],
)
def test_prefixes_of_refusals_say_what_to_do_next(
    place: Case, monkeypatch: pytest.MonkeyPatch, said: str, error: type[PublishError]
) -> None:
    monkeypatch.setattr(relay(place), "_taken", lambda event: (False, said))

    with pytest.raises(PublishError) as caught:
        place.publish()

    assert type(caught.value) is error
    assert said.rstrip(".") in str(caught.value)


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (200, Rejected, "no relay"),
        (404, Rejected, "no relay"),
        (403, NeedsReconnect, "another relay"),
        (401, NeedsReconnect, "401"),
        (429, RateLimited, "wait"),
        (502, NotSent, "502"),
        (301, Rejected, "elsewhere"),
    ],
)
def test_an_address_that_opens_no_relay_got_nothing(
    place: Case, status: int, error: type[PublishError], said: str
) -> None:
    http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(status)))
    publisher = nostr(place)
    closed = Nostr(publisher.channel, http, credentials=publisher.credentials, clock=place.clock)

    with pytest.raises(PublishError, match=said) as caught:
        closed.publish({"text": "x"}, key=KEY, progress=Kept())

    assert type(caught.value) is error


def test_a_relay_that_asks_who_we_are_is_shown_the_key(place: Case) -> None:
    relay(place).members = {AUTHOR.hex()}

    assert place.publish().id in relay(place).events
    assert relay(place).proved == {AUTHOR.hex()}


def several(place: Case, **servers: FakeRelay) -> Nostr:
    """A channel of these relays, by the first part of their names."""

    def answer(request: httpx.Request) -> httpx.Response:
        return servers[request.url.host.partition(".")[0]].opened(request)

    settings = {"relays": " ".join(f"wss://{name}.example" for name in servers)}
    channel = Channel(1, "nostr", "Drums", "drums", settings, public_url="https://tabuh.example")
    http = httpx.Client(transport=httpx.MockTransport(answer))
    return Nostr(channel, http, credentials=place.publisher().credentials, clock=place.clock)


def test_one_relay_of_several_is_enough_and_the_others_are_named(place: Case) -> None:
    first, second, third = FakeRelay(place.clock), FakeRelay(place.clock), FakeRelay(place.clock)
    first.always, second.always = httpx.ConnectError("refused"), httpx.Response(429)
    publisher = several(place, first=first, second=second, third=third)

    remote = publisher.publish({"text": "Drums"}, key=KEY, progress=place.kept)

    assert remote.id in third.events
    assert remote.note is not None
    assert "first.example could not be reached" in remote.note
    assert "second.example asks us to wait" in remote.note
    found = publisher.find_existing({"text": "Drums"}, key=KEY, handle=place.kept.handle, since=NOON)
    assert found is not None
    assert found.id == remote.id


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        ((httpx.ConnectError("no"), LOST_ANSWER), OutcomeUnknown),
        ((httpx.ConnectError("no"), httpx.Response(422)), NotSent),
        ((httpx.Response(429), httpx.Response(401)), RateLimited),
        ((httpx.Response(422), httpx.Response(401)), Rejected),
    ],
)
def test_when_no_relay_takes_it_the_heaviest_failure_decides(
    place: Case, faults: tuple[Any, Any], error: type[PublishError]
) -> None:
    first, second = FakeRelay(place.clock), FakeRelay(place.clock)
    first.always, second.always = faults

    with pytest.raises(PublishError) as caught:
        several(place, first=first, second=second).publish({"text": "x"}, key=KEY, progress=Kept())

    assert type(caught.value) is error


def test_a_silent_relay_lets_nothing_be_proved_absent(place: Case) -> None:
    first, second = FakeRelay(place.clock), FakeRelay(place.clock)
    second.always = httpx.ConnectError("refused")
    publisher = several(place, first=first, second=second)

    with pytest.raises(NotSent):
        publisher.find_existing({"text": "Drums"}, key=KEY, handle=None, since=NOON)
    with pytest.raises(NotSent):
        publisher.metrics("ab" * 32)
    second.always = None
    assert publisher.find_existing({"text": "Drums"}, key=KEY, handle=None, since=NOON) is None
    with pytest.raises(PostGone):
        publisher.metrics("ab" * 32)


def test_a_forged_note_of_the_same_text_is_not_ours(place: Case) -> None:
    forged = {**signed(1, [], "Drums", secret=READER, at=NOON), "pubkey": AUTHOR.hex()}
    relay(place).events[forged["id"]] = forged

    assert place.find(Content("Drums")) is None


DEEDS: list[tuple[int, list[list[str]], str, Metric | None]] = [
    (7, [["e", "NOTE"]], "+", Metric.REACTIONS),
    (7, [["e", "NOTE"]], "-", None),
    (7, [["e", "NOTE"], ["e", "f0" * 32]], "+", None),
    (6, [["e", "NOTE"]], "", Metric.SHARES),
    (16, [["e", "NOTE"]], "", Metric.SHARES),
    (1, [["e", "NOTE", "", "root"]], "reply", Metric.REPLIES),
    (1, [["e", "f0" * 32, "", "root"], ["e", "NOTE", "", "reply"]], "deep", Metric.REPLIES),
    (1, [["e", "NOTE"]], "as it was once written", Metric.REPLIES),
    (1, [["e", "NOTE", "", "mention"]], "named", None),
    (1, [["q", "NOTE"]], "quoted", Metric.QUOTES),
    (1, [["q", "NOTE"], ["e", "NOTE", "", "mention"]], "quoted", Metric.QUOTES),
]


@pytest.mark.parametrize(("kind", "tags", "text", "metric"), DEEDS)
def test_what_others_do_counts_as_what_it_is(
    place: Case, kind: int, tags: list[list[str]], text: str, metric: Metric | None
) -> None:
    remote = place.publish()
    meant = [[part.replace("NOTE", remote.id) for part in tag] for tag in tags]
    at = NOON + timedelta(hours=1)
    for again in range(2):  # the same sign twice is one reaction
        event = signed(kind, [*meant, ["n", str(again)]], text, secret=READER, at=at)
        relay(place).events[event["id"]] = event
    place.clock.forward(hours=2)
    twice = metric in (Metric.REPLIES, Metric.QUOTES)

    numbers = {one.metric: one.value for one in nostr(place).metrics(remote.id)}
    dated = nostr(place).reactions(remote.id, NOON)

    assert numbers == {one: (1 + twice) * (one == metric) for one in numbers}
    assert [(one.metric, one.at) for one in dated] == [(metric, at)] * ((1 + twice) if metric else 0)
    assert nostr(place).reactions(remote.id, at) == []


def test_deeds_dated_in_the_future_and_our_own_are_left_out(place: Case) -> None:
    remote = place.publish(Content("One", thread=("Two",)))
    own = signed(7, [["e", remote.id]], "+", secret=bytes.fromhex(SECRET), at=NOON)
    early = signed(7, [["e", remote.id]], "+", secret=READER, at=NOON + timedelta(days=1))
    relay(place).events |= {own["id"]: own, early["id"]: early}

    assert nostr(place).reactions(remote.id, NOON - timedelta(hours=1)) == []
    assert {one.metric: one.value for one in nostr(place).metrics(remote.id)}[Metric.REACTIONS] == 1


def test_all_pages_are_read_and_what_is_endless_is_no_number(
    place: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = place.publish()
    for number in range(90):
        at = NOON + timedelta(seconds=number // 3)
        event = signed(7, [["e", remote.id]], str(number), secret=READER, at=at)
        relay(place).events[event["id"]] = event
    relay(place).most = 20

    numbers = {one.metric: one.value for one in nostr(place).metrics(remote.id)}
    assert numbers[Metric.REACTIONS] == 90
    monkeypatch.setattr("publishers.nostr_relay._PAGES", 3)
    assert nostr(place).metrics(remote.id) == []


def test_followers_are_those_whose_lists_name_us(place: Case) -> None:
    for secret, owner in ((READER, AUTHOR.hex()), (OTHER, AUTHOR.hex()), (b"\4" * 32, "ab" * 32)):
        event = signed(3, [["p", owner]], "", secret=secret, at=NOON)
        relay(place).events[event["id"]] = event

    assert [(one.metric, one.value) for one in nostr(place).channel_metrics()] == [(Metric.FOLLOWERS, 2)]


def test_who_we_are_is_our_latest_name_or_our_key(place: Case) -> None:
    assert nostr(place).identify().name.startswith("npub1")
    for name, hours in (("Drums", 1), ("Drummers", 2), ("Older", 0)):
        content = f'{{"name": "{name}"}}'
        event = signed(0, [], content, secret=bytes.fromhex(SECRET), at=NOON + timedelta(hours=hours))
        relay(place).events[event["id"]] = event

    identity = nostr(place).identify()

    assert (identity.name, identity.remote_id) == ("Drummers", AUTHOR.hex())


def test_deleting_asks_for_all_parts_and_says_when_a_relay_keeps_one(place: Case) -> None:
    remote = place.publish(Content("One", thread=("Two", "Three")))
    nostr(place).delete(remote.id)
    nostr(place).delete(remote.id)
    assert notes(relay(place)) == []

    place.kept = Kept()
    remote = place.publish(Content("Four"))
    relay(place).forgets = False
    with pytest.raises(Rejected, match="keeps the note"):
        nostr(place).delete(remote.id)


def test_nonsense_from_a_relay_counts_for_nothing(place: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    remote = place.publish()
    good = signed(7, [["e", remote.id]], "+", secret=READER, at=NOON)
    bad: list[Mapping[str, Any]] = [
        {},
        {**good, "id": "1" * 64, "kind": "7"},
        {**good, "id": "2" * 64, "tags": [["e", 5]]},
        {**good, "id": "3" * 64, "tags": [[]]},
        {**good, "id": "4" * 64, "created_at": 2**60},
        {**good, "id": "5" * 64, "created_at": True},
        {**good, "id": "6" * 64, "content": None},
    ]
    monkeypatch.setattr(
        relay(place),
        "_wanted",
        lambda only: [good, *bad] if "#e" in only else list(relay(place).events.values()),
    )

    assert {one.metric: one.value for one in nostr(place).metrics(remote.id)}[Metric.REACTIONS] == 1


scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
words = st.sampled_from(["OK", "EVENT", "EOSE", "CLOSED", "NOTICE", "AUTH", "tabuh", ""])
messages = st.recursive(scalars | words, lambda inner: st.lists(inner | words, max_size=4), max_leaves=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(messages, max_size=4))
def test_whatever_a_relay_says_ends_in_words(said: list[Any]) -> None:
    place = case()
    relay(place).says = said
    publisher = nostr(place)
    payload = publisher.render(Content("One"), created_at=NOON)
    for call in (
        lambda: publisher.publish(payload, key=KEY, progress=place.kept),
        lambda: publisher.find_existing(payload, key=KEY, handle=None, since=NOON),
        lambda: publisher.metrics("ab" * 32),
        lambda: publisher.reactions("ab" * 32, NOON),
        lambda: publisher.delete("ab" * 32),
        publisher.channel_metrics,
        publisher.identify,
    ):
        with suppress(PublishError):
            call()
