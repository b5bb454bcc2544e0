"""Which figures are looked at every day."""

from sqlalchemy import Engine
from sqlmodel import Session

from domain.kpi import NewKpi, Scope, ScopeKind
from domain.period import Every
from scheduler.kpis import add_kpi
from scheduler.watched import watched_figures
from store.changes import AUTOMATION
from tests.world import NOON, World, new_world


def watched(world: World) -> set[str]:
    with Session(world.engine) as session:
        found = watched_figures(session, world.workspace.id, whole=True)
        return {one.entry.key for one in found if one.scope.kind is ScopeKind.CHANNEL}


def test_what_programs_did_is_nobodys_news_unless_a_kpi_asks_for_it(engine: Engine) -> None:
    world = new_world(engine)
    before = watched(world)
    add_kpi(
        world.context,
        world.workspace.id,
        NewKpi(
            name="Previews",
            metric="clicks_bot",
            target=100,
            every=Every.MONTH,
            starts_on=NOON.date(),
            zone="UTC",
            scope=Scope(ScopeKind.CHANNEL, world.channel.id),
        ),
        actor=AUTOMATION,
    )

    assert {"clicks", "visits", "engagement", "followers"} <= before
    assert not before & {"clicks_bot", "clicks_unknown", "views_bot", "views_unknown"}
    assert watched(world) == before | {"clicks_bot"}
