"""What a period's figures rest on: posts that were not measured, are gone, or read differently now."""

from collections.abc import Sequence

from analytics.reports.asking import Asked
from domain.audit import Severity
from domain.report import FigureLine, Remark, Tone
from domain.sentence import Sentence, Value
from store import audits, reports

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
    found_fine = [] if remarks else [Remark("check_fine", Sentence("report.check_fine"), "checks", Tone.GOOD)]
    return [*remarks, *found_fine, *_audited(asked)]


def _audited(asked: Asked) -> list[Remark]:
    """What the workspace's last audit came to."""
    row = audits.last(asked.session, asked.workspace_id)
    if row is None:
        return []
    level = Severity.WRONG if row.wrong else Severity.LOOK if row.look else Severity.FINE
    tone = {Severity.WRONG: Tone.BAD, Severity.LOOK: Tone.PLAIN, Severity.FINE: Tone.GOOD}[level]
    values: dict[str, Value] = {
        "day": row.at.astimezone(asked.where).date(), "count": row.wrong or row.look,
    }  # fmt: skip
    return [Remark(f"audit_{level}", Sentence(f"report.audit_{level}", values), "checks", tone)]
