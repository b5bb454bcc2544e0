"""What is concluded from an experiment, in sentences made by stated rules, and how it was computed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.catalogue import CATALOGUE
from domain.chances import chance_words, percent
from domain.definition import Definition, Shape
from domain.experiment import ALPHA, FEWEST_POSTS, Method
from domain.sentence import Amount, Sentence, Unit, Value, Words
from domain.trial import AGES, Trial, TrialContrast

#: Percent that choosing an arm may lose on average, where several are compared.
BEARABLE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the sentences are made of."""

    entry: Definition
    trial: Trial
    running: bool
    stopped: bool
    #: A test that is made once was ended before its planned end.
    early: bool
    #: Such a test waits for its planned end.
    waiting: bool
    size: int | None
    ends_at: datetime | None
    #: Whether there were enough posts to compare.
    compared: bool
    #: Posts that count and were added when their figures were known.
    known: int


def verdict_of(told: Told) -> Iterator[Sentence]:
    """The verdict first, then what must be known beside it."""
    if told.stopped:
        yield Sentence("experiment.stopped")
        return
    if told.early:
        yield Sentence("experiment.early")
    elif told.waiting:
        yield Sentence("experiment.waiting", {"until": _until(told), "counts": _counts(told)})
    elif not told.compared:
        yield _too_few(told)
    else:
        yield from _compared(told)
    if told.known:
        yield Sentence("experiment.known", {"count": told.known})


def _until(told: Told) -> Sentence:
    values: dict[str, Value] = {}
    if told.size is not None:
        values["size"] = told.size
    if told.ends_at is not None:
        values["day"] = told.ends_at.date()
    if len(values) == 2:
        return Sentence("experiment.until_both", values)
    return Sentence("experiment.until_size" if told.size is not None else "experiment.until_day", values)


def _counts(told: Told) -> Sentence:
    """``A: 3, B: 5``, as far as four arms go."""
    parts = [
        Sentence("experiment.arm_count", {"arm": one.name, "count": one.counted}) for one in told.trial.arms
    ]
    found = parts[0]
    for one in parts[1:]:
        found = Sentence("experiment.both", {"one": found, "other": one})
    return found


def _too_few(told: Told) -> Sentence:
    if any(one.counted < FEWEST_POSTS for one in told.trial.arms):
        values: dict[str, Value] = {"fewest": FEWEST_POSTS, "age": _age(told.trial), "counts": _counts(told)}
        return Sentence("experiment.few", values)
    return Sentence("experiment.apart", {"metric": told.entry.name})


def _compared(told: Told) -> Iterator[Sentence]:
    trial = told.trial
    # What was told comes first, and of that the most.
    for one in sorted(trial.contrasts, key=lambda one: (not one.decided, -one.effect)):
        yield _contrast(told, one)
    if len(trial.arms) > 2:
        yield _choice(trial)
    if told.running and trial.decided:
        yield Sentence("experiment.ready")
    for one in trial.contrasts:
        if one.shares is not None:
            yield _shares(told, one, one.shares)


def _contrast(told: Told, one: TrialContrast) -> Sentence:
    trial = told.trial
    key = "open"
    if one.decided:
        key = "better" if one.effect > 0 else "worse"
    return Sentence(
        f"experiment.{key}",
        {
            "arm": trial.arms[one.arm - 1].name,
            "first": trial.arms[0].name,
            "metric": told.entry.name,
            "age": _age(trial),
            **{name: signed(getattr(one, name)) for name in ("effect", "low", "high")},
            **chance_words(one.chance),
        },
    )


def _choice(trial: Trial) -> Sentence:
    known = [(one.loss, one.best, one.name) for one in trial.arms if one.loss is not None]
    loss, best, name = min(known, key=lambda one: one[0])
    values: dict[str, Value] = {
        "arm": name,
        "loss": Amount(max(loss, 0.01), Unit.PERCENT),
        "chance": percent(best or 0.0),
    }
    return Sentence("experiment.choose" if loss < BEARABLE else "experiment.not_yet", values)


def _shares(told: Told, one: TrialContrast, shares: tuple[float, float, float]) -> Sentence:
    first, own = told.trial.arms[0], told.trial.arms[one.arm - 1]
    chance, z, p = shares
    return Sentence(
        "experiment.shares",
        {
            "arm": own.name,
            "first": first.name,
            "above": int(own.above),
            "below": int(own.below or 0),
            "first_above": int(first.above),
            "first_below": int(first.below or 0),
            "chance": Amount(round(100 * chance, 1), Unit.PERCENT),
            "z": Amount(round(z, 2)),
            "p": Amount(round(p, 4)) if p >= 0.01 else _small(p),
        },
    )


def _small(p: float) -> Words:
    if p < 0.0001:
        return Words("below 0.0001", "di bawah 0,0001")
    return Words(f"{p:.4f}", f"{p:.4f}".replace(".", ","))


def how_of(told: Told) -> Iterator[Sentence]:
    """How it was computed; nothing, where nothing was."""
    trial = told.trial
    if not told.compared or told.stopped or told.waiting or told.early or trial.variance is None:
        return
    key = "how_rate" if told.entry.shape is Shape.RATE else "how_count"
    values: dict[str, Value] = {"posts": trial.counted, "age": _age(trial), "metric": told.entry.name}
    yield Sentence(f"experiment.{key}", values)
    method = "how_always" if trial.method == Method.ALWAYS else "how_fixed"
    yield Sentence(f"experiment.{method}", {"alpha": Amount(100 * ALPHA, Unit.PERCENT)})
    if len(trial.arms) > 2:
        yield Sentence("experiment.how_several", {"number": len(trial.arms) - 1})
    values = {"variance": Amount(round(trial.variance, 3)), "freedom": trial.freedom}
    yield Sentence("experiment.how_variance", values)


def signed(value: float) -> Sentence:
    """``+23%`` or ``−12%``; above 10,000 % it is cut."""
    kept = min(abs(value), 10_000.0)
    key = "signed.minus" if value < 0 else "signed.plus"
    digits = 0 if kept >= 10 else 1
    return Sentence(key, {"amount": Amount(float(round(kept, digits)), Unit.PERCENT)})


def _age(trial: Trial) -> Words:
    return AGES[trial.checkpoint]


def metric_name(trial: Trial) -> Words:
    """The figure that decides."""
    return CATALOGUE[trial.metric].name
