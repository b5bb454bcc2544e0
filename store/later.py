"""Posts of written parts that were read or clicked later than is asked about, as they stood then.

What never changes of them is in their columns, and what was read too, where nothing was read later; else it
comes from all their readings. What Tabuh counted itself is what it has counted by now, without what came
later.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlmodel import Session

from domain.metrics import Metric
from store import answers
from store.blocks import Block
from store.columns import POST, PUBLISHED, Mask, Numbers
from store.own_counts import COUNTS, Before
from store.parts import Parts, Wanted
from store.rewinding import FIXED, Rewound
from store.rollups import micros


@dataclass(frozen=True, slots=True)
class Later:
    """These posts, those of a channel side by side."""

    session: Session
    before: datetime
    rewound: Rewound
    channels: Numbers
    columns: dict[str, Numbers]

    @classmethod
    def of(
        cls, session: Session, parts: Parts, which: Mask, asked: Collection[str], before: datetime, *,
        is_read: bool,
    ) -> "Later":  # fmt: skip
        """The posts of the parts that a mask chooses, with these columns as they stood ``before``.

        Args:
            is_read: they were read since; else only what Tabuh counts itself has come.
        """
        own = {name for name in asked if name.endswith("#")}
        moving = set(asked) - FIXED - own if is_read else set()
        totals = COUNTS if own else frozenset[str]()
        channels, columns = parts.at({POST, PUBLISHED, *asked, *totals} - moving, which)
        ids = columns[POST]
        rewound = answers.once(session, "rewound", Rewound)
        if is_read:
            rewound.hold(session, ids)
            columns |= rewound.columns(session, ids, moving, before)
        if own:
            counted = answers.once(session, "counted before", Before)
            columns |= counted.of(session, ids, columns, before, parts.changed)
        return cls(session, before, rewound, channels, columns)

    def with_(self, names: Collection[str]) -> "Later":
        """These columns too, of posts that were read later: what a look reads, and what never changes."""
        missing = set(names) - self.columns.keys()
        if missing:
            self.columns.update(self.rewound.columns(self.session, self.columns[POST], missing, self.before))
        return self

    def blocks(self) -> Iterator[Block]:
        """The posts by channel."""
        begin = np.flatnonzero(np.diff(self.channels, prepend=-1))
        for start, end in zip(begin.tolist(), [*begin.tolist()[1:], len(self.channels)], strict=True):
            columns = {name: values[start:end] for name, values in self.columns.items()}
            yield Block(int(self.channels[start]), end - start, columns.__getitem__)

    def sources(self, asked: Wanted) -> set[tuple[int, Metric, str]]:
        """Channel, metric and the platform's field of what was read before."""
        there = self.columns[PUBLISHED] >= micros(asked.since)
        found = self.rewound.fields(
            self.session, self.columns[POST][there], self.channels[there], asked.metrics, self.before
        )
        return {(channel_id, Metric(metric), source) for channel_id, metric, source in found}
