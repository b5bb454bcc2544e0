"""How long questions take: by the clock and by the processor, cold and warm."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os import getloadavg


@dataclass(frozen=True, slots=True)
class Took:
    """Milliseconds of each call, by the clock and by the processor of this process."""

    walls: Sequence[float]
    owns: Sequence[float]


def timed(name: str, claimed: float, calls: Sequence[tuple[str, Callable[[], object]]]) -> Took:
    """How long each call took; prints the 95th percentile beside what is claimed.

    Each is asked twice. The first time is cold: the process has not read the columns that the question needs,
    and reads them from the database. The second time is what is claimed. The processor's time stands beside
    that of the clock, which others on the machine make longer.
    """
    cold = [_one(label, call) for label, call in calls]
    warm = [_one(label, call) for label, call in calls]
    p95 = _p95([wall for wall, _, _ in warm])
    held = "" if p95 < claimed else "MISSED"
    print(f"{name}: {_told(warm)} (claimed p95 < {claimed:.0f} ms) {held}")
    print(f"    asked for the first time: {_told(cold)}, the very first {cold[0][0]:.0f} ms")
    for wall, own, label in sorted(warm, reverse=True)[:3]:
        print(f"    {wall:6.0f} ms, processor {own:4.0f}  {label}")
    return Took([wall for wall, _, _ in warm], [own for _, own, _ in warm])


def _one(label: str, call: Callable[[], object]) -> tuple[float, float, str]:
    start, own = time.perf_counter(), time.process_time()
    call()
    return 1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - own), label


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[max(0, -(-len(times) * 95 // 100) - 1)]


def _told(took: Sequence[tuple[float, float, str]]) -> str:
    wall, own = [one for one, _, _ in took], [one for _, one, _ in took]
    return (f"p50 {statistics.median(wall):.0f}, p95 {_p95(wall):.0f}, max {max(wall):.0f} ms, "
            f"processor p50 {statistics.median(own):.0f}, p95 {_p95(own):.0f} ms, "
            f"load {getloadavg()[0]:.1f}")  # fmt: skip
