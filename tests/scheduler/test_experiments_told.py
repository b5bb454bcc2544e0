"""The end of an experiment is told once, with what came of it, why it ended and what to do."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.alerts import Rule
from domain.telling import Group, Wish
from scheduler import experiments as commands
from scheduler.alerting import words_of
from store.engine import writing
from store.tables import AlertRow, Experiment, Watch
from tests.scheduler.test_experiments import HIGH, LOW, PERSON, give, start, views
from tests.scheduler.test_experiments import look as judge
from tests.scheduler.test_telling import add_hook, fits, ok, somebody, wish, with_mail, work
from tests.scheduler.test_watching import listed, look
from tests.servers import mail as mail_server
from tests.servers.loopback import Loopback
from tests.world import World, new_world

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


@pytest.fixture
def world(engine: Engine) -> World:
    return new_world(engine, platform="page", zone="Asia/Jakarta")


def ended(world: World, name: str = "Questions") -> Experiment:
    """One that has reached its size: B is better."""
    row = start(world, name)
    give(world, row, "A", views(world, *LOW))
    give(world, row, "B", views(world, *HIGH))
    world.clock.forward(hours=1)
    judge(world)
    return row


def about(world: World) -> list[AlertRow]:
    return listed(world, Rule.EXPERIMENT_ENDED)


def test_the_end_reaches_people_and_programs_once_with_the_result(world: World) -> None:
    with (
        mail_server.running(encryption="none", certificate=None) as server,
        Loopback(ok) as receiver,
    ):
        world = with_mail(world, server)
        somebody(world, "ani")
        somebody(world, "budi", language="id")
        _, secret = add_hook(world, f"{receiver.url}/hook")
        row = ended(world)
        look(world)
        work(world)
        look(world, minutes=6)
        work(world)

        [request] = [one for one in receiver.requests if b"experiment.ended" in one.body]
        assert fits(secret, request.headers, request.body)
        facts = json.loads(request.body)["data"]["facts"]
        english, indonesian = facts["told"]["en"], facts["told"]["id"]
        assert english["what"].startswith("The experiment Questions is over. B is ahead of A: +")
        assert "mengungguli" in indonesian["what"]
        assert english["unusual"] == "Of all experiments without a difference, at most 5% ever tell one."
        assert english["cause"] == "It ended because every arm had its 8 measured posts."
        assert indonesian["cause"] == "Eksperimen berakhir karena setiap cabang sudah punya 8 pos terukur."
        assert english["action"].startswith("Read the whole result")
        assert english["command"] == f"tabuh experiment show {row.id}"
        mails = [(to[0], mail) for to, mail in server.mails if "Questions" in str(mail["Subject"])]
        assert sorted((to, str(mail["Subject"])) for to, mail in mails) == [
            ("ani@a.example", "[Main] Experiment over: Questions"),
            ("budi@a.example", "[Main] Eksperimen selesai: Questions"),
        ]
        for _, mail in mails:
            body = mail.get_body(("plain",))
            assert body is not None
            assert f"https://tabuh.example/experiments/{row.id}" in body.get_content()


def test_the_next_look_comes_at_once_when_an_experiment_ends(world: World) -> None:
    row = start(world)
    look(world)
    with writing(world.engine) as session:
        [watch] = session.scalars(select(Watch)).all()
        assert watch.next_at is not None
        assert watch.next_at > world.clock.now

    commands.end(world.context, world.workspace.id, row.id, reason="The season is over.", actor=PERSON)
    look(world)

    [alert] = about(world)
    said = words_of(alert, language="en", zone="UTC")
    assert said.cause == "It ended because a person ended it: The season is over."
    assert said.what.startswith("The experiment Questions is over. Not enough data: each arm needs")


def test_one_that_was_given_up_says_that_nothing_is_concluded(world: World) -> None:
    row = start(world)
    commands.stop(world.context, world.workspace.id, row.id, actor=PERSON)
    look(world)

    [alert] = about(world)
    said = words_of(alert, language="id", zone="UTC")
    assert not alert.is_good
    assert said.what == "Eksperimen Questions selesai. Eksperimen dihentikan, jadi tidak ada kesimpulan."
    assert said.cause == "Eksperimen berakhir karena diakhiri oleh seseorang."


def test_after_a_week_it_leaves_the_list_by_itself_and_is_not_told_anew(world: World) -> None:
    ended(world)
    look(world)
    look(world, days=8)
    look(world, days=1)

    [alert] = about(world)
    assert alert.closed_at is not None
    assert words_of(alert, language="en", zone="UTC").closing == "Its result stays where it is."


def test_who_wants_no_word_of_experiments_gets_none(world: World) -> None:
    with mail_server.running(encryption="none", certificate=None) as server:
        world = with_mail(world, server)
        wish(world, somebody(world, "ani"), Wish(groups=frozenset({Group.KPIS})))
        wish(world, somebody(world, "budi"), Wish(groups=frozenset({Group.EXPERIMENTS})))
        ended(world)
        look(world)
        work(world)

        assert {to[0] for to, _ in server.mails} == {"budi@a.example"}
    assert timedelta(0) <= world.clock.now - about(world)[0].since <= timedelta(hours=1)
