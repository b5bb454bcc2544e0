"""The KPI guide: versions freeze by themselves and never change; who has read one is known; links end."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, update
from sqlmodel import col, select

from domain.errors import NotFound, UsageError
from domain.guide import ChangeKind, Guide, GuideChange, thawed
from domain.kpi import AlertRule
from domain.person import Role
from scheduler import auditing, guides, guiding
from scheduler.guide_sections import COUNTED_AT_ONCE
from scheduler.kpi_changes import change_kpi, comment_kpi
from scheduler.kpis import add_kpi, close_kpi
from store import guides as stored
from store import people
from store.changes import AUTOMATION, Actor
from store.engine import reading, writing
from store.tables import (
    ChannelRow,
    GuideSection,
    GuideVersion,
    Kpi,
    KpiReading,
    NoticeRow,
    Person,
    Telling,
    TellingWish,
    Workspace,
)
from tests.scheduler.test_kpis import NEW, visited, work
from tests.world import NOON, World, new_world

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine, zone="Asia/Jakarta")


def person(world: World, name: str, role: Role = Role.EDITOR, *, mail: str | None = None) -> Person:
    with writing(world.engine) as session:
        found = people.add_person(session, name, now=world.clock.now)
        found.email = mail
        people.set_role(session, person_id=found.id, workspace_id=world.workspace.id, role=role)
        session.commit()
    return found


def as_person(one: Person) -> Actor:
    return Actor("person", one.id)


def add(world: World, name: str = NEW.name, *, actor: Actor = AUTOMATION, **values: object) -> Kpi:
    return add_kpi(
        world.context, world.workspace.id, replace(NEW, name=name, **values), actor=actor  # type: ignore[arg-type]
    )  # fmt: skip


def versions(world: World) -> list[tuple[int, tuple[GuideChange, ...]]]:
    """Numbers and changes, oldest first."""
    with reading(world.engine) as session:
        rows = session.scalars(select(GuideVersion).order_by(col(GuideVersion.number)))
        return [(row.number, thawed(row.changes)) for row in rows]


def frozen(world: World, number: int) -> Guide:
    with reading(world.engine) as session:
        return guiding.as_frozen(session, stored.version(session, world.workspace.id, number))


def live(world: World) -> Guide:
    guiding.renew(world.context, world.workspace.id)
    with reading(world.engine) as session:
        return guiding.as_of_now(world.context, session, world.workspace.id)


def test_the_first_kpi_begins_the_guide_and_says_all_that_is_asked(world: World) -> None:
    assert guiding.renew(world.context, world.workspace.id) is None
    sari = person(world, "Sari")
    visited(world, NOON - DAY, 3)

    add(
        world, actor=as_person(sari), owner_id=sari.id, goal="traffic", audience="parents in Bandung",
        why="the shop lives from it", cadence="weekly", alert_rule=AlertRule.OFF_TRACK,
        deadline=date(2026, 12, 31),
    )  # fmt: skip

    [(number, [change])] = versions(world)
    assert number == 1
    assert (change.kind, change.name, change.who, change.at) == (ChangeKind.ADDED, NEW.name, "Sari", NOON)
    guide = frozen(world, 1)
    [section] = guide.sections
    assert (section.owner, section.cadence, section.audience) == ("Sari", "weekly", "parents in Bandung")
    assert (section.metric.en, section.metric.id) == ("Visits", "Kunjungan")
    assert [(one.platform, one.field) for one in section.sources] == [("Page", "tabuh")]
    assert section.covered is not None
    assert section.covered.at == NOON
    assert guide.head.audit is None


def test_noise_makes_no_version(world: World) -> None:
    kpi = add(world)

    for hours in range(1, 6):
        world.clock.forward(hours=1)
        visited(world, world.clock.now - MINUTE, 40)
        work(world)
        comment_kpi(world.context, world.workspace.id, kpi.id, f"look {hours}", actor=AUTOMATION)
        guiding.look_after(world.context)

    with reading(world.engine) as session:
        assert len(session.scalars(select(KpiReading)).all()) >= 5, "there was noise"
    assert [number for number, _ in versions(world)] == [1]
    assert live(world).sections[0].comments == 5
    assert frozen(world, 1).sections[0].comments == 0


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"target": 120}, ("target",)),
        ({"owner_id": -1}, ("owner",)),
        ({"alert_rule": AlertRule.REACHED}, ("alert_rule",)),
        ({"why": "other", "cadence": "daily"}, ("cadence", "why")),
        ({"name": "Visits: at least 100 a month"}, ("name",)),
        ({"deadline": date(2027, 1, 31)}, ("time",)),
    ],
)
def test_each_change_of_substance_is_a_version_that_says_what_who_when_and_why(
    world: World, values: dict[str, object], fields: tuple[str, ...]
) -> None:
    sari, kpi = person(world, "Sari"), add(world)
    if "owner_id" in values:
        values = {"owner_id": sari.id}
    at = world.clock.forward(hours=3)

    new = replace(NEW, **values)  # type: ignore[arg-type]
    change_kpi(
        world.context, world.workspace.id, kpi.id, new, because="the season is short", actor=as_person(sari)
    )

    [(_, _first), (number, [change])] = versions(world)
    assert number == 2
    assert (change.kind, change.fields) == (ChangeKind.CHANGED, fields)
    assert (change.who, change.at, change.because) == ("Sari", at, "the season is short")


def test_an_old_version_reads_for_ever_as_it_was(world: World) -> None:
    sari = person(world, "Sari")
    kpi = add(world, owner_id=sari.id)
    before = frozen(world, 1)
    world.clock.forward(days=1)
    new = replace(NEW, owner_id=sari.id, target=250, name="More visits")
    change_kpi(world.context, world.workspace.id, kpi.id, new, because="spring", actor=AUTOMATION)
    with writing(world.engine) as session:
        session.get_one(Person, sari.id).name = "Sari Dewi"
        session.get_one(ChannelRow, world.channel.id).name = "Renamed"
        session.get_one(Workspace, world.workspace.id).name = "Renamed too"
        session.commit()
    visited(world, world.clock.now - MINUTE, 9)
    close_kpi(world.context, world.workspace.id, "More visits", actor=AUTOMATION)

    after = frozen(world, 1)

    assert after == replace(before, current=False)
    assert frozen(world, 2).sections[0].target == 250
    assert frozen(world, 3).sections == ()
    assert versions(world)[-1][1][0].kind is ChangeKind.CLOSED


def test_names_of_people_and_channels_are_told_anew_but_make_no_version(world: World) -> None:
    sari = person(world, "Sari")
    add(world, owner_id=sari.id)
    with writing(world.engine) as session:
        session.get_one(Person, sari.id).name = "Sari Dewi"
        session.commit()

    guide = live(world)

    assert (guide.number, guide.sections[0].owner) == (1, "Sari Dewi")
    assert frozen(world, 1).sections[0].owner == "Sari"


def test_a_formula_of_a_newer_program_makes_a_version_by_the_program(world: World) -> None:
    kpi = add(world)
    with writing(world.engine) as session:  # as an older program would have frozen it
        [row] = session.scalars(select(GuideSection))
        session.connection().execute(
            update(GuideSection).where(col(GuideSection.id) == row.id).values(body={**row.body, "version": 0})
        )
        session.commit()
    world.clock.forward(hours=1)

    guiding.look_after(world.context)

    [_, (_, [change])] = versions(world)
    assert (change.kpi_id, change.fields, change.who, change.at) == (kpi.id, ("definition",), "", None)


def test_the_result_of_an_audit_is_substance_and_its_date_is_not(world: World) -> None:
    add(world)
    auditing.audit_now(world.context, world.workspace.id, actor=AUTOMATION)
    first = versions(world)[-1][1]
    assert [one.kind for one in first] == [ChangeKind.AUDIT]
    numbers = [number for number, _ in versions(world)]

    world.clock.forward(hours=6)
    auditing.audit_now(world.context, world.workspace.id, actor=AUTOMATION)
    assert [number for number, _ in versions(world)] == numbers

    with writing(world.engine) as session:
        session.get_one(ChannelRow, world.channel.id).state = "needs_reconnect"
        session.commit()
    world.clock.forward(days=2)
    auditing.audit_now(world.context, world.workspace.id, actor=AUTOMATION)

    number, [change] = versions(world)[-1]
    assert number == numbers[-1] + 1
    assert change.after == "wrong"
    assert frozen(world, number).head.audit is not None


def test_two_who_renew_at_once_freeze_one_version(world: World) -> None:
    add(world)
    world.clock.forward(hours=1)
    with writing(world.engine) as session:
        [kpi] = session.scalars(select(Kpi))
        kpi.why = "written past the commands"
        session.commit()

    found = [guiding.renew(world.context, world.workspace.id) for _ in range(3)]

    assert [one.number for one in found if one] == [2, 2, 2]


def test_a_kpi_of_a_metric_that_is_gone_or_a_channel_that_is_gone_breaks_no_guide(world: World) -> None:
    add(world)
    with writing(world.engine) as session:
        [kpi] = session.scalars(select(Kpi))
        other = {name: getattr(kpi, name) for name in Kpi.model_fields if name != "id"}
        session.add(Kpi(**{**other, "name": "gone metric", "metric": "no_such"}))
        session.add(Kpi(**{**other, "name": "gone channel", "scope": {"channel_id": 12345}}))
        session.commit()

    guide = live(world)

    assert [one.name for one in guide.sections] == [NEW.name, "gone channel"]
    assert guide.sections[1].covered is None


def test_of_very_many_kpis_the_coverage_of_their_last_evaluation_is_told(world: World) -> None:
    add(world)
    at = NOON - timedelta(minutes=20)
    with writing(world.engine) as session:
        [kpi] = session.scalars(select(Kpi))
        other = {name: getattr(kpi, name) for name in Kpi.model_fields if name != "id"}
        for number in range(COUNTED_AT_ONCE):
            row = Kpi(**{**other, "name": f"KPI {number}"})
            session.add(row)
            session.flush()
            values: dict[str, Any] = {
                "status": "behind",
                "measured": 3,
                "in_scope": 5,
                "period_start": date(2026, 3, 1),
            }
            session.add(KpiReading(kpi_id=row.id, at=at, **values))
        session.commit()

    first, *others = live(world).sections

    assert first.covered is not None
    assert first.covered.at == NOON, "never evaluated, so it is counted now"
    assert {one.covered.at for one in others if one.covered} == {at}
    assert {one.covered.said.values["measured"] for one in others if one.covered} == {3}


def test_members_confirm_once_and_the_guide_knows_who_has_not_and_since_when(world: World) -> None:
    sari, budi = person(world, "Sari"), person(world, "Budi", Role.READER)
    kpi = add(world)
    world.clock.forward(hours=1)
    _, is_new = guides.confirm(world.context, world.workspace.id, sari.id, actor=as_person(sari))
    assert is_new
    read_at = world.clock.now
    world.clock.forward(hours=1)
    _, again = guides.confirm(world.context, world.workspace.id, sari.id, actor=as_person(sari))
    assert not again

    with reading(world.engine) as session:
        found = guides.receipts(session, stored.version(session, world.workspace.id, 1))
    by_name = {one.name: one for one in found.readers}
    assert by_name["Sari"].read_at == read_at
    assert by_name["Budi"].read_at is None
    assert by_name["Budi"].waiting_since == NOON
    assert found.read == 1

    second = world.clock.forward(days=1)
    new = replace(NEW, target=90)
    change_kpi(world.context, world.workspace.id, kpi.id, new, because="less", actor=as_person(budi))
    with reading(world.engine) as session:
        found = guides.receipts(session, stored.version(session, world.workspace.id, 2))
    by_name = {one.name: one for one in found.readers}
    assert (by_name["Sari"].last_number, by_name["Sari"].waiting_since) == (1, second)
    assert (by_name["Budi"].last_number, by_name["Budi"].waiting_since) == (0, NOON)
    guides.confirm(world.context, world.workspace.id, budi.id, number=1, actor=as_person(budi))
    with pytest.raises(NotFound, match="no version 9"):
        guides.confirm(world.context, world.workspace.id, budi.id, number=9, actor=as_person(budi))
    stranger = Person(name="Stranger", created_at=NOON)
    with pytest.raises(NotFound, match="Only members"):
        guides.confirm(world.context, world.workspace.id, stranger.id, actor=AUTOMATION)


def test_those_who_have_not_read_are_reminded_once_in_quiet_and_in_their_language(world: World) -> None:
    sari = person(world, "Sari", mail="sari@toko.example")
    budi = person(world, "Budi", mail="budi@toko.example")
    with writing(world.engine) as session:
        session.get_one(Person, budi.id).language = "id"
        session.add(
            TellingWish(
                person_id=budi.id,
                workspace_id=world.workspace.id,
                by_mail=True,
                quiet_from=18 * 60,
                quiet_until=22 * 60,
            )
        )
        session.commit()
    add(world)
    guides.confirm(world.context, world.workspace.id, sari.id, actor=as_person(sari))

    world.clock.forward(days=3, minutes=-1)
    guiding.look_after(world.context)
    with reading(world.engine) as session:
        assert session.scalars(select(Telling)).all() == []

    world.clock.forward(minutes=1)  # 19:00 in Jakarta: Budi's quiet hours
    guiding.look_after(world.context)
    guiding.look_after(world.context)

    with reading(world.engine) as session:
        [told] = session.scalars(select(Telling))
        [notice] = session.scalars(select(NoticeRow))
    assert (told.address, told.language) == ("budi@toko.example", "id")
    assert told.next_at == world.clock.now + timedelta(hours=3)
    assert "menunggu dibaca" in notice.words["id"]["subject"]
    assert (notice.kind, notice.link) == ("guide.unread", "/kpis/guide")


def test_a_link_opens_until_the_instant_at_which_it_ends(world: World) -> None:
    add(world)
    link, address = guides.share(
        world.context, world.workspace.id, name=" For  Tono ", lasts=timedelta(days=30), actor=AUTOMATION
    )
    token = address.rpartition("/")[2]
    assert (link.name, link.token_hash == token) == ("For Tono", False)

    def opens() -> int:
        with reading(world.engine) as session:
            return stored.by_token(session, token, now=world.clock.now)[1].number

    world.clock.forward(days=30, microseconds=-1)
    assert opens() == 1
    world.clock.forward(microseconds=1)
    with pytest.raises(NotFound) as ended:
        opens()
    with reading(world.engine) as session, pytest.raises(NotFound) as unknown:
        stored.by_token(session, "never-was", now=world.clock.now)
    assert str(ended.value) == str(unknown.value)


def test_a_link_shows_the_newest_or_the_version_that_it_was_made_for(world: World) -> None:
    kpi = add(world)
    make = {"lasts": DAY, "actor": AUTOMATION}
    _, newest = guides.share(world.context, world.workspace.id, name="all", **make)  # type: ignore[arg-type]
    _, fixed = guides.share(world.context, world.workspace.id, name="one", number=1, **make)  # type: ignore[arg-type]
    world.clock.forward(hours=1)
    new = replace(NEW, target=90)
    change_kpi(world.context, world.workspace.id, kpi.id, new, because="less", actor=AUTOMATION)

    def shown(address: str) -> int:
        with reading(world.engine) as session:
            return stored.by_token(session, address.rpartition("/")[2], now=world.clock.now)[1].number

    assert (shown(newest), shown(fixed)) == (2, 1)


def test_readers_with_a_link_say_so_by_name_once_for_the_version_that_they_see(world: World) -> None:
    kpi = add(world)
    link, address = guides.share(world.context, world.workspace.id, name="Board", lasts=DAY, actor=AUTOMATION)
    token = address.rpartition("/")[2]

    assert guides.confirm_by_link(world.context, token, "  Ibu   Ratna ", number=1)
    assert not guides.confirm_by_link(world.context, token, "Ibu Ratna", number=1)
    with pytest.raises(UsageError, match="1 to 80"):
        guides.confirm_by_link(world.context, token, " \n ", number=1)
    new = replace(NEW, target=90)
    change_kpi(world.context, world.workspace.id, kpi.id, new, because="less", actor=AUTOMATION)
    with pytest.raises(UsageError, match="newer version"):
        guides.confirm_by_link(world.context, token, "Ibu Ratna", number=1)

    with reading(world.engine) as session:
        found = guides.receipts(session, stored.version(session, world.workspace.id, 1))
    assert [(one.name, one.link) for one in found.said] == [("Ibu Ratna", "Board")]
    assert found.read == 0, "said by readers with a link counts apart"
    guides.revoke(world.context, world.workspace.id, link.id, actor=AUTOMATION)
    with pytest.raises(NotFound):
        guides.confirm_by_link(world.context, token, "Ibu Ratna", number=2)


def test_nothing_of_one_workspace_is_reached_from_another(world: World) -> None:
    add(world)
    link, _ = guides.share(world.context, world.workspace.id, name="Board", lasts=DAY, actor=AUTOMATION)
    with writing(world.engine) as session:
        other = Workspace(name="Other", created_at=NOON)
        session.add(other)
        session.commit()
        number = other.id

    with pytest.raises(NotFound, match="no KPI guide yet"):
        guides.share(world.context, number, name="x", lasts=DAY, actor=AUTOMATION)
    with pytest.raises(NotFound):
        guides.revoke(world.context, number, link.id, actor=AUTOMATION)
    with reading(world.engine) as session:
        assert stored.versions(session, number, limit=9) == []
        assert stored.links(session, number) == []
        with pytest.raises(NotFound):
            stored.version(session, number, 1)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"name": " "}, "1 to 80"),
        ({"name": "x" * 81}, "1 to 80"),
        ({"lasts": timedelta(minutes=59)}, "1 hour to 365 days"),
        ({"lasts": timedelta(days=366)}, "1 hour to 365 days"),
        ({"language": "fr"}, "en .English. and id"),
    ],
)
def test_a_link_that_cannot_be_is_refused_in_a_sentence(
    world: World, values: dict[str, object], sentence: str
) -> None:
    add(world)
    with pytest.raises(UsageError, match=sentence):
        guides.share(
            world.context,
            world.workspace.id,
            actor=AUTOMATION,
            **{"name": "x", "lasts": DAY, **values},  # type: ignore[arg-type]
        )
