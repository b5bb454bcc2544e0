"""Short links, clicks, and the two ways to insert that databases spell differently."""

from datetime import timedelta

from sqlalchemy import Engine
from sqlmodel import col, select

from domain.metrics import Audience
from store import hosts
from store.engine import writing
from store.links import CODE_LENGTH, by_code, new_link, record_click, short_url
from store.tables import Click, Host, Link
from store.upsert import insert_or_change, insert_or_leave
from tests.world import NOON, new_world


def test_a_link_is_found_by_its_code_and_counts_its_clicks(engine: Engine) -> None:
    world = new_world(engine)
    post = world.queue()
    with writing(engine) as session:
        link = new_link(
            session, workspace_id=world.workspace.id, target="https://x.test/", now=NOON, post_id=post.id
        )
        assert len(link.code) == CODE_LENGTH
        assert not set(link.code) & set("0OIl")
        assert short_url(link, public_url="https://t.example.org") == f"https://t.example.org/l/{link.code}"
        assert by_code(session, link.code) is link
        assert by_code(session, link.code.swapcase() + "x") is None
        record_click(session, link, at=NOON, audience=Audience.BOT, referrer="x.test")
        session.commit()
        click = session.exec(select(Click)).one()
    assert (click.link_id, click.post_id, click.audience, click.referrer) == (
        link.id,
        post.id,
        "bot",
        "x.test",
    )


def test_codes_differ(engine: Engine) -> None:
    world = new_world(engine)
    with writing(engine) as session:
        made = {
            new_link(session, workspace_id=world.workspace.id, target="https://x.test/", now=NOON).code
            for _ in range(200)
        }
    assert len(made) == 200


def test_a_row_that_is_there_is_left_alone(engine: Engine) -> None:
    world = new_world(engine)
    with writing(engine) as session:
        link = new_link(session, workspace_id=world.workspace.id, target="https://x.test/", now=NOON)
        twin = {**link.model_dump(), "id": link.id + 1, "target": "https://other.test/"}
        assert insert_or_leave(session, Link, [twin]) == 0
        assert insert_or_leave(session, Link, [{**twin, "code": "fresh"}, {**twin, "code": "more"}]) == 1
        stored = session.exec(select(Link.target).order_by(col(Link.id))).all()
    assert stored == ["https://x.test/", "https://other.test/"]


def test_a_row_that_is_there_is_changed(engine: Engine) -> None:
    with writing(engine) as session:
        for hours in (2, 5):
            hosts.keep_quiet(session, "blog.test", NOON + timedelta(hours=hours))
        assert hosts.quiet_until(session, "blog.test", now=NOON) == NOON + timedelta(hours=5)
        assert hosts.quiet_until(session, "blog.test", now=NOON + timedelta(hours=5)) is None
        assert hosts.quiet_until(session, "other.test", now=NOON) is None
        later = {"quiet_until": NOON}
        insert_or_change(session, Host, {"name": "blog.test"}, keys=["name"], changes=later)
        assert len(session.exec(select(Host)).all()) == 1
