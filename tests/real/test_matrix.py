"""The Matrix adapter against a real Synapse: what it stores and refuses, and what a cut answer leaves."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from pydantic import SecretStr

from domain.clock import system_clock
from domain.content import Channel, Content, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.metrics import Metric
from net.client import make_client
from publishers.matrix_session import MatrixCredentials
from publishers.matrix_text import MAX_EVENT
from publishers.platforms.matrix import Matrix
from tests.pictures import Folder, picture
from tests.publishers.case import Kept
from tests.servers.faultproxy import CutAnswer, FaultProxy, LoseRequest, Refuse
from tests.servers.synapse import MatrixUser, Synapse

pytestmark = pytest.mark.real

KEY, OTHER_KEY = "0f" * 16, "a1" * 16
LINK = "https://news.example/drums?utm_source=tabuh&n=1"


@pytest.fixture(scope="module")
def synapse() -> Iterator[Synapse]:
    with Synapse() as server:
        yield server


@pytest.fixture
def http_client() -> Iterator[httpx.Client]:
    with make_client(allowed_networks=("127.0.0.0/8",), timeout=5) as client:
        yield client


@dataclass
class Room:
    """A room with an owner, who acts past the adapter, and the bot in it."""

    id: str
    alias: str
    owner: httpx.Client
    bot: MatrixUser

    def messages(self) -> list[dict[str, Any]]:
        """The bot's messages, oldest first; redacted ones and edits are none."""
        answer = self.owner.get(f"rooms/{self.id}/messages", params={"dir": "f", "limit": 500}).json()
        return [
            one
            for one in answer["chunk"]
            if one["type"] == "m.room.message"
            and one["sender"] == self.bot.id
            and one["content"]
            and "m.new_content" not in one["content"]
        ]


@pytest.fixture
def room(synapse: Synapse) -> Iterator[Room]:
    yield from _room(synapse)


def _room(synapse: Synapse, **options: Any) -> Iterator[Room]:
    bot = synapse.create_user()
    with synapse.client(synapse.create_user()) as owner:
        name = f"room-{bot.name}"
        made = owner.post("createRoom", json={"preset": "public_chat", "room_alias_name": name, **options})
        yield Room(made.raise_for_status().json()["room_id"], f"#{name}:localhost", owner, bot)


@pytest.fixture
def publisher(synapse: Synapse, room: Room, http_client: httpx.Client) -> Matrix:
    return connected(synapse.url, room, http_client)


def connected(url: str, room: Room, client: httpx.Client) -> Matrix:
    """A publisher as a connected channel has it: signed in, in the room, its limits learned."""
    given = MatrixCredentials(user=room.bot.id, password=SecretStr(room.bot.password))
    channel = Channel(1, "matrix", "Drums", "drums", {"server": url, "room": room.alias})
    fresh = Matrix(channel, client, credentials=given, clock=system_clock).refresh()
    assert fresh is not None
    first = Matrix(channel, client, credentials=fresh, clock=system_clock)
    learned = first.enrich()
    assert learned is not None
    told = Channel(1, "matrix", "Drums", "drums", learned.model_dump(mode="json"))
    return Matrix(told, client, credentials=fresh, clock=system_clock)


def publish(publisher: Matrix, content: Content, key: str = KEY, kept: Kept | None = None) -> RemotePost:
    payload = publisher.render(content, created_at=system_clock())
    return publisher.publish(payload, key=key, progress=kept or Kept())


def test_connecting_enters_the_room_and_learns_what_the_server_takes(room: Room, publisher: Matrix) -> None:
    identity = publisher.identify()

    assert (identity.remote_id, identity.name) == (room.bot.id, f"{room.bot.id} in {room.alias}")
    assert (publisher.settings.room_id, publisher.settings.max_upload) == (room.id, 50 * 2**20)
    assert [(one.metric, one.value) for one in publisher.channel_metrics()] == [(Metric.FOLLOWERS, 1)]


def test_a_text_with_link_mention_and_picture_is_stored_as_meant(
    synapse: Synapse, room: Room, publisher: Matrix
) -> None:
    folder = Folder(picture(300, 200))
    publisher.files = folder
    text = f"Genderang <3 & {room.bot.id}\nat dawn"

    remote = publish(publisher, Content(text, LINK, media=folder.attachments("Seven stalls")))

    message, shown = room.messages()
    content, photo = message["content"], shown["content"]
    escaped = LINK.replace("&", "&amp;")
    assert remote.id == message["event_id"]
    assert remote.url == f"https://matrix.to/#/{room.id}/{remote.id}?via=localhost"
    assert content["body"] == f"{text}\n\n{LINK}"
    assert f'<a href="{escaped}">{escaped}</a>' in content["formatted_body"]
    assert content["formatted_body"].startswith("Genderang &lt;3 &amp; <a href=")
    assert content["m.mentions"] == {"user_ids": [room.bot.id]}
    assert (photo["msgtype"], photo["body"], photo["filename"]) == (
        "m.image",
        "Seven stalls",
        "picture-1.jpeg",
    )
    assert (photo["info"]["w"], photo["info"]["h"], photo["info"]["mimetype"]) == (300, 200, "image/jpeg")
    where = photo["url"].removeprefix("mxc://")
    stored = room.owner.get(f"{synapse.url}/_matrix/client/v1/media/download/{where}")
    assert len(stored.content) == photo["info"]["size"]


def test_a_thread_hangs_below_its_first_part(room: Room, publisher: Matrix) -> None:
    remote = publish(publisher, Content("One", thread=("Two", "Three")))

    first, second, third = room.messages()
    assert remote.id == first["event_id"]
    assert second["content"]["m.relates_to"] == {
        "rel_type": "m.thread",
        "event_id": first["event_id"],
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": first["event_id"]},
    }
    assert third["content"]["m.relates_to"]["m.in_reply_to"] == {"event_id": second["event_id"]}
    assert {one.metric: one.value for one in publisher.metrics(remote.id)}[Metric.REPLIES] == 0


def test_a_cut_answer_leaves_one_message_however_often_it_is_sent_again(
    synapse: Synapse, room: Room, http_client: httpx.Client
) -> None:
    address = urlsplit(synapse.url)
    with FaultProxy(str(address.hostname), int(address.port or 0)) as proxy:
        publisher, kept = connected(proxy.url, room, http_client), Kept()
        payload = publisher.render(Content("Drums", LINK), created_at=system_clock())
        publisher.identify()  # what is asked once is asked before the answer is lost
        publisher._room.refuse_encryption()
        began = system_clock()
        _lose_the_answer_of_the_message(publisher, proxy, payload, kept)

        found = publisher.find_existing(payload, key=KEY, handle=kept.handle, since=began)
        again = [publisher.publish(payload, key=KEY, progress=kept) for _ in range(2)]
        # Signed in anew as another device, the server has forgotten the transaction id.
        stranger = connected(proxy.url, room, http_client)
        again.append(stranger.publish(payload, key=KEY, progress=kept))

    [stored] = room.messages()
    assert found is not None
    assert {found, *again} == {found}
    assert found.id == stored["event_id"]


def _lose_the_answer_of_the_message(
    publisher: Matrix, proxy: FaultProxy, payload: dict[str, Any], kept: Kept
) -> None:
    """The server takes the message, and its answer is cut."""

    class Cutting(Kept):
        """Cuts answers from the moment at which the adapter is about to send."""

        def save(self, handle: Any) -> None:
            kept.save(handle)
            proxy.fault = CutAnswer()

    with pytest.raises(OutcomeUnknown):
        publisher.publish(payload, key=KEY, progress=Cutting())
    assert proxy.struck == 1
    proxy.fault = None


def test_a_lost_request_leaves_nothing_and_the_look_says_so(
    synapse: Synapse, room: Room, http_client: httpx.Client
) -> None:
    address = urlsplit(synapse.url)
    with (
        FaultProxy(str(address.hostname), int(address.port or 0)) as proxy,
        make_client(allowed_networks=("127.0.0.0/8",), timeout=0.5) as impatient,
    ):
        known = connected(proxy.url, room, http_client)
        hasty = Matrix(known.channel, impatient, credentials=known.credentials, clock=system_clock)
        payload = hasty.render(Content("Drums"), created_at=system_clock())
        for fault in (Refuse(), LoseRequest()):
            proxy.fault = fault
            with pytest.raises(NotSent):
                hasty.publish(payload, key=KEY, progress=Kept())
        proxy.fault = None

        assert hasty.find_existing(payload, key=KEY, handle=None, since=system_clock()) is None
        hasty.publish(payload, key=KEY, progress=Kept())
    assert len(room.messages()) == 1


def test_reactions_and_replies_are_counted_back_with_their_times(
    synapse: Synapse, room: Room, publisher: Matrix
) -> None:
    remote, before = publish(publisher, Content("Drums")), system_clock() - timedelta(seconds=2)
    with synapse.client(synapse.create_user()) as reader:
        reader.post(f"join/{room.alias.replace('#', '%23')}", json={}).raise_for_status()
        _react(room.owner, room, remote.id, "👍")
        taken_back = _react(reader, room, remote.id, "👍")
        _react(reader, room, remote.id, "❤️")
        reader.put(f"rooms/{room.id}/redact/{taken_back}/t1", json={}).raise_for_status()
        thread = {"rel_type": "m.thread", "event_id": remote.id}
        reply = {"msgtype": "m.text", "body": "Loud!", "m.relates_to": thread}
        reader.put(f"rooms/{room.id}/send/m.room.message/t2", json=reply).raise_for_status()

    numbers = {one.metric: one.value for one in publisher.metrics(remote.id)}
    dated = publisher.reactions(remote.id, before)
    followers = publisher.channel_metrics()[0].value

    assert numbers == {Metric.REACTIONS: 2, Metric.REPLIES: 1}
    assert sorted(one.metric for one in dated) == [Metric.REACTIONS, Metric.REACTIONS, Metric.REPLIES]
    assert len({one.key for one in dated}) == 3
    assert all(before < one.at <= system_clock() for one in dated)
    assert publisher.reactions(remote.id, system_clock()) == []
    assert followers == 2


def _react(client: httpx.Client, room: Room, event_id: str, sign: str) -> str:
    content = {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": sign}}
    sent = client.put(f"rooms/{room.id}/send/m.reaction/{sign.encode().hex()}", json=content)
    event: str = sent.raise_for_status().json()["event_id"]
    return event


def test_texts_are_changed_in_their_place_and_back_again(
    synapse: Synapse, room: Room, publisher: Matrix
) -> None:
    remote = publish(publisher, Content("One", thread=("Two",)))

    for text in ("Uno", "Eins", "Uno", "Uno"):
        publisher.edit(remote.id, publisher.render(Content(text, thread=("Two",)), created_at=system_clock()))

    event = room.owner.get(f"rooms/{room.id}/event/{remote.id}").json()
    latest = event["unsigned"]["m.relations"]["m.replace"]
    relations = f"{synapse.url}/_matrix/client/v1/rooms/{room.id}/relations/{remote.id}/m.replace"
    listed = room.owner.get(relations).json()
    assert latest["content"]["m.new_content"]["body"] == "Uno"
    assert len(listed["chunk"]) == 3
    with pytest.raises(Rejected, match="none can be added"):
        publisher.edit(remote.id, publisher.render(Content("One"), created_at=system_clock()))


def test_deleting_takes_all_its_parts_away_and_the_post_counts_as_gone(room: Room, publisher: Matrix) -> None:
    folder = Folder(picture(60, 40))
    publisher.files = folder
    remote = publish(publisher, Content("One", media=folder.attachments("Stalls"), thread=("Two",)))
    assert len(room.messages()) == 3

    publisher.delete(remote.id)
    publisher.delete(remote.id)

    assert room.messages() == []
    with pytest.raises(PostGone):
        publisher.metrics(remote.id)
    with pytest.raises(PostGone):
        publisher.metrics("$never-was-there")


@pytest.mark.parametrize("text", ["drum " * 20_000, "🥁" * 30_000, '"\\\n' * 30_000, "鼓" * 40_000])
def test_a_text_of_any_length_is_taken(room: Room, publisher: Matrix, text: str) -> None:
    publish(publisher, Content(text, LINK))

    [stored] = room.messages()
    assert stored["content"]["body"].endswith(f"…\n\n{LINK}")


def test_what_is_larger_than_an_event_is_refused_in_words(publisher: Matrix) -> None:
    payload = {"text": {"msgtype": "m.text", "body": "x" * MAX_EVENT}}

    with pytest.raises(Rejected, match="Make it smaller"):
        publisher.publish(payload, key=KEY, progress=Kept())


def test_an_encrypted_room_is_refused_when_it_is_connected_and_later(
    synapse: Synapse, room: Room, publisher: Matrix, http_client: httpx.Client
) -> None:
    state = {"algorithm": "m.megolm.v1.aes-sha2"}
    room.owner.put(f"rooms/{room.id}/state/m.room.encryption", json=state).raise_for_status()

    with pytest.raises(Rejected, match="is encrypted"):
        publish(publisher, Content("Drums"))
    with pytest.raises(Rejected, match="is encrypted"):
        connected(synapse.url, room, http_client)
    assert room.messages() == []


def test_who_is_sent_away_or_may_not_speak_is_told_what_to_do(room: Room, publisher: Matrix) -> None:
    levels = room.owner.get(f"rooms/{room.id}/state/m.room.power_levels").json()
    room.owner.put(
        f"rooms/{room.id}/state/m.room.power_levels", json={**levels, "events_default": 50}
    ).raise_for_status()
    with pytest.raises(NeedsReconnect, match="the right to send"):
        publish(publisher, Content("Drums"))

    room.owner.post(f"rooms/{room.id}/ban", json={"user_id": room.bot.id}).raise_for_status()
    with pytest.raises(NeedsReconnect, match="403"):
        publish(publisher, Content("Drums"))


def test_a_session_is_renewed_before_it_ends_and_when_it_was_ended(
    synapse: Synapse, room: Room, publisher: Matrix, http_client: httpx.Client
) -> None:
    old = publisher.credentials
    assert isinstance(old, MatrixCredentials)
    assert old.refresh_token is not None
    assert old.expires_at is not None
    ends = old.expires_at
    later = Matrix(publisher.channel, http_client, credentials=old, clock=lambda: ends - timedelta(minutes=1))
    assert later.needs_refresh()
    fresh = later.refresh()
    assert fresh is not None
    assert fresh.access_token is not None
    assert (fresh.device_id, fresh.refresh_token != old.refresh_token) == (old.device_id, True)
    renewed = Matrix(publisher.channel, http_client, credentials=fresh, clock=system_clock)
    publish(renewed, Content("Drums"))

    bearer = {"Authorization": f"Bearer {fresh.access_token.get_secret_value()}"}
    httpx.post(f"{synapse.url}/_matrix/client/v3/logout", headers=bearer, json={}).raise_for_status()
    with pytest.raises(NeedsReconnect, match="no longer takes the access token"):
        renewed.identify()
    assert renewed.renewable()
    again = renewed.refresh()  # by the password, on the same device

    assert again is not None
    assert again.device_id == old.device_id
    assert renewed.identify().remote_id == room.bot.id
    assert len(room.messages()) == 1


def test_a_token_alone_that_is_no_longer_good_asks_for_a_new_one(
    publisher: Matrix, http_client: httpx.Client
) -> None:
    token = MatrixCredentials(access_token=SecretStr("syt_never_was_good"))
    stranger = Matrix(publisher.channel, http_client, credentials=token, clock=system_clock)

    with pytest.raises(NeedsReconnect, match="no longer takes the access token"):
        stranger.identify()


def test_a_wrong_password_and_an_unknown_room_are_said_in_words(
    synapse: Synapse, room: Room, http_client: httpx.Client
) -> None:
    wrong = Room(room.id, room.alias, room.owner, room.bot._replace(password="wrong"))
    with pytest.raises(NeedsReconnect, match="refuses the user or the password"):
        connected(synapse.url, wrong, http_client)
    with pytest.raises(Rejected, match="knows no room #nowhere:localhost"):
        connected(synapse.url, replace(room, alias="#nowhere:localhost"), http_client)


def test_a_server_that_asks_to_wait_says_how_long(http_client: httpx.Client) -> None:
    with Synapse(rc_message={"per_second": 0.1, "burst_count": 2}) as strict:
        for room in _room(strict):
            publisher = connected(strict.url, room, http_client)
            with pytest.raises(RateLimited) as caught:
                publish(publisher, Content("One", thread=("Two", "Three", "Four")))

            assert timedelta(0) < caught.value.retry_after <= timedelta(seconds=60)
            assert 0 < len(room.messages()) < 4
