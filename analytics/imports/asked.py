"""Scores of surveys: CSAT and NPS, with their intervals."""

from typing import Final

from analytics.imports.outcome import Asked, Outcome, of_total
from analytics.intervals import net_promoter_score, wilson
from domain.definition import OWN_SOURCE
from domain.figure import Absence, Coverage
from domain.sentence import Sentence
from store import brought, surveys
from store.tables import Answer

#: Fewer answers make no score: one of them would move it by more than ten points.
FEWEST: Final = 10


def _scores(asked: Asked, kind: str) -> tuple[Outcome, dict[int, int]]:
    total = brought.total(
        asked.session, Answer, asked.workspace_id, start=asked.start, end=asked.end, equal={"kind": kind}
    )
    spread = brought.spread(
        asked.session,
        Answer,
        asked.workspace_id,
        "score",
        start=asked.start,
        end=asked.end,
        equal={"kind": kind},
    )
    outcome = of_total(total, total.rows)
    if total.rows < FEWEST:
        words = Sentence("absent.few_answers", {"have": total.rows, "need": FEWEST})
        return outcome.missing(Absence.NOT_MEASURED, words), {}
    return outcome, spread


def csat(asked: Asked) -> Outcome:
    """Percent of answers that are 4 or 5, with Wilson's interval."""
    outcome, scores = _scores(asked, "csat")
    if not scores:
        return outcome
    found = wilson(scores.get(4, 0) + scores.get(5, 0), sum(scores.values()))
    return outcome.with_value(100 * found.value, (100 * found.lower, 100 * found.upper))


def csat_mean(asked: Asked) -> Outcome:
    """Mean score, 1 to 5."""
    outcome, scores = _scores(asked, "csat")
    if not scores:
        return outcome
    return outcome.with_value(sum(score * number for score, number in scores.items()) / sum(scores.values()))


def nps(asked: Asked) -> Outcome:
    """Points from -100 to 100, with the interval."""
    outcome, scores = _scores(asked, "nps")
    if not scores:
        return outcome
    up = scores.get(9, 0) + scores.get(10, 0)
    down = sum(number for score, number in scores.items() if score <= 6)
    found = net_promoter_score(up, sum(scores.values()) - up - down, down)
    return outcome.with_value(found.value, (found.lower, found.upper))


def response_rate(asked: Asked) -> Outcome:
    """Percent of the pages that people opened which were answered, with Wilson's interval."""
    kind = asked.definition.key.partition("_")[0]
    found = surveys.asked(asked.session, asked.workspace_id, kind, start=asked.start, end=asked.end)
    answered = min(found.answered, found.opened)
    outcome = Outcome(coverage=Coverage(answered, found.opened), sources=(OWN_SOURCE,))
    if not found.opened:
        return outcome.missing(Absence.UNDEFINED, Sentence("absent.no_survey"))
    told = wilson(answered, found.opened)
    return outcome.with_value(100 * told.value, (100 * told.lower, 100 * told.upper))
