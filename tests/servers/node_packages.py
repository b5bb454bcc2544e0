"""Servers of others that are written for Node.js: from npm, by a lock, with the Node.js that comes along."""

import contextlib
import hashlib
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.servers import debian


class NodePackages:
    """What a folder with `package.json`, `package-lock.json` and `.npmrc` lists, installed below `.real`.

    Args:
        name: what sentences call it.
        sources: the folder; npm's settings come along, because .npmrc keeps addresses out of the lock.
        folder: where it is installed.
    """

    def __init__(self, name: str, *, sources: Path, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._sources = tuple(sources / one for one in ("package.json", "package-lock.json", ".npmrc"))

    @property
    def node(self) -> Path:
        """The Node.js that was installed with the packages."""
        return _node(self.folder)

    def is_installed(self) -> bool:
        """Whether it was made, completely, from the lock that is here now."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / ".ready").read_text() == self._version()
        return False

    def install(self) -> None:
        """Install what the lock lists; all or nothing.

        Raises:
            RuntimeError: with what to do, when npm or a compiler is missing or npm failed.
        """
        if self.is_installed():
            return
        needed = {"npm": "npm", "make": "make", "g++": "g++", "python3": "python3"}
        missing = [package for program, package in needed.items() if shutil.which(program) is None]
        if missing and not debian.install(*missing):
            raise RuntimeError(f"{self.name} needs {', '.join(missing)}: install it and run this again")
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True)
        for source in self._sources:
            shutil.copy(source, fresh)
        # Scripts of packages stay unrun; the one native module is built by, and for, the Node.js that came
        # along: Debian's own build tool would link the module to Debian's Node.js, and it would crash.
        _run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], cwd=fresh)
        node = _node(fresh)
        build = [str(fresh / "node_modules" / "node-gyp" / "bin" / "node-gyp.js"), "rebuild", "--release"]
        headers = f"--nodedir={node.parents[1]}"  # none are downloaded
        _run(
            [str(node), *build, headers, "--loglevel=error"],
            cwd=fresh / "node_modules" / "better-sqlite3",
        )
        (fresh / ".ready").write_text(self._version())
        shutil.rmtree(self.folder, ignore_errors=True)
        fresh.rename(self.folder)

    def _version(self) -> str:
        return hashlib.sha256(b"".join(source.read_bytes() for source in self._sources)).hexdigest()


def _run(command: Sequence[str], *, cwd: Path) -> None:
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
