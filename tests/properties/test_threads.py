"""Whatever a platform does to the calls of a thread, no part of it is there twice."""

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from domain.post import PostState
from tests.publishers.fake_servers import LOST_ANSWER
from tests.scheduler.test_threads import TEXTS, settle, standing, threaded
from tests.world import emptied

FAULTS = st.lists(
    st.sampled_from(["ok", "lost", "503", "refused", "429"]),
    max_size=8,
)


@settings(deadline=None, max_examples=25)
@given(faults=FAULTS)
def test_no_run_of_faults_makes_a_part_twice(shared_engine: Engine, faults: list[str]) -> None:
    world, server, post = threaded(emptied(shared_engine))
    answers = {
        "ok": None,
        "lost": LOST_ANSWER,
        "503": httpx.Response(503),
        "refused": httpx.ConnectError("refused"),
        "429": httpx.Response(429, headers={"Retry-After": "60"}),
    }
    server.faults.extend(answers[name] for name in faults)

    done = settle(world, post)

    there = standing(server)
    assert len(there) == len(set(there))
    assert done.state == PostState.PUBLISHED
    assert set(there) >= TEXTS - {"<p>More tomorrow</p>"}
    assert ("<p>More tomorrow</p>" in there) == (done.reason is None)
