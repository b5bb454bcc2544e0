"""What a file of industry benchmarks may say, and the template that people fill in."""

from typing import Final

from domain.imports import Cell, Column, ImportKind, Table
from domain.sentence import Words


def _text(use: str, name: Words, *heads: str, needed: bool = False, fixed: bool = False) -> Column:
    return Column(use=use, name=name, cell=Cell.TEXT, heads=heads, needed=needed, fixed=fixed)


BENCHMARKS: Final = Table(
    kind=ImportKind.BENCHMARKS,
    name=Words("Industry benchmarks", "Tolok ukur industri"),
    about=Words(
        "What others reach, with source and date. The metric is its key of the catalogue, which carries its "
        "denominator. A row is known again by metric, platform, industry, segment, period, source and date.",
        "Capaian pihak lain, dengan sumber dan tanggal. Metrik ditulis dengan kuncinya di katalog, yang "
        "memuat penyebutnya. Baris dikenali dari metrik, platform, industri, segmen, periode, sumber, dan "
        "tanggal.",
    ),
    columns=(
        Column(
            use="day",
            name=Words("Source date", "Tanggal sumber"),
            cell=Cell.DAY,
            needed=True,
            fixed=True,
            heads=("source date", "as of", "published", "date", "day", "tanggal sumber", "tanggal"),
        ),
        _text("metric", Words("Metric", "Metrik"), "metric", "metric key", "key", "metrik", needed=True),
        _text("platform", Words("Platform", "Platform"), "platform", "network", fixed=True),
        _text("industry", Words("Industry", "Industri"), "industry", "sector", "industri", fixed=True),
        _text("segment", Words("Segment", "Segmen"), "segment", "audience", "size", "segmen", fixed=True),
        _text("period", Words("Period", "Periode"), "period", "per", "every", "periode", fixed=True),
        _text("value", Words("Value", "Nilai"), "value", "mean", "average", "nilai", "rata rata"),
        _text(
            "low", Words("Lower quartile", "Kuartil bawah"), "q1", "p25", "lower quartile", "kuartil bawah"
        ),
        _text("median", Words("Median", "Median"), "median", "q2", "p50"),
        _text("high", Words("Upper quartile", "Kuartil atas"), "q3", "p75", "upper quartile", "kuartil atas"),
        _text("unit", Words("Unit", "Satuan"), "unit", "satuan", fixed=True),
        _text("source", Words("Source", "Sumber"), "source", "sumber", needed=True, fixed=True),
        Column(use="link", name=Words("Link", "Tautan"), cell=Cell.LINK, heads=("link", "url", "tautan")),
        _text("note", Words("Note", "Catatan"), "note", "comment", "catatan"),
    ),
)

#: A file to fill in; its rows are examples whose source says so.
TEMPLATE: Final = (
    "metric,platform,industry,segment,period,value,q1,median,q3,unit,source,source_date,link,note\n"
    "er_impr,,Retail,under 10000 followers,,,1.1,2.0,3.4,percent,Example: replace this row,2026-01-31,,"
    "percent of impressions\n"
    "engagement_per_post,mastodon,Media,,,12.5,,,,ratio,Example: replace this row,2026-01-31,,mean of posts\n"
    "posts_published,,Retail,,month,20,,,,count,Example: replace this row,2026-01-31,,counts name a period\n"
)
