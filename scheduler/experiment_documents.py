"""Experiments as JSON tells them, to the command line and to programs."""

from collections.abc import Mapping
from typing import Any

from domain.catalogue import CATALOGUE
from domain.experiment import ALPHA, LETTERS
from domain.sentence import Sentence, Words
from domain.sentences import say
from domain.trial import AGE_KEYS, Trial, TrialContrast
from store.tables import Experiment

_KEYS = {seconds: key for key, seconds in AGE_KEYS.items()}


def summary(row: Experiment, counts: Mapping[int, int]) -> dict[str, Any]:
    """An experiment without what came of it.

    Args:
        row: the experiment.
        counts: posts of each arm.
    """
    entry = CATALOGUE[row.metric]
    names = (
        "id", "name", "question", "metric", "method", "effect", "size", "channel_ids", "state", "started_at",
        "ends_at", "ended_at", "ended_by", "reason",
    )  # fmt: skip
    return {
        **{name: getattr(row, name) for name in names},
        "channel_ids": [str(one) for one in row.channel_ids],
        "metric_name": words(entry.name),
        "denominator": entry.denominator,
        "age": _KEYS[row.checkpoint],
        "age_seconds": row.checkpoint,
        "arms": [
            {"number": number, "letter": LETTERS[number - 1], "name": name, "posts": counts.get(number, 0)}
            for number, name in enumerate(row.arms, start=1)
        ],
    }


def document(row: Experiment, trial: Trial) -> dict[str, Any]:
    """An experiment with its arms, its posts and what came of it."""
    counts = {number: one.posts for number, one in enumerate(trial.arms, start=1)}
    plain = summary(row, counts)
    return {
        **plain,
        "as_of": trial.at,
        "frozen": row.result is not None,
        "formula_version": trial.version,
        "arms": [
            {
                **known, "counted": one.counted, "above": one.above, "below": one.below,
                "typical": one.typical, "best": one.best, "loss": one.loss,
            }
            for known, one in zip(plain["arms"], trial.arms, strict=True)
        ],
        "contrasts": [_contrast(one) for one in trial.contrasts],
        "alpha": ALPHA,
        "variance": trial.variance,
        "freedom": trial.freedom,
        "verdict": [sentence(one) for one in trial.verdict],
        "how": [sentence(one) for one in trial.how],
        "posts": [
            {
                "id": one.id, "arm": one.arm, "channel_id": one.channel_id, "standing": str(one.standing),
                "value": one.value, "above": one.above, "below": one.below, "read_at": one.read_at,
                "known": one.known, "drawn": one.drawn,
            }
            for one in trial.posts
        ],
    }  # fmt: skip


def _contrast(one: TrialContrast) -> dict[str, Any]:
    shares = None
    if one.shares is not None:
        chance, z, p = one.shares
        shares = {"chance": chance, "z": z, "p": p}
    return {
        "arm": one.arm, "against": 1, "effect": one.effect, "low": one.low, "high": one.high, "p": one.p,
        "chance": one.chance, "decided": one.decided, "decided_after": one.decided_after, "shares": shares,
    }  # fmt: skip


def sentence(one: Sentence) -> dict[str, str]:
    """A sentence in both languages."""
    return {"en": say(one, "en"), "id": say(one, "id")}


def words(one: Words) -> dict[str, str]:
    """Words in both languages."""
    return {"en": one.en, "id": one.id}
