"""A report as a file: Markdown, HTML, PDF, CSV or JSON."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.report import FigureLine, KpiLine, Report
from domain.sentences import say
from domain.sheet import guarded
from web.i18n import Voice
from web.reports.alone import alone
from web.reports.paper import Paper, paper
from web.reports.parts import Sheet
from web.reports.pdf import pdf

#: Format → its media type and the end of its name.
FORMATS: Mapping[str, tuple[str, str]] = {
    "markdown": ("text/markdown; charset=utf-8", "md"),
    "html": ("text/html; charset=utf-8", "html"),
    "pdf": ("application/pdf", "pdf"),
    "csv": ("text/csv; charset=utf-8", "csv"),
    "json": ("application/json", "json"),
}


def as_file(report: Report, kind: str, voice: Voice) -> bytes:
    """The report in one of `FORMATS`, in the language of ``voice``."""
    told = paper(report, voice)
    match kind:
        case "pdf":
            return pdf(told)
        case "csv":
            return table_of(report).encode()
        case "json":
            return document(report, told).encode()
        case "html":
            return alone(told).encode()
    return markdown(told).encode()


def file_name(report: Report, kind: str) -> str:
    """Such as ``report-2026-11-09-week.pdf``."""
    return f"report-{report.first}-{report.every}.{FORMATS[kind][1]}"


def markdown(told: Paper) -> str:
    """The report as Markdown: headings, lists and tables; no pictures."""
    parts = [f"# {_line(told.title)}", _line(told.lead), _line(told.made)]
    for chapter in told.chapters:
        parts.append(f"## {_line(chapter.heading)}")
        if chapter.told:
            parts.append("\n".join(f"- {_line(one.text)}" for one in chapter.told))
        parts += [_table(sheet) for sheet in chapter.sheets]
    return "\n\n".join(parts) + "\n"


def _table(sheet: Sheet) -> str:
    lines = [f"**{_line(sheet.caption)}**", "", _row(sheet.head), "|" + " --- |" * len(sheet.head)]
    return "\n".join([*lines, *(_row(row) for row in sheet.rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(_line(cell).replace("|", "\\|") for cell in cells) + " |"


def _line(text: str) -> str:
    """On one line, with what Markdown would take for markup made plain."""
    flat = " ".join(text.split())
    for sign in ("\\", "`", "*", "_", "[", "]", "<", ">", "#"):
        flat = flat.replace(sign, f"\\{sign}")
    return flat


def table_of(report: Report) -> str:
    """The figures and targets as CSV: plain numbers, one row each, absent values empty with their reason."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        ["kind", "key", "name", "value", "before", "target", "unit", "currency", "status", "first", "last",
         "formula", "version", "denominator", "sources", "coverage", "reason"]
    )  # fmt: skip
    for figure in report.figures:
        writer.writerow([_safe(cell) for cell in _figure_cells(report, figure)])
    for kpi in report.kpis:
        writer.writerow([_safe(cell) for cell in _kpi_cells(kpi)])
    for cells in (*_mix_cells(report), *_brand_cells(report), *_told_cells(report)):
        writer.writerow([_safe(cell) for cell in cells])
    return out.getvalue()


def _figure_cells(report: Report, line: FigureLine) -> list[Any]:
    return [
        "figure", line.key, line.name.en, line.value, line.before, None, str(line.unit), line.currency, None,
        report.first, report.last, line.formula, line.version, line.denominator, ", ".join(line.sources),
        say(line.coverage), say(line.reason) if line.reason else None,
    ]  # fmt: skip


def _kpi_cells(line: KpiLine) -> list[Any]:
    return [
        "target", f"kpi-{line.id}", line.name, line.actual, None, line.target, str(line.unit), line.currency,
        line.status, line.first, line.last, say(line.target_sentence), None, None, None, None, None,
    ]  # fmt: skip


def _mix_cells(report: Report) -> list[list[Any]]:
    """What a post of each group earned; the coverage tells its part of the posts."""
    return [
        [
            "mix", f"{mix.by}:{one.key}", one.name.en, one.per_post, one.per_post_before, None, "ratio", "",
            None, report.first, report.last, f"{mix.figure.en} ÷ measured posts", None, "posts", None,
            f"{one.posts} posts, {one.measured} of them measured", None,
        ]
        for mix in report.mixes
        for one in mix.lines
    ]  # fmt: skip


def _brand_cells(report: Report) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for one in report.brands:
        sources = ", ".join(report.brand_sources)
        own = "own" if one.is_own else "competitor"
        rows.append(
            ["brand", f"mentions:{one.id}", one.name, one.mentions, one.mentions_before, None, "count", "",
             own, report.first, report.last, "mentions", None, None, None, None, None]
        )  # fmt: skip
        rows.append(
            ["brand", f"share_of_voice:{one.id}", one.name, one.share, one.share_before, None, "percent", "",
             own, report.first, report.last, "100 × mentions ÷ mentions of all tracked brands", None,
             "mentions_tracked", sources, None, None]
        )  # fmt: skip
    return rows


def _told_cells(report: Report) -> list[list[Any]]:
    """The sentences of the chapters that have no figures of their own."""
    chapters = {"learned": report.learned, "mix": report.mix_told, "brands": report.brands_told}
    return [
        [
            "said", f"{chapter}:{one.rule}", say(one.sentence), None, None, None, "", "", str(one.tone),
            report.first, report.last, None, None, None, None, None, None,
        ]
        for chapter, remarks in chapters.items()
        for one in remarks
    ]  # fmt: skip


def _safe(cell: Any) -> Any:
    """Text that no spreadsheet runs; numbers stay numbers."""
    return guarded(cell) if isinstance(cell, str) else cell


def document(report: Report, told: Paper) -> str:
    """The frozen report beside its sentences in the reader's language, as one JSON document."""
    words = {
        chapter.anchor: [{"text": one.text, "about": one.about, "tone": one.tone} for one in chapter.told]
        for chapter in told.chapters
    }
    whole = {"title": told.title, "language": told.language, "said": words, "report": report.frozen()}
    return json.dumps(whole, ensure_ascii=False, indent=1)
