"""Deliveries under two workers and crashes: none is lost, nor told twice to a receiver that keeps ids."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from scheduler.handing_over import deliver_now, hand_over
from store.due import claim_due
from store.engine import writing
from store.tables import Telling
from tests.scheduler.test_telling import NOTICE, add_hook, ok, rows, somebody, told, with_mail, work
from tests.servers import mail as mail_server
from tests.servers.loopback import Loopback
from tests.world import World, new_world

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

LEASE = timedelta(minutes=5)


class Crash(BaseException):
    """The worker dies: nothing that it would still do is done."""


@pytest.fixture
def server() -> Iterator[mail_server.MailServer]:
    with mail_server.running(encryption="none", certificate=None) as running:
        yield running


def claimed(world: World) -> list[Telling]:
    with writing(world.engine) as session:
        return list(claim_due(session, Telling, now=world.clock.now, lease=LEASE, limit=50))


def test_two_workers_at_once_send_each_delivery_once(engine: Engine) -> None:
    world, began, broke = new_world(engine), threading.Barrier(2), list[BaseException]()
    with Loopback(ok) as receiver:
        for number in range(6):
            add_hook(world, f"{receiver.url}/{number}", name=f"Hook {number}")
        told(world)

        def worker() -> None:
            try:
                began.wait(10)
                for row in claimed(world):
                    hand_over(world.context, row)
            except BaseException as error:
                broke.append(error)

        threads = [threading.Thread(target=worker) for _ in range(2)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(60)
        while work(world):  # what a worker found locked comes with its next look
            pass

    assert broke == []
    assert sorted(request.path for request in receiver.requests) == [f"/{number}" for number in range(6)]
    assert {row.state for row in rows(world)} == {"sent"}


def test_a_worker_that_overslept_its_claim_sends_nothing(engine: Engine) -> None:
    world = new_world(engine)
    with Loopback(ok) as receiver:
        add_hook(world, receiver.url)
        told(world)
        [stale] = claimed(world)
        world.clock.forward(minutes=6)
        work(world)

        hand_over(world.context, stale)

    assert receiver.count() == 1
    assert rows(world)[0].state == "sent"


def test_a_worker_that_dies_before_it_sends_loses_nothing(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    somebody(world, "ani")
    told(world)
    claimed(world)  # and dies

    assert work(world) == 0, "it is left to the dead one while its lease lasts"
    world.clock.forward(minutes=6)
    work(world)

    assert len(server.mails) == 1
    assert work(world) == 0


def test_a_worker_that_dies_after_it_was_heard_is_heard_again_with_the_same_id(
    engine: Engine,
) -> None:
    """Whether the receiver took it nobody can know: it is told again, and who keeps ids keeps it once."""
    world, dies = new_world(engine), [True]

    with Loopback(ok) as receiver:
        add_hook(world, receiver.url)
        told(world)
        [row] = claimed(world)

        def clock() -> datetime:
            if receiver.requests and dies:
                raise Crash
            return world.clock.now

        with pytest.raises(Crash):
            hand_over(replace(world.context, clock=clock), row)
        dies.clear()
        assert rows(world)[0].state == "waiting"
        world.clock.forward(minutes=6)
        work(world)

    assert receiver.count() == 2
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert rows(world)[0].state == "sent"


def test_a_mail_whose_worker_died_keeps_its_message_id(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    somebody(world, "ani")
    told(world)
    [row] = claimed(world)

    def clock() -> datetime:
        if server.mails:
            raise Crash
        return world.clock.now

    with pytest.raises(Crash):
        hand_over(replace(world.context, clock=clock), row)
    world.clock.forward(minutes=6)
    work(world)

    assert len({mail["Message-ID"] for _, mail in server.mails}) == 1
    assert rows(world)[0].state == "sent"


def test_a_person_who_tries_it_now_takes_nothing_from_a_worker_that_sends_it(engine: Engine) -> None:
    world = new_world(engine)
    with Loopback(ok) as receiver:
        add_hook(world, receiver.url)
        told(world)
        [row] = claimed(world)
        deliver_now(world.context, world.workspace.id, NOTICE.key)
        hand_over(world.context, row)

    assert receiver.count() == 1
