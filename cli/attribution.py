"""`tabuh stats attribution`: what channels are owed of the conversions, by all models side by side."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, count, show, table

if TYPE_CHECKING:
    from rich.table import Table

    from analytics.owed import Attribution

_TITLES = {"first": "First", "last": "Last", "linear": "Linear", "u_shaped": "U-shaped",
           "time_decay": "Time decay", "markov": "Markov", "shapley": "Shapley"}  # fmt: skip


class OwedBy(StrEnum):
    """What conversions are owed to."""

    CHANNEL = "channel"
    ROUTE = "route"
    PLATFORM = "platform"


class Of(StrEnum):
    """What is shared."""

    CONVERSIONS = "conversions"
    REVENUE = "revenue"


def attribution(
    context: typer.Context,
    *,
    by: Annotated[OwedBy, typer.Option(help="What they are owed to.")] = OwedBy.CHANNEL,
    of: Annotated[Of, typer.Option(help="What is shared.")] = Of.CONVERSIONS,
    days: Annotated[int, typer.Option(min=1, max=3_660, help="How many days to look back.")] = 30,
    window: Annotated[
        int, typer.Option(min=1, max=365, help="How many days before a conversion a visit counts.")
    ] = 30,
    as_json: Json = False,
) -> None:
    """What each is owed of the conversions, by seven models side by side. None of them proves a cause."""
    from datetime import timedelta

    from analytics.owed import OwedBy as Name
    from analytics.owed import What
    from analytics.owed import attribution as shared
    from store.engine import reading
    from web.link_words import stretch

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        start, end = stretch(days, tabuh.workspace.zone, now=tabuh.context.clock())
        found = shared(
            session, tabuh.workspace.id, start=start, end=end, window=timedelta(days=window),
            by=Name(by), what=What(of),
        )  # fmt: skip
        document = {"start": start, "end": end, "window_days": window, "by": str(by), "of": str(of),
                    **document_of(found)}  # fmt: skip
        show(document, _drawn(found, by), f"\n{_remarks(found)}", as_json=as_json)


def _drawn(found: "Attribution", by: OwedBy) -> "str | Table":
    rows: list[tuple[str, ...]] = [
        (row.name, f"{row.journeys:,}", *(f"{share.value:,.2f}" for share in row.shares.values()))
        for row in found.rows
    ]
    if found.total:
        rows.append(("unattributed", "", *[f"{found.unattributed:,.2f}"] * len(_TITLES)))
    head = [by.capitalize(), ">Journeys", *(f">{title}" for title in _TITLES.values())]
    return table(head, rows, empty="No conversion in these days.")


def _remarks(found: "Attribution") -> str:
    return (
        f"{found.known:,} of {count(found.conversions, 'conversion')} with a known visit, of which "
        f"{found.consented:,} with consent; the others are seen for one day. No model proves a cause."
    )


def document_of(found: "Attribution") -> dict[str, Any]:
    """The table for programs."""
    return {
        "rows": [
            {
                "name": row.name,
                "journeys": row.journeys,
                "shares": {
                    model: {"value": share.value, "low": share.low, "high": share.high}
                    for model, share in row.shares.items()
                },
            }
            for row in found.rows
        ],
        "paths": [
            {
                "touches": list(path.touches),
                "converted": path.converted,
                "lost": path.lost,
                "revenue": path.revenue,
            }
            for path in found.paths
        ],
        "unattributed": found.unattributed,
        "total": found.total,
        "conversions": found.conversions,
        "known": found.known,
        "consented": found.consented,
        "other_currency": found.other_currency,
        "currency": found.currency,
    }
