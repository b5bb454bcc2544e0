"""Seconds from the command to the first page served.

    python -m benchmarks.start [--rounds 5]

Starts `./tabuh` in an empty folder (first start: makes key, database, workspace and page
channel) and again in the same folder, and asks for the public page until it answers.
Claimed: warm, under 3 s. The baseline is a bare Python start on the same machine.
"""

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.machine import describe

ROOT = Path(__file__).resolve().parents[1]
#: Nobody waits longer than this; a start that has not answered by then has failed.
LIMIT = 60.0


def first_page(folder: Path) -> float:
    """Start the service there, wait for its page, stop it, and tell how long the page took."""
    port = _free_port()
    settings = {**os.environ, "TABUH_PORT": str(port)}
    start = time.perf_counter()
    service = subprocess.Popen(
        [ROOT / "tabuh"],
        cwd=folder,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        while not _answers(f"http://127.0.0.1:{port}/p/page"):
            if service.poll() is not None or time.perf_counter() - start > LIMIT:
                raise SystemExit(f"the service did not start: {service.communicate()[1].decode()}")
            time.sleep(0.01)
        return time.perf_counter() - start
    finally:
        service.send_signal(signal.SIGINT)
        service.wait(30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def bare_python() -> float:
    """Seconds that the interpreter takes to start and end."""
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the medians of fresh and warm starts beside the baseline."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    base = statistics.median(bare_python() for _ in range(rounds))
    print(f"{describe()}; a bare Python start takes {base * 1e3:.0f} ms")
    fresh, warm = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            fresh.append(first_page(Path(folder)))
            warm.append(first_page(Path(folder)))
    for name, seconds in (("empty folder", fresh), ("warm", warm)):
        middle = statistics.median(seconds)
        print(
            f"{name}: first page after {middle:.2f} s (median), {max(seconds):.2f} s (worst), "
            f"{middle / base:.0f} bare starts"
        )


if __name__ == "__main__":
    main()
