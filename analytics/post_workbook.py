"""The list of published posts as a workbook: its figures, and a sheet that says what each column means."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from analytics import workbook
from analytics.post_sheet import Cell, Defined, Names, Sheet, Sources, cell, defined
from analytics.posts import PostLine
from analytics.workbook import Absent, Money, Table, Value
from domain.post_columns import ABOUT, AGE, BY_TIME, READ, name_of
from domain.sentence import Words

_FIGURES, _DEFINITIONS = Words("Figures", "Angka"), Words("Definitions", "Definisi")
_NUMBER, _ADDRESS = Words("Number", "Nomor"), Words("Address", "Alamat")
_MADE = Words("Made at", "Dibuat pada")
_ZONE = Words("Time zone of other times than of publishing", "Zona waktu selain waktu terbit")
#: The columns of a sheet of definitions.
HEAD = {
    "key": Words("Key", "Kunci"),
    "name": Words("Name", "Nama"),
    "definition": Words("Definition", "Definisi"),
    "formula": Words("Formula", "Rumus"),
    "version": Words("Version", "Versi"),
    "denominator": Words("Denominator", "Penyebut"),
    "sources": Words("Source fields", "Kolom sumber"),
    "read_oldest": Words("Oldest number read at", "Angka tertua dibaca pada"),
    "read_newest": Words("Newest number read at", "Angka terbaru dibaca pada"),
}


def pieces(sheet: Sheet, *, language: str) -> Iterator[bytes]:
    """The workbook of a sheet; a figure that is absent is a text that says why, never 0."""
    sources = Sources()
    return workbook.pieces(_tables(sheet, sources, language), made_at=sheet.now)


def _tables(sheet: Sheet, sources: Sources, language: str) -> Iterator[Table]:
    head = [_NUMBER, *(name_of(key) for key in sheet.columns), _ADDRESS]
    yield Table(
        _FIGURES.said(language), [words.said(language) for words in head], _rows(sheet, sources, language)
    )
    zone = ZoneInfo(sheet.zone)
    columns = defined(sheet.columns, sources, language=language)
    about: list[Sequence[Value]] = [
        (), (_MADE.said(language), sheet.now.astimezone(zone)), (_ZONE.said(language), sheet.zone),
    ]  # fmt: skip
    yield definitions(columns, zone, more=about, language=language)


def _rows(sheet: Sheet, sources: Sources, language: str) -> Iterator[list[Value]]:
    for lines, names in sheet.stretches():
        for line in lines:
            sources.add(line, sheet.figures)
            values = [_value(sheet, line, key, names, language) for key in sheet.columns]
            yield [str(line.post.id), *values, line.post.remote_url]


def _value(sheet: Sheet, line: PostLine, key: str, names: Names, language: str) -> Value:
    one = cell(line, key, names, language=language, now=sheet.now)
    if one.value is None:
        return Absent(one.why(language)) if one.reason is not None else None
    if key == BY_TIME:
        return datetime.fromisoformat(str(one.value))
    if key == READ:
        return datetime.fromisoformat(str(one.value)).astimezone(ZoneInfo(sheet.zone))
    if key == AGE:
        return timedelta(seconds=int(one.value))
    return _figure(one, line, key)


def _figure(one: Cell, line: PostLine, key: str) -> Value:
    currency = None if key in ABOUT else line.figures[key].passport.currency
    if currency and one.value is not None and not isinstance(one.value, str):
        return Money(one.value, currency)
    return one.value


def definitions(
    columns: Sequence[Defined], zone: ZoneInfo, *, more: Sequence[Sequence[Value]] = (), language: str
) -> Table:
    """The sheet that says what each column means; instants by the clock of a zone."""
    rows: list[Sequence[Value]] = [
        (
            one.key, one.name, one.definition, one.formula, one.version, one.denominator,
            ", ".join(one.sources), one.read_oldest and one.read_oldest.astimezone(zone),
            one.read_newest and one.read_newest.astimezone(zone),
        )
        for one in columns
    ]  # fmt: skip
    head = [words.said(language) for words in HEAD.values()]
    return Table(_DEFINITIONS.said(language), head, [*rows, *more])
