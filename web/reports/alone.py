"""A report as one HTML file that needs nothing else: for mail and for keeping."""

from importlib import resources

from markupsafe import Markup

from web.drawing import svg
from web.render import environment
from web.reports.paper import Paper


def alone(paper: Paper) -> str:
    """The file: its style and its charts are in it, and it asks no server for anything."""
    charts = {
        (chapter.anchor, number): svg(chart.spec, theme="light", language=paper.language)
        for chapter in paper.chapters
        for number, chart in enumerate(chapter.charts)
    }
    # In the file itself, which no server sends as a page: the policy of our pages allows nothing inline.
    rules = resources.files("web.reports").joinpath("report.css").read_text()
    style = Markup("<style>\n{}</style>").format(Markup(rules))  # noqa: S704 (our own file)
    return environment().get_template("report_file.html").render(paper=paper, charts=charts, style=style)
