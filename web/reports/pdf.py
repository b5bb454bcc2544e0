"""A report as PDF on A4: typeset by typst, charts drawn as on the page; accessible after PDF/UA-1."""

import json
from collections.abc import Collection
from importlib import resources
from typing import Any

from web.charts import Chart
from web.drawing import svg
from web.reports.paper import Chapter, Paper


def pdf(paper: Paper) -> bytes:
    """The report on A4; about 0.1 s, and 1 to 2 s more for the first chart of a program.

    What the report says travels as data, never as markup: a post's text cannot become typst code.
    """
    import typst  # late: a large library that few commands need

    template = resources.files("web.reports").joinpath("report.typ").read_bytes()
    files: dict[str, bytes] = {"main": template}
    pages = {chapter.anchor for chapter in paper.chapters if chapter.begins_page}
    chapters = [
        _chapter(chapter, number, files, paper.language, pages)
        for number, chapter in enumerate(paper.chapters)
    ]
    about = {
        "title": paper.title,
        "lead": paper.lead,
        "made": paper.made,
        "language": paper.language,
        "simulated": paper.simulated,
        "chapters": chapters,
    }
    made: bytes = typst.compile(  # type: ignore[call-overload]  # its stub forgets that several files may be given
        files,
        sys_inputs={"report": json.dumps(about, ensure_ascii=False)},
        pdf_standards=["ua-1"],
    )
    return made


def _chapter(
    chapter: Chapter, number: int, files: dict[str, bytes], language: str, pages: Collection[str]
) -> dict[str, Any]:
    charts = []
    for place, chart in enumerate(chapter.charts):
        name = f"chart-{number}-{place}.svg"
        files[name] = _drawn(chart, language)
        charts.append({"file": name, "title": chart.title, "gist": chart.gist})
    return {
        "heading": chapter.heading,
        "begins_page": chapter.begins_page,
        "anchor": chapter.anchor,
        "told": [
            {"text": one.text, "tone": one.tone, "page": one.about if one.about in pages else ""}
            for one in chapter.told
        ],
        "sheets": [
            {
                "caption": sheet.caption,
                "head": list(sheet.head),
                "rows": [list(row) for row in sheet.rows],
                "is_text": sheet.is_text,
            }
            for sheet in chapter.sheets
        ],
        "charts": charts,
    }


def _drawn(chart: Chart, language: str) -> bytes:
    return svg(chart.spec, theme="light", language=language).encode()
