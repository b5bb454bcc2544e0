"""Posts of written parts that were read or clicked later than is asked about, as they stood then.

What never changes of them is in their columns. What was read comes from all their readings; what Tabuh
counted itself is what it has counted by now, without what came later.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlmodel import Session

from domain.metrics import Metric
from store import answers
from store.blocks import Block
from store.columns import POST, PUBLISHED, Mask, Numbers, micros
from store.parts import Parts, Wanted
from store.rewinding import FIXED, Rewound


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
        cls, session: Session, parts: Parts, which: Mask, asked: Collection[str], before: datetime
    ) -> "Later":
        """The posts of the parts that a mask chooses, with these columns as they stood ``before``."""
        own = {name for name in asked if name.endswith("#")}
        channels, columns = parts.at({POST, PUBLISHED, *own, *FIXED.intersection(asked)}, which)
        ids = columns[POST]
        rewound = answers.once(session, "rewound", Rewound)
        rewound.hold(session, ids)
        columns |= rewound.columns(session, ids, set(asked) - FIXED - own, before)
        for name, came in rewound.since(session, ids, own, before).items():
            columns[name] = columns[name] - came
        return cls(session, before, rewound, channels, columns)

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
