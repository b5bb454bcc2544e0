"""`tabuh platform`: what identifies this installation to platforms that ask for an application."""

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import opened
from cli.printing import Json, pairs, show, table, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from domain.looks import Plan
    from scheduler.applications import ApplicationShown

app = typer.Typer(
    no_args_is_help=True,
    help="Platforms: the application that this installation has registered at each, and what calls cost.",
)

Which = Annotated[str, typer.Argument(metavar="PLATFORM", help="See: tabuh platform list")]
#: In place of a question or standard input.
ID, SECRET = "TABUH_APPLICATION_ID", "TABUH_APPLICATION_SECRET"


@app.command("list")
def list_platforms(context: typer.Context, as_json: Json = False) -> None:
    """The platforms that ask for an application, and what is set; secrets are never shown."""
    from scheduler.applications import listed

    with opened(context) as tabuh:
        found = listed(tabuh.context)
        zone = tabuh.workspace.zone
        drawn = table(
            ["Platform", "Name", "Application", "Set", "Register it at"],
            (
                (one.platform, one.title, one.id or "not set", when(one.set_at, zone), one.console_url)
                for one in found
            ),
            empty="No platform asks for an application.",
        )
        document = {
            "redirect_address": _redirect(tabuh),
            "platforms": [_document(one) for one in found],
        }
        note = f"Redirect address to register there: {_redirect(tabuh)}" if found else ""
        show(document, drawn, note, as_json=as_json)


@app.command("set")
def set_platform(
    context: typer.Context,
    platform: Which,
    *,
    application_id: Annotated[
        str | None, typer.Option("--id", help=f"The application's id; left out: {ID}, or asked for.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Set a platform's application. The secret is asked for, or read from standard input or the environment.

    An empty secret keeps the one that was set for the same id.
    """
    from scheduler.applications import set_application, shown

    with opened(context) as tabuh:
        before = shown(tabuh.context, platform)
        known = application_id or os.environ.get(ID) or _read(f"{before.title}: application id")
        secret = os.environ.get(SECRET) or _read(f"{before.title}: application secret", hidden=True)
        found = set_application(
            tabuh.context, platform, application_id=known, secret=secret, actor=tabuh.actor
        )
        about = pairs(
            [
                ("Platform", found.title),
                ("Application", found.id),
                ("Secret", "sealed"),
                ("Redirect address", _redirect(tabuh)),
                ("Register it at", found.console_url),
            ]
        )
        show({**_document(found), "redirect_address": _redirect(tabuh)}, about, as_json=as_json)


@app.command()
def unset(context: typer.Context, platform: Which, as_json: Json = False) -> None:
    """Forget a platform's application: its channels stay until their access ends."""
    from scheduler.applications import shown, unset_application

    with opened(context) as tabuh:
        unset_application(tabuh.context, platform, actor=tabuh.actor)
        found = shown(tabuh.context, platform)
        show(_document(found), f"The application of {found.title} is forgotten.", as_json=as_json)


@app.command()
def cap(
    context: typer.Context,
    platform: Annotated[str, typer.Argument(metavar="PLATFORM", help="Or all: everything of the workspace.")],
    amount: Annotated[list[str], typer.Argument(help="A month, such as 20.00 USD; none lifts the cap.")],
    *,
    channel: Annotated[str | None, typer.Option(help="Only this channel of the platform.")] = None,
    as_json: Json = False,
) -> None:
    """Cap what posts and reads may cost in a calendar month; what would cost more waits."""
    from domain.errors import UsageError
    from scheduler.spending import set_cap
    from store import channels
    from store.engine import reading

    with opened(context) as tabuh:
        if channel is not None:
            with reading(tabuh.engine) as session:
                row = channels.named(session, tabuh.workspace.id, channel)
            if row.platform != platform:
                raise UsageError(f"Channel {channel!r} is on {row.platform}, not on {platform}.")
        found = set_cap(
            tabuh.context, tabuh.workspace.id, platform=None if platform == "all" else platform,
            channel=channel, amount=" ".join(amount), actor=tabuh.actor,
        )  # fmt: skip
        of = channel or ("the workspace" if platform == "all" else platform)
        told = f"At most {found} a month for {of}." if found else f"No cap any more for {of}."
        show({"of": of, "cap": found}, told, as_json=as_json)


@app.command()
def costs(context: typer.Context, as_json: Json = False) -> None:
    """What paid channels have cost this month, what is planned, and the caps."""
    from scheduler.looks import foretold
    from scheduler.spending import overview

    with opened(context) as tabuh:
        found, plans = overview(tabuh.context, tabuh.workspace), foretold(tabuh.context, tabuh.workspace)
        drawn = table(
            ["Channel", "Platform", ">Spent", ">Planned", "Caps a month", "Prices", "Looks per post"],
            (
                (
                    one.channel.name, one.channel.platform, one.spent,
                    f"{one.planned} ({one.planned_posts} posts)",
                    ", ".join(f"{scope.partition(':')[0]} {amount}" for scope, amount in one.caps.items()),
                    ", ".join(f"{call.replace('_', ' ')} {price}" for call, price in one.prices.items()),
                    _looks(plans.get(one.channel.id)),
                )
                for one in found
            ),
            empty="No channel is on a platform that takes money for posts or reads.",
        )  # fmt: skip
        documents = [
            {
                "channel_id": one.channel.id, "channel": one.channel.name, "platform": one.channel.platform,
                "spent": one.spent, "planned": one.planned, "planned_posts": one.planned_posts,
                "caps": one.caps, "prices": one.prices, "looks": plans.get(one.channel.id),
            }
            for one in found
        ]  # fmt: skip
        show(documents, drawn, as_json=as_json)


def _looks(plan: "Plan | None") -> str:
    """``4 of 11 within the cap of 20.00 USD a month``."""
    from domain.looks import WORTH

    if plan is None:
        return f"{len(WORTH)} of {len(WORTH)}"
    return f"{len(plan.looks)} of {len(WORTH)} within {plan.limit}"


def _read(question: str, *, hidden: bool = False) -> str:
    """An answer of whoever sits there, else the next line of standard input."""
    if sys.stdin.isatty():
        answer: str = typer.prompt(question, hide_input=hidden, default="", show_default=False, err=True)
        return answer
    return sys.stdin.readline().rstrip("\r\n")


def _redirect(tabuh: "Opened") -> str:
    from scheduler.connecting import redirect_address

    return redirect_address(
        public_url=tabuh.context.public_url, private_url=tabuh.settings.served_private_url
    )


def _document(one: "ApplicationShown") -> dict[str, Any]:
    return {
        "platform": one.platform,
        "title": one.title,
        "application": one.id,
        "set_at": one.set_at,
        "console_url": one.console_url,
    }
