"""Groups of posts as files and documents: what is shown, with the definitions of its figures."""

import csv
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from analytics import workbook
from analytics.breakdowns import Breakdown, Group
from analytics.post_export import definition_rows, told_definition
from analytics.post_sheet import Sources, defined
from analytics.post_workbook import definitions
from analytics.workbook import Absent, Money, Table, Value
from domain.breakdown import NAMES
from domain.catalogue import CATALOGUE
from domain.figure import Figure
from domain.period import day_at, day_start
from domain.post_view import PostView
from domain.sentence import Words
from domain.sentences import say
from domain.sheet import guarded

#: Days of a breakdown when no period is named.
USUAL_DAYS: Final = 28
_POSTS = Words("Posts", "Pos")
_FEW = Words("Too few to compare", "Terlalu sedikit untuk dibandingkan")
_YES = Words("yes", "ya")
_SHARE = Words("share of all", "bagian dari semua")
_LOW, _HIGH = (
    Words("at least (95 %)", "paling sedikit (95 %)"),
    Words("at most (95 %)", "paling banyak (95 %)"),
)
_GROUPS = Words("Groups", "Kelompok")
_FIRST, _LAST = Words("From (UTC)", "Dari (UTC)"), Words("Until before (UTC)", "Sampai sebelum (UTC)")
_WHY = Words("why it is absent", "sebab tidak ada")


def days_of(view: PostView, zone: str, *, now: datetime) -> tuple[date, date]:
    """The first and the last day that a view is about, in a zone; four weeks where it names none."""
    last = view.until or day_at(now, ZoneInfo(zone))
    usual = view.days if view.days and not view.since else USUAL_DAYS
    return view.since or last - timedelta(days=usual - 1), last


def period_of(view: PostView, zone: str, *, now: datetime) -> tuple[datetime, datetime]:
    """The same as instants: the first, and the first after it."""
    first, last = days_of(view, zone, now=now)
    where = ZoneInfo(zone)
    return day_start(first, where), day_start(last + timedelta(days=1), where)


def document(told: Breakdown, *, language: str) -> dict[str, Any]:
    """A breakdown as JSON tells it, with the definitions of its figures."""
    return {
        "by": str(told.by),
        "start": told.start.isoformat(),
        "end": told.end.isoformat(),
        "groups_overlap": told.overlapping,
        "window_days": told.window.days,
        "groups": [_row(group, language) for group in told.groups],
        "total": _row(told.total, language),
        "definitions": [
            told_definition(one) for one in defined(told.keys, _sources(told), language=language)
        ],
    }


def _row(group: Group, language: str) -> dict[str, Any]:
    return {
        "key": group.key,
        "name": group.name.said(language),
        "posts": group.posts,
        "too_few_to_compare": group.few,
        "figures": {
            key: {**_figure(figure, language), "share": group.shares.get(key)}
            for key, figure in group.figures.items()
        },
    }


def _figure(figure: Figure, language: str) -> dict[str, Any]:
    coverage = figure.passport.coverage
    return {
        "value": figure.value,
        "absence": figure.absence,
        "reason": say(figure.reason, language) if figure.reason else None,
        "interval": figure.interval,
        "measured": coverage.measured,
        "in_scope": coverage.in_scope,
        "not_supplied": coverage.not_supplied,
        "currency": figure.passport.currency,
    }


def _sources(told: Breakdown) -> Sources:
    found = Sources()
    for key, figure in told.total.figures.items():
        found.fields[key] = set(figure.passport.sources)
        if figure.passport.read_oldest is not None and figure.passport.read_newest is not None:
            found.oldest[key], found.newest[key] = figure.passport.read_oldest, figure.passport.read_newest
    return found


def _tables(told: Breakdown, language: str) -> Iterator[Table]:
    """The groups, and what their figures mean."""
    rows = [_values(group, told.keys, language) for group in (*told.groups, told.total)]
    yield Table(_GROUPS.said(language), _head(told, language), rows)
    columns = defined(told.keys, _sources(told), language=language)
    about: list[Sequence[Value]] = [
        (),
        (_FIRST.said(language), told.start.astimezone(UTC)),
        (_LAST.said(language), told.end.astimezone(UTC)),
    ]  # fmt: skip
    yield definitions(columns, ZoneInfo("UTC"), more=about, language=language)


def _values(group: Group, keys: Sequence[str], language: str) -> list[Value]:
    values: list[Value] = [
        group.name.said(language), group.posts, _YES.said(language) if group.few else None,
    ]  # fmt: skip
    for key in keys:
        figure = group.figures[key]
        currency, absent = figure.passport.currency, None
        if figure.value is None:
            absent = Absent(say(figure.reason, language)) if figure.reason else None
        amount = figure.value if figure.value is None or not currency else Money(figure.value, currency)
        values.append(absent or amount)
        values += [group.shares.get(key)] if CATALOGUE[key].additive else figure.interval or (None, None)
    return values


def _head(told: Breakdown, language: str) -> list[str]:
    """As in the CSV file; why a figure is absent stands in its own cell."""
    head = [words.said(language) for words in (NAMES[told.by], _POSTS, _FEW)]
    for key in told.keys:
        name = told.called(key).said(language)
        beside = [words for words in _beside(key) if words is not _WHY]
        head += [name, *(f"{name}: {words.said(language)}" for words in beside)]
    return head


def csv_text(told: Breakdown, *, language: str) -> str:
    """A breakdown as CSV with a byte order mark; an absent figure is empty, with its reason beside it."""
    head = [NAMES[told.by].said(language), _POSTS.said(language), _FEW.said(language)]
    for key in told.keys:
        name = told.called(key).said(language)
        head += [name, *(f"{name}: {words.said(language)}" for words in _beside(key))]
    written = StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(head)
    for group in (*told.groups, told.total):
        lines.writerow(_cells(group, told.keys, language))
    return "\ufeff" + written.getvalue()


def _beside(key: str) -> Sequence[Words]:
    entry = CATALOGUE[key]
    return (_SHARE, _WHY) if entry.additive else (_LOW, _HIGH, _WHY)


def _cells(group: Group, keys: Sequence[str], language: str) -> list[str]:
    cells = [
        guarded(group.name.said(language)),
        str(group.posts),
        _YES.said(language) if group.few else "",
    ]
    for key in keys:
        figure = group.figures[key]
        cells.append(_number(figure.value))
        if CATALOGUE[key].additive:
            cells.append(_number(group.shares.get(key)))
        else:
            cells += [_number(one) for one in figure.interval or (None, None)]
        cells.append(guarded(say(figure.reason, language)) if figure.reason else "")
    return cells


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def file_of(told: Breakdown, kind: str, *, language: str) -> bytes:
    """The file of a breakdown: ``csv``, ``json``, ``xlsx``, or ``zip`` with definitions beside the CSV."""
    if kind == "json":
        return json.dumps(document(told, language=language), ensure_ascii=False, indent=1).encode()
    if kind == "csv":
        return csv_text(told, language=language).encode()
    if kind == "xlsx":
        return b"".join(workbook.pieces(_tables(told, language), made_at=told.end))
    kept = BytesIO()
    with ZipFile(kept, "w", ZIP_DEFLATED) as archive:
        archive.writestr("groups.csv", csv_text(told, language=language))
        columns = defined(told.keys, _sources(told), language=language)
        archive.writestr("definitions.csv", "".join(definition_rows(columns, language=language)))
    return kept.getvalue()
