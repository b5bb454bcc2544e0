"""Posts that people write with a link get its card, quietly, and once more when they ask."""

from dataclasses import replace

import httpx
import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.content import Capabilities, Card, Content, DeliveryClass, content_from
from domain.errors import IllegalMove, UsageError
from scheduler import carding, posts
from scheduler.worker import PublishingWorker
from store.changes import Actor, changes_of
from store.tables import Link
from tests.fakes import FakePlatform
from tests.world import World, new_world

PERSON = Actor("person")
LINK = "https://news.example/drums"


class Pages:
    """A site whose pages say their title; counts what it is asked."""

    def __init__(self) -> None:
        self.title: str | None = "Drums"
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        if self.title is None:
            raise httpx.ConnectError("down", request=request)
        body = f"<title>{self.title}</title>".encode()
        return httpx.Response(200, headers={"content-type": "text/html"}, content=iter([body]))


def place(
    engine: Engine, *, shows: bool = True, public_url: str = "http://127.0.0.1:8420"
) -> tuple[World, Pages]:
    """A world whose platform shows cards, or not, and whose network is one site."""
    able = Capabilities(DeliveryClass.LIST_AND_MATCH, shows_pictures=shows)
    kind = type("Showing", (FakePlatform().adapter,), {"platform": "showing", "capabilities": able})
    world = new_world(engine, platform="showing", adapters={"showing": kind}, public_url=public_url)
    pages = Pages()
    http = httpx.Client(transport=httpx.MockTransport(pages))
    world.context = replace(world.context, http=http)
    return world, pages


def write(world: World, content: Content, when: str = "draft") -> Content:
    made = posts.compose(
        world.context, world.workspace.id, world.channel.id, content, when=when, actor=PERSON
    )
    return content_from(world.reread(made).content)


def test_a_link_gets_the_card_of_its_page_before_it_is_shortened(engine: Engine) -> None:
    world, pages = place(engine, public_url="https://post.example.org")

    kept = write(world, Content("Look", link=LINK))

    assert kept.card == Card("Drums")
    assert kept.link is not None
    assert kept.link.startswith("https://post.example.org/l/")
    assert pages.asked == [LINK]


@pytest.mark.parametrize("content", [Content("Look"), Content("Look", link=LINK, card=Card("Own"))])
def test_nobody_is_asked_where_there_is_nothing_to_find_out(engine: Engine, content: Content) -> None:
    world, pages = place(engine)

    assert write(world, content).card == content.card
    assert pages.asked == []


def test_a_platform_without_cards_asks_nobody(engine: Engine) -> None:
    world, pages = place(engine, shows=False)

    assert write(world, Content("Look", link=LINK)).card is None
    assert pages.asked == []


def test_a_page_that_is_down_holds_no_post_up_and_is_asked_again_by_a_person(engine: Engine) -> None:
    world, pages = place(engine)
    pages.title = None
    made = posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("Look", link=LINK), when="draft",
        actor=PERSON,
    )  # fmt: skip
    assert content_from(made.content).card is None
    with pytest.raises(UsageError, match="The preview stays as it is"):
        carding.read_again(world.context, world.workspace.id, made.id, actor=PERSON)

    pages.title = "Up again"
    carding.read_again(world.context, world.workspace.id, made.id, actor=PERSON)

    assert content_from(world.reread(made).content).card == Card("Up again")
    with Session(world.engine) as session:
        assert [one.what for one in changes_of(session, "post", made.id)][
            -1
        ] == "read the link's preview again"


def test_the_page_itself_is_asked_and_not_our_short_link(engine: Engine) -> None:
    world, pages = place(engine, public_url="https://post.example.org")
    made = posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("Look", link=LINK), when="draft",
        actor=PERSON,
    )  # fmt: skip
    pages.title = "Newer"

    carding.read_again(world.context, world.workspace.id, made.id, actor=PERSON)

    assert pages.asked == [LINK, LINK]
    with Session(world.engine) as session:
        assert len(session.exec(select(Link)).all()) == 1


def test_a_post_that_is_out_keeps_its_card(engine: Engine) -> None:
    world, _ = place(engine)
    made = posts.compose(
        world.context, world.workspace.id, world.channel.id, Content("Look", link=LINK), when="now",
        actor=PERSON,
    )  # fmt: skip
    PublishingWorker(world.context).run_until_idle()

    with pytest.raises(IllegalMove):
        carding.read_again(world.context, world.workspace.id, made.id, actor=PERSON)
