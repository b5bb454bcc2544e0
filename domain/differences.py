"""What differs between two texts, word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

#: Words, and what stands between them: a change of either is seen.
_PIECE: Final = re.compile(r"\w+|\s+|[^\w\s]")
#: Pieces that are compared with each other; where more differ, lines are, and then the whole.
_MOST: Final = 2_000


class Kept(StrEnum):
    """In which of two texts a piece stands."""

    BOTH = "both"
    #: Only in the first.
    GONE = "gone"
    #: Only in the second.
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text of one kind."""

    kept: Kept
    text: str


def differences(first: str, second: str) -> Sequence[Piece]:
    """The two texts as one: what both have once, in order, what only one has where it stands.

    Pieces that are not new make the first text, those that are not gone the second.
    """
    found: list[Piece] = []
    for piece in _compared(first, second):
        before = found.pop().text if found and found[-1].kept is piece.kept else ""
        if before or piece.text:
            found.append(Piece(piece.kept, before + piece.text))
    return found


def _compared(first: str, second: str) -> Iterator[Piece]:
    ours, theirs = _PIECE.findall(first), _PIECE.findall(second)
    before = _alike(ours, theirs)
    ours, theirs = ours[before:], theirs[before:]
    after = _alike(ours[::-1], theirs[::-1])
    rest, end = len(ours) - after, "".join(ours[len(ours) - after :])
    yield Piece(Kept.BOTH, first[: len(first) - sum(map(len, ours))])
    yield from _between(ours[:rest], theirs[: len(theirs) - after])
    yield Piece(Kept.BOTH, end)


def _alike(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """How many pieces both begin with."""
    pairs = zip(ours, theirs, strict=False)
    return next(
        (place for place, (one, other) in enumerate(pairs) if one != other), min(len(ours), len(theirs))
    )


def _between(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[Piece]:
    if max(len(ours), len(theirs)) > _MOST:
        ours = "".join(ours).splitlines(keepends=True)
        theirs = "".join(theirs).splitlines(keepends=True)
    if max(len(ours), len(theirs)) > _MOST:
        ours, theirs = ["".join(ours)], ["".join(theirs)]
    # What comes very often is no anchor, so that a text of one word again and again takes no time.
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs).get_opcodes():
        if kind == "equal":
            yield Piece(Kept.BOTH, "".join(ours[i1:i2]))
            continue
        yield Piece(Kept.GONE, "".join(ours[i1:i2]))
        yield Piece(Kept.NEW, "".join(theirs[j1:j2]))
