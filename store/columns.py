"""Figures of posts as columns: which there are, what each holds, and how its values become bytes.

Counts are arrays of float64 in which NaN is "absent"; ids, instants (microseconds since 1970) and the like
are int64. Readings of a metric stand beside the checkpoint of another, its anchor, so that numerator and
denominator of a rate come from the same look.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from domain.catalogue import CATALOGUE
from domain.definition import FOLLOWERS, OF_CHANNELS, OF_LINKS, OF_PAGES, Definition
from domain.metrics import Metric
from domain.post_filters import UNSTATED
from domain.rules import Kind

Numbers = NDArray[Any]
Mask = NDArray[np.bool_]

POST, PUBLISHED = "post", "published"
#: When anything of a post was read, clicked or shown last; and when it was read last.
NEWEST, LAST_READ = "newest", "last_read"
ROUTE, FEED, AUTHOR, KIND, LINKED = "route", "feed", "author", "kind", "linked"
EVERGREEN, THREAD = "evergreen", "thread"
#: 1: written on the platform itself.
NATIVE = "native"
CAMPAIGN, TAGS, LANGUAGE = "campaign", "tags", "language"
#: When a post was looked at last, whether anything was read or not; float64, NaN: never.
LOOKED = "looked"
#: Its place among the channel's posts at equal age (`store.equal_age`), 0 to 100; float64, NaN: not known.
USUAL = "usual"
#: How its text begins, as `start_of` makes it; bytes, none where there is no text.
START = "start"
#: int64; 0 where there is none.
WHOLE: Final = (
    POST, PUBLISHED, NEWEST, LAST_READ, ROUTE, FEED, AUTHOR, KIND, LINKED, EVERGREEN, THREAD, NATIVE,
)  # fmt: skip
#: Of now: columns do not tell what they were.
OF_NOW: Final = frozenset({NEWEST, LAST_READ, USUAL})
#: Word → places of the part's posts that have it.
WORDS: Final = (CAMPAIGN, TAGS, LANGUAGE)
KINDS: Final = tuple(Kind)
#: Letters of the text by which posts are sorted, and as many bytes of them as are kept.
_LETTERS, START_BYTES = 80, 64

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
#: Smaller than all instants that anybody asks about.
NEVER: Final = np.iinfo(np.int64).min


def languages_of(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The languages by which a post is found: ``id-ID`` also by ``id``, and by ``und`` what states none."""
    stated = str(content.get("language") or UNSTATED)
    return tuple(dict.fromkeys((stated, stated.partition("-")[0])))


def read(metric: str, anchor: str) -> str:
    """The column of a metric as it was read at the anchor's newest checkpoint."""
    return f"{metric}|{anchor}"


def read_at(anchor: str) -> str:
    """The column of when the anchor's newest checkpoint was read."""
    return f"{anchor}@"


def counted(metric: str) -> str:
    """The column of what Tabuh counted itself of a metric, up to now."""
    return f"{metric}#"


def anchor_of(definition: Definition) -> Metric:
    """The metric whose newest checkpoint a definition is read at."""
    return definition.read_denominator or definition.numerator[0]


def of_definition(definition: Definition) -> list[str]:
    """The columns from which a figure of posts is made; followers are looked up beside them."""
    anchor = anchor_of(definition)
    names = [read(metric, anchor) for metric in definition.read]
    names += [counted(metric) for metric in definition.read if metric in OF_LINKS | OF_PAGES]
    if OF_LINKS.intersection(definition.numerator):
        names.append(LINKED)
    return [*names, read_at(anchor)]


def _layout() -> tuple[str, ...]:
    of_posts = (entry for entry in CATALOGUE.values() if entry.shape not in OF_CHANNELS)
    wanted = [entry for entry in of_posts if entry.numerator]
    figures = {name for entry in wanted if not entry.outside for name in of_definition(entry)}
    return (*WHOLE, *WORDS, LOOKED, START, USUAL, *sorted(figures - {*WHOLE}))


#: Every column of a part, and the fingerprint of their names.
LAYOUT: Final = _layout()
#: Beside the columns: the readings themselves (`store.bundles`).
_BESIDE: Final = "readings"
_NAMES: Final = json.dumps([*LAYOUT, [str(one) for one in KINDS], _BESIDE])
#: Raised when sums are made in another way; then all of them are made anew.
_SUMS: Final = 1
FINGERPRINT: Final = f"{_SUMS}-{sha256(_NAMES.encode()).hexdigest()[:32]}"
assert FOLLOWERS == Metric.FOLLOWERS


def instant(number: float) -> datetime:
    """The instant (UTC) of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=int(number))


def start_of(content: Mapping[str, Any]) -> bytes:
    """How a text begins, in whatever case, so that its bytes are in the order of its letters."""
    begun = str(content.get("text") or "")[:_LETTERS].casefold().encode()
    return begun[:START_BYTES].decode(errors="ignore").encode()


def empty(name: str, size: int) -> Numbers:
    """A column in which nothing is known of any post."""
    if name == START:
        return np.zeros(size, f"S{START_BYTES}")
    return np.zeros(size, np.int64) if name in WHOLE else np.full(size, np.nan)


_BLANKS: dict[np.dtype[Any], Numbers] = {}


def blank(name: str, size: int) -> Numbers:
    """As `empty`, to be read only: one such column serves all."""
    kind = empty(name, 0).dtype
    found = _BLANKS.get(kind)
    if found is None or len(found) < size:
        found = empty(name, max(size, 100_000))
        found.flags.writeable = False
        _BLANKS[kind] = found
    return found[:size]


def encode(values: Numbers) -> bytes:
    """A column as bytes, as few as its largest value allows; empty when nothing is known."""
    if values.dtype == np.int64:
        return b"q" + values.astype("<i8").tobytes()
    if values.dtype.kind == "S":
        return b"S" + zlib.compress(values.tobytes(), 1) if values.any() else b""
    known = values[~np.isnan(values)]
    if not known.size:
        return b""
    low, high = known.min(), known.max()
    for kind, most in (("B", 2**8 - 1), ("H", 2**16 - 1), ("I", 2**32 - 1)):
        if low >= 0 and high < most and (known == np.floor(known)).all():
            return kind.encode() + np.where(np.isnan(values), most, values).astype(f"<{kind}").tobytes()
    return b"d" + values.astype("<f8").tobytes()


def decode(body: bytes) -> Numbers:
    """The values that `encode` wrote."""
    kind = chr(body[0])
    if kind == "S":
        return np.frombuffer(zlib.decompress(body[1:]), f"S{START_BYTES}")
    values: Numbers = np.frombuffer(body, f"<{kind.replace('q', 'i8').replace('d', 'f8')}", offset=1)
    if kind in "qd":
        return values
    found = values.astype(np.float64)
    found[values == np.iinfo(values.dtype).max] = np.nan
    return found


def encode_words(words: Sequence[Iterable[str]]) -> bytes:
    """The words of each post as bytes; empty when no post has any."""
    places: dict[str, list[int]] = {}
    for place, own in enumerate(words):
        for word in own:
            places.setdefault(word, []).append(place)
    return json.dumps(places, ensure_ascii=False).encode() if places else b""


def decode_words(body: bytes, size: int) -> list[tuple[str, ...]]:
    """The words of each post that `encode_words` wrote."""
    words: list[list[str]] = [[] for _ in range(size)]
    for word, places in places_of(body).items():
        for place in places:
            words[place].append(word)
    return [tuple(own) for own in words]


def places_of(body: bytes) -> Mapping[str, Sequence[int]]:
    """Word → places that have it."""
    found: dict[str, list[int]] = json.loads(body) if body else {}
    return found
