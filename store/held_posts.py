"""Published posts that many questions are about, looked at once for each instant that is asked about.

Whoever knows what will be asked says so first (`expect`); each question then takes its part of what was made
for all of them. What was not said is made by itself, and the answers are the same.
"""

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import numpy as np
from sqlmodel import Session

from store import answers
from store.choosing import Chosen
from store.columns import FEED, OF_NOW, POST, PUBLISHED, ROUTE, Mask, Numbers, empty
from store.later import Later
from store.parts import Parts
from store.recounting import Recounted
from store.values import Filters, PostScope

#: Instants whose posts are there at once: each period that is looked at has one in each zone.
_MOST: Final = 32
_ALWAYS: Final = frozenset({POST, PUBLISHED, ROUTE, FEED})


@dataclass(slots=True)
class _Expected:
    channel_ids: set[int] = field(default_factory=set)
    names: set[str] = field(default_factory=lambda: set(_ALWAYS))
    since: datetime | None = None


@dataclass(slots=True)
class Held:
    """The posts of some channels since an instant, as they stood before another."""

    session: Session
    parts: Parts
    names: frozenset[str]
    #: Posts that are not told from columns.
    rest: Recounted
    _later: Later | None = None
    #: Of each post of the parts its place among those that were read later.
    _ranks: Numbers = field(default_factory=lambda: empty(POST, 0))

    def later(self, own: Parts, which: Mask, asked: Collection[str]) -> Later:
        """Those of the posts of ``own``, a part of these, that a mask chooses, and were read later."""
        if self._later is None:
            before = self.parts.chosen.before
            self._later = Later.of(
                self.session, self.parts, self.parts.later, self.names, before, is_read=True
            )
            self._ranks = np.cumsum(self.parts.later) - 1
        places = self._ranks[own.places(which)]
        columns = {name: self._later.columns[name][places] for name in {POST, PUBLISHED, *asked}}
        return replace(self._later, channels=self._later.channels[places], columns=columns)


@dataclass(slots=True)
class _Boards:
    """What is expected of a workspace's posts before each instant, and what was made of it."""

    expected: dict[datetime, _Expected] = field(default_factory=dict)
    held: OrderedDict[datetime, Held] = field(default_factory=OrderedDict)


def expect(
    session: Session, scope: PostScope, names: Collection[str], *, since: datetime, before: datetime
) -> None:
    """Where answers are kept: posts of this scope will be asked for as they stood before an instant.

    Args:
        names: columns.
        since: when the first of them went out.
    """
    if not answers.keeping(session) or not scope.channel_ids:
        return
    boards = _boards(session, scope.workspace_id)
    own = boards.expected.setdefault(before, _Expected())
    own.channel_ids |= scope.channel_ids
    own.names |= set(names)
    own.since = since if own.since is None else min(own.since, since)
    boards.held.pop(before, None)


def held(
    session: Session,
    chosen: Chosen,
    asked: Collection[str],
    make: Callable[[Chosen, frozenset[str]], Held],
) -> Held | None:
    """What was made for a question and others; None: it was not expected.

    Args:
        make: the posts of a scope with these columns.
    """
    if not answers.keeping(session):
        return None
    scope, filters = chosen.scope, chosen.filters
    boards = _boards(session, scope.workspace_id)
    own = boards.expected.get(chosen.before)
    if own is None or own.since is None or filters.start is None or filters.start < own.since:
        return None
    if filters != Filters(start=filters.start, end=filters.end) or not OF_NOW.isdisjoint(asked):
        return None
    if not (own.channel_ids.issuperset(scope.channel_ids) and own.names.issuperset(asked)):
        return None
    if chosen.before not in boards.held:
        every = PostScope(workspace_id=scope.workspace_id, channel_ids=frozenset(own.channel_ids))
        wide = Chosen(every, Filters(start=own.since), chosen.before)
        boards.held[chosen.before] = make(wide, frozenset(own.names))
        if len(boards.held) > _MOST:
            boards.held.popitem(last=False)
    boards.held.move_to_end(chosen.before)
    return boards.held[chosen.before]


def forget(session: Session, workspace_id: int) -> None:
    """Somebody wrote columns since: the next question makes them anew."""
    if answers.keeping(session):
        _boards(session, workspace_id).held.clear()


def _boards(session: Session, workspace_id: int) -> _Boards:
    return answers.once(session, ("boards", workspace_id), _Boards)
