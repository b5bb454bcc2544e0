"""A server of others as a process of the test run's own, gone with the run however that ends."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

#: Seconds that a start may take on a busy machine.
START_LIMIT = 90.0

#: Starts the server and ends with it; ends it when standard input closes, as happens when the run is gone.
_KEEPER = (
    'exec 3<&0; "$@" </dev/null 3<&- & server=$!; '
    '(cat <&3 >/dev/null; kill "$server" 2>/dev/null) </dev/null & exec 3<&-; wait "$server"'
)


class Running:
    """A context manager; inside it, the server answers.

    Args:
        ready: tells whether the server answers; asked until it does. May raise OSError while it does not.
    """

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        folder: Path,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [str(part) for part in command]
        self._folder = folder
        self._ready = ready
        self._environment = {**os.environ, **(environment or {})}
        self._log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, "sh", *self._command],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches pytest, which stops us
            )
        ends_at = time.monotonic() + START_LIMIT
        while time.monotonic() < ends_at and self._process.poll() is None:
            with contextlib.suppress(OSError):
                if self._ready():
                    return self
            time.sleep(0.1)
        self.__exit__(None, None, None)
        raise RuntimeError(f"{self._command[0]} did not start: {self._log.read_text()[-3000:]}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is None or self._process.stdin is None:
            return
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
