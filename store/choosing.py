"""Which posts of a scope are wanted: what filters say of their columns."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from domain.post import Sender
from store.columns import (
    AUTHOR,
    CAMPAIGN,
    FEED,
    KIND,
    KINDS,
    LANGUAGE,
    NATIVE,
    PUBLISHED,
    ROUTE,
    TAGS,
    THREAD,
    Mask,
    Numbers,
)
from store.recounting import Recounted
from store.rollups import micros
from store.values import Filters, PostScope


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which posts of the channels are wanted."""

    scope: PostScope
    filters: Filters
    before: datetime

    @property
    def end(self) -> datetime:
        """They went out before it."""
        return self.before if self.filters.end is None else min(self.filters.end, self.before)

    @property
    def sets(self) -> dict[str, Collection[int]]:
        """Columns of which only some values will do."""
        filters, scope = self.filters, self.scope
        routes = _both(filters.route_ids, scope.route_id)
        feeds = _both(filters.feed_ids, scope.feed_id)
        kinds = frozenset(KINDS.index(kind) for kind in filters.kinds)
        senders = frozenset(int(one is Sender.NATIVE) for one in filters.senders)
        found = {
            ROUTE: routes,
            FEED: feeds,
            AUTHOR: filters.author_ids or None,
            KIND: kinds or None,
            NATIVE: senders or None,
        }
        if filters.threads:
            found[THREAD] = frozenset({1})
        return {name: values for name, values in found.items() if values is not None}

    @property
    def words(self) -> dict[str, frozenset[str]]:
        """Words of which a post must have one."""
        found = {CAMPAIGN: self.filters.campaigns, TAGS: self.filters.tags, LANGUAGE: self.filters.languages}
        return {name: words for name, words in found.items() if words}

    @property
    def needs(self) -> set[str]:
        """The columns that decide."""
        return {PUBLISHED, *self.sets}

    def mask(self, posts: Recounted) -> Mask:
        """Which of these posts are wanted."""
        mask = self.numbers_mask(posts.columns, posts.size)
        for name, words in self.words.items():
            mask &= np.array([bool(words.intersection(own)) for own in posts.words[name]], bool)
        return mask

    def numbers_mask(self, columns: Mapping[str, Numbers], size: int) -> Mask:
        """Which posts are wanted, words apart."""
        mask = np.ones(size, bool)
        if PUBLISHED in columns:
            mask &= columns[PUBLISHED] < micros(self.end)
            if self.filters.start is not None:
                mask &= columns[PUBLISHED] >= micros(self.filters.start)
        for name, values in self.sets.items():
            mask &= any_of(columns[name], values)
        return mask


def _both(several: frozenset[int], one: int | None) -> frozenset[int] | None:
    if one is None:
        return several or None
    return frozenset({one}) & several if several else frozenset({one})


def any_of(column: Numbers, values: Collection[int]) -> Mask:
    """Where a column has one of these values."""
    mask = np.zeros(len(column), bool)
    if len(values) > 8:
        return np.isin(column, sorted(values))
    for value in values:
        mask |= column == value
    return mask
