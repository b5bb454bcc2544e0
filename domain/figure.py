"""A number that is shown, or the reason why there is none, and its passport."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.breaks import Break
from domain.sentence import Sentence


class Absence(StrEnum):
    """Why there is no number. None of these is zero."""

    #: The platform does not give it, or its answer did not hold it.
    NOT_SUPPLIED = "not_supplied"
    #: It will come: no look at the platform has succeeded yet.
    NOT_MEASURED = "not_measured"
    #: The denominator is zero.
    UNDEFINED = "undefined"


class Basis(StrEnum):
    """Which part of time a number speaks of."""

    #: One post, from its publishing until it was read.
    SINCE_PUBLISHING = "since_publishing"
    #: What happened in the period, whatever the age of the posts.
    ACTIVITY = "activity"
    #: The posts that were published in the period, as they stood when it ended or now.
    PUBLISHED = "published"
    #: What was the case at one moment.
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of what was asked about is behind a number: "3 of 5 measured"."""

    measured: int
    #: Posts that the question is about; channels, for followers.
    in_scope: int
    #: Of those in scope, how many can never be measured: their platform does not supply it.
    not_supplied: int = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """Where the true value lies, in so many of all cases (0 to 1)."""

    low: float
    high: float
    level: float


@dataclass(frozen=True, slots=True)
class Passport:
    """Where a number comes from."""

    #: Key of the definition in the catalogue.
    key: str
    formula: str
    version: int
    denominator: str | None
    basis: Basis
    #: The platforms' own fields; ``tabuh`` for our links and pages.
    sources: tuple[str, ...] = ()
    #: When the oldest and the newest number in it were read (UTC); None: nothing was.
    read_oldest: datetime | None = None
    read_newest: datetime | None = None
    coverage: Coverage = Coverage(0, 0)
    #: ISO 4217, for money; amounts of other currencies are not in it.
    currency: str | None = None
    #: Of a mean; None: too few posts, or it is no mean.
    interval: Interval | None = None
    #: Days within its time on which a number behind it changed its meaning, oldest first.
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A value with its passport. Without a value, ``absence`` and ``reason`` say why."""

    value: float | None
    passport: Passport
    absence: Absence | None = None
    reason: Sentence | None = None
    #: The ends of its 95 % interval; None: it is counted, not estimated.
    interval: tuple[float, float] | None = None
    #: Denominator of a rate that is not of posts: how heavily it weighs among others; None: not told.
    weight: float | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        if (self.value is None) != (self.absence is not None):
            raise ValueError("a figure has either a value or a reason for its absence")

    @property
    def key(self) -> str:
        """Key of the definition in the catalogue."""
        return self.passport.key
