"""What people do with posts that are out: taken down or changed there, once, and written down."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.content import Capabilities, Content, DeliveryClass, Payload, RemotePost, content_json
from domain.errors import IllegalMove, OutcomeUnknown, PostGone, PublishError, RateLimited, UsageError
from domain.metrics import Metric
from publishers.base import Measured, Progress, Publisher, TextThere
from publishers.parts import Part, Sent, parts, send_parts
from scheduler import remote
from scheduler.measuring import measure
from scheduler.worker import PublishingWorker
from store.changes import Actor, changes_of
from store.due import claim_due
from store.engine import reading, writing
from store.tables import Attempt as AttemptRow
from store.tables import ChangedText, ChannelRow, Measurement, Post
from tests.world import World, new_world

PERSON = Actor("person")


class Wall(Publisher):
    """A platform that is a dictionary; each test has its own."""

    platform = "wall"
    title = "Wall"
    capabilities = Capabilities(
        DeliveryClass.NATIVE_KEY,
        max_thread=5,
        can_delete=True,
        can_edit=True,
        post_metrics=frozenset({Metric.REACTIONS}),
    )
    there: ClassVar[dict[str, str]]
    fails: ClassVar[list[PublishError]]
    asked_of: ClassVar[list[str]]

    def render(self, content: Content, *, created_at: Any) -> Payload:
        return {"text": content.text, "thread": list(content.thread)}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        def send(part: Part, before: Any) -> Sent:
            self.there[part.key] = part.body
            return Sent(part.key, None, self.clock())

        pieces = parts(key, payload["text"], payload["thread"])
        return send_parts(pieces, send, progress=progress, now=self.clock(), same_key=True)

    def delete(self, remote_id: str) -> None:
        self._called(f"delete {self.there.get(remote_id)}")
        self.there.pop(remote_id, None)

    def edit(self, remote_id: str, payload: Payload) -> None:
        self._called(f"edit {self.there.get(remote_id)}")
        if remote_id not in self.there:
            raise PostGone("The post is no longer on the wall.")
        self.there[remote_id] = payload["text"]

    def metrics(self, remote_id: str) -> list[Measured]:
        return [Measured(Metric.REACTIONS, 1, "likes")]

    def text_there(self, remote_id: str, payload: Payload) -> TextThere:
        sent, there = payload["text"], self.there[remote_id]
        return TextThere(sent, there, changed=sent != there)

    def _called(self, what: str) -> None:
        self.asked_of.append(what)
        if self.fails:
            raise self.fails.pop(0)


def out(engine: Engine, *thread: str) -> tuple[World, Post, type[Wall]]:
    """A world whose post, with this thread, has just gone out."""
    values: Mapping[str, Any] = {"there": {}, "fails": [], "asked_of": []}
    kind = type("OneWall", (Wall,), dict(values))
    world = new_world(engine, platform="wall", adapters={"wall": kind})
    post = world.queue("one", content=content_json(Content("one", thread=thread)))
    PublishingWorker(world.context).run_until_idle()
    return world, world.reread(post), kind


def attempts(world: World, post: Post) -> list[tuple[str | None, str | None]]:
    with Session(world.engine) as session:
        rows = session.exec(select(AttemptRow).where(AttemptRow.post_id == post.id).order_by("id"))
        return [(row.outcome, row.detail) for row in rows]


def told(world: World, post: Post) -> list[str]:
    with Session(world.engine) as session:
        return [change.what for change in changes_of(session, "post", post.id)]


def test_a_thread_is_taken_down_from_its_end_and_the_post_stays_as_deleted(engine: Engine) -> None:
    world, post, wall = out(engine, "two", "three")
    assert list(wall.there.values()) == ["one", "two", "three"]

    gone = remote.delete(world.context, world.workspace.id, post.id, actor=PERSON)

    assert wall.there == {}
    assert wall.asked_of == ["delete three", "delete two", "delete one"]
    assert gone.deleted_at == world.clock.now
    assert attempts(world, post) == [("published", None), ("deleted", "")]
    assert told(world, post) == ["deleted on the platform"]
    with pytest.raises(IllegalMove, match="not on its platform any more"):
        remote.delete(world.context, world.workspace.id, post.id, actor=PERSON)


def test_a_deletion_that_ends_unclear_is_written_down_and_can_be_said_again(engine: Engine) -> None:
    world, post, wall = out(engine)
    wall.fails.append(OutcomeUnknown("The wall did not answer."))

    with pytest.raises(OutcomeUnknown):
        remote.delete(world.context, world.workspace.id, post.id, actor=PERSON)

    assert world.reread(post).deleted_at is None
    assert attempts(world, post)[-1] == ("unknown", "The wall did not answer.")
    assert told(world, post) == []
    remote.delete(world.context, world.workspace.id, post.id, actor=PERSON)
    assert wall.there == {}


def test_a_text_is_changed_where_it_stands_with_those_parts_that_read_otherwise(engine: Engine) -> None:
    world, post, wall = out(engine, "two", "three")

    changed = remote.edit(
        world.context, world.workspace.id, post.id, text="uno", thread=["two", "tre"], actor=PERSON
    )

    assert list(wall.there.values()) == ["uno", "two", "tre"]
    assert wall.asked_of == ["edit one", "edit three"]
    assert (changed.content["text"], changed.payload["text"]) == ("uno", "uno")
    assert changed.edited_at == world.clock.now
    assert attempts(world, post)[-1] == ("edited", "")
    assert told(world, post) == ["edited on the platform"]
    with pytest.raises(UsageError, match="keeps its parts"):
        remote.edit(world.context, world.workspace.id, post.id, text="x", thread=["y"], actor=PERSON)
    with pytest.raises(UsageError, match="neither text nor link"):
        remote.edit(world.context, world.workspace.id, post.id, text=" ", actor=PERSON)


def test_a_post_that_turns_out_to_be_gone_is_noted(engine: Engine) -> None:
    world, post, wall = out(engine)
    wall.there.clear()

    with pytest.raises(PostGone):
        remote.edit(world.context, world.workspace.id, post.id, text="x", actor=PERSON)

    assert world.reread(post).deleted_at == world.clock.now


def test_a_platform_that_asks_for_a_wait_gets_it(engine: Engine) -> None:
    world, post, wall = out(engine)
    wall.fails.append(RateLimited("Wait.", retry_after=timedelta(minutes=3)))

    with pytest.raises(RateLimited):
        remote.delete(world.context, world.workspace.id, post.id, actor=PERSON)

    with Session(world.engine) as session:
        channel = session.get_one(ChannelRow, world.channel.id)
        assert channel.quiet_until == world.clock.now + timedelta(minutes=3)


def test_what_a_platform_cannot_do_is_refused_before_any_call(engine: Engine) -> None:
    world, post, wall = out(engine)
    wall.capabilities = replace(Wall.capabilities, can_delete=False, can_edit=False)
    waiting = world.queue("later", at=world.clock.now + timedelta(hours=1))

    with pytest.raises(IllegalMove, match="Wall lets nobody delete"):
        remote.delete(world.context, world.workspace.id, post.id, actor=PERSON)
    with pytest.raises(IllegalMove, match="Wall lets nobody change"):
        remote.edit(world.context, world.workspace.id, post.id, text="x", actor=PERSON)
    with pytest.raises(IllegalMove, match="Only a published post is on its platform; this one is queued"):
        remote.delete(world.context, world.workspace.id, waiting.id, actor=PERSON)
    assert wall.asked_of == []


def test_a_post_of_our_own_page_is_changed_and_taken_down_without_a_call(engine: Engine) -> None:
    world = new_world(engine, platform="page")
    post = world.queue("one")
    PublishingWorker(world.context).run_until_idle()

    changed = remote.edit(world.context, world.workspace.id, post.id, text="uno", actor=PERSON)
    gone = remote.delete(world.context, world.workspace.id, post.id, actor=PERSON)

    assert changed.payload["text"] == "uno"
    assert gone.deleted_at is not None


def test_a_text_that_was_changed_there_is_seen_when_it_is_measured(engine: Engine) -> None:
    world, post, wall = out(engine)

    def look() -> None:
        with writing(world.engine) as session:
            rows = claim_due(session, Measurement, now=world.clock.now, lease=timedelta(minutes=5), limit=9)
        for row in rows:
            measure(world.context, row)

    wall.there[next(iter(wall.there))] = "somebody else's words"
    world.clock.forward(minutes=15)
    look()
    assert world.reread(post).changed_there_at is None, "not compared at this age"
    seen = world.clock.forward(minutes=45)
    look()
    assert world.reread(post).changed_there_at == seen
    with reading(world.engine) as session:
        kept = session.exec(select(ChangedText)).one()
    assert (kept.post_id, kept.sent, kept.there) == (post.id, "one", "somebody else's words")
    wall.there[next(iter(wall.there))] = "and others\x00"
    again = world.clock.forward(hours=23)
    look()
    assert world.reread(post).changed_there_at == seen, "the first time stays"
    with reading(world.engine) as session:
        kept = session.exec(select(ChangedText)).one()
    assert (kept.there, kept.read_at) == ("and others", again)
    remote.edit(world.context, world.workspace.id, post.id, text="one", actor=PERSON)
    assert world.reread(post).changed_there_at is None
    with reading(world.engine) as session:
        assert session.exec(select(ChangedText)).all() == []
