"""Whatever happens to a post that needs an approval, nothing goes out that nobody approved."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine
from sqlmodel import Session

from domain.content import Card, Content, DeliveryClass, Payload, content_from, content_json
from domain.errors import TabuhError
from domain.post import PostState
from publishers.base import Publisher
from scheduler import approving, posts
from scheduler.approving import Decision, Verdict
from scheduler.publishing import payload_hash
from scheduler.worker import PublishingWorker
from store.changes import Actor
from store.engine import reading, writing
from store.tables import ChannelRow, Post
from tests.fakes import FakePlatform, Fate
from tests.world import World, emptied, new_world

PERSON = Actor("person")
STEPS = (
    "approve", "look", "decide", "reject", "edit", "image", "channel", "template", "move", "retry", "skip",
    "ask", "hour", "publish", "publish",
)  # fmt: skip


class Story:
    """One post that needs an approval, and what people, adapters and time do to it."""

    def __init__(self, engine: Engine, fates: list[Fate]) -> None:
        self.platform = FakePlatform(DeliveryClass.LIST_AND_MATCH, fates=fates)
        self.version = 0
        story = self

        class Rendering(self.platform.adapter):  # type: ignore[misc, name-defined]
            """What is sent also depends on the channel and on the release."""

            def render(self, content: Content, *, created_at: datetime) -> Payload:
                made: Payload = super().render(content, created_at=created_at)
                card = content.card
                return {**made, "release": story.version, "image": card.image_url if card else None,
                        "channel": self.channel.name}  # fmt: skip

        kind: type[Publisher] = Rendering
        self.world: World = new_world(emptied(engine), platform="fake", adapters={"fake": kind})
        self.context = self.world.context
        self.workspace = self.world.workspace.id
        self.post = posts.compose(
            self.context, self.workspace, self.world.channel.id, Content("first"), when="draft", actor=PERSON
        )
        self.token = ""
        self.seen = ""
        self.approved: set[str] = set()
        self.number = 0
        self.ask()

    def ask(self) -> None:
        _, address = approving.make_link(
            self.context, self.workspace, [self.post.id], name="R", lasts=timedelta(days=90), actor=PERSON
        )
        self.token = address.rpartition("/")[2]

    def row(self) -> Post:
        return self.world.reread(self.post)

    def shown(self) -> str:
        with reading(self.context.engine) as session:
            link = approving.open_link(session, self.token, now=self.world.clock.now)
            [one] = approving.reviewed(self.context, session, link)
        return one.sent_hash or ""

    def approve(self) -> None:
        would_send = self.shown()
        posts.approve(self.context, self.workspace, self.post.id, actor=PERSON)
        self.approved.add(would_send)

    def look(self) -> None:
        self.seen = self.shown()

    def decide(self) -> None:
        verdict = Verdict(Decision.APPROVED, self.seen)
        approving.decide(self.context, self.token, {self.post.id: verdict}, reviewer="R")
        self.approved.add(self.seen)

    def reject(self) -> None:
        verdict = Verdict(Decision.REJECTED, self.seen)
        approving.decide(self.context, self.token, {self.post.id: verdict}, reviewer="R")

    def edit(self) -> None:
        self.number += 1
        posts.edit(self.context, self.workspace, self.post.id, text=f"text {self.number}", actor=PERSON)

    def image(self) -> None:
        """Another hand changes what goes with it, past every command."""
        self.number += 1
        with writing(self.context.engine) as session:
            row = session.get_one(Post, self.post.id)
            if row.payload is None:
                card = Card(image_url=f"https://example.org/{self.number}.jpg")
                row.content = content_json(replace(content_from(row.content), card=card))
            session.commit()

    def channel(self) -> None:
        self.number += 1
        with writing(self.context.engine) as session:
            session.get_one(ChannelRow, self.world.channel.id).name = f"Channel {self.number}"
            session.commit()

    def template(self) -> None:
        """A new release renders otherwise."""
        self.version += 1

    def move(self) -> None:
        when = f"{self.world.clock.now + timedelta(hours=1):%Y-%m-%d %H:%M} UTC"
        posts.move(self.context, self.workspace, self.post.id, when=when, actor=PERSON)

    def retry(self) -> None:
        posts.retry(self.context, self.workspace, self.post.id, actor=PERSON)

    def skip(self) -> None:
        posts.skip(self.context, self.workspace, self.post.id, reason="", actor=PERSON)

    def hour(self) -> None:
        self.world.clock.forward(hours=1)

    def publish(self) -> None:
        self.world.clock.forward(minutes=61)
        PublishingWorker(self.context, width=1).run_until_idle()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    fates=st.lists(st.sampled_from([Fate.OK, Fate.NOT_SENT, Fate.LOST_ANSWER, Fate.REJECTED]), max_size=3),
    steps=st.lists(st.sampled_from(STEPS), min_size=4, max_size=25),
)
def test_only_what_somebody_approved_goes_out(
    shared_engine: Engine, fates: list[Fate], steps: list[str]
) -> None:
    story = Story(shared_engine, fates)

    for step in ("look", *steps, "publish", "publish"):
        with suppress(TabuhError):
            getattr(story, step)()

    row = story.row()
    if row.payload is not None and row.tries:
        assert payload_hash(row.payload) in story.approved
    if not story.approved:
        assert row.state != PostState.PUBLISHED
        assert story.platform.copies() == 0
    with Session(story.context.engine) as session:
        assert session.get_one(Post, story.post.id).needs_approval


@pytest.mark.parametrize("change", ["edit", "image", "channel", "template"])
def test_each_change_after_an_approval_holds_the_post_and_nothing_else_does(
    shared_engine: Engine, change: str
) -> None:
    held = Story(shared_engine, [])
    for step in ("look", "decide", change, "publish"):
        getattr(held, step)()
    assert held.row().state == PostState.AWAITING_APPROVAL
    assert held.platform.copies() == 0

    sent = Story(shared_engine, [])
    for step in ("look", "decide", "move", "publish"):
        getattr(sent, step)()
    assert sent.row().state == PostState.PUBLISHED
