"""The own brand beside its competitors: mentions, and the share of voice with its interval.

Only sources that count every tracked brand are compared, as the figure of that name does it; what others
count is told beside.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.intervals import share_of_voice
from analytics.reports.asking import Asked
from domain.period import Span
from domain.report import BrandLine, Remark, Tone
from domain.sentence import Amount, Sentence, Unit, Value
from store import brands


@dataclass(frozen=True, slots=True)
class Rivals:
    """What is known of the brands in the period."""

    lines: tuple[BrandLine, ...]
    #: What counts every one of them.
    sources: tuple[str, ...]


def rivals(asked: Asked) -> Rivals:
    """A line for each tracked brand, the own ones first; none where no brand is tracked."""
    rows = brands.listed(asked.session, asked.workspace_id)
    if not rows:
        return Rivals((), ())
    names = {
        row.id: brands.source_names(asked.session, asked.workspace_id, [row.id], kinds=True) for row in rows
    }
    common = set.intersection(*map(set, names.values()))
    now, before = _counted(asked, names, asked.span), _counted(asked, names, asked.before)
    sums = {key: _sum(counted, common) for key, counted in now.items()}
    sums_before = {key: _sum(counted, common) for key, counted in before.items()}
    lines = []
    for row in rows:
        told = _share(sums, row.id) if common else None
        was = _share(sums_before, row.id) if common else None
        lines.append(
            BrandLine(
                id=row.id,
                name=row.name,
                is_own=row.is_own,
                mentions=_sum(now[row.id]) if names[row.id] else None,
                mentions_before=_sum(before[row.id]) if names[row.id] else None,
                share=told[0] if told else None,
                low=told[1] if told else None,
                high=told[2] if told else None,
                share_before=was[0] if was else None,
            )
        )
    return Rivals(tuple(lines), tuple(sorted(common)))


_Counted = Mapping[int, list[tuple[int, str]]]


def _counted(asked: Asked, names: Mapping[int, set[str]], span: Span) -> _Counted:
    start, end = span.bounds(asked.where)
    found = brands.counted_at(
        asked.session, asked.workspace_id, names, start=start, end=min(end, asked.now), kinds=True
    )
    return {key: [(number, source) for _at, number, source in several] for key, several in found.items()}


def _sum(counted: list[tuple[int, str]], sources: set[str] | None = None) -> int:
    return sum(number for number, source in counted if sources is None or source in sources)


def _share(sums: Mapping[int, int], brand_id: int) -> tuple[float, float, float] | None:
    whole = sum(sums.values())
    if not whole:
        return None
    told = share_of_voice(sums[brand_id], whole - sums[brand_id])
    return 100 * told.value, 100 * told.lower, 100 * told.upper


def rivals_told(found: Rivals) -> list[Remark]:
    """The own share of voice, who was named most, and what is missing to say more."""
    lines = found.lines
    if not lines:
        return [Remark("brands_none", Sentence("report.brands_none"), "brands")]
    told: list[Remark] = []
    for own in (one for one in lines if one.is_own and one.share is not None):
        told.append(_voice(own))
    counted = [one for one in lines if one.mentions]
    if counted:
        most = max(counted, key=lambda one: one.mentions or 0)
        values: dict[str, Value] = {"brand": most.name, "count": most.mentions or 0}
        told.append(Remark("brands_most", Sentence("report.brands_most", values), f"brand-{most.id}"))
    if all(one.is_own for one in lines):
        told.append(Remark("brands_alone", Sentence("report.brands_alone"), "brands"))
    elif not any(one.is_own for one in lines):
        told.append(Remark("brands_no_own", Sentence("report.brands_no_own"), "brands"))
    elif not found.sources:
        told.append(Remark("brands_apart", Sentence("report.brands_apart"), "brands"))
    elif not counted:
        told.append(Remark("brands_silent", Sentence("report.brands_silent"), "brands"))
    return told


def _voice(own: BrandLine) -> Remark:
    def percent(value: float | None) -> Amount:
        return Amount(round(value or 0.0, 1), Unit.PERCENT)

    values: dict[str, Value] = {
        "brand": own.name,
        "share": percent(own.share),
        "low": percent(own.low),
        "high": percent(own.high),
    }
    if own.share_before is None:
        return Remark("voice", Sentence("report.voice_first", values), f"brand-{own.id}")
    surely = own.low is not None and own.high is not None and not own.low <= own.share_before <= own.high
    rose = (own.share or 0.0) > own.share_before
    tone = (Tone.GOOD if rose else Tone.BAD) if surely else Tone.PLAIN
    values["before"] = percent(own.share_before)
    return Remark("voice", Sentence("report.voice", values), f"brand-{own.id}", tone)
