"""A server killed while readers follow short links has kept the click of every reader whom it sent on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kill.clicks import LEAST

SEEDS = 5


@pytest.mark.timeout(900)
def test_no_answered_redirect_loses_its_click_when_the_server_is_killed(database_url: str) -> None:
    command = [sys.executable, "-m", "tests.kill.clicks", database_url, str(SEEDS)]

    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=880, check=False
    )

    assert done.returncode == 0, done.stderr
    sums = json.loads(done.stdout)
    assert (sums["trials"], sums["kills"]) == (SEEDS, SEEDS)
    assert sums["answered"] >= LEAST * SEEDS, "too few redirects were answered for this to prove anything"
    assert {name: sums.get(name, 0) for name in ("lost", "doubled")} == {"lost": 0, "doubled": 0}
