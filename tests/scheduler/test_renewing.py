"""Renewing credentials: one worker asks, whatever it learns is committed before it is used."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine

from domain.errors import NeedsReconnect, NotSent
from publishers.base import Publisher
from publishers.oauth import OAuthCredentials
from scheduler import applications, channels
from scheduler.renewing import in_good_standing, renewed
from store.changes import AUTOMATION
from store.engine import reading, writing
from store.tables import ChannelRow
from tests.servers.flow_platform import platform_of
from tests.servers.oauth import Grant, OAuthServer, oauth_server
from tests.world import World, new_world


@dataclass
class Connected:
    """A world whose channel was granted access an hour ago."""

    world: World
    server: OAuthServer

    def row(self) -> ChannelRow:
        with reading(self.world.engine) as session:
            return session.get_one(ChannelRow, self.world.channel.id)

    def publisher(self) -> Publisher:
        return self.world.context.publisher(self.row())

    @property
    def renewals(self) -> int:
        return sum(form["grant_type"] == "refresh_token" for form in self.server.asked)


@pytest.fixture
def connected(engine: Engine) -> Iterator[Connected]:
    with oauth_server() as server:
        world = new_world(engine, platform="drumhub", adapters={"drumhub": platform_of(server)})
        applications.set_application(
            world.context, "drumhub", application_id=server.client_id, secret=server.client_secret,
            actor=AUTOMATION,
        )  # fmt: skip
        server.grants.append(Grant(server.scope, access="access-0", refresh="refresh-0"))
        held = OAuthCredentials.model_validate(
            {"access_token": "access-0", "refresh_token": "refresh-0", "expires_at": world.clock.now}
        )
        with writing(engine) as session:
            row = session.get_one(ChannelRow, world.channel.id)
            row.credentials = world.context.seal.close(row.id, held.sealable())
            session.add(row)
            session.commit()
        yield Connected(world, server)


def test_two_workers_at_once_renew_once(connected: Connected) -> None:
    together = threading.Barrier(6)
    ended: list[object] = []

    def work() -> None:
        publisher = connected.publisher()
        together.wait()
        try:
            ended.append(renewed(connected.world.context, publisher).identify())
        except NotSent as error:  # told to come back in a moment
            ended.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert connected.renewals == 1
    assert connected.server.grants[0].alive  # nobody sent the spent token
    assert len(ended) == 6


def test_another_machine_that_renews_is_waited_for(connected: Connected) -> None:
    from store import channels as rows

    with writing(connected.world.engine) as session:
        row = rows.lock(session, connected.world.channel.id)
        claim = rows.claim_renewal(session, row, now=connected.world.clock.now, lease=channels.TEST_EVERY)
        session.commit()

    with pytest.raises(NotSent, match="are being renewed"):
        renewed(connected.world.context, connected.publisher())
    assert connected.renewals == 0
    assert claim == 1


def test_what_a_renewal_gives_is_stored_before_it_is_used(connected: Connected) -> None:
    publisher = renewed(connected.world.context, connected.publisher())

    assert publisher.credentials == connected.publisher().credentials
    assert connected.row().renewing_until is None
    assert connected.server.holder(f"Bearer {publisher.credentials.access_token.get_secret_value()}")  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", [503, "lost"])
def test_after_a_blip_the_next_one_may_ask_at_once(connected: Connected, fault: int | str) -> None:
    connected.server.faults.append(fault)
    with pytest.raises(NotSent):
        renewed(connected.world.context, connected.publisher())
    assert connected.row().renewing_until is None

    if fault == 503:
        assert renewed(connected.world.context, connected.publisher()).identify()


def test_an_access_token_that_ended_early_is_renewed_once_and_the_call_made_again(
    connected: Connected,
) -> None:
    renewed(connected.world.context, connected.publisher())
    connected.server.grants[0].access = "changed behind our back"

    _, identity = in_good_standing(
        connected.world.context, connected.publisher(), lambda publisher: publisher.identify()
    )

    assert identity is not None
    assert identity.name == "Drum School"
    assert connected.renewals == 2


def test_a_grant_that_was_taken_back_needs_its_owner(connected: Connected) -> None:
    connected.server.grants[0].alive = False

    with pytest.raises(NeedsReconnect) as caught:
        renewed(connected.world.context, connected.publisher())

    assert not [secret for secret in connected.server.secrets if secret in str(caught.value)]


def test_a_refused_token_that_cannot_be_renewed_now_is_no_dead_channel(connected: Connected) -> None:
    renewed(connected.world.context, connected.publisher())
    connected.server.grants[0].access = "changed behind our back"
    connected.server.faults.append(503)

    with pytest.raises(NotSent):
        channels.test(connected.world.context, connected.world.workspace.id, connected.world.channel.name)
