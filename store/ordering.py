"""Published posts in the order of a column that is no figure, such as the channel or who made them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from domain.post_columns import AGE, BY_TIME, CAMPAIGN, CHANNEL, KIND, LANGUAGE, MAKER, PLATFORM, POST, READ
from domain.post_columns import USUAL as USUAL_KEY
from domain.post_filters import KINDS as KIND_NAMES
from domain.post_filters import UNSTATED
from domain.rules import Kind
from store import columns
from store.blocks import Posts
from store.columns import AUTHOR, LOOKED, PUBLISHED, ROUTE, START, USUAL, Numbers
from store.columns import KIND as KIND_COLUMN
from store.columns import KINDS as KIND_CODES
from store.tables import ChannelRow, Person, Route

#: Columns by which a list is sorted here, and what `store.board` loads for it.
NEEDS: Mapping[str, frozenset[str]] = {
    BY_TIME: frozenset({PUBLISHED}), AGE: frozenset({PUBLISHED}), READ: frozenset({LOOKED}),
    PLATFORM: frozenset(), CHANNEL: frozenset(), MAKER: frozenset({ROUTE, AUTHOR}),
    KIND: frozenset({KIND_COLUMN}), CAMPAIGN: frozenset(), LANGUAGE: frozenset(), POST: frozenset({START}),
    USUAL_KEY: frozenset({USUAL}),
}  # fmt: skip
#: Words of posts that are loaded beside them.
WORDS: Mapping[str, str] = {CAMPAIGN: columns.CAMPAIGN, LANGUAGE: columns.LANGUAGE}
#: Of these, columns of instants; the others are of words.
INSTANTS = frozenset({BY_TIME, AGE, READ})


def moments(posts: Posts, key: str) -> Numbers:
    """Microseconds since 1970 for a column of `INSTANTS`; NaN where there is none."""
    return posts.columns[LOOKED if key == READ else PUBLISHED].astype(np.float64)


class Words:
    """The words of a column as ranks; NaN where there are none."""

    def __init__(self, words: Sequence[str], codes: Numbers) -> None:
        """The words that there are, an empty one for none, and the place of each post's word among them."""
        self._there = sorted({word for word in words if word})
        ranks = {word: float(rank) for rank, word in enumerate(self._there)}
        self.values = np.array([ranks.get(word, np.nan) for word in words], np.float64)[codes]

    def rank(self, word: str) -> float:
        """Where a word stands; between two others where no post has it any more."""
        place = bisect_left(self._there, word)
        is_there = place < len(self._there) and self._there[place] == word
        return float(place) if is_there else place - 0.5

    def word(self, rank: float) -> str:
        """The word of a rank."""
        return self._there[int(rank)]


def words_of(session: Session, posts: Posts, key: str) -> Words:
    """What each post says in a column that holds words, in whatever case."""
    if key in (CHANNEL, PLATFORM):
        column = ChannelRow.name if key == CHANNEL else ChannelRow.platform
        return _named(posts.channels, lambda ids: _names(session, column, ChannelRow.id, ids))
    if key == KIND:
        names = [KIND_NAMES[Kind(kind)].en.casefold() for kind in KIND_CODES]
        return Words(names, posts.columns[KIND_COLUMN])
    if key == MAKER:
        return _makers(session, posts)
    having = posts.words[WORDS[key]]
    codes = np.full(posts.size, len(having.words), np.int64)
    # A language is told with its region and without: the former is what the post says.
    longer = np.array(["-" in word for word in having.words], bool)[having.codes]
    for chosen in (~longer, longer) if key == LANGUAGE else (slice(None),):
        codes[having.posts[chosen]] = having.codes[chosen]
    words = ["" if key == LANGUAGE and one == UNSTATED else one.casefold() for one in having.words]
    return Words([*words, ""], codes)


def _named(numbers: Numbers, names_of: Any) -> Words:
    ids, codes = np.unique(numbers, return_inverse=True)
    names = names_of(ids.tolist())
    return Words([names.get(one, "") for one in ids.tolist()], codes)


def _makers(session: Session, posts: Posts) -> Words:
    routes, routed = np.unique(posts.columns[ROUTE], return_inverse=True)
    people, written = np.unique(posts.columns[AUTHOR], return_inverse=True)
    known = _names(session, Route.name, Route.id, routes.tolist())
    wrote = _names(session, Person.name, Person.id, people.tolist())
    words = [known.get(route) or wrote.get(who, "") for route in routes.tolist() for who in people.tolist()]
    return Words(words, routed * len(people) + written)


def _names(session: Session, name: Any, number: Any, ids: Sequence[int]) -> dict[int, str]:
    query = select(number, name).where(col(number).in_(ids))
    return {one: text.casefold() for one, text in session.connection().execute(query)}


def by_start(
    posts: Posts, *, limit: int, descending: bool, after: tuple[str | None, int] | None
) -> list[int]:
    """The places of a page of posts by how their text begins, then by id; those without text come last."""
    starts, ids = posts.columns[START], posts.columns[columns.POST]
    known, absent = np.flatnonzero(starts != b""), np.flatnonzero(starts == b"")
    if after is not None:
        word, last = after
        behind = (ids < last) if descending else (ids > last)
        if word is None:
            known, absent = known[:0], absent[behind[absent]]
        else:
            bound, own = np.bytes_(word.encode()), starts[known]
            beyond = own < bound if descending else own > bound
            known = known[beyond | ((own == bound) & behind[known])]
    found = _least(starts, ids, known, limit, descending=descending)
    return found + _least(starts, ids, absent, limit - len(found), descending=descending)


def _least(starts: Numbers, ids: Numbers, places: Numbers, number: int, *, descending: bool) -> list[int]:
    """The ``number`` first of these places, eight bytes of the text after the other."""
    if number <= 0 or not len(places):
        return []
    wide = np.ascontiguousarray(starts).view(">u8").reshape(len(starts), -1)
    sure, left = list[int](), number
    for level in (*(wide[:, place] for place in range(wide.shape[1])), ids):
        if len(places) <= left:
            break
        values = level[places].astype(np.uint64)
        values = ~values if descending else values
        limit = np.partition(values, left - 1)[left - 1]
        nearer = places[values < limit]
        sure += nearer.tolist()
        left -= len(nearer)
        places = places[values == limit]
    chosen = [*sure, *places.tolist()]
    chosen.sort(key=lambda place: (starts[place], ids[place]), reverse=descending)
    return chosen[:number]
