"""What a poll of many feeds costs, beside httpx with feedparser and beside the ``reader`` library.

    python -m benchmarks.feeds [--feeds 1000] [--rounds 1] [--peer] [--folder FOLDER]

Each poller reads the same site of real feeds three times, in a process of its own: cold (all are new), warm
(nothing has changed) and mixed (30 of 100 answer with a body, five of them with one new entry). ``--peer``
also measures ``reader`` 3.26, installed into a temporary environment. Claimed for the mixed poll: at least
8 times less processor time than ``reader`` and 4 times less than httpx with feedparser; for the warm one 10
times less than ``reader``. What the service adds (database, rows, claims) is in ``benchmarks/polling.py``.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.feed_pollers import PHASES
from benchmarks.machine import baseline, describe

ROOT = Path(__file__).resolve().parent.parent
POLLERS = Path(__file__).with_name("feed_pollers.py")
PEER = ("reader==3.26", "feedparser==6.0.14", "sgmllib3k")  # the last one reader needs and does not name


@contextmanager
def site(folder: Path, count: int) -> Iterator[str]:
    """The address of a running site."""
    command = [sys.executable, "-m", "benchmarks.feed_site", str(folder), str(count)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def measure(kind: str, python: str, folder: Path, count: int) -> dict[str, Any]:
    """The figures of one poller over all phases, on a site of its own."""
    with site(folder, count) as url:
        # Without -P its own folder would come first, where this file is named like our package.
        program = (
            [python, "-P", str(POLLERS)] if kind == "reader" else [python, "-m", "benchmarks.feed_pollers"]
        )
        done = subprocess.run(
            [*program, kind, url, str(count)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=3600,
        )
    if done.returncode:
        raise SystemExit(f"The poller {kind} failed: {done.stderr.strip().splitlines()[-1:]}")
    return dict(json.loads(done.stdout.splitlines()[-1]))


def install_peer(folder: Path) -> str:
    """An environment with ``reader``; returns its Python."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--quiet", *PEER], check=True, timeout=600)
    return str(python)


def best(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The round with the least processor time of each phase: other work on the machine only adds."""
    return {phase: min((one[phase] for one in rounds), key=lambda row: row["cpu"]) for phase in PHASES} | {
        "memory": max(one["memory"] for one in rounds)
    }


def report(figures: dict[str, dict[str, Any]], count: int) -> None:
    """A table, and the ratios to ours."""
    for kind, found in figures.items():
        for phase in PHASES:
            row = found[phase]
            ours = figures["tabuh"][phase]
            cpu, wall = row["cpu"] / ours["cpu"], row["wall"] / ours["wall"]
            ratio = f"   {cpu:5.1f}x our CPU, {wall:5.1f}x our wall" if kind != "tabuh" else ""
            per_feed = row["cpu"] / count * 1e3
            print(
                f"{kind:>7} {phase:>6}: CPU {row['cpu']:7.2f} s ({per_feed:6.2f} ms a feed), "
                f"wall {row['wall']:7.2f} s, {row['new']:>6} new{ratio}"
            )
        print(f"{kind:>7} memory: {found['memory']:.0f} MB")


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=1)
    options.add_argument("--peer", action="store_true", help="also measure reader, installed for the run")
    options.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "feeds")
    given = options.parse_args()
    if not given.folder.is_dir():
        raise SystemExit(f"{given.folder} does not exist: give a folder of RSS and Atom files with --folder.")
    print(describe(), json.dumps(baseline()))
    request = measure("http", sys.executable, given.folder, 1)
    print(", ".join(f"{name}: {spent:.3f} ms CPU a request (304)" for name, spent in request.items()))
    with tempfile.TemporaryDirectory() as scratch:
        pythons = {"tabuh": sys.executable, "plain": sys.executable}
        if given.peer:
            pythons["reader"] = install_peer(Path(scratch) / "peer")
        rounds = [
            {kind: measure(kind, python, given.folder, given.feeds) for kind, python in pythons.items()}
            for _ in range(given.rounds)
        ]
    report({kind: best([one[kind] for one in rounds]) for kind in pythons}, given.feeds)


if __name__ == "__main__":
    main()
