"""A real Bluesky PDS with its PLC directory, from npm, for the tests marked `real`."""

import contextlib
import hashlib
import json
import os
import platform
import queue
import secrets
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import httpx

from tests.servers import debian

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FOLDER = ROOT / ".real" / "pds"
#: npm's settings come along: .npmrc keeps addresses out of the lock.
SOURCES = tuple(HERE / name for name in ("package.json", "package-lock.json", ".npmrc"))

#: Seconds until the servers answer; 1.1 is usual.
START_LIMIT = 60.0


class PdsAccount(NamedTuple):
    """Who may post on the PDS, and with what."""

    did: str
    handle: str
    app_password: str


class Pds:
    """A running PDS, empty at first, as a context manager."""

    def __init__(self) -> None:
        self.url = ""
        self._log = FOLDER / "pds.log"
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        if not is_installed():
            raise RuntimeError("the PDS is not installed: run ./tabuh test --real once")
        shutil.copy(HERE / "pds.mjs", FOLDER)  # modules are looked up from where the script lies
        with self._log.open("w") as log:
            self._process = subprocess.Popen(
                [_node(FOLDER), "pds.mjs"],
                cwd=FOLDER,
                stdin=subprocess.PIPE,  # closes with us, however we end, and ends the servers
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C reaches pytest, which stops us
                env={**os.environ, "LOG_ENABLED": "false", "NODE_ENV": "production"},
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
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

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
        raise RuntimeError(f"the PDS did not start: {self._log.read_text()[-2000:]}")


def is_installed() -> bool:
    """Whether `.real/pds` was made, completely, from the lock that is here now."""
    with contextlib.suppress(FileNotFoundError):
        return (FOLDER / ".ready").read_text() == _version()
    return False


def install() -> None:
    """Install what the lock lists into `.real/pds`, with the Node.js that it brings; all or nothing.

    Raises:
        RuntimeError: with what to do, when npm or a compiler is missing or npm failed.
    """
    if is_installed():
        return
    needed = {"npm": "npm", "make": "make", "g++": "g++", "python3": "python3"}
    missing = [package for program, package in needed.items() if shutil.which(program) is None]
    if missing and not debian.install(*missing):
        raise RuntimeError(f"the PDS needs {', '.join(missing)}: install it and run this again")
    fresh = FOLDER.with_name("pds.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for source in SOURCES:
        shutil.copy(source, fresh)
    # Scripts of packages stay unrun; the one native module is built by, and for, the Node.js that came along:
    # Debian's own build tool would link the module to Debian's Node.js, and it would crash.
    _run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], cwd=fresh)
    node = _node(fresh)
    build = [str(fresh / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"), "rebuild", "--release"]
    headers = f"--nodedir={node.parents[1]}"  # none are downloaded
    _run(
        [str(node), *build, headers, "--loglevel=error"],
        cwd=fresh / "node_modules" / "better-sqlite3",
    )
    (fresh / ".ready").write_text(_version())
    shutil.rmtree(FOLDER, ignore_errors=True)
    fresh.rename(FOLDER)


def _version() -> str:
    return hashlib.sha256(b"".join(source.read_bytes() for source in SOURCES)).hexdigest()


def _run(command: list[str], *, cwd: Path) -> None:
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        sys.stderr.buffer.write(done.stdout[-20_000:])
        raise RuntimeError(f"{' '.join(command)} failed in {cwd}: the reason is above")


def _node(folder: Path) -> Path:
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return folder / "node_modules" / f"node-linux-{machine}" / "bin" / "node"


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
