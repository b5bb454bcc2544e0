"""A report of a workspace that publishes nothing and yet sells, pays, asks and is spoken of."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from analytics.reports.asking import Asked
from analytics.reports.making import make_report
from domain.period import Every
from domain.report import Report, spans_of
from domain.sentences import say
from scheduler.measuring import supplies
from store import telling
from store.engine import reading
from tests.analytics.reports.test_making import QUIET
from tests.analytics.test_imported_figures import brand
from tests.brought import bring
from tests.world import World, new_world
from web.i18n import Voice
from web.reports.paper import paper

DAY = timedelta(days=1)
#: Monday; the report is about the week before it.
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def world(engine: Engine) -> World:
    world = new_world(engine)
    days = [(MONDAY - back * DAY).date() for back in range(1, 15)]
    orders = "".join(
        f"{place},{day}T10:00:00Z,{100 if place < 7 else 80},0,USD\n" for place, day in enumerate(days)
    )
    bring(world, "orders", f"order id,created at,total,refunded amount,currency\n{orders}")
    answers = "".join(
        f"{day}T10:00:00Z,{score}\n"
        for place, day in enumerate(days)
        for score in ((5, 5, 5, 2) if place < 7 else (5, 5, 2, 2))
    )
    bring(world, "answers", f"date,score\n{answers}", survey="csat")
    brand(world, "Ours", own=True)
    brand(world, "Rival")
    told = "".join(f"{day},Ours,10\n{day},Rival,30\n" for day in days)
    bring(world, "mentions", f"day,brand,mentions\n{told}")
    return world


def report(world: World) -> Report:
    span, before = spans_of((MONDAY - DAY).date(), Every.WEEK, week_start=0)
    with reading(world.engine) as session:
        asked = Asked(
            session=session, workspace_id=world.workspace.id, every=Every.WEEK, span=span, before=before,
            zone_name="UTC", supplies=supplies(world.context, session, world.workspace.id),
            now=MONDAY + timedelta(hours=7),
        )  # fmt: skip
        return make_report(asked, telling.workspace(session, world.workspace.id), QUIET)


def test_what_was_sold_answered_and_said_is_told_and_never_called_nothing(world: World) -> None:
    said = [say(one.sentence) for one in report(world).happened]

    assert "Order revenue (net of returns) rose by 25% to 700 USD, from 560 USD." in said
    assert "Customer satisfaction (CSAT/top two of five) rose by 25 points to 75%, from 50%." in said
    assert "Share of voice (own mentions/mentions of all brands) stayed at 25%." in said
    assert not any("nothing was counted" in one for one in said)


def test_figures_without_a_number_are_one_sentence_for_each_reason(world: World) -> None:
    found = report(world)
    chapters = {one.anchor: one for one in paper(found, Voice("id")).chapters}

    [table] = chapters["figures"].sheets
    names = [row[0] for row in table.rows]
    absent = [line for line in found.figures if not (line.value or line.before)]
    assert len(absent) > 5
    assert all(row[1] != "–" for row in table.rows)
    folded = " ".join(one.text for one in chapters["untold"].told)
    assert len(chapters["untold"].told) < 5
    for line in absent:
        if line.key != "posts_published":
            assert line.name.id in folded
            assert line.name.id not in names
    assert {one.about for one in found.happened if one.about.startswith("figure-")} <= set(table.anchors)


def test_an_empty_week_still_says_that_nothing_was_counted(engine: Engine) -> None:
    [only] = report(new_world(engine)).happened

    assert say(only.sentence) == "Nothing was published and nothing was counted in this period."
