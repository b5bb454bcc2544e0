"""Pieces of a file are joined before they are sent, and none is lost or moved."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from web.parcels import parcels


@given(st.lists(st.one_of(st.text(), st.binary())), st.integers(1, 50))
def test_pieces_are_joined_in_their_order(pieces: list[str | bytes], size: int) -> None:
    sent = list(parcels(pieces, size=size))

    whole = b"".join(one.encode() if isinstance(one, str) else one for one in pieces)
    assert b"".join(sent) == whole
    assert all(len(one) >= size for one in sent[:-1])
    assert all(sent)


def test_what_is_ready_is_sent_before_the_rest_is_made() -> None:
    made = []

    def pieces() -> Iterator[bytes]:
        for one in (b"1234", b"5678", b"9"):
            made.append(one)
            yield one

    first = next(parcels(pieces(), size=5))

    assert (first, made) == (b"12345678", [b"1234", b"5678"])
