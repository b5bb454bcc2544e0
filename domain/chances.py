"""Chances as people say them: a number that is never 0 or 100 %, and a word."""

from collections.abc import Mapping

from domain.sentence import Amount, Sentence, Unit, Value

#: From which chance on each word holds.
_WORDS = ((0.9, "sure"), (0.7, "likely"), (0.3, "open"), (0.1, "unlikely"), (0.0, "remote"))
#: Bounds of the chances that a track record counts together, in percent.
BANDS = ((0, 10), (10, 30), (30, 70), (70, 90), (90, 100))


def percent(chance: float) -> Amount:
    """In whole percent, from 1 to 99: no history is long enough for certainty."""
    return Amount(float(min(99, max(1, round(100 * chance)))), Unit.PERCENT)


def word(chance: float) -> Sentence:
    """Almost certain, likely, open, unlikely, very unlikely."""
    return Sentence("chance." + next(name for least, name in _WORDS if chance >= least))


def chance_words(chance: float) -> Mapping[str, Value]:
    """Both, as values of a sentence: ``chance`` and ``words``."""
    return {"chance": percent(chance), "words": word(chance)}


def band(chance: float) -> tuple[int, int]:
    """The bounds, in percent, that a chance is counted with."""
    return next(bounds for bounds in reversed(BANDS) if 100 * chance >= bounds[0])
