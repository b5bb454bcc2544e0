"""`tabuh alert try`: the rule on a series of days from a file, whatever it is of."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.printing import Json, show, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analytics.alarms.verdicts import Verdict

#: Columns of the file; others are not looked at.
_DAY, _VALUE, _BELOW = "day", "value", "below"


def try_series(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with the columns day and value; of a rate also below.")
    ],
    kind: Annotated[
        str, typer.Option(help="How the figure behaves: count, rate, mean, or change (of a stock).")
    ] = "",
    as_json: Json = False,
) -> None:
    """Try the alert rule on days of your own: which would be an alert, knowing the days before only."""
    from analytics.alarms.scales import Kind
    from analytics.alarms.verdicts import verdicts
    from domain.errors import UsageError

    rows = _rows(file)
    below = [_number(row, _BELOW, line) for line, row in rows] if rows and _BELOW in rows[0][1] else []
    try:
        chosen = Kind(kind or ("rate" if below else "count"))
    except ValueError:
        raise UsageError(f"Unknown kind {kind!r}. Known: {', '.join(Kind)}.") from None
    found = verdicts([_number(row, _VALUE, line) for line, row in rows], kind=chosen, below=below)
    days = [row.get(_DAY) or str(line - 1) for line, row in rows]
    drawn = table(
        ["Day", "What", ">Change", "Alert"],
        (
            (
                days[one.place], "level" if one.shift else "day", f"{one.effect:+.0%}",
                "yes" if one.is_alert else "goes on",
            )
            for one in found
            if one.day or one.shift
        ),
        empty=f"None of the {len(found)} days that were judged is out of the ordinary.",
    )  # fmt: skip
    show([_document(one, days) for one in found], drawn, as_json=as_json)


def _rows(file: Path) -> "list[tuple[int, dict[str, str]]]":
    """Rows with their line numbers. Raises `UsageError` where the file cannot be read so."""
    import csv

    from domain.errors import UsageError

    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            read = csv.DictReader(lines)
            rows = [(read.line_num, row) for row in read]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{file} cannot be read as CSV: {error}.") from error
    if not rows or _VALUE not in rows[0][1]:
        raise UsageError(f"{file} needs a first line with the columns {_DAY},{_VALUE}, and a line a day.")
    return rows


def _number(row: "Mapping[str, str]", column: str, line: int) -> float:
    from domain.errors import UsageError

    try:
        return float(row[column] or "")
    except (TypeError, ValueError):
        raise UsageError(f"Line {line}: {column} is {row[column]!r}, not a number such as 12.5.") from None


def _document(one: "Verdict", days: list[str]) -> dict[str, Any]:
    return {
        "day": days[one.place],
        "is_unusual_day": one.day is not None,
        "is_new_level": one.shift is not None,
        "effect": one.effect,
        "chance": one.day.p if one.day else None,
        "is_alert": one.is_alert,
    }
