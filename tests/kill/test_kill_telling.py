"""A delivery whose program is killed in the middle is made again by another, with the same id."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.sentence import Words
from domain.telling import Notice
from scheduler import endpoints
from scheduler.telling import tell
from store.changes import AUTOMATION
from store.due import claim_due
from store.engine import writing
from store.seal import Seal, new_key
from store.tables import Telling
from tests.servers.loopback import Answer, Loopback
from tests.world import NOON, new_world

ROOT = Path(__file__).resolve().parents[2]
LEASE = timedelta(minutes=5)

#: Claims what is due and hands it over, as a worker does.
WORKER = """
import sys
from datetime import datetime, timedelta
from net.client import make_client
from scheduler.context import Context
from scheduler.handing_over import hand_over
from store.due import claim_due
from store.engine import open_engine, writing
from store.seal import Seal
from store.tables import Telling

url, key, now = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])
context = Context(
    engine=open_engine(url), http=make_client(allowed_networks=("127.0.0.0/8",)), seal=Seal([key]),
    clock=lambda: now, public_url="http://127.0.0.1:8420", database_clock=False,
)
with writing(context.engine) as session:
    rows = claim_due(session, Telling, now=now, lease=timedelta(minutes=5), limit=1)
for row in rows:
    hand_over(context, row)
"""


@pytest.mark.parametrize("times", [1, 3])
def test_whoever_dies_in_the_middle_the_receiver_hears_of_it(engine: Engine, times: int) -> None:
    key = new_key()
    world = new_world(engine)
    world.context = replace(world.context, seal=Seal([key]))
    children: list[subprocess.Popen[bytes]] = []

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        if children[-1].poll() is None and len(children) <= times:
            children[-1].send_signal(signal.SIGKILL)  # it has sent, and will never read the answer
            children[-1].wait()
        return 204, {}, b""

    notice = Notice(key="n", kind="test", subject=Words("A", "A"), text=Words("B", "B"))
    with Loopback(answer) as receiver:
        endpoints.add(world.context, world.workspace.id, name="x", url=receiver.url, actor=AUTOMATION)
        with writing(engine) as session:
            tell(session, world.workspace.id, notice, now=NOON)
            session.commit()
        for _ in range(times + 1):
            command = [sys.executable, "-c", WORKER, engine.url.render_as_string(hide_password=False), key]
            child = subprocess.Popen([*command, world.clock.now.isoformat()], cwd=ROOT, env=dict(os.environ))
            children.append(child)
            child.wait(60)
            world.clock.now += LEASE + timedelta(seconds=1)

        assert [child.returncode for child in children] == [-signal.SIGKILL] * times + [0]
        assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
        assert receiver.count() == times + 1
    with Session(engine) as session:
        [row] = session.scalars(select(Telling)).all()
    assert (row.state, row.tries) == ("sent", times + 1)
    with writing(engine) as session:
        assert claim_due(session, Telling, now=world.clock.now, lease=LEASE, limit=9) == []
