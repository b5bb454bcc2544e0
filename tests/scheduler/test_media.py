"""Pictures of posts: kept once, whose they are, and sent as they were approved. On both databases."""

from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.content import Content, content_from
from domain.errors import NotFound, Rejected, UsageError
from domain.media import Attachment
from domain.post import PostState
from scheduler import media, posts
from scheduler.publishing import payload_hash
from scheduler.worker import PublishingWorker
from store import media as rows
from store.changes import Actor
from store.engine import reading, writing
from store.tables import Media, Post, PostMedia
from tests.pictures import located, picture
from tests.world import NOON, World, new_world

PERSON = Actor("person")


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return new_world(engine, data_dir=tmp_path)


def files_of(world: World, post: Post) -> list[tuple[str, str]]:
    with reading(world.engine) as session:
        query = select(PostMedia).where(PostMedia.post_id == post.id).order_by(col(PostMedia.position))
        return [(one.sha256, one.alt) for one in session.exec(query)]


def test_a_picture_is_kept_once_without_its_hidden_words(world: World) -> None:
    first = media.add(world.context, world.workspace.id, located(), name="pasar.jpg")
    again = media.add(world.context, world.workspace.id, located(), name="again.jpg")

    assert first == again
    assert (first.media_type, first.width, first.height) == ("image/jpeg", 40, 60)
    files = media.StoredFiles(world.engine, world.context.http, world.context.data_dir)
    assert b"SECRET" not in files.read(first)
    with reading(world.engine) as session:
        assert len(session.exec(select(Media)).all()) == 1


def test_a_file_that_is_lost_or_damaged_is_never_sent(world: World) -> None:
    kept = media.add(world.context, world.workspace.id, picture())
    with writing(world.engine) as session:
        row = session.get_one(Media, kept.sha256)
        if row.stored_in == "database":
            row.body = b"something else"
        session.commit()
    for path in Path(str(world.context.data_dir)).rglob(kept.sha256):
        path.write_bytes(b"something else")
    files = media.StoredFiles(world.engine, world.context.http, world.context.data_dir)

    with pytest.raises(Rejected, match="damaged"):
        files.read(kept)
    with pytest.raises(Rejected, match="not there any more"):
        files.read(Attachment(sha256="0" * 64))


def test_a_post_goes_out_with_its_pictures(world: World) -> None:
    kept = media.described(media.add(world.context, world.workspace.id, picture()), " Pasar at dawn ")
    content = Content("Look", media=(kept,))
    post = posts.compose(
        world.context, world.workspace.id, world.channel.id, content, when="now", actor=PERSON
    )
    assert files_of(world, post) == [(kept.sha256, "Pasar at dawn")]
    with reading(world.engine) as session:
        assert rows.public_type(session, kept.sha256) is None, "not before it goes out"

    PublishingWorker(world.context, width=1).run_until_idle()

    sent = world.reread(post)
    assert sent.state == PostState.PUBLISHED
    assert sent.payload["media"][0]["alt"] == "Pasar at dawn"
    with reading(world.engine) as session:
        assert rows.public_type(session, kept.sha256) == "image/jpeg"


def test_a_picture_of_another_workspace_is_none_of_ours(world: World, engine: Engine, tmp_path: Path) -> None:
    from domain.ids import new_id
    from store.tables import Workspace

    with writing(engine) as session:
        other = Workspace(id=new_id(), name="Other", zone="UTC", created_at=NOON)
        session.add(other)
        session.commit()
    theirs = media.add(world.context, other.id, picture())

    with pytest.raises(NotFound, match="no file"):
        posts.compose(
            world.context,
            world.workspace.id,
            world.channel.id,
            Content("Look", media=(theirs,)),
            when="now",
            actor=PERSON,
        )


def test_other_pictures_void_an_approval(world: World) -> None:
    kept = media.add(world.context, world.workspace.id, picture())
    post = posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("Look"), when="draft", actor=PERSON
    )
    with writing(world.engine) as session:
        row = session.get_one(Post, post.id)
        row.state = PostState.AWAITING_APPROVAL
        session.commit()
    posts.approve(world.context, world.workspace.id, post.id, actor=PERSON)
    approved = world.reread(post).approved_hash

    changed = posts.edit(
        world.context, world.workspace.id, post.id, text="Look", pictures=(kept,), actor=PERSON
    )

    assert changed.state == PostState.AWAITING_APPROVAL
    assert changed.approved_hash is None
    rendered = world.context.publisher(world.channel).render(
        content_from(changed.content), created_at=changed.created_at
    )
    assert payload_hash(rendered) != approved
    assert files_of(world, post) == [(kept.sha256, "")]


def test_what_a_platform_does_not_take_is_said_before_it_is_queued(world: World) -> None:
    many = tuple(media.add(world.context, world.workspace.id, picture(60, 40 + place)) for place in range(21))

    with pytest.raises(UsageError, match="at most 20 pictures; this post has 21"):
        posts.compose(
            world.context, world.workspace.id, world.channel.id, Content("", media=many), when="now",
            actor=PERSON,
        )  # fmt: skip


def test_a_file_too_large_or_no_picture_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="the most is"):
        media.add(world.context, world.workspace.id, b"x" * (media.MAX_PICTURE + 1))
    with pytest.raises(UsageError, match="no picture that can be read"):
        media.add(world.context, world.workspace.id, b"text")
