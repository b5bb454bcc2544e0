"""A real Bluesky PDS with its PLC directory, from npm, for the tests marked `real`."""

import contextlib
import json
import os
import queue
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import httpx

from tests.servers.node_packages import NodePackages

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDER = ROOT / ".real" / "pds"
PACKAGES = NodePackages("the PDS", sources=HERE, folder=FOLDER)
install = PACKAGES.install

#: Seconds until the servers answer; 1.1 is usual.
START_LIMIT = 120.0


class PdsAccount(NamedTuple):
    """Who may post on the PDS, and with what."""

    did: str
    handle: str
    app_password: str


class Pds:
    """A running PDS, empty at first, as a context manager."""

    #: What it is made of, the script that starts it, and what that needs to be told.
    packages = PACKAGES
    script = HERE / "pds.mjs"
    how = "run ./tabuh test --real once"

    def __init__(self) -> None:
        self.url = ""
        self._folder = Path(tempfile.mkdtemp(prefix="tabuh-node-"))
        self._log = self._folder / "server.log"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        if not self.packages.is_installed():
            raise RuntimeError(f"{self.packages.name} is not installed: {self.how}")
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [self.packages.node, self._placed().name],
                cwd=self.packages.folder,
                stdin=subprocess.PIPE,  # closes with us, however we end, and ends the servers
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C reaches pytest, which stops us
                env={**os.environ, **self.environment()},
            )
        try:
            self.url = self._wait_until_ready()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._end(self._process)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, process: subprocess.Popen[str]) -> None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def _placed(self) -> Path:
        """The script beside the packages, where it looks for its modules; another run may be reading it."""
        placed = self.packages.folder / self.script.name
        fresh = placed.with_name(f"{self._folder.name}.mjs")
        shutil.copy(self.script, fresh)
        return fresh.replace(placed)

    def environment(self) -> dict[str, str]:
        """What the script is told."""
        return {"LOG_ENABLED": "false", "NODE_ENV": "production"}

    def create_account(self, handle: str | None = None) -> PdsAccount:
        """Sign somebody up, with an app password; the handle ends in `.test` and is made up by default."""
        name = handle or f"u{secrets.token_hex(6)}.test"
        password = secrets.token_urlsafe(16)
        with httpx.Client(base_url=f"{self.url}/xrpc/", timeout=30) as client:
            body = {
                "handle": name,
                "email": f"{name.removesuffix('.test')}@example.com",
                "password": password,
            }
            made = _answer(client.post("com.atproto.server.createAccount", json=body))
            app = _answer(
                client.post(
                    "com.atproto.server.createAppPassword",
                    json={"name": "tabuh"},
                    headers={"Authorization": f"Bearer {made['accessJwt']}"},
                )
            )
        return PdsAccount(did=made["did"], handle=made["handle"], app_password=app["password"])

    def _wait_until_ready(self) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        stdout = self._process.stdout

        def read() -> None:
            with contextlib.suppress(ValueError):  # closed under us by a failed start
                for line in stdout:
                    lines.put(line)
            lines.put("")

        threading.Thread(target=read, daemon=True).start()
        with contextlib.suppress(queue.Empty):
            while line := lines.get(timeout=START_LIMIT):
                word, _, rest = line.partition(" ")
                if word == "READY":
                    url: str = json.loads(rest)["url"]
                    return url
        raise RuntimeError(f"{self.packages.name} did not start: {self._log.read_text()[-2000:]}")


def _answer(response: httpx.Response) -> dict[str, str]:
    if response.is_error:
        raise RuntimeError(f"the PDS answered {response.status_code}: {response.text}")
    answer: dict[str, str] = response.json()
    return answer


if __name__ == "__main__":
    try:
        install()
    except RuntimeError as reason:
        sys.exit(str(reason))
    print(FOLDER)
