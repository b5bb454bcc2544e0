"""What a period's figures rest on: posts that were not measured, are gone, or read differently now."""

from collections.abc import Sequence

from analytics.reports.asking import Asked
from domain.report import FigureLine, Remark, Tone
from domain.sentence import Sentence, Value
from store import reports

#: Counts whose coverage is told where it has gaps.
_TOLD = 4


def checks(asked: Asked, lines: Sequence[FigureLine], incomplete: Sequence[str]) -> list[Remark]:
    """The gaps, or that there is none.

    Args:
        asked: the period.
        lines: the figures of the report.
        incomplete: keys of those of which some post in scope was not measured.
    """
    start, end = asked.bounds
    found = reports.gaps(asked.session, asked.workspace_id, start=start, end=end)
    remarks = [
        Remark(f"check_{what}", Sentence(f"report.check_{what}", {"count": count}), "checks", Tone.BAD)
        for what, count in (("stale", found.stale), ("gone", found.gone), ("changed", found.changed))
        if count
    ]
    by_key = {line.key: line for line in lines}
    for key in incomplete[:_TOLD]:
        line = by_key[key]
        values: dict[str, Value] = {"figure": line.name, "coverage": line.coverage}
        remarks.append(Remark("check_covered", Sentence("report.check_covered", values), f"figure-{key}"))
    return remarks or [Remark("check_fine", Sentence("report.check_fine"), "checks", Tone.GOOD)]
