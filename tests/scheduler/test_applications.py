"""Applications: sealed once for the installation, never told."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from domain.errors import NotFound, UsageError, WrongKey
from scheduler import applications
from scheduler.applications import application_of, set_application, unset_application
from store.changes import AUTOMATION
from store.engine import writing
from store.seal import Seal, new_key
from tests.servers.flow_platform import platform_of
from tests.servers.oauth import oauth_server
from tests.world import World, new_world

SECRET = "a very secret word"


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    with oauth_server() as server:
        kind = platform_of(server)
        yield new_world(engine, platform="drumhub", adapters={"drumhub": kind, "other": kind})


def _set(world: World, application_id: str = "17", secret: str = SECRET) -> None:
    set_application(world.context, "drumhub", application_id=application_id, secret=secret, actor=AUTOMATION)


def test_what_is_set_reaches_the_adapter_and_shows_no_secret(world: World) -> None:
    _set(world, " 17 ", f" {SECRET}\n")

    publisher = world.context.publisher_with(
        world.channel, world.context.adapter("drumhub").Credentials.model_construct()
    )
    assert publisher.application is not None
    assert publisher.application.id == "17"
    assert publisher.application.secret.get_secret_value() == SECRET
    assert SECRET not in repr(publisher.application)
    assert applications.shown(world.context, "drumhub").id == "17"
    with world.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM installation")).all())
        noted = str(connection.execute(text("SELECT * FROM change")).all())
    assert SECRET not in stored
    assert SECRET not in noted
    assert "set the application" in noted


def test_an_empty_secret_never_overwrites(world: World) -> None:
    _set(world)
    _set(world, secret="")

    found = application_of(world.engine, world.context.seal, "drumhub")
    assert found is not None
    assert found.secret.get_secret_value() == SECRET
    with pytest.raises(UsageError, match="needs its secret"):
        _set(world, "18", "")
    with pytest.raises(UsageError, match="needs its id"):
        _set(world, " ", SECRET)


def test_a_sealed_application_copied_to_another_platform_does_not_open(world: World) -> None:
    _set(world)
    with world.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO installation SELECT 'application:other', value FROM installation "
                 "WHERE name = 'application:drumhub'")
        )  # fmt: skip

    with pytest.raises(WrongKey, match="another one's"):
        application_of(world.engine, world.context.seal, "other")
    with pytest.raises(WrongKey):
        application_of(world.engine, Seal([new_key()]), "drumhub")


def test_one_that_is_forgotten_is_gone(world: World) -> None:
    _set(world)
    unset_application(world.context, "drumhub", actor=AUTOMATION)

    assert application_of(world.engine, world.context.seal, "drumhub") is None
    with pytest.raises(NotFound):
        unset_application(world.context, "drumhub", actor=AUTOMATION)


def test_a_platform_without_a_flow_asks_for_none(world: World) -> None:
    with pytest.raises(UsageError, match="asks for no application"):
        set_application(world.context, "page", application_id="1", secret="2", actor=AUTOMATION)
    with writing(world.engine) as session:
        session.rollback()
