"""Driving the command: in this process for what ends, as a child process for the service."""

import io
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)


def run(*arguments: str) -> Said:
    """Run a command in this process and in the folder that the test is in."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    return Said(code, out.getvalue(), err.getvalue())


def done(*arguments: str) -> Any:
    """The document of a command that must succeed; ``--json`` is added, a failure shows where it arose."""
    said = run("--log-level", "debug", *arguments, "--json")
    assert said.code == 0, said.err
    return said.json


def refused(*arguments: str) -> str:
    """The one sentence of a command that must fail, without a traceback; its exit code is in front."""
    said = run(*arguments)
    assert said.code in (1, 2), said.out
    [sentence] = said.err.splitlines()
    assert "Traceback" not in said.err
    assert sentence.startswith("error: ")
    return f"{said.code} {sentence.removeprefix('error: ')}"


def program(
    *arguments: str, folder: Path, given: str = "", environment: Mapping[str, str] | None = None
) -> Said:
    """Run a command as a program of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        input=given,
        capture_output=True,
        text=True,
        cwd=folder,
        env=child_environment(environment),
        timeout=200,
        check=False,
    )
    return Said(ended.returncode, ended.stdout, ended.stderr)


def child_environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment, with our packages in reach."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "TABUH_ALLOWED_NETWORKS": "127.0.0.0/8", **(more or {})}


class Service:
    """`tabuh up` as a child process; leaving the context stops it."""

    def __init__(self, folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        command = [sys.executable, "-m", "cli.main", *(arguments or ("up",))]
        self.process = subprocess.Popen(
            [*command, "--json", "--no-open", "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
            env=child_environment(environment),
        )
        self.said: list[str] = []
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._read_out, daemon=True),
            threading.Thread(target=self._read_err, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def _read_out(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _read_err(self) -> None:
        assert self.process.stderr is not None
        self.said.extend(self.process.stderr)

    def greeting(self, seconds: float = 180) -> Any:
        """The document that the service prints once it answers."""
        text = ""
        while True:
            line = self._lines.get(timeout=seconds)
            assert line is not None, f"it ended: {''.join(self.said)}"
            text += line
            if line == "}\n":
                return json.loads(text)

    def stop(self, how: signal.Signals = signal.SIGINT, seconds: float = 120) -> int:
        """Send a signal and wait; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.wait(seconds)

    def wait(self, seconds: float = 120) -> int:
        """Wait until the service ends by itself; returns the exit code."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        for thread in self._threads:
            thread.join()
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)
