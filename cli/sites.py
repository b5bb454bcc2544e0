"""`tabuh site`: web sites of one's own, whose visits are counted."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import Opened, opened
from cli.printing import Json, count, pairs, show, table, when

if TYPE_CHECKING:
    from store.tables import Site

app = typer.Typer(no_args_is_help=True, help="Sites of your own: their visits, and what came of them.")

Which = Annotated[str, typer.Argument(metavar="SITE", help="Its name, number or key.")]
Hosts = Annotated[list[str], typer.Argument(metavar="HOST...", help="Hosts of its pages: www.example.org.")]
Keys = Annotated[
    list[str] | None,
    typer.Option("--key-event", help="A conversion that counts as success, such as order; may be repeated."),
]
Others = Annotated[
    list[str] | None, typer.Option("--other", help="A conversion that is counted apart; may be repeated.")
]
Days = Annotated[int, typer.Option(min=1, max=3_660, help="How many days to look back, today included.")]


@app.command()
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call it.")],
    hosts: Hosts,
    *,
    key_events: Keys = None,
    others: Others = None,
    as_json: Json = False,
) -> None:
    """Set up a site; prints the line that its pages need."""
    from domain.web_site import ORDER
    from scheduler.sites import add_site

    with opened(context) as tabuh:
        site = add_site(
            tabuh.context, tabuh.workspace.id, name, hosts=hosts, key_events=key_events or [ORDER],
            others=others or [], actor=tabuh.actor,
        )  # fmt: skip
        told = f"The site {site.name} is set up. Put this into the head of each of its pages:\n"
        show(_document(tabuh, site), told, _snippet(tabuh, site), as_json=as_json)


@app.command("list")
def list_sites(context: typer.Context, as_json: Json = False) -> None:
    """The sites there are."""
    from store import sites
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            found = sites.listed(session, tabuh.workspace.id)
        rows = [(site.name, ", ".join(site.hosts), site.key) for site in found]
        drawn = table(
            ["Site", "Hosts", "Key"], rows, empty="No site yet. Set one up: tabuh site add NAME HOST"
        )
        show([_document(tabuh, site) for site in found], drawn, as_json=as_json)


@app.command("show")
def show_site(
    context: typer.Context,
    site: Which,
    *,
    days: Days = 30,
    window: Annotated[
        int, typer.Option(min=1, max=365, help="How many days after a click a conversion counts as its own.")
    ] = 30,
    as_json: Json = False,
) -> None:
    """One site: its line for pages, and the way from clicks to conversions on all sites."""
    from datetime import timedelta

    from analytics.funnel import funnel
    from domain.web_site import SiteSettings
    from store import sites
    from store.engine import reading
    from web.link_words import stretch

    with opened(context) as tabuh, reading(tabuh.engine) as session:
        row = sites.named(session, tabuh.workspace.id, site)
        zone = tabuh.workspace.zone
        start, end = stretch(days, zone, now=tabuh.context.clock())
        found = funnel(session, tabuh.workspace.id, start=start, end=end, window=timedelta(days=window))
        names = SiteSettings.stored(row.settings).conversions
        about = pairs(
            [
                ("Site", row.name), ("Hosts", ", ".join(row.hosts)), ("Set up", when(row.created_at, zone)),
                ("Key events", ", ".join(name for name, is_key in names.items() if is_key) or "none"),
                ("Other conversions", ", ".join(name for name, is_key in names.items() if not is_key)),
            ]
        )  # fmt: skip
        steps = table(
            [f"Last {count(days, 'day')}, all sites", ">Number", "Lost before it"],
            [
                (step.label.en, f"{step.number:,}", "; ".join(_loss(one) for one in step.losses))
                for step in found.steps
            ],
            empty="",
        )
        document = {**_document(tabuh, row), "window_days": window, "funnel": found.document()}
        show(document, about, "\n", steps, "\n", _snippet(tabuh, row), as_json=as_json)


def _loss(loss: "tuple[Any, int]") -> str:
    return f"{loss[1]:,} {loss[0].en}"


@app.command()
def change(
    context: typer.Context,
    site: Which,
    *,
    name: Annotated[str | None, typer.Option(help="Another name.")] = None,
    host: Annotated[
        list[str] | None, typer.Option(help="The hosts from now on; repeat it for each of them.")
    ] = None,
    key_events: Keys = None,
    others: Others = None,
    as_json: Json = False,
) -> None:
    """Change what is named. Which conversions are key events holds for earlier ones too."""
    from scheduler.sites import change_site

    with opened(context) as tabuh:
        done = change_site(
            tabuh.context, tabuh.workspace.id, _id(tabuh, site), name=name, hosts=host, key_events=key_events,
            others=others, actor=tabuh.actor,
        )  # fmt: skip
        show(_document(tabuh, done), f"The site {done.name} is changed.", as_json=as_json)


@app.command()
def remove(context: typer.Context, site: Which, as_json: Json = False) -> None:
    """Count nothing more on a site; what was counted stays."""
    from scheduler.sites import remove_site

    with opened(context) as tabuh:
        done = remove_site(tabuh.context, tabuh.workspace.id, _id(tabuh, site), actor=tabuh.actor)
        show(
            {"id": done.id, "removed_at": done.removed_at},
            f"The site {done.name} is removed.",
            as_json=as_json,
        )


def _id(tabuh: Opened, site: str) -> int:
    from store import sites
    from store.engine import reading

    with reading(tabuh.engine) as session:
        return sites.named(session, tabuh.workspace.id, site).id


def _snippet(tabuh: Opened, site: "Site") -> str:
    from scheduler.sites import snippet

    return snippet(tabuh.context, site)


def _document(tabuh: Opened, site: "Site") -> dict[str, Any]:
    from domain.web_site import SiteSettings

    return {
        "id": site.id,
        "name": site.name,
        "hosts": site.hosts,
        "key": site.key,
        "conversions": dict(SiteSettings.stored(site.settings).conversions),
        "created_at": site.created_at,
        "snippet": _snippet(tabuh, site),
    }
