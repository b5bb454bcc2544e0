"""Several machines find the same token about to end: exactly one renews it."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from publishers.oauth import OAuthCredentials
from scheduler import applications
from store.changes import AUTOMATION
from store.engine import writing
from store.seal import Seal, new_key
from store.tables import ChannelRow
from tests.servers.flow_platform import platform_of
from tests.servers.oauth import Grant, oauth_server
from tests.world import FixedClock, new_world

ROOT = Path(__file__).resolve().parents[2]


def test_of_several_processes_exactly_one_renews(engine: Engine) -> None:
    with oauth_server() as server:
        key, now = new_key(), datetime.now(UTC)
        world = new_world(
            engine, platform="drumhub", adapters={"drumhub": platform_of(server)}, clock=FixedClock(now)
        )
        object.__setattr__(world.context, "seal", Seal([key]))
        applications.set_application(
            world.context, "drumhub", application_id=server.client_id, secret=server.client_secret,
            actor=AUTOMATION,
        )  # fmt: skip
        server.grants.append(Grant(server.scope, access="access-0", refresh="refresh-0"))
        held = OAuthCredentials.model_validate(
            {"access_token": "access-0", "refresh_token": "refresh-0", "expires_at": now}
        )
        with writing(engine) as session:
            row = session.get_one(ChannelRow, world.channel.id)
            row.credentials = world.context.seal.close(row.id, held.sealable())
            session.add(row)
            session.commit()
        database = engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
        command = [
            sys.executable, "-m", "tests.scheduler.renewing_process", database, key, server.url,
            str(world.channel.id),
        ]  # fmt: skip
        machines = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(3)
        ]
        for machine in machines:
            assert machine.stdout
            assert machine.stdout.readline() == "ready\n"
        for machine in machines:
            assert machine.stdin
            machine.stdin.write("go\n")
            machine.stdin.flush()
        said = [machine.communicate(timeout=60)[0].strip() for machine in machines]

        assert sum(form["grant_type"] == "refresh_token" for form in server.asked) == 1
        assert server.grants[0].alive
        assert "Drum School" in said
        assert all(one == "Drum School" or "are being renewed" in one for one in said), said
