"""What the chapters of a report are made of: sentences, tables and charts in one language."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.report import Remark
from web.charts import Chart
from web.i18n import Voice
from web.render import Column
from web.said import ended, said, upper


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence, and the anchor of the figure that it is about; empty: none."""

    text: str
    about: str = ""
    #: ``good``, ``bad`` or ``plain``.
    tone: str = "plain"
    #: Where it is not in the reader's language.
    language: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; the first column names the row. ``anchors`` are those of its rows, or empty."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    anchors: tuple[str, ...] = ()
    #: Cells are words, not numbers.
    is_text: bool = False

    @property
    def columns(self) -> list[Column]:
        """As the table of a page takes them."""
        return [
            Column(str(place), label, numeric=place > 0 and not self.is_text)
            for place, label in enumerate(self.head)
        ]

    @property
    def cells(self) -> list[dict[str, str]]:
        """The rows of the table of a page, each with its anchor."""
        anchors = self.anchors or ("",) * len(self.rows)
        return [
            {**{str(place): cell for place, cell in enumerate(row)}, **({"row_id": anchor} if anchor else {})}
            for row, anchor in zip(self.rows, anchors, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One part of the report."""

    anchor: str
    heading: str
    told: tuple[Told, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    charts: tuple[Chart, ...] = ()
    #: On paper it stands on a page of its own.
    begins_page: bool = False


def told(remarks: Sequence[Remark], voice: Voice) -> tuple[Told, ...]:
    return tuple(Told(ended(upper(said(voice, one.sentence))), one.about, str(one.tone)) for one in remarks)
