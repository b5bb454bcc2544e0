"""Installs the real servers of others that tests run against; what is there already stays.

python -m tests.servers.install            those of the tests marked `real`
python -m tests.servers.install --slow     those that take minutes instead
"""

import fcntl
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers import atproto_network, ghost, pds, wordpress
from tests.servers.nostr_relay import NOSTR_RELAY
from tests.servers.synapse import SYNAPSE

REAL: Mapping[str, Callable[[], None]] = {
    "pds": pds.install,
    "nostr relay": NOSTR_RELAY.install,
    "synapse": SYNAPSE.install,
    "wordpress": wordpress.install,
    "bluesky network": atproto_network.install,
}
SLOW: Mapping[str, Callable[[], None]] = {"ghost": ghost.install}

#: Where all of them are installed.
FOLDER = Path(__file__).resolve().parents[2] / ".real"


def main(arguments: Sequence[str]) -> int:
    """Install one after the other, also after one that failed; 0 when all are there, else 1."""
    with alone(FOLDER):
        return _install(SLOW if "--slow" in arguments else REAL)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until nobody else installs below the folder: two at once would take each other's files away."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(servers: Mapping[str, Callable[[], None]]) -> int:
    failed = 0
    for name, install in servers.items():
        began = time.monotonic()
        try:
            install()
        except RuntimeError as reason:
            print(reason, file=sys.stderr, flush=True)
            failed = 1
        print(f"{name:<12}{time.monotonic() - began:7.1f} s", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
