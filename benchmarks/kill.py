"""Workers killed with SIGKILL at each step of publishing, many times, on both databases.

    python -m benchmarks.kill [--seeds 200]

Claimed: 0 posts published twice, 0 lost, and none left without an end or a reason.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.machine import describe
from store.engine import open_engine
from store.migrate import upgrade
from tests.servers.postgresql import PostgreSQL

ROOT = Path(__file__).resolve().parents[1]


def run(url: str, seeds: int) -> dict[str, int]:
    """All trials on one database, in a fresh process that opens nothing before it forks."""
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.kill.trial", url, folder, str(seeds)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True)
    sums: dict[str, int] = json.loads(done.stdout)
    return sums


def main() -> int:
    """Print the sums for SQLite and PostgreSQL; 1 when anything was doubled, lost or left open."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=200)
    seeds = parser.parse_args().seeds
    print(describe())
    with tempfile.TemporaryDirectory() as folder, PostgreSQL() as server:
        addresses = {"SQLite": f"sqlite:///{Path(folder) / 'kill.db'}", "PostgreSQL": server.create("kill")}
        broken = 0
        for name, url in addresses.items():
            sums = run(url, seeds)
            bad = {word: sums.get(word, 0) for word in ("doubles", "losses", "open")}
            broken += sum(bad.values())
            print(f"{name}: {sums['kills']} of {sums['trials']} workers killed, {sums['posts']} posts, {bad}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
