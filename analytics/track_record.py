"""How often what was foretold of a KPI came true: one statement for each period, made in its middle."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.chances import band
from domain.pace import Status

#: A chance that was foretold: (first day of its period, when it was said, the chance, the status then).
Foretold = tuple[date, datetime, float, str]


@dataclass(frozen=True, slots=True)
class Record:
    """All statements whose chance lay in one band."""

    #: In percent.
    low: int
    high: int
    times: int
    true: int


def track_record(foretold: Sequence[Foretold], ended: Mapping[date, Status]) -> list[Record]:
    """The statements by band, highest chances first; bands that nothing was said in are left out.

    Args:
        foretold: at most one for each day, oldest first.
        ended: how each period ended, by its first day; only reached and missed ones are counted.
    """
    said: dict[date, list[Foretold]] = defaultdict(list)
    for one in foretold:
        said[one[0]].append(one)
    counts: dict[tuple[int, int], list[bool]] = defaultdict(list)
    for first, statements in said.items():
        outcome = ended.get(first)
        if outcome in (Status.REACHED, Status.MISSED):
            _, _, chance, _ = statements[len(statements) // 2]
            counts[band(chance)].append(outcome is Status.REACHED)
    return [
        Record(low, high, len(happened), sum(happened))
        for (low, high), happened in sorted(counts.items(), reverse=True)
    ]
