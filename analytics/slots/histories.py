"""Rows of a file as histories, one for each account, without posts whose counts still grow."""

from collections.abc import Sequence
from datetime import timedelta

import numpy as np

from analytics.past.reading import PastRow
from analytics.slots.history import History

#: Counts of younger posts still grow; age from the file's newest post.
RIPE = timedelta(days=3)


def histories(rows: Sequence[PastRow]) -> dict[str, History]:
    """Past posts by account, oldest first; the newest three days of the file are left out."""
    if not rows:
        return {}
    until = max(row.at for row in rows) - RIPE
    kinds: dict[str, int] = {}
    by_account: dict[str, list[tuple[float, int, int, int]]] = {}
    for row in rows:
        if row.at > until and len(rows) > 1:
            continue
        kind = kinds.setdefault(row.kind, len(kinds))
        by_account.setdefault(row.account, []).append((row.at.timestamp(), row.slot, kind, row.engagement))
    return {account: _history(found) for account, found in by_account.items()}


def _history(found: list[tuple[float, int, int, int]]) -> History:
    table = np.array(sorted(found), dtype=np.float64)
    return History(table[:, 0], table[:, 1].astype(np.int64), table[:, 2].astype(np.int64), table[:, 3])
