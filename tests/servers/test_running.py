"""Servers of others run beside the tests, and are gone with them however the run ends."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.servers.install import alone
from tests.servers.ports import free_port
from tests.servers.running import Running

ROOT = Path(__file__).resolve().parents[2]


def web(folder: Path, port: int) -> Running:
    """A web server of Python's own."""

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/").is_success
        except httpx.TransportError:
            return False

    command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)]
    return Running(command, folder=folder, ready=answers)


def is_refused(port: int) -> bool:
    """Whether nobody listens, within a moment."""
    ends_at = time.monotonic() + 10
    while time.monotonic() < ends_at:
        try:
            httpx.get(f"http://127.0.0.1:{port}/")
        except httpx.ConnectError:
            return True
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    return False


def test_a_server_answers_inside_the_block_and_no_longer_behind_it(tmp_path: Path) -> None:
    port = free_port()
    with web(tmp_path, port):
        assert httpx.get(f"http://127.0.0.1:{port}/").is_success

    assert is_refused(port)


def test_a_server_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such drum')"]
    running = Running(command, folder=tmp_path, ready=lambda: False)

    with pytest.raises(RuntimeError, match="no such drum"), running:
        raise AssertionError("it started")


def test_a_server_ends_with_a_run_that_was_killed(tmp_path: Path) -> None:
    port = free_port()
    script = (
        "import sys, time; from pathlib import Path; from tests.servers.test_running import web\n"
        f"with web(Path({str(tmp_path)!r}), {port}): print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"up\n"
        os.kill(run.pid, signal.SIGKILL)

    assert is_refused(port)


def test_two_who_install_take_turns(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.servers.install import alone\n"
        f"with alone(Path({str(tmp_path)!r})): print('in', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == b"in\n"
        with (tmp_path / "lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        first.communicate(b"")

    with alone(tmp_path):
        pass
