"""Shapes that several parts of the API answer with: figures with their passports, short lists, typed text."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, StringConstraints

from domain.breaks import Break
from domain.catalogue import CATALOGUE
from domain.definition import Direction, Shape, Subject
from domain.figure import Absence, Basis, Figure
from domain.post import Fate
from domain.sentence import Unit
from domain.sentences import say
from store.ledger import Balance
from web.api.base import Listing, Paging, RowId

#: Text of several lines that a person typed.
Text = Annotated[str, StringConstraints(max_length=4_000, pattern=r"^[^\x00]*$")]
#: An address, as it was given.
Address = Annotated[str, StringConstraints(min_length=1, max_length=2_048, pattern=r"^[^\x00-\x1f\x7f]+$")]
_SOME = r"none|newest|last:[0-9]{1,6}|since:(19[7-9]|2[01][0-9])[0-9]-[0-9]{2}-[0-9]{2}"
#: Which stored entries are posted: ``none``, ``newest``, ``last:N`` or ``since:DATE``.
ExistingChoice = Annotated[
    str,
    StringConstraints(max_length=32, pattern=rf"^({_SOME})$"),
]
#: As `ExistingChoice`, or ``all``, out of entries that wait.
ReleaseChoice = Annotated[str, StringConstraints(max_length=32, pattern=rf"^(all|{_SOME})$")]

Shown = TypeVar("Shown", bound=BaseModel)
Given = TypeVar("Given")


class SourceShown(BaseModel):
    """One field of a platform that is, or was, a metric."""

    platform: str
    title: str
    metric: str
    #: The platform's own field; ``tabuh``: counted here; null: counted from what the platform lists.
    field: str | None
    #: The first day on which it is given, and the first on which it no longer is.
    since: date | None
    until: date | None
    #: What people read on the platform itself.
    word: str
    note: str


class BreakShown(BaseModel):
    """From this day on, a platform's number means something else: figures do not join both sides silently."""

    platform: str
    metric: str
    on: date
    before: str
    after: str
    what: str
    what_id: str


class IntervalShown(BaseModel):
    """Where the true value lies, in so many of all cases (0 to 1)."""

    low: float
    high: float
    level: float


class PassportShown(BaseModel):
    """Where a number comes from."""

    formula: str
    version: int
    denominator: str | None
    basis: Basis
    #: The platforms' own fields; ``tabuh`` for what Tabuh counts itself.
    sources: list[str]
    read_oldest: datetime | None
    read_newest: datetime | None
    #: So many of those in scope are behind the number; some can never be.
    measured: int
    in_scope: int
    not_supplied: int
    #: ISO 4217, for money.
    currency: str | None
    #: Of a mean of posts; null: too few of them, or it is no mean.
    interval: IntervalShown | None
    #: Days within its time on which a number behind it changed its meaning.
    breaks: list[BreakShown]


class FigureWithPassport(BaseModel):
    """A number with its passport; without a value, ``absence`` and ``reason`` say why. Absent is not zero."""

    key: str
    value: float | None
    unit: Unit
    absence: Absence | None
    reason: str | None
    #: The ends of its 95 % interval; null: it is counted, not estimated.
    interval: tuple[float, float] | None = None
    passport: PassportShown


class MetricShown(BaseModel):
    """One metric or rate of the catalogue."""

    key: str
    name: str
    name_id: str
    definition: str
    definition_id: str
    subject: Subject
    #: Whether values of different posts, or of consecutive periods, may be added up.
    additive: bool
    #: Metrics that it is made of.
    needs: list[str]
    #: Where those come from, platform by platform; empty for what is not counted of posts.
    sources: list[SourceShown]
    breaks: list[BreakShown]
    unit: Unit
    shape: Shape
    #: Which way is usually better.
    direction: Direction
    version: int
    formula: str
    denominator: str | None


class NamedRow(BaseModel):
    """Another row, by number and name."""

    id: RowId
    name: str


class BalanceShown(BaseModel):
    """What became of all entries: ``seen`` is the sum of the fates, else ``holds`` is false."""

    seen: Annotated[int, Field(ge=0)]
    fates: dict[Fate, int]
    holds: bool


def break_shown(one: Break) -> BreakShown:
    """A change of meaning as the API tells it."""
    return BreakShown(
        platform=one.platform, metric=one.metric, on=one.on, before=one.before, after=one.after,
        what=one.what.en, what_id=one.what.id,
    )  # fmt: skip


def figure_shown(figure: Figure) -> FigureWithPassport:
    """A figure as the API tells it."""
    stamp = figure.passport
    return FigureWithPassport(
        key=figure.key,
        value=figure.value,
        unit=CATALOGUE[figure.key].unit,
        absence=figure.absence,
        reason=say(figure.reason) if figure.reason else None,
        interval=figure.interval,
        passport=PassportShown(
            formula=stamp.formula,
            version=stamp.version,
            denominator=stamp.denominator,
            basis=stamp.basis,
            sources=list(stamp.sources),
            read_oldest=stamp.read_oldest,
            read_newest=stamp.read_newest,
            measured=stamp.coverage.measured,
            in_scope=stamp.coverage.in_scope,
            not_supplied=stamp.coverage.not_supplied,
            currency=stamp.currency,
            interval=None
            if stamp.interval is None
            else IntervalShown(low=stamp.interval.low, high=stamp.interval.high, level=stamp.interval.level),
            breaks=[break_shown(one) for one in stamp.breaks],
        ),
    )


def figures_shown(figures: Mapping[str, Figure]) -> dict[str, FigureWithPassport]:
    """Figures by key."""
    return {key: figure_shown(figure) for key, figure in figures.items()}


def balance_shown(balance: Balance) -> BalanceShown:
    """A balance as the API tells it."""
    return BalanceShown(seen=balance.seen, fates=dict(balance.fates), holds=balance.holds)


def in_pages(pages: Paging, rows: Sequence[Given], show: Callable[[Given], Shown]) -> Listing[Shown]:
    """A stretch of a list that is short enough to be read whole; its cursor is a place in it."""
    start = (pages.after(int) or (0,))[0]
    part = list(enumerate(rows, start=1))[start : start + pages.limit + 1]
    return pages.cut(part, lambda one: show(one[1]), key=lambda one: [one[0]])
