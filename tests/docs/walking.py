"""Walking through a tutorial: its commands are run in an empty folder, its outputs are compared.

A block ``sh`` is run; ``sh first-terminal`` runs until the end of the walk. The block ``text`` behind one is
what it prints. There ``…`` stands for anything (alone on a line: for any lines), a time of 2026 for any time,
and the id of a post for that post's id here.
"""

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.markdown import ROOT, Block, Page, shell_lines

#: Seconds that one block may take, and that a list may take to show what is under way.
BLOCK_LIMIT = 120
UNDER_WAY_LIMIT = 60

_ID = re.compile(r"\b\d{17,19}\b")
_TIME = re.compile(r"\b2026-\d\d-\d\d \d\d:\d\d\b")
_ANY_TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d"
#: Commands that may be said again until what they show has happened.
_LOOKS = re.compile(r"\./tabuh (?:(?:feed|post|route|kpi|stats) (?:list|show|preview|post)|ledger|status)\b")


@dataclass
class Walk:
    """One walk through a page."""

    folder: Path
    environment: Mapping[str, str]
    #: What the page says → what is meant here.
    meant: Mapping[str, str]
    #: The same the other way round, in this order: it undoes what only stands here.
    said: Mapping[str, str]
    #: Ids of posts on the page → ids here.
    ids: dict[str, str] = field(default_factory=dict)
    terminal: "Terminal | None" = None

    def go(self, page: Page) -> list[Block]:
        """Run everything; returns the blocks that were run. The first terminal is left running."""
        blocks = [block for block in page.blocks if block.language in ("sh", "text")]
        walked = []
        for block, behind in zip(blocks, [*blocks[1:], None], strict=True):
            if block.language == "sh":
                expected = behind.text if behind is not None and behind.language == "text" else None
                self._step(block, expected)
                walked.append(block)
        return walked

    def stop(self) -> int:
        """Ctrl-C in the first terminal; its exit code."""
        assert self.terminal is not None
        terminal, self.terminal = self.terminal, None
        return terminal.interrupt()

    def _step(self, block: Block, expected: str | None) -> None:
        if block.about == "first-terminal":
            self.terminal = Terminal(self._meant(block.text), self.folder, self.environment)
            self._compare(block, expected, self.terminal.said(lines=len((expected or "").splitlines())))
            return
        lines = list(shell_lines(block.text))
        patience = UNDER_WAY_LIMIT if all(_LOOKS.match(line) for line in lines) else 0
        until = time.monotonic() + patience
        while True:
            said = self.run(block.text)
            try:
                self._compare(block, expected, said)
            except AssertionError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)
            else:
                return

    def run(self, commands: str) -> str:
        """Run commands in the folder; what they print. They must succeed."""
        done = subprocess.run(
            ["sh", "-eu", "-c", self._meant(commands)],
            cwd=self.folder, env=self.environment, timeout=BLOCK_LIMIT, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        assert done.returncode == 0, f"{commands}\n{done.stdout}"
        return done.stdout

    def _meant(self, text: str) -> str:
        for page, here in self.meant.items():
            text = text.replace(page, here)
        return _ID.sub(lambda found: self.ids[found[0]], text)

    def _compare(self, block: Block, expected: str | None, said: str) -> None:
        if expected is None:
            return
        for here, page in self.said.items():
            said = said.replace(here, page)
        pattern, groups = self._pattern(expected)
        found = re.fullmatch(pattern, _tidy(said))
        assert found, f"line {block.line} prints\n{_tidy(said)}\nand the page says\n{_tidy(expected)}"
        self.ids |= {name: found[group] for name, group in groups.items()}

    def _pattern(self, expected: str) -> tuple[str, dict[str, str]]:
        groups: dict[str, str] = {}

        def known_id(match: re.Match[str]) -> str:
            name = match[0]
            if name in self.ids:
                return self.ids[name]
            if name in groups:
                return f"(?P={groups[name]})"
            groups[name] = f"id{len(groups)}"
            return rf"(?P<{groups[name]}>\d{{17,19}})"

        text = re.escape(_tidy(expected)).replace(r"\-", "-").replace(r"\ ", " ").replace("\\\n", "\n")
        text = re.sub(r"(?m)^…\n", r"(?:.*\\n)*?", text)
        text = re.sub(r"\n…\Z", r"(?:\\n.*)*", text).replace("…", ".*")
        return _ID.sub(known_id, _TIME.sub(lambda _: _ANY_TIME, text)), groups


def _tidy(text: str) -> str:
    """Without empty lines, rules under a table's head, and the widths of columns."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line.strip("─ "))


class Terminal:
    """A command that goes on until it is interrupted."""

    def __init__(self, command: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["sh", "-c", f"exec {command}"], cwd=folder, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)

    def said(self, *, lines: int) -> str:
        """The next so many lines."""
        return "".join(self._lines.get(timeout=BLOCK_LIMIT) for _ in range(lines))

    def interrupt(self) -> int:
        """Send what Ctrl-C sends, and wait; the exit code."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(BLOCK_LIMIT)
        finally:
            self._process.kill()
            self._reader.join()
            assert self._process.stdout is not None
            self._process.stdout.close()


def command_in(folder: Path) -> None:
    """Put a `tabuh` there that runs the program of this checkout with this Python, and sets up nothing."""
    script = folder / "tabuh"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli.main "$@"\n')
    script.chmod(0o755)


def environment(**more: str) -> dict[str, str]:
    """This process's environment, with our packages in reach; compiled modules are kept, as for people."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "PYTHONPATH": str(ROOT), **more}
