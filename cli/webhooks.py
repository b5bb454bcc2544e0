"""`tabuh webhook`: programs that are told of alerts and reports."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, show, table, when

if TYPE_CHECKING:
    from store.tables import Endpoint

app = typer.Typer(
    no_args_is_help=True, help="Webhooks: programs and services that are told of alerts and reports."
)

Which = Annotated[str, typer.Argument(metavar="WEBHOOK", help="Its name.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="How to call it.")],
    url: Annotated[str, typer.Argument(help="Where to; - reads it from standard input.")],
    *,
    kinds: Annotated[
        str | None,
        typer.Option(help="Of what: alert.opened, alert.closed, report.ready, test; left out: all."),
    ] = None,
    apprise: Annotated[
        bool, typer.Option("--apprise", help="The address is one of Apprise, such as tgram://TOKEN/CHAT.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Add a webhook; its signing secret is shown once. Requests are signed as Standard Webhooks are."""
    import sys

    from domain.telling import Way
    from scheduler import endpoints

    address = sys.stdin.readline().strip() if url == "-" else url
    chosen = kinds.replace(",", " ").split() if kinds else None
    with opened(context) as tabuh:
        row, secret = endpoints.add(
            tabuh.context, tabuh.workspace.id, name=name, url=address,
            way=Way.APPRISE if apprise else Way.WEBHOOK, kinds=chosen, actor=tabuh.actor,
        )  # fmt: skip
        told = f"{secret}\nKeep it: it is not shown again." if secret else f"Added {row.name}."
        show({**document(row), "secret": secret or None}, told, as_json=as_json)


@app.command("list")
def list_webhooks(context: typer.Context, as_json: Json = False) -> None:
    """All webhooks with their state; addresses and secrets are sealed, only hosts are shown."""
    from scheduler import endpoints

    with opened(context) as tabuh:
        found = endpoints.listed(tabuh.context, tabuh.workspace.id)
        zone = tabuh.workspace.zone
        drawn = table(
            ["Webhook", "Way", "To", "Of", "Last sent", "State"],
            (
                (
                    one.name, one.way, one.shown, ", ".join(one.kinds) if one.kinds else "all",
                    when(one.last_sent_at, zone), _state(one),
                )
                for one in found
            ),
            empty="No webhooks. Add one: tabuh webhook add NAME https://example.org/hook",
        )  # fmt: skip
        show([document(one) for one in found], drawn, as_json=as_json)


def _state(one: "Endpoint") -> str:
    return one.disabled_reason or (f"fails: {one.last_error}" if one.failing_since else "works")


@app.command()
def rotate(context: typer.Context, webhook: Which, as_json: Json = False) -> None:
    """Make a new signing secret; for 24 hours the one before signs too."""
    from scheduler import endpoints

    with opened(context) as tabuh:
        row, secret = endpoints.rotate(tabuh.context, tabuh.workspace.id, webhook, actor=tabuh.actor)
        until = when(row.old_until, tabuh.workspace.zone)
        told = f"{secret}\nKeep it: it is not shown again. The one before signs too until {until}."
        show({**document(row), "secret": secret}, told, as_json=as_json)


@app.command("on")
def switch_on(context: typer.Context, webhook: Which, as_json: Json = False) -> None:
    """Use a webhook again that was switched off because nothing could be delivered."""
    from scheduler import endpoints

    with opened(context) as tabuh:
        row = endpoints.switch_on(tabuh.context, tabuh.workspace.id, webhook, actor=tabuh.actor)
        show(document(row), f"{row.name} is used again.", as_json=as_json)


@app.command()
def remove(context: typer.Context, webhook: Which, as_json: Json = False) -> None:
    """Forget a webhook with its secrets and deliveries."""
    from scheduler import endpoints

    with opened(context) as tabuh:
        endpoints.remove(tabuh.context, tabuh.workspace.id, webhook, actor=tabuh.actor)
        show({"name": webhook, "removed": True}, f"Removed {webhook}.", as_json=as_json)


@app.command("test")
def try_one(context: typer.Context, webhook: Which, as_json: Json = False) -> None:
    """Send a test to one webhook, and say how it went."""
    from cli.alert_deliveries import report
    from scheduler import endpoints

    with opened(context) as tabuh:
        key = endpoints.test(tabuh.context, tabuh.workspace.id, webhook)
        report(tabuh, key, as_json=as_json)


def document(one: "Endpoint") -> dict[str, Any]:
    """A webhook as JSON tells it."""
    shown = (
        "id", "name", "way", "kinds", "old_until", "last_sent_at", "last_error", "failing_since",
        "disabled_at", "disabled_reason", "created_at",
    )  # fmt: skip
    return {**{name: getattr(one, name) for name in shown}, "host": one.shown}
