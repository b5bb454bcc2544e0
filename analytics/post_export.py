"""The list of published posts as files: CSV, JSON, both sheets of CSV in a ZIP archive, and a workbook."""

import csv
import json
from collections.abc import Iterator, Sequence
from io import StringIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from analytics import post_workbook
from analytics.post_sheet import Cell, Defined, Names, Sheet, Sources, cell, defined
from analytics.post_workbook import HEAD
from analytics.posts import PostLine
from domain.post_columns import ABOUT, READ, USUAL, name_of
from domain.sentence import Words
from domain.sheet import guarded

#: Formats by the ending of their files, with their media types.
FORMATS: Final = {
    "csv": "text/csv",
    "json": "application/json",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Those that are no text.
BINARY: Final = frozenset({"zip", "xlsx"})
_WHY = Words("why it is absent", "sebab tidak ada")
_NUMBER = Words("Number", "Nomor")
#: Bytes of an archive that are kept in memory; what is more goes through a file that has no name.
_IN_MEMORY = 4 * 2**20
_PIECE = 2**16


def pieces(sheet: Sheet, kind: str, *, language: str) -> Iterator[bytes]:
    """The file of a sheet in pieces; ``kind`` is a key of `FORMATS`."""
    if kind == "json":
        yield from (piece.encode() for piece in json_pieces(sheet, language=language))
    elif kind == "zip":
        yield from _zip_pieces(sheet, language=language)
    elif kind == "xlsx":
        yield from post_workbook.pieces(sheet, language=language)
    else:
        yield from (piece.encode() for piece in csv_pieces(sheet, Sources(), language=language))


def csv_pieces(sheet: Sheet, sources: Sources, *, language: str) -> Iterator[str]:
    """CSV with a byte order mark, so that spreadsheets read it as UTF-8; no cell runs as a formula.

    A figure that is absent is an empty cell, and the column behind it says why; it is never 0.
    """
    head = [_NUMBER.said(language)]
    for key in sheet.columns:
        name = name_of(key).said(language)
        head += [name, f"{name}: {_WHY.said(language)}"] if _may_lack(key) else [name]
    yield "\ufeff" + _line(head)
    for lines, names in sheet.stretches():
        for line in lines:
            sources.add(line, sheet.figures)
            yield _line(_csv_row(sheet, line, names, language=language))


def _csv_row(sheet: Sheet, line: PostLine, names: Names, *, language: str) -> list[str]:
    row = [str(line.post.id)]
    for key in sheet.columns:
        one = cell(line, key, names, language=language, now=sheet.now)
        row.append(_written(one))
        if _may_lack(key):
            row.append(guarded(one.why(language)))
    return row


def _may_lack(key: str) -> bool:
    return key not in ABOUT or key in (USUAL, READ)


def _written(one: Cell) -> str:
    if one.value is None:
        return ""
    if isinstance(one.value, float) and one.value.is_integer() and abs(one.value) < 2**53:
        return str(int(one.value))
    return guarded(one.value) if isinstance(one.value, str) else str(one.value)


def definition_rows(columns: Sequence[Defined], *, language: str) -> Iterator[str]:
    """The definitions sheet as CSV."""
    yield "\ufeff" + _line([words.said(language) for words in HEAD.values()])
    for one in columns:
        told = told_definition(one)
        row = (told[name] for name in HEAD)
        yield _line(["" if each is None else ", ".join(each) if isinstance(each, list) else str(each)
                     for each in row])  # fmt: skip


def told_definition(one: Defined) -> dict[str, Any]:
    """A definition as JSON tells it."""
    return {
        "key": one.key,
        "name": one.name,
        "definition": one.definition,
        "formula": one.formula,
        "version": one.version,
        "denominator": one.denominator,
        "sources": list(one.sources),
        "read_oldest": one.read_oldest.isoformat() if one.read_oldest else None,
        "read_newest": one.read_newest.isoformat() if one.read_newest else None,
    }


def json_pieces(sheet: Sheet, *, language: str) -> Iterator[str]:
    """One JSON document: what was asked, ``posts``, and ``definitions`` of the columns."""
    about = {
        "made_at": sheet.now.isoformat(),
        "time_zone": sheet.zone,
        "view": sheet.view.stored(),
        "columns": list(sheet.columns),
    }
    yield json.dumps(about, ensure_ascii=False)[:-1] + ', "posts": ['
    sources, gap = Sources(), "\n"
    for lines, names in sheet.stretches():
        for line in lines:
            sources.add(line, sheet.figures)
            yield gap + json.dumps(_json_row(sheet, line, names, language=language), ensure_ascii=False)
            gap = ",\n"
    told = [told_definition(one) for one in defined(sheet.columns, sources, language=language)]
    yield '\n], "definitions": ' + json.dumps(told, ensure_ascii=False) + "}\n"


def _json_row(sheet: Sheet, line: PostLine, names: Names, *, language: str) -> dict[str, Any]:
    row: dict[str, Any] = {"id": str(line.post.id), "url": line.post.remote_url}
    for key in sheet.columns:
        one = cell(line, key, names, language=language, now=sheet.now)
        if not _may_lack(key):
            row[key] = one.value
        elif one.absence is None:
            row[key] = {"value": one.value, **_more(line, key)}
        else:
            row[key] = {"value": None, "absence": one.absence, "reason": one.why(language)}
    return row


def _more(line: PostLine, key: str) -> dict[str, Any]:
    if key == USUAL and line.rank is not None:
        age = int(line.rank.checkpoint.total_seconds())
        return {"of": line.rank.key, "age_seconds": age, "posts": line.rank.posts}
    currency = None if key in ABOUT else line.figures[key].passport.currency
    return {"currency": currency} if currency else {}


def _zip_pieces(sheet: Sheet, *, language: str) -> Iterator[bytes]:
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as kept:
        _write_zip(sheet, kept, language=language)
        kept.seek(0)
        while piece := kept.read(_PIECE):
            yield piece


def _write_zip(sheet: Sheet, kept: "IO[bytes]", *, language: str) -> None:
    sources = Sources()
    with ZipFile(kept, "w", ZIP_DEFLATED) as archive:
        with archive.open("posts.csv", "w") as file:
            for piece in csv_pieces(sheet, sources, language=language):
                file.write(piece.encode())
        with archive.open("definitions.csv", "w") as file:
            columns = defined(sheet.columns, sources, language=language)
            for piece in definition_rows(columns, language=language):
                file.write(piece.encode())


def _line(cells: Sequence[str]) -> str:
    written = StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()
