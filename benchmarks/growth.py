"""What a row costs in a small and in a large database: flat, if nothing grows faster than the rows do."""

from collections.abc import Mapping
from statistics import median

from benchmarks.timing import Took

#: Part → microseconds of a row by the clock and by the processor, medians.
Costs = dict[str, tuple[float, float]]


def costs(took: Took, rows: int) -> tuple[float, float]:
    """Microseconds of one of so many rows, by the clock and by this process's processor."""
    return 1e3 * median(took.walls) / rows, 1e3 * median(took.owns) / rows


def told(found: Mapping[int, Costs]) -> str:
    """A line for each part: what a row costs in each database (posts → costs), and how many times as much in
    the last as in the first; empty with one database."""
    if len(found) < 2:
        return ""
    (small, first), *_, (large, last) = sorted(found.items())
    lines = [
        f"\nwhat a row costs with {small:,} and with {large:,} posts, by the clock and by the processor:"
    ]
    for name, (wall, own) in first.items():
        later = last[name]
        lines.append(
            f"    {name}: {wall:,.2f} µs and {later[0]:,.2f} µs: {later[0] / wall:.2f} times; "
            f"processor {own:,.2f} µs and {later[1]:,.2f} µs: {later[1] / own:.2f} times"
        )
    return "\n".join(lines)
