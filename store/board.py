"""The published posts of a scope as columns: from parts that are written down, the rest from readings.

Posts that changed since they were written down, channels that were not written down yet, and what was read
of posts after the instant that is asked about (`store.later`) are made anew from readings, so that an answer
is the same whichever way it comes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import numpy as np
from sqlalchemy import select
from sqlmodel import Session, col

from domain.metrics import Metric
from domain.post import PostState
from store import answers
from store.blocks import Block, Having, Posts
from store.choosing import Chosen
from store.columns import LAYOUT, OF_NOW, POST, PUBLISHED, Mask, Numbers, empty
from store.held_posts import Held, forget, held
from store.later import Later
from store.looked import look, look_again
from store.narrowing import narrowed, narrows_by
from store.parts import Moved, Parts, Wanted
from store.recounting import Recounted, recount
from store.rollups import micros
from store.shelves import stamps
from store.tables import Post
from store.values import NO_FILTERS, Filters, PostScope

__all__ = ["Wanted", "built", "load"]


def load(
    session: Session,
    scope: PostScope,
    names: Collection[str],
    *,
    filters: Filters = NO_FILTERS,
    before: datetime,
    sources: Wanted | None = None,
    words: Collection[str] = (),
    edges: Sequence[datetime] | None = None,
) -> Posts:
    """The posts of a scope that went out ``before`` an instant, with these columns as they stood then.

    Args:
        words: of `store.columns.WORDS`, those that are told.
        edges: sums over posts are asked for, and posts before and after these instants are told apart.
    """
    assert set(names) <= set(LAYOUT), "other columns are not written down"
    assert not words or edges is None, "words stand by the places of posts, which sums put in another order"
    asked = {*names, POST, *narrows_by(filters)} | (sources.names if sources else set())
    chosen = Chosen(scope, filters, before)
    while True:
        try:
            posts = _load(session, chosen, asked, sources, words=words, edges=edges)
        except Moved:  # they are read again, as they are now
            look_again(session, scope.workspace_id)
            forget(session, scope.workspace_id)
            continue
        return posts.only(narrowed(session, posts, scope, filters)) if narrows_by(filters) else posts


def _load(
    session: Session,
    chosen: Chosen,
    asked: set[str],
    sources: Wanted | None,
    *,
    words: Collection[str],
    edges: Sequence[datetime] | None,
) -> Posts:
    scope = chosen.scope
    if not scope.channel_ids:
        return Posts([], words=dict.fromkeys(words, Having((), empty(POST, 0), empty(POST, 0))))
    made_for_all = None if words else held(session, chosen, asked, partial(_made, session))
    within = made_for_all.parts if made_for_all is not None else None
    parts = Parts(session, chosen, scope.channel_ids, within)
    again = (
        set()
        if made_for_all
        else _unwritten(session, chosen, scope.channel_ids - parts.built) | parts.outdated
    )
    wanted, clicked, later = parts.wanted()
    if not OF_NOW.isdisjoint(asked):
        again |= set(parts.at({POST}, clicked | later)[1][POST].tolist())
        clicked = later = np.zeros_like(later)
    if not any(name.endswith("#") for name in asked):  # nothing is asked for that clicks change
        wanted, clicked = wanted | clicked, np.zeros_like(clicked)
    blocks = list(parts.blocks(asked, wanted, edges))
    told = set(parts.sources(sources, wanted | clicked)) if sources else set()
    having = {name: _Gathered() for name in words}
    _gather(having, parts, wanted, ())
    for which, is_read in ((clicked, False), (later, True)):
        if which.any():
            if made_for_all and is_read:
                past = made_for_all.later(parts, which, asked)
            else:
                past = Later.of(session, parts, which, asked, chosen.before, is_read=is_read)
            _gather(having, parts, which, blocks)
            blocks += past.blocks()
            told |= past.sources(sources) if sources and is_read else set()
    rest = made_for_all.rest if made_for_all else None
    if again:
        needed = asked | chosen.needs | set(chosen.words) | set(words)
        rest = recount(session, again, needed, before=chosen.before, sources=sources is not None)
        rest = rest.by_channel()
    if rest is not None and rest.size:
        rest = rest.only(chosen.mask(rest) & np.isin(rest.channels, sorted(scope.channel_ids)))
        for name, gathered in having.items():
            gathered.add(rest.words[name], sum(block.size for block in blocks))
        blocks += _blocks(rest)
        told |= _among(sources, rest) if sources else set()
    made = {name: gathered.made() for name, gathered in having.items()}
    return Posts(blocks, frozenset(told), made)


def _made(session: Session, chosen: Chosen, names: frozenset[str]) -> Held:
    """The posts of a scope for many questions."""
    parts = Parts(session, chosen, chosen.scope.channel_ids)
    again = _unwritten(session, chosen, chosen.scope.channel_ids - parts.built) | parts.outdated
    rest = recount(session, again, names, before=chosen.before, sources=True).by_channel()
    return Held(session, parts, names, rest)


def _gather(having: Mapping[str, "_Gathered"], parts: Parts, wanted: Mask, before: Sequence[Block]) -> None:
    """The words of posts of the parts that stand behind those of other blocks."""
    first = sum(block.size for block in before)
    for name, gathered in having.items():
        places, codes = parts.having(name, wanted, gathered.codes_of, first)
        gathered.places.append(places)
        gathered.codes.append(codes)


def _blocks(posts: Recounted) -> Iterator[Block]:
    """Posts that were made anew, by channel."""
    for channel_id in np.unique(posts.channels).tolist():
        own = posts.only(posts.channels == channel_id)
        yield Block(channel_id, own.size, own.columns.__getitem__)


@dataclass(slots=True)
class _Gathered:
    """Words of posts, until all of them are there."""

    codes_of: dict[str, int] = field(default_factory=dict)
    places: list[Numbers] = field(default_factory=list)
    codes: list[Numbers] = field(default_factory=list)

    def add(self, words: Sequence[Sequence[str]], first: int) -> None:
        """The words of more posts, the first of which has this place."""
        pairs = [(place, word) for place, own in enumerate(words, start=first) for word in own]
        self.places.append(np.array([place for place, _ in pairs], np.int64))
        known = [self.codes_of.setdefault(word, len(self.codes_of)) for _, word in pairs]
        self.codes.append(np.array(known, np.int64))

    def made(self) -> Having:
        """All of them, the words in their order."""
        words = sorted(self.codes_of)
        ranks = np.empty(len(words), np.int64)
        ranks[[self.codes_of[word] for word in words]] = np.arange(len(words))
        return Having(words, np.concatenate(self.places), ranks[np.concatenate(self.codes)])


def _among(wanted: Wanted, posts: Recounted) -> set[tuple[int, Metric, str]]:
    """The sources of posts that were made anew."""
    there = posts.columns[PUBLISHED] >= micros(wanted.since)
    channels = dict(zip(posts.ids[there].tolist(), posts.channels[there].tolist(), strict=True))
    found = {
        (channels[post_id], metric, source)
        for post_id, metric, source in posts.sources
        if post_id in channels and metric in wanted.metrics
    }
    return {(channel_id, Metric(metric), source) for channel_id, metric, source in found}


def built(session: Session, scope: PostScope) -> frozenset[int]:
    """The scope's channels whose standings and sums are complete."""
    if not answers.keeping(session):
        return frozenset(stamps(session, scope.channel_ids))
    return scope.channel_ids & look(session, scope.workspace_id, scope.channel_ids).stamps.keys()


def _unwritten(session: Session, chosen: Chosen, channel_ids: Collection[int]) -> set[int]:
    """The posts of channels whose columns were not written yet."""
    if not channel_ids:
        return set()
    published = col(Post.published_at)
    query = select(col(Post.id)).where(
        col(Post.workspace_id) == chosen.scope.workspace_id,
        col(Post.channel_id).in_(sorted(channel_ids)),
        col(Post.state) == PostState.PUBLISHED,
        published < chosen.end,
        *([] if chosen.filters.start is None else [published >= chosen.filters.start]),
    )
    return set(session.connection().execute(query).scalars())
