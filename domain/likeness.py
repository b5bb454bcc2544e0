"""How alike two texts are, and keys by which a database finds texts that may be alike.

A text is its set of shingles: runs of letters and digits, without links, case and punctuation. Eight keys
of four minhashes each meet with a chance of 99 % for texts that share 80 % of their shingles, and hardly
ever for texts that share a third.

Source: A. Broder, On the resemblance and containment of documents, 1997; banding as in J. Leskovec et al.,
Mining of Massive Datasets, chapter 3.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b

#: From so much on, texts count as nearly the same.
NEARLY = 0.7
_KEYS, _ROWS = 8, 4
#: Characters of a shingle: short enough for a changed word, long enough to mean something.
_SHINGLE = 5
_MOST = 5_000
_LINK = re.compile(r"https?://\S+")
_NOISE = re.compile(r"[\W_]+")
_PRIME = (1 << 61) - 1


def plain(text: str) -> str:
    """The letters and digits of a text in lower case, words apart by one space; links are left out."""
    bare = unicodedata.normalize("NFKC", _LINK.sub(" ", text[:_MOST])).casefold()
    return _NOISE.sub(" ", bare).strip()


def shingles(text: str) -> frozenset[str]:
    """The runs of five characters of a text's plain form; all of it where that is shorter."""
    bare = plain(text)
    if len(bare) <= _SHINGLE:
        return frozenset({bare} if bare else ())
    return frozenset(bare[start : start + _SHINGLE] for start in range(len(bare) - _SHINGLE + 1))


def likeness(one: str, other: str) -> float:
    """The share of shingles that two texts have in common, from 0 to 1; texts without any letter: 0."""
    mine, theirs = shingles(one), shingles(other)
    both = len(mine | theirs)
    return len(mine & theirs) / both if both else 0.0


def keys(text: str) -> tuple[int, ...]:
    """Up to eight numbers of 63 bits; texts that are nearly the same share one. Empty: no letters."""
    found = [_hashed(one) for one in shingles(text)]
    if not found:
        return ()
    # A list is faster than a generator here, and a sheet of posts asks for millions of these.
    lowest = [min([(factor * one + shift) % _PRIME for one in found]) for factor, shift in _turns()]
    return tuple(
        dict.fromkeys(_joined(band, lowest[band * _ROWS : (band + 1) * _ROWS]) for band in range(_KEYS))
    )


@lru_cache(maxsize=20_000)
def _hashed(shingle: str) -> int:
    return int.from_bytes(blake2b(shingle.encode(), digest_size=7).digest(), "big")


def _joined(band: int, lowest: list[int]) -> int:
    text = f"{band}:{','.join(map(str, lowest))}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") >> 1


@lru_cache
def _turns() -> tuple[tuple[int, int], ...]:
    """The same random-looking permutations in every process: they are part of what is stored."""
    drawn = [
        int.from_bytes(blake2b(f"turn {number}".encode(), digest_size=8).digest(), "big") % (_PRIME - 1) + 1
        for number in range(2 * _KEYS * _ROWS)
    ]
    return tuple(zip(drawn[::2], drawn[1::2], strict=True))
