"""What is kept of a document once it is read, so that its entries need not be read again.

A feed shows the same entries for days while its document changes around them. An entry whose bytes are
those of the last look has nothing new to say; what its neighbours need of it (its keys, its date) is kept
here in about 110 bytes. Any change of its bytes but that of a counter makes it read again, so that no edit is
missed. The memory may be lost at any time: the next look then reads the whole document.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from domain.entry import EntryKey, KeyKind
from feeds.identity import Marks

#: Raised whenever entries would be read differently than before, so that all are read once more.
_EDITION: Final = b"\x03"
#: Fingerprint, seconds since 1970 of the date (or none), marks: whole, site, and which keys follow.
_RECORD: Final = struct.Struct("<16sq16s8sB")
_NO_DATE: Final = -(2**63)
_KEY: Final = 16
#: For an entry with nothing in it, which is none.
_EMPTY: Final = 0x80


@dataclass(frozen=True, slots=True)
class Remembered:
    """An entry of the last document."""

    #: None for one that holds nothing and was left out.
    marks: Marks | None
    published_at: datetime | None = None


def pack(document: Iterable[tuple[bytes, Remembered]]) -> bytes:
    """The entries of a document, by fingerprint, as bytes to store; about 110 of them for each."""
    parts = [_EDITION]
    for fingerprint, entry in dict(document).items():
        marks = entry.marks or Marks((), b"", b"")
        kinds = _EMPTY if entry.marks is None else sum(1 << key.kind for key in marks.keys)
        date = int(entry.published_at.timestamp()) if entry.published_at else _NO_DATE
        parts.append(_RECORD.pack(fingerprint, date, marks.whole, marks.site, kinds))
        parts += [key.key for key in sorted(marks.keys, key=lambda key: key.kind)]
    return b"".join(parts) if len(parts) > 1 else b""


def unpack(stored: bytes | None) -> Mapping[bytes, Remembered]:
    """What `pack` made, by fingerprint; empty when it is of another edition or broken."""
    found: dict[bytes, Remembered] = {}
    if not stored or not stored.startswith(_EDITION):
        return found
    position = len(_EDITION)
    while position + _RECORD.size <= len(stored):
        fingerprint, date, whole, site, kinds = _RECORD.unpack_from(stored, position)
        position += _RECORD.size
        keys = []
        for kind in KeyKind:
            if kinds & 1 << kind:
                keys.append(EntryKey(kind, stored[position : position + _KEY]))
                position += _KEY
        marks = None if kinds & _EMPTY else Marks(tuple(keys), whole, site.rstrip(b"\0") and site)
        published_at = None if date == _NO_DATE else datetime.fromtimestamp(date, UTC)
        found[fingerprint] = Remembered(marks, published_at)
    return found if position == len(stored) else {}
