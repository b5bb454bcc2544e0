"""Ports of loopback for servers that must be told theirs before they listen."""

import contextlib
import random
import socket

#: Below what systems hand out by themselves (Linux from 32768, others from 49152): so no connection of
#: another test, nor a server on a port of the system's choice, can take one before the server starts.
RANGE = range(20_000, 32_000)

_CHANCE = random.SystemRandom()


def free_port() -> int:
    """A port that nobody listens on now."""
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many different ones."""
    found: list[int] = []
    with contextlib.ExitStack() as stack:
        while len(found) < count:
            port = _CHANCE.choice(RANGE)
            door = stack.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                door.bind(("127.0.0.1", port))
                found.append(port)
    return found
