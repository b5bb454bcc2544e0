"""A poller killed in the middle of its batches loses no entry, doubles none, and leaves no feed behind."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SEEDS = 6
BAD = ("entries_lost", "entries_doubled", "posts_lost", "posts_doubled", "not_polled", "unbalanced")


@pytest.mark.timeout(900)
def test_a_poller_killed_at_any_statement_loses_and_doubles_nothing(database_url: str) -> None:
    command = [sys.executable, "-m", "tests.kill.polling", database_url, str(SEEDS)]

    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=880, check=False
    )

    assert done.returncode == 0, done.stderr
    sums = json.loads(done.stdout)
    assert sums["trials"] == SEEDS
    assert sums["kills"] > SEEDS / 3, "too few pollers were killed for this to prove anything"
    assert {name: sums.get(name, 0) for name in BAD} == dict.fromkeys(BAD, 0)
