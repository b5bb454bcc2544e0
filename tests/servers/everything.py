"""Installs every server of others that the tests marked `real` talk to."""

import sys
import time
from collections.abc import Callable, Mapping

from tests.servers import pds
from tests.servers.nostr_relay import NOSTR_RELAY
from tests.servers.synapse import SYNAPSE

#: What is installed, by name, in this order.
INSTALLERS: Mapping[str, Callable[[], None]] = {
    "pds": pds.install,
    "synapse": SYNAPSE.install,
    "nostr_relay": NOSTR_RELAY.install,
}


def main() -> int:
    """Install all of them, also after one that failed; 0 when all are there."""
    failed = 0
    for name, install in INSTALLERS.items():
        start = time.monotonic()
        try:
            install()
        except RuntimeError as reason:
            failed += 1
            print(f"{name}: {reason}", file=sys.stderr)
        else:
            print(f"{name}: {time.monotonic() - start:.1f} s", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
