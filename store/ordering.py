"""Published posts in the order of a column that is no figure, such as the channel or who made them."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy import String, cast, func, select
from sqlmodel import Session, col

from domain.post_columns import AGE, BY_TIME, CAMPAIGN, CHANNEL, KIND, LANGUAGE, MAKER, PLATFORM, POST, READ
from domain.post_filters import KINDS as KIND_NAMES
from domain.rules import Kind
from store.board import Posts
from store.columns import AUTHOR, PUBLISHED, ROUTE, Numbers, micros
from store.columns import KIND as KIND_COLUMN
from store.columns import KINDS as KIND_CODES
from store.tables import ChannelRow, Measurement, Person, Post, Route

#: Posts in one query; of more, the whole workspace is read.
_AT_A_TIME = 5_000
#: Letters of the text by which posts are sorted.
_LETTERS = 80
#: Columns by which a list is sorted here, and what `store.board` loads for it.
NEEDS: Mapping[str, frozenset[str]] = {
    BY_TIME: frozenset({PUBLISHED}), AGE: frozenset({PUBLISHED}), READ: frozenset(),
    PLATFORM: frozenset(), CHANNEL: frozenset(), MAKER: frozenset({ROUTE, AUTHOR}),
    KIND: frozenset({KIND_COLUMN}), CAMPAIGN: frozenset(), LANGUAGE: frozenset(), POST: frozenset(),
}  # fmt: skip
#: Of these, columns of instants; the others are of words.
INSTANTS = frozenset({BY_TIME, AGE, READ})


def moments(session: Session, posts: Posts, key: str, workspace_id: int) -> Numbers:
    """Microseconds since 1970 for a column of `INSTANTS`; NaN where there is none."""
    if key != READ:
        return posts.columns[PUBLISHED].astype(np.float64)
    read = _of_posts(session, posts, workspace_id, Measurement.post_id, Measurement.last_read_at)
    return np.array([micros(read[one]) if read.get(one) else np.nan for one in posts.ids.tolist()], float)


class Words:
    """The words of a column as ranks, in whatever case; NaN where there are none."""

    def __init__(self, words: Sequence[str | None]) -> None:
        self._there = sorted({word for word in words if word})
        ranks = {word: float(rank) for rank, word in enumerate(self._there)}
        self.values = np.array([ranks[word] if word else np.nan for word in words], np.float64)

    def rank(self, word: str) -> float:
        """Where a word stands; between two others where no post has it any more."""
        place = bisect_left(self._there, word)
        is_there = place < len(self._there) and self._there[place] == word
        return float(place) if is_there else place - 0.5

    def word(self, rank: float) -> str:
        """The word of a rank."""
        return self._there[int(rank)]


def words_of(session: Session, posts: Posts, key: str, workspace_id: int) -> Words:
    """What each post says in a column that holds words."""
    if key in (CHANNEL, PLATFORM):
        column = ChannelRow.name if key == CHANNEL else ChannelRow.platform
        by_channel = _names(session, column, ChannelRow.id, np.unique(posts.channels).tolist())
        return Words([by_channel.get(one) for one in posts.channels.tolist()])
    if key == KIND:
        names = [KIND_NAMES[Kind(kind)].en.casefold() for kind in KIND_CODES]
        return Words([names[code] for code in posts.columns[KIND_COLUMN].tolist()])
    if key == MAKER:
        return Words(_makers(session, posts))
    column = {CAMPAIGN: col(Post.campaign), LANGUAGE: _text(session, "language"), POST: _start(session)}[key]
    found = _of_posts(session, posts, workspace_id, Post.id, column)
    return Words([(found.get(one) or "").casefold() or None for one in posts.ids.tolist()])


def _makers(session: Session, posts: Posts) -> list[str | None]:
    routed, written = posts.columns[ROUTE].tolist(), posts.columns[AUTHOR].tolist()
    routes = _names(session, Route.name, Route.id, sorted(set(routed)))
    people = _names(session, Person.name, Person.id, sorted(set(written)))
    return [routes.get(route) or people.get(who) for route, who in zip(routed, written, strict=True)]


def _names(session: Session, name: Any, number: Any, ids: Sequence[int]) -> dict[int, str]:
    query = select(number, name).where(col(number).in_(ids))
    return {one: text.casefold() for one, text in session.connection().execute(query)}


def _of_posts(session: Session, posts: Posts, workspace_id: int, number: Any, value: Any) -> dict[int, Any]:
    """Post → value; of few posts they alone are asked for."""
    query = select(number, value)
    if posts.size > _AT_A_TIME:
        of = Measurement.workspace_id if number is Measurement.post_id else Post.workspace_id
        query = query.where(col(of) == workspace_id, value.is_not(None))
    else:
        query = query.where(col(number).in_(posts.ids.tolist()))
    return {one: found for one, found in session.connection().execute(query)}


def _text(session: Session, name: str) -> Any:
    if session.get_bind().dialect.name == "sqlite":
        return cast(func.json_extract(col(Post.content), f"$.{name}"), String)
    return func.jsonb_extract_path_text(col(Post.content), name)


def _start(session: Session) -> Any:
    return func.substr(_text(session, "text"), 1, _LETTERS)
