"""`tabuh alert test` and `tabuh alert deliveries`: every way out, and how each delivery went."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, one_line, show, table, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from store.tables import Telling


def try_all(context: typer.Context, as_json: Json = False) -> None:
    """Send a test through every way that is set: mail, webhooks, Apprise. Says how each went."""
    from scheduler import alerts

    with opened(context) as tabuh:
        key = alerts.test_ways(tabuh.context, tabuh.workspace.id, actor=tabuh.actor)
        report(tabuh, key, as_json=as_json)


def report(tabuh: "Opened", key: str, *, as_json: bool) -> None:
    """Hand a notice's deliveries over now, and say how each went; exit code 1 when one did not."""
    from scheduler.handing_over import deliver_now

    rows = deliver_now(tabuh.context, tabuh.workspace.id, key)
    drawn = table(
        ["Way", "To", "State", "Why"],
        ((row.way, _to(tabuh, row), row.state, row.reason) for row in rows),
        empty="No way out is set: give a person a mail address (tabuh alert settings NAME --email ADDRESS) "
        "or add a webhook (tabuh webhook add NAME URL).",
    )
    show([telling_document(row) for row in rows], drawn, as_json=as_json)
    if any(row.state != "sent" for row in rows):
        raise typer.Exit(1)


def deliveries(
    context: typer.Context,
    again: Annotated[int | None, typer.Option(metavar="DELIVERY", help="Try this one again now.")] = None,
    as_json: Json = False,
) -> None:
    """The last deliveries: sent, waiting or failed, and why."""
    from scheduler import alerts

    with opened(context) as tabuh:
        if again is not None:
            alerts.deliver_again(tabuh.context, tabuh.workspace.id, again, actor=tabuh.actor)
        found = alerts.deliveries(tabuh.context, tabuh.workspace.id)
        zone = tabuh.workspace.zone
        drawn = table(
            ["Delivery", "What", "Way", "To", "State", ">Tries", "Next or sent", "Why"],
            (
                (
                    row.id, one_line(what, 40), row.way, _to(tabuh, row), row.state, row.tries,
                    when(row.sent_at or row.next_at, zone), row.reason,
                )
                for row, what in found
            ),
            empty="Nothing was to be delivered yet.",
        )  # fmt: skip
        show([{**telling_document(row), "what": what} for row, what in found], drawn, as_json=as_json)


def _to(tabuh: "Opened", row: "Telling") -> str:
    from scheduler.endpoints import listed

    if row.endpoint_id is None:
        return row.address or ""
    names = {one.id: one.name for one in listed(tabuh.context, tabuh.workspace.id)}
    return names.get(row.endpoint_id, "removed")


def telling_document(row: "Telling") -> dict[str, Any]:
    """A delivery as JSON tells it."""
    shown = (
        "id", "way", "address", "endpoint_id", "person_id", "is_digest", "state", "tries", "reason",
        "created_at", "next_at", "sent_at",
    )  # fmt: skip
    return {name: getattr(row, name) for name in shown}
