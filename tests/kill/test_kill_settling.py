"""A worker killed while it writes columns leaves no post to be forgotten."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

#: Statements and commits before which the worker dies, from its first to its last.
STEPS = range(3, 60, 4)


@pytest.mark.timeout(900)
def test_a_worker_killed_at_any_statement_leaves_every_post_to_be_written_and_compared(
    database_url: str,
) -> None:
    command = [sys.executable, "-m", "tests.kill.settling", database_url, *map(str, STEPS)]

    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=880, check=False
    )

    assert done.returncode == 0, done.stderr
    sums = json.loads(done.stdout)
    assert sums["trials"] == len(STEPS)
    assert sums["kills"] > len(STEPS) / 2, "too few workers were killed for this to prove anything"
    assert sums["waited"] > 2, "too few died between the columns and what follows from them"
    assert sums["told"] > 0, "no post was compared"
    assert {name: sums[name] for name in ("wrong", "left")} == {"wrong": 0, "left": 0}
