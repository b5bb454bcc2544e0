"""Installs the real servers of others that tests run against; what is there already stays.

python -m tests.servers.install            those of the tests marked `real`
python -m tests.servers.install --slow     those that take minutes instead
"""

import sys
import time
from collections.abc import Callable, Mapping, Sequence

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


def main(arguments: Sequence[str]) -> int:
    """Install one after the other, also after one that failed; 0 when all are there, else 1."""
    failed = 0
    for name, install in (SLOW if "--slow" in arguments else REAL).items():
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
