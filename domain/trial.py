"""What became of an experiment, as it is shown and kept: each post's figure, each arm, the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.definition import Definition
from domain.frozen import Freezer
from domain.metrics import CHECKPOINTS
from domain.sentence import Sentence, Unit, Words


class Standing(StrEnum):
    """Whether a post counts, and why not."""

    COUNTED = "counted"
    #: It has not gone out yet.
    PLANNED = "planned"
    #: It was skipped, or failed.
    DROPPED = "dropped"
    #: It is younger than the age at which posts are judged, or was not read there yet.
    WAITING = "waiting"
    #: It was not read at that age, and no more will be.
    MISSED = "missed"
    #: It was read so much later that it is not compared.
    LATE = "late"
    #: Its platform does not supply the figure.
    NOT_SUPPLIED = "not_supplied"
    #: The denominator is 0.
    UNDEFINED = "undefined"
    #: The verdict was due before its figure was known.
    AFTER = "after"


STANDINGS: Mapping[Standing, Words] = {
    Standing.COUNTED: Words("counts", "terhitung"),
    Standing.PLANNED: Words("not out yet", "belum terbit"),
    Standing.DROPPED: Words("does not go out", "tidak terbit"),
    Standing.WAITING: Words("not old enough yet", "belum cukup umur"),
    Standing.MISSED: Words("was not read at that age", "tidak dibaca pada umur itu"),
    Standing.LATE: Words("was read too late to compare", "dibaca terlalu lambat untuk dibandingkan"),
    Standing.NOT_SUPPLIED: Words(
        "its platform does not supply the figure", "platformnya tidak menyediakan angka ini"
    ),
    Standing.UNDEFINED: Words("its denominator is 0", "penyebutnya 0"),
    Standing.AFTER: Words("known after the verdict", "diketahui sesudah putusan"),
}


def _age(length: timedelta) -> Words:
    """``24 hours``, ``3 days``: in days from two on."""
    minutes = int(length.total_seconds()) // 60
    if minutes < 60:
        return Words(f"{minutes} minutes", f"{minutes} menit")
    if minutes == 60:
        return Words("1 hour", "1 jam")
    if minutes < 2 * 1440:
        return Words(f"{minutes // 60} hours", f"{minutes // 60} jam")
    return Words(f"{minutes // 1440} days", f"{minutes // 1440} hari")


#: Ages at which posts can be judged, in seconds, and how they are called.
AGES: Mapping[int, Words] = {int(one.total_seconds()): _age(one) for one in CHECKPOINTS}
#: As people type them: ``24h``, ``7d``.
AGE_KEYS: Mapping[str, int] = {
    one.en.replace(" ", "")
    .removesuffix("s")
    .replace("minute", "min")
    .replace("hour", "h")
    .replace("day", "d"): age
    for age, one in AGES.items()
}
#: A day: what most posts come to, soon, and read first where looks are rationed.
USUAL_AGE = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPost:
    """One post of an arm."""

    id: int
    arm: int
    channel_id: int
    standing: Standing
    #: The figure at the age at which all are judged; None: it does not count.
    value: float | None = None
    above: float | None = None
    below: float | None = None
    read_at: datetime | None = None
    #: Its figures were known when it was added.
    known: bool = False
    #: Its hour was drawn by lot.
    drawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialArm:
    """One arm: posts of it that count, and what they came to."""

    name: str
    posts: int
    counted: int
    above: float = 0.0
    below: float | None = None
    #: Of a typical post: the geometric mean, or the ratio of the sums.
    typical: float | None = None
    #: The chance of being the best arm, and what choosing it loses on average, in percent; None: too few.
    best: float | None = None
    loss: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialContrast:
    """An arm against the first one; effects in percent."""

    #: Its number, from 2.
    arm: int
    effect: float
    low: float
    high: float
    p: float
    chance: float
    decided: bool
    #: After how many posts it was told, where one may always look.
    decided_after: int | None = None
    #: As if all that a rate counts were drawn by itself: chance, z and p; None: it is no share, or too large.
    shares: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How an experiment stands, or what came of it."""

    at: datetime
    metric: str
    #: Of the figure's formula.
    version: int
    checkpoint: int
    method: str
    arms: tuple[TrialArm, ...]
    contrasts: tuple[TrialContrast, ...] = ()
    posts: tuple[TrialPost, ...] = ()
    #: What is concluded, the first sentence being the verdict; then how it was computed.
    verdict: tuple[Sentence, ...] = ()
    how: tuple[Sentence, ...] = ()
    variance: float | None = None
    freedom: int = 0

    @property
    def decided(self) -> bool:
        """Whether a difference was told."""
        return any(one.decided for one in self.contrasts)

    @property
    def counted(self) -> int:
        """How many posts it rests on."""
        return sum(one.counted for one in self.arms)


def typical_unit(entry: Definition) -> Unit:
    """In what a typical post is told: of counts a mean, which has a fraction."""
    return Unit.RATIO if entry.unit is Unit.COUNT else entry.unit


_FREEZER = Freezer((Standing, TrialPost, TrialArm, TrialContrast, Trial))


def freeze(trial: Trial) -> dict[str, Any]:
    """As JSON."""
    frozen: dict[str, Any] = _FREEZER.freeze(trial)
    return frozen


def thaw(frozen: Any) -> Trial:
    """The value again."""
    found = _FREEZER.thaw(frozen)
    assert isinstance(found, Trial)
    return found
