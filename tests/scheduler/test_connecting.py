"""Walks to a platform's consent page and back, against a real server, also by people with bad intentions."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Engine, text
from sqlmodel import col, select

from domain.errors import NeedsReconnect, NotFound, NotSent, TabuhError, UsageError
from scheduler import access, applications
from scheduler.connecting import Choosing, Connected, Walker, answers, begin, choose, choosing, come_back
from scheduler.connecting import redirect_address as redirect
from scheduler.warnings import of_post
from store.changes import AUTOMATION, Actor
from store.channels import listed
from store.engine import reading, writing
from store.people import add_person
from store.tables import ChannelRow, Post
from tests.servers.flow_platform import platform_of
from tests.servers.oauth import OAuthServer, oauth_server
from tests.world import World, new_world

BACK = "http://127.0.0.1:8420/connect/callback"


@dataclass
class Scene:
    """A world, a server, and the walker."""

    world: World
    server: OAuthServer
    walker: Walker

    def begin(self, **told: Any) -> str:
        begun = begin(
            self.world.context,
            self.walker,
            **{"platform": "drumhub", "redirect_uri": BACK, "name": "Drums", **told},
        )
        return begun.address

    def consent(self, address: str, *, allow: bool = True) -> dict[str, str]:
        return answers(self.server.consent(address, allow=allow))

    def walk(self, **told: Any) -> Connected | Choosing:
        return come_back(self.world.context, self.walker, self.consent(self.begin(**told)))

    def channels(self) -> dict[str, ChannelRow]:
        with reading(self.world.engine) as session:
            rows = listed(session, self.world.workspace.id)
        return {row.name: row for row in rows if row.platform == "drumhub"}


@pytest.fixture
def scene(engine: Engine) -> Iterator[Scene]:
    with oauth_server(redirect_uris={BACK}) as server:
        kind = platform_of(server)
        world = new_world(engine, adapters={"drumhub": kind})
        with writing(engine) as session:
            person = add_person(session, "Ana", now=world.clock.now)
            session.commit()
        applications.set_application(
            world.context, "drumhub", application_id=server.client_id, secret=server.client_secret,
            actor=AUTOMATION,
        )  # fmt: skip
        yield Scene(world, server, Walker(Actor("person", person.id), world.workspace.id, "session a"))


def test_a_walk_ends_with_a_channel_that_works(scene: Scene) -> None:
    ended = scene.walk()

    assert isinstance(ended, Connected)
    channel = scene.channels()["Drums"]
    assert channel.remote_name == "Drum School"
    assert channel.state == "active"
    publisher = scene.world.context.publisher(channel)
    assert publisher.identify() is not None
    assert publisher.application is not None


def test_one_target_is_taken_and_several_are_offered(scene: Scene) -> None:
    scene.server.targets = [{"id": "p1", "name": "Snare"}]
    scene.walk(name="")
    assert scene.channels()["Snare"].settings["page_id"] == "p1"

    scene.server.targets = [{"id": "p1", "name": "Snare"}, {"id": "p2", "name": "Timpani"}]
    offered = scene.walk(name="")
    assert isinstance(offered, Choosing)
    assert offered.names == ["Snare", "Timpani"]
    assert choosing(scene.world.context, scene.walker, offered.id) == offered
    chosen = choose(scene.world.context, scene.walker, offered.id, 1)
    assert chosen.channel.settings["page_id"] == "p2"
    assert set(scene.channels()) == {"Snare", "Timpani"}
    with pytest.raises(NotFound):
        choose(scene.world.context, scene.walker, offered.id, 0)


def test_a_choice_belongs_to_who_walked_and_ends(scene: Scene) -> None:
    scene.server.targets = [{"id": "p1", "name": "Snare"}, {"id": "p2", "name": "Timpani"}]
    offered = scene.walk(name="")
    assert isinstance(offered, Choosing)
    with pytest.raises(NotFound):
        choose(scene.world.context, replace(scene.walker, session_hash="session b"), offered.id, 0)
    with pytest.raises(UsageError, match="Choose one"):
        choose(scene.world.context, scene.walker, offered.id, 7)

    scene.world.clock.forward(minutes=11)
    with pytest.raises(NotFound):
        choose(scene.world.context, scene.walker, offered.id, 0)
    assert scene.channels() == {}


@pytest.mark.parametrize(
    "change",
    [
        {"session_hash": "session b"},
        {"session_hash": None},
        {"actor": Actor("person", None)},
        {"workspace_id": 1},
    ],
)
def test_a_state_is_no_good_to_anybody_else_and_stays_good(scene: Scene, change: dict[str, Any]) -> None:
    told = scene.consent(scene.begin())

    with pytest.raises(UsageError, match="was not begun here"):
        come_back(scene.world.context, replace(scene.walker, **change), told)

    assert isinstance(come_back(scene.world.context, scene.walker, told), Connected)


@pytest.mark.parametrize("state", ["", "x", "' OR 1=1 --", "\x00"])
def test_a_made_up_state_is_refused(scene: Scene, state: str) -> None:
    told = scene.consent(scene.begin())

    with pytest.raises(UsageError, match="was not begun here"):
        come_back(scene.world.context, scene.walker, {**told, "state": state})
    assert scene.server.asked == []


def test_a_state_works_once_even_at_once(scene: Scene) -> None:
    told = scene.consent(scene.begin())
    ended: list[object] = []
    together = threading.Barrier(4)

    def back() -> None:
        together.wait()
        try:
            ended.append(come_back(scene.world.context, scene.walker, told))
        except UsageError as error:
            ended.append(error)

    threads = [threading.Thread(target=back) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(one, Connected) for one in ended) == 1
    assert len(scene.server.asked) == 1
    assert len(scene.channels()) == 1


def test_a_state_ends_after_ten_minutes(scene: Scene) -> None:
    told = scene.consent(scene.begin())
    scene.world.clock.forward(minutes=10)

    with pytest.raises(UsageError, match="has ended"):
        come_back(scene.world.context, scene.walker, told)


def test_a_person_who_says_no_is_understood(scene: Scene) -> None:
    told = scene.consent(scene.begin(), allow=False)

    with pytest.raises(UsageError, match="was not allowed to give access"):
        come_back(scene.world.context, scene.walker, told)
    with pytest.raises(UsageError, match="was not begun here"):
        come_back(scene.world.context, scene.walker, told)
    assert scene.server.asked == []


def test_what_a_platform_says_is_shown_as_plain_words(scene: Scene) -> None:
    state = parse_qs(urlsplit(scene.begin()).query)["state"][0]
    said = "<b>bad</b>\x1b[31m\n" + "x" * 5000

    with pytest.raises(UsageError) as caught:
        come_back(
            scene.world.context,
            scene.walker,
            {"state": state, "error": "server_error", "error_description": said},
        )

    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


def test_a_code_of_somebody_elses_walk_is_refused(scene: Scene) -> None:
    """Code injection: the proof key binds the code to the walk that it was made for."""
    theirs = scene.consent(scene.begin(name="Theirs"))
    mine = scene.consent(scene.begin(name="Mine"))

    with pytest.raises(NeedsReconnect):
        come_back(scene.world.context, scene.walker, {**mine, "code": theirs["code"]})
    assert scene.channels() == {}


def test_a_platform_that_fails_leaves_nothing_behind(scene: Scene) -> None:
    told = scene.consent(scene.begin())
    scene.server.faults.append(503)

    with pytest.raises(NotSent, match="Begin again"):
        come_back(scene.world.context, scene.walker, told)
    assert scene.channels() == {}


def test_no_secret_is_stored_in_the_clear_or_told(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    address = scene.begin()
    state = parse_qs(urlsplit(address).query)["state"][0]
    told = scene.consent(address)
    errors = []
    for tries in (told, told, {**told, "state": "wrong"}):
        try:
            come_back(scene.world.context, scene.walker, tries)
        except TabuhError as error:
            errors.append(str(error))
    with scene.world.engine.connect() as connection:
        stored = "".join(
            str(connection.execute(text(f"SELECT * FROM {table}")).all())
            for table in ("connecting", "channel", "change", "installation")
        )
    shown = (
        stored
        + "".join(errors)
        + "".join(record.getMessage() for record in caplog.records if record.name != "httpx")
    )

    assert len(errors) == 2
    for secret in (state, told["code"], *scene.server.secrets):
        assert secret not in shown
    assert '"credentials"' not in stored


def test_without_an_application_the_way_to_set_it_is_told(scene: Scene) -> None:
    applications.unset_application(scene.world.context, "drumhub", actor=AUTOMATION)

    with pytest.raises(UsageError, match="tabuh platform set drumhub"):
        scene.begin()


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"name": "Page"}, "already"),
        ({"zone_name": "Mars/Base"}, "Mars/Base"),
        ({"settings": {"nonsense": "1"}}, "nonsense"),
        ({"platform": "page"}, "no page of its own for consent"),
        ({"schedule": "noon"}, "noon"),
    ],
)
def test_what_is_wrong_is_said_before_the_walk(scene: Scene, told: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        scene.begin(**told)


def test_a_channel_is_connected_again_for_the_same_target_only(scene: Scene) -> None:
    scene.server.targets = [{"id": "p1", "name": "Snare"}]
    scene.walk(name="")
    channel = scene.channels()["Snare"]
    with writing(scene.world.engine) as session:
        row = session.get_one(ChannelRow, channel.id)
        row.state, row.state_reason = "needs_reconnect", "gone"
        session.add(row)
        session.commit()

    scene.server.targets = [{"id": "p2", "name": "Timpani"}]
    with pytest.raises(UsageError, match="Timpani"):
        scene.walk(channel=channel)
    assert scene.channels()["Snare"].state == "needs_reconnect"

    scene.server.targets = [{"id": "p2", "name": "Timpani"}, {"id": "p1", "name": "Snare"}]
    again = scene.walk(channel=channel)
    assert isinstance(again, Connected)
    assert again.again
    assert scene.channels()["Snare"].state == "active"
    assert len(scene.channels()) == 1


def test_the_end_of_access_is_foretold_with_the_posts_that_it_costs(scene: Scene) -> None:
    scene.server.refresh_expires_in = 20 * 86400
    scene.walk()
    channel = scene.channels()["Drums"]
    world, now = replace(scene.world, channel=channel), scene.world.clock.now
    for days in (19, 21, 25):
        world.queue(at=now + timedelta(days=days))

    def endings() -> list[access.Ending]:
        with reading(world.engine) as session:
            return list(access.endings(session, world.workspace.id, now=world.clock.now))

    assert endings() == []
    with reading(world.engine) as session:
        rows = session.scalars(select(Post).order_by(col(Post.planned_at))).all()
        warned = [[one.key for one in of_post(session, channel, post, now=now)] for post in rows]
    assert [("access" in keys) for keys in warned] == [False, True, True]
    world.clock.forward(days=7)
    [one] = endings()
    assert (one.channel.name, one.posts, one.first_at) == ("Drums", 2, now + timedelta(days=21))
    assert one.ends_at == now + timedelta(days=20)


@pytest.mark.parametrize(
    ("public", "private", "address"),
    [
        ("https://post.example.org", "https://post.example.org", "https://post.example.org/connect/callback"),
        ("https://post.example.org", "http://127.0.0.1:8420", "https://post.example.org/connect/callback"),
        ("http://127.0.0.1:8420", "http://127.0.0.1:8420", "http://127.0.0.1:8420/connect/callback"),
        ("https://tabuh.lan", "https://inside.lan", "https://inside.lan/connect/callback"),
    ],
)
def test_the_address_to_register_is_the_secure_public_one(public: str, private: str, address: str) -> None:
    assert redirect(public_url=public, private_url=private) == address
