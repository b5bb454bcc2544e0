"""Scores of surveys by day, looked at from below: the share of what is missing from the best score.

Where nearly everybody is content, the few who are not say more: twice as many of them is news, and what is
left of the others is not.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session

from store import brought
from store.tables import Answer

#: By figure: its kind of answer, and by score how much is missing from the best, 0 to 1.
_MISSING: Final[Mapping[str, tuple[str, Mapping[int, float]]]] = {
    "csat": ("csat", {1: 1.0, 2: 1.0, 3: 1.0}),
    "csat_mean": ("csat", {1: 1.0, 2: 0.75, 3: 0.5, 4: 0.25}),
    "nps": ("nps", {**dict.fromkeys(range(7), 1.0), 7: 0.5, 8: 0.5}),
}
#: The worst and the best value of each figure.
_RANGE: Final[Mapping[str, tuple[float, float]]] = {
    "csat": (0.0, 100.0), "csat_mean": (1.0, 5.0), "nps": (-100.0, 100.0),
}  # fmt: skip

KEYS: Final = frozenset(_MISSING)
Slices = Sequence[tuple[datetime, float]]


def missing_and_all(
    session: Session, workspace_id: int, key: str, *, start: datetime, end: datetime
) -> tuple[Slices, Slices]:
    """When something was missing from the best score, and how much; when there were answers, and how many."""
    kind, scores = _MISSING[key]
    missing = [
        (at, share * number)
        for score, share in scores.items()
        for at, number in brought.by_moment(
            session, Answer, workspace_id, None, start=start, end=end, equal={"kind": kind, "score": score}
        )
    ]
    answers = brought.by_moment(
        session, Answer, workspace_id, None, start=start, end=end, equal={"kind": kind}
    )
    return missing, [(at, float(number)) for at, number in answers]


def score(key: str, missing: float) -> float:
    """The figure as people know it, by the share that is missing."""
    worst, best = _RANGE[key]
    return best - missing * (best - worst)
