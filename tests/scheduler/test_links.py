"""Short links that people make."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from domain.errors import NotFound, UsageError
from scheduler.links import (
    add_link,
    addresses,
    change_link,
    remove_link,
    restore_link,
    set_domain,
)
from store import links
from store.changes import Actor, changes_of
from store.engine import reading, writing
from store.tables import Workspace
from tests.world import NOON, World, new_world

ME = Actor("person")
TARGET = "https://shop.example/"


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine)


def other_workspace(world: World) -> int:
    with writing(world.engine) as session:
        other = Workspace(name="Other", created_at=NOON)
        session.add(other)
        session.commit()
        return other.id


def test_a_link_has_the_code_that_was_chosen_or_a_random_one(world: World) -> None:
    chosen = add_link(
        world.context, world.workspace.id, TARGET, code=" Sale ", note=" the  poster ", actor=ME
    )
    drawn = add_link(world.context, world.workspace.id, TARGET, actor=ME)

    assert (chosen.code, chosen.note, chosen.target) == ("sale", "the poster", TARGET)
    assert (drawn.looks, drawn.note, len(drawn.code)) == (None, None, links.CODE_LENGTH)
    with reading(world.engine) as session:
        assert links.named(session, world.workspace.id, "SALE").id == chosen.id
        assert [one.what for one in changes_of(session, "link", chosen.id)] == ["added link"]


@pytest.mark.parametrize("code", ["summer-sale", "SUMMER-SALE", "summersale", "summer-sa1e"])
def test_a_code_is_given_once_in_the_whole_installation(world: World, code: str) -> None:
    first = add_link(world.context, world.workspace.id, TARGET, code="summer-sale", actor=ME)
    for workspace_id in (world.workspace.id, other_workspace(world)):
        with pytest.raises(UsageError, match="is taken, or looks like"):
            add_link(world.context, workspace_id, "https://other.example/", code=code, actor=ME)
    remove_link(world.context, world.workspace.id, first.id, actor=ME)
    with pytest.raises(UsageError, match="also if that link was removed"):
        add_link(world.context, world.workspace.id, "https://other.example/", code=code, actor=ME)


def test_a_chosen_code_is_not_mistaken_for_a_drawn_one(world: World) -> None:
    drawn = add_link(world.context, world.workspace.id, TARGET, actor=ME)
    with writing(world.engine) as session:
        row = links.lock(session, world.workspace.id, drawn.id)
        row.code = "AbCdEfGh"
        session.add(row)
        session.commit()
    with pytest.raises(UsageError, match="taken"):
        add_link(world.context, world.workspace.id, TARGET, code="abcdefgh", actor=ME)


def test_a_change_is_kept_with_what_was_before(world: World) -> None:
    link = add_link(world.context, world.workspace.id, TARGET, code="sale", actor=ME)
    change_link(world.context, world.workspace.id, link.id, target="https://other.example/", actor=ME)
    change_link(world.context, world.workspace.id, link.id, target="https://other.example/", actor=ME)
    with pytest.raises(UsageError, match="no web address"):
        change_link(world.context, world.workspace.id, link.id, target="javascript:x", actor=ME)

    with reading(world.engine) as session:
        changes = changes_of(session, "link", link.id)
    assert [one.what for one in changes] == ["added link", "changed link"], (
        "what changes nothing is no change"
    )
    assert changes[1].before["target"] == TARGET
    assert changes[1].after["target"] == "https://other.example/"


def test_a_removed_link_changes_no_more_until_it_is_restored(world: World) -> None:
    link = add_link(world.context, world.workspace.id, TARGET, actor=ME)
    for _ in range(2):
        assert remove_link(world.context, world.workspace.id, link.id, actor=ME).removed_at == NOON
    with pytest.raises(UsageError, match="Restore it first"):
        change_link(world.context, world.workspace.id, link.id, note="x", actor=ME)
    assert restore_link(world.context, world.workspace.id, link.id, actor=ME).removed_at is None
    with reading(world.engine) as session:
        told = [one.what for one in changes_of(session, "link", link.id)]
    assert told == ["added link", "removed link", "restored link"]


def test_the_link_of_a_post_is_not_removed(world: World) -> None:
    link_id = link_of_post(world)
    with pytest.raises(UsageError, match="stands in a post"):
        remove_link(world.context, world.workspace.id, link_id, actor=ME)


def link_of_post(world: World) -> int:
    post = world.queue()
    with writing(world.engine) as session:
        link = links.new_link(
            session, workspace_id=world.workspace.id, target=TARGET, now=NOON, post_id=post.id
        )
        session.commit()
        return link.id


def test_nobody_reaches_the_links_of_another_workspace(world: World) -> None:
    link = add_link(world.context, world.workspace.id, TARGET, code="sale", actor=ME)
    other = other_workspace(world)
    for call in (remove_link, restore_link):
        with pytest.raises(NotFound):
            call(world.context, other, link.id, actor=ME)
    with pytest.raises(NotFound):
        change_link(world.context, other, link.id, note="x", actor=ME)
    with reading(world.engine) as session, pytest.raises(NotFound):
        links.named(session, other, "sale")


def test_links_are_printed_with_the_domain_of_their_workspace(world: World) -> None:
    link = add_link(world.context, world.workspace.id, TARGET, code="sale", actor=ME)
    assert set_domain(world.context, world.workspace.id, "Göö.example", actor=ME) == "xn--g-1gaa.example"
    with reading(world.engine) as session:
        where = addresses(world.context, session, world.workspace.id)
    assert where.of(link) == "http://xn--g-1gaa.example:8420/sale", (
        "by the scheme and port of the public address"
    )
    with pytest.raises(UsageError, match="short link itself"):
        add_link(world.context, world.workspace.id, "https://xn--g-1gaa.example/x", actor=ME)
    with pytest.raises(UsageError, match="Another workspace has"):
        set_domain(world.context, other_workspace(world), "xn--g-1gaa.example", actor=ME)
    assert set_domain(world.context, world.workspace.id, " ", actor=ME) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("x", "localhost", "127.0.0.1", "[::1]", "go.example.org/x", "go.example.org:80", "a b.example"),
        *("-a.example", "a..example", "x" * 300 + ".example", "go_x.example", "https://"),
    ],
)
def test_what_is_no_domain_is_refused(world: World, typed: str) -> None:
    with pytest.raises(UsageError, match="is no domain"):
        set_domain(world.context, world.workspace.id, typed, actor=ME)


def test_a_note_has_an_end(world: World) -> None:
    with pytest.raises(UsageError, match="at most 200"):
        add_link(world.context, world.workspace.id, TARGET, note="x" * 201, actor=ME)


def test_lists_are_filtered_and_go_on_where_they_ended(engine: Engine) -> None:
    world = new_world(engine)
    made = [add_link(world.context, world.workspace.id, f"{TARGET}{n}", actor=ME) for n in range(5)]
    add_link(world.context, world.workspace.id, TARGET, code="sale", note="100% off_", actor=ME)
    with Session(engine) as session:
        listed = links.listed(session, world.workspace.id, before=made[3].id, limit=2)
        assert [one.id for one in listed] == [made[2].id, made[1].id]
        for words in ("SALE", "0% OFF_"):
            assert [one.code for one in links.listed(session, world.workspace.id, words=words, limit=9)] == [
                "sale"
            ]
        assert links.listed(session, world.workspace.id, words="%", own=False, limit=9) == []
