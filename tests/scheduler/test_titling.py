"""Titles of posts that routes make: where the platform has them, as long as it takes them."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from domain.content import Capabilities, Content, DeliveryClass
from scheduler.titling import titled
from tests.fakes import FakePlatform
from tests.world import new_world


@pytest.mark.parametrize(
    ("most", "title", "kept"),
    [
        (None, "Drums at dawn", None),
        (100, "Drums at dawn", "Drums at dawn"),
        (10, "Drums at dawn", "Drums at…"),
        (100, None, None),
    ],
)
def test_a_title_is_as_the_platform_takes_it(
    engine: Engine, most: int | None, title: str | None, kept: str | None
) -> None:
    able = Capabilities(DeliveryClass.AT_MOST_ONCE, max_title=most)
    kind = type("Titled", (FakePlatform().adapter,), {"capabilities": able})
    context = new_world(engine, platform="titled", adapters={"titled": kind}).context

    assert titled(context, "titled", Content("x", title=title)).title == kept
    assert titled(replace(context), "gone", Content("x", title=title)).title is None
