"""The link of a post that a person writes becomes one of ours, where strangers can open those."""

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.content import Content
from scheduler import posts
from scheduler.worker import PublishingWorker
from store.changes import Actor
from store.engine import reading
from store.tables import Link, Post
from tests.fakes import FakePlatform
from tests.world import World, new_world

PERSON = Actor("person")
TARGET = "https://blog.example.org/a?b=1#c"


def written(world: World, text: str, link: str | None) -> Post:
    post = posts.compose(
        world.context,
        world.workspace.id,
        world.channel.id,
        Content(text, link=link),
        when="now",
        actor=PERSON,
    )
    PublishingWorker(world.context, width=1).run_until_idle()
    return world.reread(post)


def links_in(world: World) -> list[Link]:
    with reading(world.engine) as session:
        return list(session.scalars(select(Link)))


def test_at_a_public_address_a_link_is_ours_and_its_clicks_are_the_posts(engine: Engine) -> None:
    platform = FakePlatform()
    world = new_world(
        engine, platform="fake", adapters={"fake": platform.adapter}, public_url="https://post.example.org"
    )

    post = written(world, f"Read {TARGET}, please.", TARGET)

    [link] = links_in(world)
    short = f"https://post.example.org/l/{link.code}"
    assert (link.target, link.post_id) == (TARGET, post.id)
    assert post.content["text"] == f"Read {short}, please."
    assert platform.posts[0].payload["link"] == short


@pytest.mark.parametrize(
    ("public_url", "link"), [("http://127.0.0.1:8420", TARGET), ("https://post.example.org", None)]
)
def test_what_strangers_could_not_open_stays_as_it_is(
    engine: Engine, public_url: str, link: str | None
) -> None:
    platform = FakePlatform()
    world = new_world(engine, platform="fake", adapters={"fake": platform.adapter}, public_url=public_url)

    written(world, f"Read {TARGET}.", link)

    assert links_in(world) == []
    assert platform.posts[0].payload["text"] == f"Read {TARGET}."
    assert platform.posts[0].payload["link"] == link
