"""Wall times, slots and the planner's clock in every IANA zone, at each change of its clock, 2000 to 2040.

    python -m benchmarks.zones [FIRST LAST]

Claimed: nothing is wrong. Zones that changed alike in all these years are looked at once.
"""

import sys
import time
from zoneinfo import ZoneInfo

from domain.schedule import zone_names
from tests.zones import FIRST, LAST, broken, changes


def main(first: int = FIRST, last: int = LAST) -> int:
    """Print what is wrong, and how much was looked at; returns how many things were wrong."""
    begun, wrong, known, moments = time.perf_counter(), 0, set(), 0
    names = sorted(zone_names())
    for name in names:
        where = ZoneInfo(name)
        alike = tuple((at, at.astimezone(where).utcoffset()) for at in changes(where, first, last))
        if not alike or alike in known:
            continue
        known.add(alike)
        moments += len(alike)
        for line in broken(name, first=first, last=last):
            wrong += 1
            print(line)
    seconds = time.perf_counter() - begun
    print(f"{len(names)} zones, {len(known)} that differ, {moments} changes: {wrong} wrong, {seconds:.0f} s")
    return wrong


if __name__ == "__main__":
    sys.exit(1 if main(*map(int, sys.argv[1:3])) else 0)
