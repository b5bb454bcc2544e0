"""Files that are written while they are sent."""

from collections.abc import Iterable, Iterator
from typing import Final

#: Bytes that are sent together.
SIZE: Final = 2**16


def parcels(pieces: Iterable[str | bytes], *, size: int = SIZE) -> Iterator[bytes]:
    """The pieces in their order, joined to at least ``size`` bytes each but the last; text as UTF-8.

    Each that is sent changes threads and is compressed by itself: a line
    at a time costs more than writing it.
    """
    held = bytearray()
    for piece in pieces:
        held += piece.encode() if isinstance(piece, str) else piece
        if len(held) >= size:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)
