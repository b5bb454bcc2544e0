"""How long `tabuh demo` takes to fill its folder, from the command to its last line.

    python -m benchmarks.demo [--rounds 3] [--database URL]

Prints the median in seconds and what was written. Claimed: under 60 s. A database other than
the SQLite file of a fresh folder is filled once and emptied before each further round.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import baseline, describe
from store.seal import new_key

CLAIM = 60.0


def filled(folder: Path, *, database: str, key: str) -> tuple[float, dict[str, int]]:
    """Seconds of one command as a program of its own, and the rows by table."""
    environment = {**os.environ, "TABUH_SECRET_KEY": key}
    if database:
        environment["TABUH_DATABASE_URL"] = database
    command = [sys.executable, "-m", "cli.main", "demo", "--data-dir", str(folder), "--again", "--no-serve"]
    start = time.perf_counter()
    ended = subprocess.run([*command, "--json"], env=environment, stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - start, json.loads(ended.stdout)["rows"]


def main() -> None:
    """Fill and print the figure beside the machine's baseline."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database", default="")
    chosen = parser.parse_args()
    print(describe(), baseline())
    key = new_key()
    took: list[float] = []
    rows: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(chosen.rounds):
            seconds, rows = filled(Path(folder) / str(number), database=chosen.database, key=key)
            took.append(seconds)
    middle, each = statistics.median(took), ", ".join(f"{seconds:.1f}" for seconds in took)
    print(f"demo: median {middle:.1f} s of {each}; claimed: under {CLAIM:.0f} s")
    written = ", ".join(f"{number:,} {table}" for table, number in rows.items())
    print(f"{sum(rows.values()):,} rows: {written}")


if __name__ == "__main__":
    main()
