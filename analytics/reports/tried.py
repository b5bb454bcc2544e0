"""What was tried in a period and what came of it: experiments, evergreens, learned hours, new targets."""

import math
from datetime import timedelta

from analytics.reports.asking import Asked
from analytics.scopes import post_scope
from domain.breakdown import ENOUGH, By, slot
from domain.catalogue import CATALOGUE
from domain.learned import learned_from
from domain.post_filters import Origin
from domain.report import Remark, Tone
from domain.sentence import Amount, Sentence, Unit, Value
from domain.trial import thaw
from store import channels, evergreens, experiments, kpis, learning
from store.groups import Groups
from store.values import Filters

_MOMENT = timedelta(microseconds=1)
_NAME = 80


def tried(asked: Asked, ranked_by: str) -> list[Remark]:
    """Each thing that was tried and has ended or can be judged; or what would be told here."""
    found = [
        *experiments_ended(asked),
        *_ended(asked),
        *_repeated(asked, ranked_by),
        *_hours(asked),
        *_targets(asked),
    ]
    return found or [Remark("tried_none", Sentence("report.tried_none"), "learned")]


def experiments_ended(asked: Asked) -> list[Remark]:
    """Experiments that ended in the period or were given up, each with its verdict as it was frozen."""
    start, end = asked.bounds
    found = []
    for row in experiments.ended_between(asked.session, asked.workspace_id, start=start, end=end):
        trial = thaw(row.result)
        values: dict[str, Value] = {"name": row.name[:_NAME], "verdict": trial.verdict[0]}
        tone = Tone.GOOD if trial.decided else Tone.PLAIN
        found.append(Remark("tried_experiment", Sentence("report.tried_experiment", values), "learned", tone))
    return found


def _ended(asked: Asked) -> list[Remark]:
    """Evergreens that ended in the period."""
    start, end = asked.bounds
    rows = evergreens.listed(asked.session, asked.workspace_id)
    return [
        Remark(
            "tried_evergreen",
            Sentence("report.tried_evergreen", {"name": row.name[:_NAME], "cycles": row.cycles}),
            "learned",
        )
        for row in rows
        if row.ended_at is not None and start <= row.ended_at < end
    ]


def _repeated(asked: Asked, figure: str) -> list[Remark]:
    """What a post that came back brought beside the others of the period."""
    entry = CATALOGUE[figure]
    rows = channels.listed(asked.session, asked.workspace_id)
    start, end = asked.bounds
    groups = Groups(
        asked.session, post_scope(asked.workspace_id, rows, asked.supplies), By.ORIGIN, [entry], rows,
        filters=Filters(start=start, end=min(end, asked.now)), before=asked.now + _MOMENT,
    )  # fmt: skip
    giving = [row.id for row in rows if not asked.supplies.lacking(row.platform, entry)]
    totals, whole = groups.totals(entry, giving)
    again = dict(zip(groups.keys, totals, strict=True)).get(Origin.EVERGREEN)
    if again is None or again.posts < ENOUGH or whole.posts - again.posts < ENOUGH:
        return []
    others = (whole.above - again.above) / (whole.posts - again.posts)
    mean = again.above / again.posts
    values: dict[str, Value] = {
        "figure": entry.name,
        "again": Amount(mean, Unit.RATIO),
        "others": Amount(others, Unit.RATIO),
        "count": again.posts,
    }
    return [Remark("tried_again", Sentence("report.tried_again", values), "mix-kind")]


def _hours(asked: Asked) -> list[Remark]:
    """Channels of which posts have shown that the best hour is better than the middle one."""
    found = []
    for row in channels.listed(asked.session, asked.workspace_id):
        kept = learning.week_of(asked.session, asked.workspace_id, row.id)
        if kept is None or kept.learned_at > asked.now:
            continue
        week = learned_from(kept.week)
        if not week.has_evidence:
            continue
        best = max(range(len(week.means)), key=week.means.__getitem__)
        gain, low, high = (100 * (math.exp(one) - 1) for one in week.gain)
        values: dict[str, Value] = {
            "channel": row.name,
            "hour": slot(*divmod(best, 24)),
            "gain": Amount(float(round(gain)), Unit.PERCENT),
            "low": Amount(float(round(low)), Unit.PERCENT),
            "high": Amount(float(round(high)), Unit.PERCENT),
            "posts": week.posts,
        }
        found.append(Remark("tried_hours", Sentence("report.tried_hours", values), "learned", Tone.GOOD))
    return found


def _targets(asked: Asked) -> list[Remark]:
    """Targets that were set anew in the period, and why."""
    start, end = asked.bounds
    return [
        Remark(
            "tried_target",
            Sentence(
                "report.tried_target",
                {
                    "kpi": kpi.name,
                    "day": version.at.astimezone(asked.where).date(),
                    "because": version.because,
                },
            ),
            f"kpi-{kpi.id}",
        )
        for kpi, version in kpis.versions_between(asked.session, asked.workspace_id, start=start, end=end)
        if version.because
    ]
