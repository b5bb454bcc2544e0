"""Servers of others that are written in Python: each in an environment of its own, made from its own lock."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class PythonServer:
    """An environment below `.real`, made from the lock `tests/servers/NAME.lock`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = ROOT / ".real" / name
        self._lock = HERE / f"{name}.lock"

    @property
    def programs(self) -> Path:
        """The folder with the environment's Python and commands."""
        return self.folder / "bin"

    def is_installed(self) -> bool:
        """Whether it was made, completely, from the lock that is here now and by this Python."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / ".ready").read_text() == self._version()
        return False

    def install(self) -> None:
        """Make the environment: all or nothing.

        Raises:
            RuntimeError: a package could not be installed; the reason went to standard error.
        """
        if self.is_installed():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        python = self.programs / "python"
        uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".boot" / "bin" / "uv")
        _run([uv, "venv", "-q", "--python", sys.executable, str(self.folder)])
        _run(
            [
                uv,
                "pip",
                "sync",
                "-q",
                "--compile-bytecode",
                "-p",
                str(python),
                "--require-hashes",
                str(self._lock),
            ]
        )
        (self.folder / ".ready").write_text(self._version())

    def check(self) -> None:
        """Raise RuntimeError, with what to do, when it is not installed."""
        if not self.is_installed():
            raise RuntimeError(f"{self.name} is not installed: run ./tabuh test --real once")

    def _version(self) -> str:
        made_from = self._lock.read_bytes() + (sysconfig.get_config_var("SOABI") or "").encode()
        return hashlib.sha256(made_from + str(self.folder).encode()).hexdigest()


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode != 0:
        sys.stderr.buffer.write(done.stdout[-20_000:])
        raise RuntimeError(f"{' '.join(command)} failed: the reason is above")
