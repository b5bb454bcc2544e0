"""Pictures of posts: kept once, whose they are, and sent as they were approved. On both databases."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from domain.content import Content, content_from
from domain.errors import NotFound, Rejected, UsageError
from domain.media import Attachment
from domain.post import PostState
from publishers import uploads
from scheduler import media, posts
from scheduler.publishing import payload_hash
from scheduler.worker import PublishingWorker
from store import media as rows
from store.changes import Actor
from store.engine import reading, writing
from store.tables import Media, MediaPiece, Post, PostMedia
from tests.films import film
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
        assert rows.public_file(session, kept.sha256) is None, "not before it goes out"

    PublishingWorker(world.context, width=1).run_until_idle()

    sent = world.reread(post)
    assert sent.state == PostState.PUBLISHED
    assert sent.payload["media"][0]["alt"] == "Pasar at dawn"
    with reading(world.engine) as session:
        assert rows.public_file(session, kept.sha256) == replace(kept, alt="")


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


def test_a_video_is_kept_in_pieces_and_read_by_part_without_its_place(world: World) -> None:
    body = film(place=b"-06.1754+106.8272/", film_bytes=9 * 2**20)

    kept = media.add_file(world.context, world.workspace.id, io.BytesIO(body), name="pasar.mp4")
    again = media.add_video(world.context, world.workspace.id, io.BytesIO(body))

    assert kept == again
    assert (kept.media_type, kept.width, kept.height, kept.duration_ms) == ("video/mp4", 1080, 1920, 12_500)
    with reading(world.engine) as session:
        assert rows.get(session, world.workspace.id, kept.sha256) == kept
        pieces = session.exec(select(MediaPiece)).all()
    in_database = world.engine.dialect.name != "sqlite"
    assert [len(one.body) for one in pieces] == ([4 * 2**20] * 2 + [kept.size - 8 * 2**20]) * in_database
    files = media.StoredFiles(world.engine, world.context.http, world.context.data_dir)
    whole = files.read(kept)
    assert len(whole) == len(body)
    assert b"+106.8272" not in whole
    for start, size in [
        (0, 10),
        (4 * 2**20 - 5, 10),
        (4 * 2**20, 5 * 2**20),
        (kept.size - 3, 10),
        (kept.size, 5),
    ]:
        assert files.part(kept, start, size) == whole[start : start + size]
    assert b"".join(uploads.pieces(files, kept, size=3_000_001)) == whole
    assert uploads.opened(files, kept).read() == whole
    assert list(Path(str(world.context.data_dir)).rglob(".*")) == []


def test_a_video_that_is_too_large_or_none_is_refused_and_leaves_nothing(world: World) -> None:
    small = replace(world.context, max_video=2**20)

    with pytest.raises(UsageError, match="more than 1 MiB"):
        media.add_video(small, world.workspace.id, io.BytesIO(film(film_bytes=2**21)))
    with pytest.raises(UsageError, match="no video that can be read"):
        media.add_video(small, world.workspace.id, io.BytesIO(b"hello world, this is text"))
    with reading(world.engine) as session:
        assert session.exec(select(Media)).all() == []
    folder = Path(str(world.context.data_dir)) / "media"
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_part_of_a_damaged_video_is_never_sent(world: World) -> None:
    kept = media.add_video(world.context, world.workspace.id, io.BytesIO(film(film_bytes=5 * 2**20)))
    with writing(world.engine) as session:
        for piece in session.exec(select(MediaPiece).where(MediaPiece.number == 1)):
            session.delete(piece)
        session.commit()
    for path in Path(str(world.context.data_dir)).rglob(kept.sha256):
        path.write_bytes(b"short")
    files = media.StoredFiles(world.engine, world.context.http, world.context.data_dir)

    with pytest.raises(Rejected, match="damaged"):
        files.part(kept, 4 * 2**20, 100)
