"""Published posts for the statistics pages: lists by any figure, and the posts to compare one with."""

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import Session, col

from domain.definition import Definition
from domain.post_columns import POST, USUAL
from store.answers import once
from store.tables import ChannelRow, Post
from store.values import Filters, PostScope

if TYPE_CHECKING:
    from store.blocks import Posts
    from store.columns import Numbers

#: By what a row was sorted; None: it has none of it.
Value = datetime | float | str | None
#: Place in a sorted list: the sort value of the last row that was shown, and its id.
Place = tuple[Value, int]


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of a list, and by what it was sorted."""

    post_id: int
    value: Value

    @property
    def place(self) -> Place:
        """Where the next page goes on."""
        return self.value, self.post_id


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a sorted list is wanted."""

    limit: int
    descending: bool = True
    #: Go on behind this row.
    after: Place | None = None


def by_column(
    session: Session, scope: PostScope, key: str, page: Page, filters: Filters, *, before: datetime
) -> list[Listed]:
    """Posts that went out before an instant, sorted by a column that is no figure; see `store.ordering`."""
    from store.columns import instant
    from store.ordering import INSTANTS, NEEDS, WORDS, moments, words_of

    told = [WORDS[key]] if key in WORDS else []
    posts = _loaded(session, scope, NEEDS[key], filters, before=before, words=told)
    if key == POST:
        return _by_start(posts, page)
    if key == USUAL:
        return _page(posts.ids, posts.columns[key], page)
    if key in INSTANTS:
        found = _page(posts.ids, moments(posts, key), page)
        # Microseconds since 1970 are whole as floats too, for three centuries.
        return [replace(one, value=instant(one.value)) if isinstance(one.value, float) else one
                for one in found]  # fmt: skip
    words = words_of(session, posts, key)
    if page.after is not None and isinstance(page.after[0], str):
        page = replace(page, after=(words.rank(page.after[0]), page.after[1]))
    found = _page(posts.ids, words.values, page)
    return [replace(one, value=words.word(one.value)) if isinstance(one.value, float) else one
            for one in found]  # fmt: skip


def _by_start(posts: "Posts", page: Page) -> list[Listed]:
    from store.columns import START
    from store.ordering import by_start

    after = None
    if page.after is not None:
        after = (page.after[0] if isinstance(page.after[0], str) else None, page.after[1])
    places = by_start(posts, limit=page.limit, descending=page.descending, after=after)
    ids, starts = posts.ids, posts.columns[START]
    return [Listed(int(ids[place]), starts[place].decode() or None) for place in places]


def how_many(session: Session, scope: PostScope, filters: Filters, *, before: datetime) -> int:
    """How many posts went out before an instant; a list of the same posts, if it was asked, knows it."""
    key = _how_many(scope, filters, before)
    return once(session, key, lambda: _loaded(session, scope, (), filters, before=before).size)


def _loaded(
    session: Session,
    scope: PostScope,
    names: Collection[str],
    filters: Filters,
    *,
    before: datetime,
    words: Collection[str] = (),
) -> "Posts":
    from store.board import load

    found = load(session, scope, names, filters=filters, before=before, words=words)
    once(session, _how_many(scope, filters, before), lambda: found.size)
    return found


def _how_many(scope: PostScope, filters: Filters, before: datetime) -> Hashable:
    return "how many", scope, filters, before


def by_figure(
    session: Session,
    scope: PostScope,
    definition: Definition,
    page: Page,
    filters: Filters,
    *,
    before: datetime,
) -> list[Listed]:
    """Posts sorted by a metric or rate as it stood ``before`` an instant; those without it come last."""
    from store.worth import needs, worth

    posts = _loaded(session, scope, needs(definition), filters, before=before)
    return _page(posts.ids, worth(session, posts, definition, scope.local_ids).values, page)


def by_numbers(
    session: Session,
    scope: PostScope,
    numbers: Mapping[int, float],
    page: Page,
    filters: Filters,
    *,
    before: datetime,
) -> list[Listed]:
    """Posts sorted by a number of each (post → number) that others have summed, such as its revenue.

    Posts without one come last.
    """
    import numpy as np

    posts = _loaded(session, scope, (), filters, before=before)
    known = np.array(sorted(numbers), np.int64)
    values = np.full(posts.size, np.nan)
    if len(known):
        places = np.minimum(np.searchsorted(known, posts.ids), len(known) - 1)
        there = known[places] == posts.ids
        values[there] = np.array([numbers[one] for one in known.tolist()], np.float64)[places[there]]
    return _page(posts.ids, values, page)


def _page(ids: "Numbers", values: "Numbers", page: Page) -> list[Listed]:
    """The rows of one page: by value and then by id; absent values (NaN) last in either direction."""
    import numpy as np

    sign = -1 if page.descending else 1
    keys, order = sign * ids, sign * values.astype(np.float64)
    known = ~np.isnan(order)
    absent = ~known
    if page.after is not None:
        last, last_key = page.after[0], sign * page.after[1]
        if last is None:
            known, absent = np.zeros_like(known), absent & (keys > last_key)
        else:
            bound = sign * _number(last)
            known &= (order > bound) | ((order == bound) & (keys > last_key))
    first = _smallest(order, keys, np.flatnonzero(known), page.limit)
    rest = _smallest(keys, keys, np.flatnonzero(absent), page.limit - len(first))
    found = [Listed(int(ids[place]), float(values[place])) for place in first]
    return found + [Listed(int(ids[place]), None) for place in rest]


def _smallest(order: "Numbers", keys: "Numbers", places: "Numbers", number: int) -> "Numbers":
    """The places with the ``number`` smallest values, in order, equal ones by their keys."""
    import numpy as np

    if 0 < number < len(places):
        limit = np.partition(order[places], number - 1)[number - 1]
        places = places[order[places] <= limit]
    return places[np.lexsort((keys[places], order[places]))][: max(number, 0)]


def _number(value: datetime | float | str) -> float:
    from store.rollups import micros

    return float(micros(value)) if isinstance(value, datetime) else float(value)


def with_channels(session: Session, post_ids: Collection[int]) -> dict[int, tuple[Post, ChannelRow]]:
    """These posts with their channels."""
    query = (
        select(Post, ChannelRow)
        .join(ChannelRow, col(ChannelRow.id) == col(Post.channel_id))
        .where(col(Post.id).in_(list(post_ids)))
    )
    return {post.id: (post, channel) for post, channel in session.execute(query)}


def siblings(session: Session, post: Post) -> Sequence[int]:
    """The other posts of the same story in this workspace, oldest first."""
    # As an expression, and sorted here: else SQLite may read the whole workspace.
    in_workspace = col(Post.workspace_id) + 0 == post.workspace_id
    query = select(col(Post.id)).where(col(Post.story_id) == post.story_id, in_workspace)
    return sorted(one for one in session.connection().execute(query).scalars() if one != post.id)


#: Cycles of an evergreen that are shown with one of them.
_CYCLES = 50


def cycles(session: Session, post: Post) -> Sequence[int]:
    """The other posts of the same evergreen, the latest of them, oldest first."""
    if post.evergreen_id is None:
        return []
    query = (
        select(col(Post.id))
        .where(
            col(Post.evergreen_id) == post.evergreen_id,
            col(Post.workspace_id) == post.workspace_id,
            col(Post.id) != post.id,
        )
        .order_by(col(Post.evergreen_cycle).desc())
        .limit(_CYCLES)
    )
    return session.connection().execute(query).scalars().all()[::-1]
