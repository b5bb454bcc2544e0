"""`tabuh up`: the service, and the one line that shows the whole loop."""

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import PAGE, Opened, opened_with, remember_served, settings_of
from cli.printing import Json, pairs, say, show

if TYPE_CHECKING:
    from socket import socket

    from config.settings import Settings


def up(
    context: typer.Context,
    *,
    feed: Annotated[
        str | None, typer.Option(help="Also add this feed, and post from it on the page.", metavar="URL")
    ] = None,
    existing: Annotated[
        str,
        typer.Option(
            metavar="CHOICE",
            help="With --feed: which of its entries to post: none, newest, last:N or since:DATE.",
        ),
    ] = "last:3",
    host: Annotated[str | None, typer.Option(help="In place of TABUH_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="In place of TABUH_PORT.")] = None,
    public_url: Annotated[str | None, typer.Option(help="In place of TABUH_PUBLIC_URL.")] = None,
    public_host: Annotated[str | None, typer.Option(help="In place of TABUH_PUBLIC_HOST.")] = None,
    public_port: Annotated[int | None, typer.Option(help="In place of TABUH_PUBLIC_PORT.")] = None,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the pages in a browser, where there is one.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Run the service: poll, queue, publish, measure, and serve the pages. Ctrl-C stops it."""
    from cli.serving import bind

    settings = settings_of(
        context, host=host, port=port, public_url=public_url, public_host=public_host, public_port=public_port
    )
    with closing(bind(settings.host, settings.port, setting="TABUH")) as private:
        chosen = {"port": private.getsockname()[1]}
        if not settings.own_public_server:
            _run(settings.model_copy(update=chosen), [private], feed, existing, open_browser, as_json=as_json)
            return
        public_host = settings.public_host if settings.public_host is not None else settings.host
        wanted = settings.public_port if settings.public_port is not None else 0
        with closing(bind(public_host, wanted, setting="TABUH_PUBLIC")) as public:
            chosen["public_port"] = public.getsockname()[1]
            sockets = [private, public]
            _run(settings.model_copy(update=chosen), sockets, feed, existing, open_browser, as_json=as_json)


def _run(
    settings: "Settings",
    sockets: "list[socket]",
    feed: str | None,
    existing: str,
    open_browser: bool,
    *,
    as_json: bool,
) -> None:
    from cli.running import Daemon

    with opened_with(settings, works=True) as tabuh:
        remember_served(tabuh)
        if feed is not None:
            follow(tabuh, feed, existing)
        daemon = Daemon(tabuh, sockets)
        daemon.run(lambda: _greet(tabuh, open_browser=open_browser, as_json=as_json))
    if not as_json:
        say("Stopped.")


def follow(tabuh: Opened, url: str, existing: str) -> None:
    """Add a feed and a route from it to the page, whichever of the two is missing."""
    from domain.errors import NotFound
    from scheduler.routes import add_route
    from scheduler.rules import Rules
    from store import channels, routes
    from store.engine import reading

    workspace = tabuh.workspace.id
    found = _known_feed(tabuh, url) or _new_feed(tabuh, url, existing)
    with reading(tabuh.engine) as session:
        rows = channels.listed(session, workspace)
        page = next((row for row in rows if row.platform == "page"), None)
        lines = routes.lines(session, workspace)
    if page is None:
        raise NotFound(f"There is no page to post on. Add one: tabuh channel add page {PAGE}")
    if any(line.channel.id == page.id and found in {feed.id for feed in line.feeds} for line in lines):
        return
    name = _free_name(url, {line.route.name for line in lines})
    add_route(
        tabuh.context, workspace, name=name, feed_ids=[found], channel_id=page.id,
        rules=Rules(timing="at_once"), actor=tabuh.actor,
    )  # fmt: skip


def _known_feed(tabuh: Opened, url: str) -> int | None:
    """The feed that is meant, if it was added before; asks nobody where the address is the feed's own."""
    from scheduler.finding import find_feed, without_secrets
    from store import feeds
    from store.engine import reading

    def stored(address: str) -> int | None:
        with reading(tabuh.engine) as session:
            known = feeds.by_url(session, tabuh.workspace.id, address)
        return known.id if known is not None else None

    exactly = stored(without_secrets(url.strip())[0])
    # A page that names the feed, or an address from which it moved.
    return exactly or stored(find_feed(tabuh.context, url, now=tabuh.context.clock()).url)


def _new_feed(tabuh: Opened, url: str, existing: str) -> int:
    from scheduler.feeds import add_feed

    return add_feed(tabuh.context, tabuh.workspace.id, url, existing=existing, actor=tabuh.actor).id


def _free_name(url: str, taken: set[str]) -> str:
    """A route's name from the feed's address: its host, with a number where that is taken."""
    from urllib.parse import urlsplit

    stem = (urlsplit(url.strip()).hostname or "feed")[:70]
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem} {number}", number + 1
    return name


def _greet(tabuh: Opened, *, open_browser: bool, as_json: bool) -> None:
    """Say where the pages are, and how to get in."""
    from store import channels
    from store.engine import reading

    address = tabuh.settings.served_private_url
    with reading(tabuh.engine) as session:
        rows = channels.listed(session, tabuh.workspace.id)
    pages = [f"{tabuh.context.public_url}/p/{row.slug}" for row in rows if row.platform == "page"]
    watched = sys.stdout.isatty()
    # Whoever reads a log later should find no way in, once there is a password.
    link = _sign_in_link(tabuh) if watched or tabuh.owner.password_hash is None else None
    document = {"address": address, "sign_in": link, "pages": pages, "process": os.getpid()}
    about = pairs(
        [
            ("Tabuh", address),
            *(("Page", page) for page in pages),
            ("Sign in", link and f"{link}  (once, within 15 minutes)"),
        ]
    )
    show(document, about, "Ctrl-C stops it." if watched else "", as_json=as_json)
    if open_browser and watched and _has_screen():
        import webbrowser

        webbrowser.open(_sign_in_link(tabuh))


def _sign_in_link(tabuh: Opened) -> str:
    from store import people
    from store.engine import writing

    with writing(tabuh.engine) as session:
        token = people.issue_link(session, tabuh.owner.id, tabuh.context.clock())
        session.commit()
    return f"{tabuh.settings.served_private_url}/sign-in/link/{token}"


def _has_screen() -> bool:
    """Whether a window can open; a text browser would take over the terminal."""
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
