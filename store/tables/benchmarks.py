"""What others reach: imported figures of the industry, with source and date."""

from sqlmodel import Field

from store.tables.brought import Brought, brought_indexes


class Benchmark(Brought, table=True):
    """A figure of an industry on one platform or on all; ``at`` is noon of the source's date."""

    __table_args__ = brought_indexes("benchmark")

    #: Key of the catalogue; it carries the denominator.
    metric: str = Field(max_length=40)
    #: Empty: all platforms together.
    platform: str = Field(default="", max_length=32)
    industry: str = Field(default="", max_length=80)
    segment: str = Field(default="", max_length=80)
    #: For counts: what they are counted over, ``day``, ``week``, ``month`` or ``quarter``; else empty.
    period: str = Field(default="", max_length=8)
    #: In the unit of the metric; a percentage is 2.5, not 0.025.
    value: float | None = None
    low: float | None = None
    median: float | None = None
    high: float | None = None
    currency: str = Field(default="", max_length=3)
    link: str | None = Field(default=None, max_length=2048)
    note: str = Field(default="", max_length=500)
