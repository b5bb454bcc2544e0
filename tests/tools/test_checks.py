"""The list of checks tells the truth about each of them."""

import os
import subprocess
import sys

import pytest

from tools.checks import CHECKS, CHECKS_REAL, MOST_WORKERS, PYTEST, PYTEST_REAL, ROOT, Check, run, workers

GOOD = Check("good", "python", ("-c", "print('done')"))
BAD = Check("bad", "python", ("-c", "raise SystemExit(3)"))
SLOW = Check("slow", "python", ("-c", "import time; time.sleep(30)"))


def test_all_checks_passing_is_a_zero() -> None:
    assert run([GOOD, GOOD]) == 0


def test_one_failure_is_a_one_and_the_rest_still_runs(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([BAD, GOOD]) == 1

    said = capfd.readouterr().out.splitlines()
    assert "done" in said
    assert [line.split()[:2] for line in said[-2:]] == [["FAILED", "bad"], ["passed", "good"]]


def test_a_check_that_hangs_is_stopped_and_has_failed(capfd: pytest.CaptureFixture[str]) -> None:
    assert run([SLOW, GOOD], limit=0.5) == 1
    assert "slow took longer than" in capfd.readouterr().out


def test_the_checks_against_real_servers_hold_all_the_others() -> None:
    real = [check.name for check in CHECKS_REAL]

    assert [name for name in real if name != "real servers"] == [check.name for check in CHECKS]
    assert real.index("real servers") < real.index("pytest")


def test_every_core_that_is_ours_takes_its_part_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    for check in (PYTEST, PYTEST_REAL):
        assert check.arguments[check.arguments.index("-n") + 1] == str(workers())

    for cores, expected in (({0}, 1), ({2, 5}, 2), (set(range(64)), MOST_WORKERS)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _process, cores=cores: cores, raising=False)
        assert workers() == expected


def test_further_arguments_run_only_pytest_with_its_own_exit_code() -> None:
    command = [sys.executable, "-m", "tools.checks", "tests/tools", "-k", "no_test_has_this_name"]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True)

    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "── ruff" not in done.stdout
