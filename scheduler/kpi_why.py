"""Why a KPI stands where it stands, as plain values for the command line and the API."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from analytics.explaining.change import Change
from analytics.explaining.industry import Beside, industry_told
from analytics.explaining.looking import Look
from analytics.explaining.told import factor_words
from analytics.sums import Stretch
from domain.period import Span
from domain.sentence import Sentence, Words
from domain.sentences import say

_LANGUAGES = ("en", "id")


def document(look: Look) -> dict[str, Any]:
    """All of it: numbers beside sentences in both languages."""
    return {
        "kpi_id": look.standing.kpi.id,
        "change": _change(look),
        "trend": _trend(look),
        "past": _past(look),
        "industry": [_industry(one, look) for one in look.industry],
    }


def told(sentences: Sequence[Sentence]) -> list[dict[str, str]]:
    """Sentences in every language."""
    return [{language: say(one, language) for language in _LANGUAGES} for one in sentences]


def _words(words: Words | Sentence) -> dict[str, str]:
    if isinstance(words, Sentence):
        return {language: say(words, language) for language in _LANGUAGES}
    return {language: words.said(language) for language in _LANGUAGES}


def _change(look: Look) -> dict[str, Any]:
    change, tree = look.change, look.change.tree
    return {
        "against": str(change.against),
        "by": str(change.by),
        "groupings": [str(one) for one in change.groupings],
        "this": _side(change, this=True),
        "other": _side(change, this=False),
        "scale": change.pair.scale if change.pair else 1.0,
        "before": tree.before if tree else None,
        "after": tree.after if tree else None,
        "change": tree.change if tree else None,
        "methods": sorted(tree.methods) if tree else [],
        "effects": [
            {
                "factor": str(name),
                "name": _words(factor_words(change, look.standing, name)),
                "effect": effect,
            }
            for name, effect in (tree.effects.items() if tree else ())
        ],
        "groups": [
            {
                "key": one.key,
                "name": _words(change.names.get(one.key, Words(str(one.key), str(one.key)))),
                "before": asdict(one.before),
                "after": asdict(one.after),
                "effects": {str(name): effect for name, effect in one.effects.items()},
                "effect": one.effect,
            }
            for one in (tree.branches if tree else ())
        ],
        "said": told(look.change_told),
    }


def _side(change: Change, *, this: bool) -> dict[str, Any] | None:
    if change.pair is None:
        return None
    span: Span = change.pair.span if this else change.pair.other_span
    stretch: Stretch = change.pair.this if this else change.pair.other
    return {"first": span.first, "last": span.last, "start": stretch.start, "end": stretch.end}


def _trend(look: Look) -> dict[str, Any]:
    run = look.run
    slope, low, high = run.a_week if run else (None, None, None)
    return {
        "score": run.found.score if run else None,
        "variance": run.found.variance if run else None,
        "z": run.found.z if run else None,
        "p": run.found.p if run else None,
        "slope": slope,
        "slope_low": low,
        "slope_high": high,
        "weeks": run.weeks if run else None,
        "by_weekday": run.by_weekday if run else None,
        "said": told(look.trend_told),
    }


def _past(look: Look) -> dict[str, Any]:
    found = look.among
    return {
        "value": found.value if found else None,
        "days": found.days if found else None,
        "below": found.share_below if found and found.is_enough else None,
        "quartiles": list(found.quartiles) if found and found.is_enough else None,
        "earlier": [
            {"first": span.first, "last": span.last, "value": value}
            for span, value in (found.earlier if found else ())
        ],
        "said": told(look.among_told),
    }


def _industry(one: Beside, look: Look) -> dict[str, Any]:
    row = one.row
    sentences = industry_told([one], look.standing)
    [said] = told(sentences or [one.reason or Sentence("absent.not_measured")])
    return {
        "benchmark_id": row.id,
        **{name: getattr(row, name) for name in ("platform", "industry", "segment", "period", "source")},
        **asdict(one.measure),
        "source_date": one.source_date,
        "stale": one.stale,
        "own": one.own,
        "place": one.place and str(one.place),
        "said": said,
    }
