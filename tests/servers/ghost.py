"""A real Ghost on SQLite, from npm, for the tests marked `slow`: it takes minutes to install.

Its own lock pins everything it is made of; only Node.js and pnpm are chosen here.
"""

import contextlib
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx

from tests.servers import debian
from tests.servers.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".real" / "ghost"

GHOST, PNPM, NODE = "6.65.0", "12", "22"
#: Seconds until it answers, with its first migrations; 12 is usual.
START_LIMIT = 180.0
#: Nothing may leave this machine.
_NOWHERE = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1,localhost"}
#: Waits for the end of its input, which comes when the test run ends in whatever way, and cleans up.
_UNDERTAKER = 'cat >/dev/null; kill -KILL -- "-$1" 2>/dev/null; rm -rf "$2"'


class Integration(NamedTuple):
    """Who may use the Admin API, and with what."""

    url: str
    admin_key: str


class Ghost:
    """A running site with one owner, as a context manager."""

    def __init__(self) -> None:
        self.url = ""
        self._folder = Path(tempfile.mkdtemp(prefix="tabuh-ghost-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._undertaker: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if not is_installed():
            raise RuntimeError("Ghost is not installed: run ./tabuh test --slow once")
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _start(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        content = self._folder / "content"
        shutil.copytree(_package() / "content", content, symlinks=True)
        with (self._folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [_node(FOLDER), _package() / "index.js"],
                cwd=_package(),  # it looks for itself there
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches pytest, which stops us
                env={**os.environ, **_NOWHERE, **self._settings(port, content), "NODE_ENV": "development"},
            )
        self._undertaker = subprocess.Popen(
            ["/bin/sh", "-c", _UNDERTAKER, "sh", str(self._process.pid), self._folder],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        ends_at = time.monotonic() + START_LIMIT
        while time.monotonic() < ends_at and self._process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/ghost/api/admin/site/", timeout=30).is_success:
                    return
            time.sleep(0.2)
        raise RuntimeError(f"Ghost did not start: {(self._folder / 'log').read_text()[-3000:]}")

    def _settings(self, port: int, content: Path) -> dict[str, str]:
        """As variables of the environment, which Ghost reads too."""
        return {
            "url": self.url,
            "server__host": "127.0.0.1",
            "server__port": str(port),
            "database__client": "sqlite3",
            "database__connection__filename": str(self._folder / "ghost.db"),
            "database__useNullAsDefault": "true",
            "paths__contentPath": str(content),
            "mail__transport": "SMTP",
            "mail__options__host": "127.0.0.1",
            "mail__options__port": "9",
            "privacy__useUpdateCheck": "false",
            "privacy__useGravatar": "false",
            "privacy__useRpcPing": "false",
            "security__staffDeviceVerification": "false",
            "logging__level": "warn",
        }

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
        if self._undertaker is not None:
            self._undertaker.communicate()  # the end of its input: it removes the files
        shutil.rmtree(self._folder, ignore_errors=True)

    def integration(self) -> Integration:
        """The owner signs up, signs in and makes a custom integration, as a person would."""
        owner = {"name": "Owner", "email": "owner@example.com", "password": "Adm1n-pass-word!"}
        with httpx.Client(
            base_url=f"{self.url}/ghost/api/admin/", headers={"Origin": self.url}, timeout=60
        ) as client:
            setup = {"setup": [{**owner, "blogTitle": "Mading"}]}
            _answer(client.post("authentication/setup/", json=setup))
            session = {"username": owner["email"], "password": owner["password"]}
            if (opened := client.post("session/", json=session)).is_error:
                raise RuntimeError(f"Ghost lets its owner not in: {opened.status_code} {opened.text}")
            made = _answer(
                client.post("integrations/?include=api_keys", json={"integrations": [{"name": "tabuh"}]})
            )
        [key] = [one for one in made["integrations"][0]["api_keys"] if one["type"] == "admin"]
        return Integration(self.url, str(key["secret"]))


def is_installed() -> bool:
    """Whether `.real/ghost` was made, completely, by what stands here now."""
    with contextlib.suppress(FileNotFoundError):
        return (FOLDER / ".ready").read_text() == _version()
    return False


def install() -> None:
    """Install Ghost with the Node.js it needs into `.real/ghost`; all or nothing, and some minutes.

    Raises:
        RuntimeError: with what to do, when npm or a compiler is missing or one of the steps failed.
    """
    if is_installed():
        return
    needed = {"npm": "npm", "make": "make", "g++": "g++", "python3": "python3"}
    missing = [package for program, package in needed.items() if shutil.which(program) is None]
    if missing and not debian.install(*missing):
        raise RuntimeError(f"Ghost needs {', '.join(missing)}: install it and run this again")
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    (FOLDER / "package.json").write_text('{"private": true}')
    _run(["npm", "install", f"node-linux-{_machine()}@{NODE}", f"pnpm@{PNPM}", "--loglevel=error"], FOLDER)
    _run(["npm", "pack", f"ghost@{GHOST}", "--loglevel=error"], FOLDER)
    _run(["tar", "xzf", f"ghost-{GHOST}.tgz"], FOLDER)
    about = json.loads((_package() / "package.json").read_text())
    about.pop("packageManager", None)  # pnpm would fetch another one of itself
    (_package() / "package.json").write_text(json.dumps(about, indent=2))
    pnpm = FOLDER / "node_modules" / ".bin" / "pnpm"
    _run([str(pnpm), "install", "--prod", "--frozen-lockfile", "--reporter=append-only"], _package())
    (FOLDER / ".ready").write_text(_version())


def _version() -> str:
    return f"ghost {GHOST} {hashlib.sha256(f'{PNPM} {NODE}'.encode()).hexdigest()}"


def _run(command: list[str], folder: Path) -> None:
    node = _node(FOLDER)
    done = subprocess.run(
        command,
        check=False,
        cwd=folder,
        # Native modules are built by, and for, the Node.js that came along.
        env={
            **os.environ,
            "PATH": f"{node.parent}:{os.environ['PATH']}",
            "npm_config_nodedir": str(node.parents[1]),
            "CI": "true",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode != 0:
        sys.stderr.buffer.write(done.stdout[-20_000:])
        raise RuntimeError(f"{' '.join(command)} failed in {folder}: the reason is above")


def _package() -> Path:
    return FOLDER / "package"


def _machine() -> str:
    return {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


def _node(folder: Path) -> Path:
    return folder / "node_modules" / f"node-linux-{_machine()}" / "bin" / "node"


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.is_error:
        raise RuntimeError(f"Ghost answered {response.status_code}: {response.text}")
    answer: dict[str, Any] = response.json()
    return answer


if __name__ == "__main__":
    try:
        install()
    except RuntimeError as reason:
        sys.exit(str(reason))
    print(FOLDER)
