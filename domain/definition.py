"""What an entry of the catalogue of metrics and rates says, and who can supply what it needs.

Formulas with different denominators are different entries with different keys.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.breaks import Break
from domain.metrics import Metric
from domain.sentence import Unit, Words


class Shape(StrEnum):
    """How a figure behaves over time, and so how it may be summed, paced and forecast."""

    #: A cumulative count of posts or pages; what happens in a period is a difference, and adds up.
    FLOW = "flow"
    #: Different people: never added up.
    UNIQUE = "unique"
    #: What is the case at a moment, such as followers.
    STOCK = "stock"
    #: The change of a stock over a period.
    GROWTH = "growth"
    #: How many posts were published.
    POSTS = "posts"
    #: The same in percent of where it began.
    GROWTH_RATE = "growth_rate"
    #: A ratio of two sums.
    RATE = "rate"
    #: The mean of the posts' own ratios; beside `RATE` under a key of its own, since the two differ.
    MEAN = "mean"
    #: The largest single post.
    LARGEST = "largest"


#: Shapes of which half a period is worth as much as the whole: no pace leads to their target.
LEVELS = frozenset({Shape.RATE, Shape.MEAN, Shape.LARGEST})
#: Shapes of the channel itself, not of its posts.
OF_CHANNELS = frozenset({Shape.STOCK, Shape.GROWTH, Shape.GROWTH_RATE})


class Direction(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


class Subject(StrEnum):
    """What a figure is counted of."""

    #: Posts, channels and our own links and pages.
    POSTS = "posts"
    #: Visits of the workspace's own sites, and what came of them.
    SITES = "sites"
    #: What was paid for advertisements.
    ADS = "ads"
    #: People behind clicks.
    CLICKERS = "clickers"
    ORDERS = "orders"
    CUSTOMERS = "customers"
    #: Answers to surveys.
    ANSWERS = "answers"
    TESTIMONIALS = "testimonials"
    #: Mentions of the brand and of its competitors, and those who passed posts on.
    MENTIONS = "mentions"
    #: Days' totals of other analytics tools.
    TOOLS = "tools"


#: Denominator of rates per post.
POSTS = "posts"
#: The channel's followers when the post was published: the last reading before, else the first after.
FOLLOWERS = "followers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One entry of the catalogue."""

    key: str
    name: Words
    definition: Words
    unit: Unit
    shape: Shape
    direction: Direction = Direction.UP
    #: Raised when the formula changes its meaning; figures of two versions are not compared.
    version: int = 1
    #: Metrics whose sum is the numerator; all of them must be there. Empty where it is no metric of posts.
    numerator: tuple[Metric, ...] = ()
    #: A metric, `POSTS` or `FOLLOWERS`; None: not divided.
    denominator: str | None = None
    #: 100 for percent, 1000 for so many per thousand.
    factor: int = 1
    subject: Subject = Subject.POSTS
    #: Days from a click within which a conversion counts; None: it looks for none.
    window: int | None = None
    #: The formula in words, where it is not made of metrics of posts.
    stated: Words | None = None

    @property
    def outside(self) -> bool:
        """Whether it is counted of something else than posts and channels."""
        return self.subject is not Subject.POSTS

    @property
    def covers(self) -> str:
        """What its coverage counts, as the end of a sentence's key."""
        if self.outside:
            return str(self.subject)
        return "channels" if self.shape in OF_CHANNELS else "posts"

    @property
    def additive(self) -> bool:
        """Whether values of different posts, or of consecutive periods, may be added up."""
        return self.shape in (Shape.FLOW, Shape.POSTS, Shape.GROWTH)

    @property
    def read_denominator(self) -> Metric | None:
        """The denominator where it is a metric of the post itself."""
        if self.outside or self.denominator in (None, POSTS, FOLLOWERS):
            return None
        return Metric(self.denominator)

    @property
    def read(self) -> tuple[Metric, ...]:
        """Metrics that must be read from each post: numerator, then denominator."""
        below = self.read_denominator
        return (*self.numerator, below) if below else self.numerator

    @property
    def needs(self) -> tuple[Metric, ...]:
        """All source metrics, the channel's followers included."""
        return (*self.read, Metric.FOLLOWERS) if self.denominator == FOLLOWERS else self.read

    @property
    def formula(self) -> str:
        """As people read it: ``100 × (reactions + replies + shares) ÷ impressions``."""
        if self.stated is not None:
            return self.stated.en
        above = " + ".join(self.numerator) or "number of posts"
        if self.denominator is None:
            return above
        above = f"({above})" if len(self.numerator) > 1 else above
        times = f"{self.factor} × " if self.factor != 1 else ""
        return f"{times}{above} ÷ {self.denominator}"

    def value(self, above: float, below: float | None = None) -> float | None:
        """The value from numerator and denominator; None when it is divided by zero."""
        if self.denominator is None:
            return above
        return self.factor * above / below if below else None


#: What engagement is the sum of; wider sums have keys of their own.
ENGAGEMENT = (Metric.REACTIONS, Metric.REPLIES, Metric.SHARES)
#: Metrics that Tabuh counts itself, at its own links.
OF_LINKS = frozenset({Metric.CLICKS, Metric.CLICKS_BOT, Metric.CLICKS_UNKNOWN})
#: The same, and the people behind the clicks, who are counted at each look and not as they come.
AT_LINKS = OF_LINKS | {Metric.CLICKERS}
#: Metrics that Tabuh counts itself, on pages it serves.
OF_PAGES = frozenset(
    {Metric.IMPRESSIONS, Metric.VIEWS, Metric.VIEWS_BOT, Metric.VIEWS_UNKNOWN, Metric.VISITS}
)
#: Source of a reading that Tabuh counted itself.
OWN_SOURCE = "tabuh"


@dataclass(frozen=True, slots=True)
class Supply:
    """What one platform can give, as its adapter declares it."""

    platform: str
    #: How people call the platform.
    title: str
    metrics: frozenset[Metric]
    #: Tabuh serves the posts itself: impressions, views and visits are counted here.
    local: bool = False
    #: Days on which a number changed its meaning.
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class Supplies:
    """What all platforms can give, and whether our links are shortened here."""

    by_platform: Mapping[str, Supply]
    own_links: bool

    def lacking(self, platform: str, definition: Definition) -> tuple[Metric, ...]:
        """The metrics that a definition needs and the platform does not supply; empty: it does."""
        return tuple(metric for metric in definition.needs if not self.gives(platform, metric))

    def gives(self, platform: str, metric: Metric) -> bool:
        """Whether this metric can be had on a platform; clicks of our own links count."""
        supply = self.by_platform.get(platform)
        if supply is None:
            return False
        if supply.local:
            return metric in OF_PAGES or metric in AT_LINKS or metric in supply.metrics
        return metric in supply.metrics or (metric in AT_LINKS and self.own_links)

    def local(self, platform: str) -> bool:
        """Whether Tabuh serves this platform's posts itself."""
        supply = self.by_platform.get(platform)
        return supply is not None and supply.local

    def breaks(
        self, platforms: Iterable[str], metrics: Iterable[Metric], *, first: date, last: date
    ) -> tuple[Break, ...]:
        """Changes of meaning of these metrics after ``first`` and up to ``last``, oldest first."""
        wanted = frozenset(metrics)
        found = {
            one
            for name in set(platforms)
            if (supply := self.by_platform.get(name)) is not None
            for one in supply.breaks
            if one.metric in wanted and first < one.on <= last
        }
        return tuple(sorted(found, key=lambda one: (one.on, one.platform, one.metric)))

    def title(self, platform: str) -> str:
        """How people call the platform; its registry name when the adapter is gone."""
        supply = self.by_platform.get(platform)
        return supply.title if supply else platform
