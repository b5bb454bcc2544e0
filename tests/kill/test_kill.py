"""A worker killed at each step of publishing doubles nothing and loses nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill.trial import STEPS

SEEDS = 10


@pytest.mark.timeout(900)
def test_a_worker_killed_at_any_step_doubles_nothing_and_loses_nothing(
    database_url: str, tmp_path: Path
) -> None:
    root = Path(__file__).parents[2]
    folder = tmp_path / "platform"
    folder.mkdir()
    command = [sys.executable, "-m", "tests.kill.trial", database_url, str(folder), str(SEEDS)]

    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=880, check=False)

    assert done.returncode == 0, done.stderr
    sums = json.loads(done.stdout)
    assert sums["trials"] == len(STEPS) * SEEDS
    assert sums["kills"] > sums["trials"] / 3, "too few workers were killed for this to prove anything"
    assert {name: sums.get(name, 0) for name in ("doubles", "losses", "open")} == {
        "doubles": 0,
        "losses": 0,
        "open": 0,
    }
