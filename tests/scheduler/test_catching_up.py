"""What is open is told when an address is set, or a way switched on: once, and only if it is open still."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from domain.person import Role
from domain.telling import Group, Wish
from scheduler import alerts, endpoints
from store import people
from store.changes import AUTOMATION, Actor
from store.engine import writing
from store.tables import ChannelRow, Person
from tests.scheduler.test_telling import fits, ok, rows, with_mail, work
from tests.scheduler.test_watching import a_feed, listed, look
from tests.servers import mail as mail_server
from tests.servers.loopback import Answer, Loopback
from tests.world import NOON, World, new_world

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

DAY = timedelta(days=1)


@pytest.fixture
def server() -> Iterator[mail_server.MailServer]:
    with mail_server.running(encryption="none", certificate=None) as running:
        yield running


def owner(world: World, *, email: str | None = None) -> Person:
    with writing(world.engine) as session:
        person = people.add_person(session, "ani", now=world.clock.now)
        person.email = email
        people.set_role(session, person_id=person.id, workspace_id=world.workspace.id, role=Role.OWNER)
        session.commit()
    return person


def reads_at(world: World, person: Person, address: str | None, wish: Wish | None = None) -> None:
    """As the person sets it on the page, by the command or by the API."""
    chosen = wish or Wish()
    workspace = world.workspace.id
    alerts.set_wish(world.context, workspace, person.id, chosen, address=address, actor=AUTOMATION)


def quiet(world: World) -> None:
    a_feed(world, every=DAY, quiet_for=3 * DAY)
    look(world)


def losing_access(world: World) -> None:
    with writing(world.engine) as session:
        session.get_one(ChannelRow, world.channel.id).access_until = world.clock.now + 5 * DAY
        session.commit()
    look(world, minutes=5)


def test_an_alert_that_opened_before_is_told_once_when_an_address_is_set(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    person = owner(world)
    quiet(world)
    assert (len(listed(world)), work(world)) == (1, 0)

    reads_at(world, person, "ani@a.example")
    work(world)
    reads_at(world, person, None)
    reads_at(world, person, "ani@b.example")
    look(world, minutes=5)
    work(world)

    [(to, mail)] = server.mails
    assert to == ["ani@a.example"]
    assert str(mail["Subject"]).startswith("[Main] Feed quiet: ")


def test_several_open_alerts_come_in_one_mail(engine: Engine, server: mail_server.MailServer) -> None:
    world = with_mail(new_world(engine), server)
    person = owner(world)
    quiet(world)
    losing_access(world)

    reads_at(world, person, "ani@a.example")
    work(world)

    [(_, mail)] = server.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert mail["Subject"] == "2 notices of Main"
    assert body.get_content().index("Feed quiet") < body.get_content().index("Access ends")


def test_what_has_closed_was_put_off_seen_muted_or_is_not_wanted_is_not_told_later(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    person = owner(world)
    quiet(world)
    losing_access(world)
    feed, access = listed(world)
    workspace = world.workspace.id

    reads_at(world, person, "ani@a.example", Wish(groups=frozenset({Group.KPIS})))
    alerts.snooze(world.context, workspace, access.id, 2 * DAY, actor=AUTOMATION)
    alerts.mute(world.context, workspace, subject=feed.subject, actor=AUTOMATION)
    reads_at(world, person, None)
    assert rows(world) == []

    with writing(world.engine) as session:
        session.get_one(ChannelRow, world.channel.id).access_until = None
        session.commit()
    alerts.unmute(world.context, workspace, subject=feed.subject, actor=AUTOMATION)
    look(world, days=3)
    alerts.see(world.context, workspace, feed.id, actor=people_actor(person))
    reads_at(world, person, None)
    assert rows(world) == []


def people_actor(person: Person) -> Actor:
    return Actor("person", person_id=person.id)


def test_quiet_hours_and_digests_hold_what_is_told_later_too(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    person = owner(world)
    quiet(world)
    losing_access(world)

    reads_at(world, person, "ani@a.example", Wish(digest_hour=17))
    assert work(world) == 0
    [row] = rows(world)
    assert (row.is_digest, row.next_at) == (True, NOON + timedelta(hours=5))

    reads_at(world, person, "ani@c.example", Wish(digest_hour=17))
    world.clock.forward(hours=5)
    work(world)
    assert [to for to, _ in server.mails] == [["ani@c.example"]]


def test_a_delivery_that_was_given_up_is_tried_again_at_the_right_address(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    person = owner(world, email="anni@a.example")
    server.refused["anni@a.example"] = "550 5.1.1 no such user"
    quiet(world)
    work(world)
    assert [row.state for row in rows(world)] == ["failed"]

    reads_at(world, person, "ani@a.example")
    work(world)

    assert [to for to, _ in server.mails] == [["ani@a.example"]]
    assert [row.state for row in rows(world)] == ["sent"]


def test_a_webhook_is_told_what_is_open_when_it_is_added_and_signs_it(engine: Engine) -> None:
    world = new_world(engine)
    quiet(world)
    with Loopback(ok) as receiver:
        _, secret = hook(world, receiver)
        hook(world, receiver, name="reports", kinds=["report.ready"])
        work(world)
        look(world, minutes=5)
        work(world)

        [request] = receiver.requests
        assert fits(secret, request.headers, request.body)
        assert json.loads(request.body)["type"] == "alert.opened"


def test_a_webhook_that_is_switched_on_again_hears_what_it_missed(engine: Engine) -> None:
    world = new_world(engine)
    answers: list[Answer] = [(410, {}, b"")]
    with Loopback(lambda path, headers: answers[-1]) as receiver:
        hook(world, receiver)
        quiet(world)
        work(world)
        losing_access(world)
        answers.append((204, {}, b""))

        endpoints.switch_on(world.context, world.workspace.id, "ops", actor=AUTOMATION)
        work(world)

        heard = [json.loads(one.body)["data"]["facts"]["rule"] for one in receiver.requests]
        assert heard == ["feed.quiet", "feed.quiet", "access.ends"]


def hook(
    world: World, receiver: Loopback, *, name: str = "ops", kinds: list[str] | None = None
) -> tuple[object, str]:
    return endpoints.add(
        world.context,
        world.workspace.id,
        name=name,
        url=f"{receiver.url}/hook",
        kinds=kinds,
        actor=AUTOMATION,
    )
