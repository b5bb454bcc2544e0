"""Which route wrote the UTM parameters that a visit came with."""

import pytest
from sqlalchemy import Engine

from scheduler.utm import ways
from store import routes
from store.engine import reading, writing
from store.tables import Feed, Route, Visit
from tests.sites import Browser, rows, shop
from tests.web.setting import Installation


@pytest.fixture
def place(engine: Engine) -> Installation:
    return Installation(engine)


def route(place: Installation, name: str, channel_id: int, utm: dict[str, str]) -> int:
    with writing(place.engine) as session:
        feed = Feed(
            workspace_id=place.workspace.id, url=f"https://{name}.example/feed", title=name, existing="none",
            created_at=place.now,
        )  # fmt: skip
        row = Route(
            workspace_id=place.workspace.id, name=name, channel_id=channel_id, template="{{ title }}",
            utm=utm, created_at=place.now,
        )  # fmt: skip
        session.add_all([feed, row])
        session.flush()
        routes.read_feeds(session, row.id, [feed.id])
        session.commit()
    return row.id


def test_a_visit_belongs_to_the_only_route_that_writes_its_parameters(place: Installation) -> None:
    channel = place.page()
    own = {"utm_source": "{{ platform }}", "utm_medium": "social", "utm_campaign": "{{ route }}"}
    first = route(place, "drums", channel.id, own)
    for name in ("gongs", "bells"):
        route(place, name, channel.id, {"utm_source": "twice"})
    with reading(place.engine) as session:
        assert ways(session, place.workspace.id) == {("page", "social", "drums"): (first, channel.id)}
    ani = Browser(place, shop(place))
    ani.tell("a", utm=["page", "social", "drums"])
    place.later(minutes=1)
    ani.tell("b", utm=["twice", "", ""])

    assert [(one.route_id, one.channel_id) for one in rows(place, Visit)] == [
        (first, channel.id),
        (None, None),
    ]
