"""A report: what was known of a period when it was over, without a language, and never changed again."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.errors import UsageError
from domain.frozen import Freezer
from domain.period import Every, Span, whole
from domain.sentence import Sentence, Unit, Words

#: The periods that reports are written about.
RHYTHMS = (Every.WEEK, Every.MONTH, Every.QUARTER)


class Tone(StrEnum):
    """Whether something is good news."""

    GOOD = "good"
    BAD = "bad"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence, made by a stated rule from a figure of the report."""

    #: Key of the rule in docs/reference/reports.md.
    rule: str
    sentence: Sentence
    #: The place in the report that shows the figure: ``figure-clicks``, ``kpi-12``, ``posts``.
    about: str = ""
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureLine:
    """One figure of the period, beside the period before."""

    key: str
    name: Words
    unit: Unit
    formula: str
    version: int
    basis: str
    coverage: Sentence
    denominator: str | None = None
    currency: str = ""
    value: float | None = None
    before: float | None = None
    #: Why there is no value.
    reason: Sentence | None = None
    sources: tuple[str, ...] = ()
    read_newest: datetime | None = None
    #: Share of earlier periods whose change was at least as large, 0 to 1; None: too few to say.
    rarity: float | None = None
    #: How many earlier periods that is a share of.
    periods: int = 0
    #: True: better than before, False: worse; None: unchanged or not comparable.
    better: bool | None = None
    #: Day by day, for counts: of this period and of the one before.
    days: tuple[tuple[date, float], ...] = ()
    days_before: tuple[tuple[date, float], ...] = ()
    #: Units a period over the last periods with its 95 % interval, and the p-value of Mann and Kendall.
    slope: tuple[float, float, float, float] | None = None

    @property
    def in_points(self) -> bool:
        """Whether its change is told in points: of a share or a score, percents would mislead."""
        return self.unit is Unit.PERCENT or self.key in ("nps", "csat_mean")

    @property
    def change(self) -> float | None:
        """Percent of the value before; None where there is none to compare with."""
        if self.value is None or not self.before or self.before < 0:
            return None
        return 100 * (self.value / self.before - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiLine:
    """How a KPI stood at the end of the period."""

    id: int
    name: str
    metric: Words
    target_sentence: Sentence
    unit: Unit
    currency: str = ""
    actual: float | None
    target: float
    expected: float | None = None
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    chance: float | None = None
    status: str
    owner: str = ""
    first: date
    last: date
    sentences: tuple[Sentence, ...] = ()
    #: Why its figure changed since the period before, where the period was judged.
    why: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BestPost:
    """A post at the top or the bottom, and why."""

    id: int
    text: str
    channel: str
    platform: str
    published_at: datetime
    url: str | None
    #: Engagement, or what the list was sorted by.
    value: float
    reasons: tuple[Sentence, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What one factor or one channel did."""

    name: Words
    effect: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a figure changed: a product of factors, split exactly."""

    name: Words
    #: Which channels: where impressions are told, or where they are not.
    group: Sentence
    before: float
    after: float
    parts: tuple[Part, ...]
    #: ``lmdi`` or ``shapley``.
    method: str
    #: The change channel by channel, largest first.
    channels: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MixLine:
    """What belongs to one type, route or campaign."""

    #: Empty: the posts that belong to none.
    key: str
    name: Words
    posts: int
    #: Percent of the period's posts, and of those of the period before; None: there were none.
    share: float | None
    share_before: float | None
    #: What its measured posts came to; None: none was measured.
    value: float | None
    measured: int
    per_post: float | None
    per_post_before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What was published, by one thing that posts have in common."""

    #: ``kind``, ``route`` or ``campaign``.
    by: str
    name: Words
    #: What the values count.
    figure: Words
    lines: tuple[MixLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandLine:
    """How often a brand was mentioned; None: nothing counts it."""

    id: int
    name: str
    is_own: bool
    mentions: int | None
    mentions_before: int | None
    #: Percent of all tracked brands' mentions, by sources that count each of them, with its 95 % interval.
    share: float | None
    low: float | None
    high: float | None
    share_before: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What the next period may bring, from the own past."""

    key: str
    name: Words
    #: The period that the report is about.
    value: float
    #: Reached with a probability of 50 % and of 20 %.
    even: float
    bold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The whole report. Times are UTC; days are days of ``zone``."""

    every: Every
    first: date
    last: date
    before_first: date
    before_last: date
    zone: str
    workspace: str
    made_at: datetime
    simulated: bool = False
    happened: tuple[Remark, ...] = ()
    coming: tuple[Remark, ...] = ()
    needed: tuple[Remark, ...] = ()
    figures: tuple[FigureLine, ...] = ()
    kpis: tuple[KpiLine, ...] = ()
    #: Key of the figure by which posts are ranked.
    ranked_by: str = "engagement"
    top: tuple[BestPost, ...] = ()
    bottom: tuple[BestPost, ...] = ()
    causes: tuple[Cause, ...] = ()
    checks: tuple[Remark, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    learned: tuple[Remark, ...] = ()
    #: The mix of what was published, and the competitors; empty where the report has no such chapter.
    mixes: tuple[Mix, ...] = ()
    mix_told: tuple[Remark, ...] = ()
    brands: tuple[BrandLine, ...] = ()
    #: What counts every one of them.
    brand_sources: tuple[str, ...] = ()
    brands_told: tuple[Remark, ...] = ()

    def frozen(self) -> Any:
        """As JSON; `thawed` gives it back."""
        return _FREEZER.freeze(self)


_FREEZER = Freezer(
    (
        Every,
        Tone,
        Remark,
        FigureLine,
        KpiLine,
        BestPost,
        Part,
        Cause,
        Mix,
        MixLine,
        BrandLine,
        Proposal,
        Report,
    )
)


def thawed(frozen: Any) -> Report:
    """The report that `Report.frozen` wrote.

    Raises:
        ValueError: it is no report.
    """
    try:
        found = _FREEZER.thaw(frozen)
    except (KeyError, TypeError) as exc:
        raise ValueError("this is no report") from exc
    if not isinstance(found, Report):
        raise ValueError("this is no report")
    return found


def rhythm(text: str) -> Every:
    """How often, as people write it: ``week``, ``weekly``, ``month``, ``quarterly``.

    Raises:
        UsageError: it is none of these.
    """
    for every in RHYTHMS:
        if text.strip().lower() in (every, f"{every}ly"):
            return every
    raise UsageError(f"A report is about a week, a month or a quarter, not {text!r}.")


def spans_of(day: date, every: Every, *, week_start: int) -> tuple[Span, Span]:
    """The calendar period around a day, and the one before it."""
    this = whole(day, every, week_start=week_start)
    return this, whole(this.first - timedelta(days=1), every, week_start=week_start)
