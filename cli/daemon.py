"""`tabuh up` and `tabuh tick`: the service, and one round of its work."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from cli.opening import PAGE, Opened, opened_with, settings_of
from cli.printing import Json, count, pairs, say, show

if TYPE_CHECKING:
    from socket import socket

    from cli.serving import Servers
    from config.settings import Settings
    from scheduler.ticks import Regularly
    from web.deps import WebContext

#: How often a daemon writes that it lives.
BEAT_EVERY = timedelta(minutes=1)
#: How often sign-in links, sessions and kept answers that ended are removed.
TIDY_EVERY = timedelta(hours=1)
#: What an interrupted program ends with.
INTERRUPTED = 130


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
    with opened_with(settings, works=True) as tabuh:
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


class Daemon:
    """The service: a publishing worker, the clockwork, and the servers, until a signal stops it."""

    def __init__(self, tabuh: Opened, sockets: "list[socket]") -> None:
        from scheduler.kinds import KINDS
        from scheduler.ticks import Clockwork
        from scheduler.worker import PublishingWorker

        self._tabuh = tabuh
        self._worker = PublishingWorker(tabuh.context, width=tabuh.settings.workers)
        self._clockwork = Clockwork(tabuh.context, KINDS, also=_housekeeping(tabuh))
        self._stopping = threading.Event()
        self._ready = False
        self._servers = self._make_servers(sockets)

    def _make_servers(self, sockets: "list[socket]") -> "Servers":
        from cli.serving import Servers
        from web import app

        web = self._web_context()
        applications = (
            [app.combined(web)] if len(sockets) == 1 else [app.create_app(web), app.create_public_app(web)]
        )
        pairs_ = list(zip(applications, sockets, strict=True))
        return Servers(pairs_, access_log=self._tabuh.settings.log_level == "debug")

    def _web_context(self) -> "WebContext":
        from web.deps import WebContext

        names = self._tabuh.settings.allowed_hosts
        return WebContext(
            context=self._tabuh.context,
            private_url=self._tabuh.settings.served_private_url,
            allowed_hosts=None if "*" in names else frozenset(names),
            wake=self._worker.wake,
            is_ready=lambda: self._ready and not self._stopping.is_set(),
        )

    def run(self, greet: Callable[[], None]) -> None:
        """Work and serve until SIGINT or SIGTERM, then finish what is claimed; a second one ends at once."""
        from store.wake import listen

        listening = {
            "engine": self._tabuh.engine,
            "wake": self._worker.wake,
            "stopped": self._stopping.is_set,
        }
        threads = [
            threading.Thread(target=self._worker.run, name="publisher"),
            threading.Thread(target=listen, kwargs=listening, name="listener"),
        ]
        before = {
            wanted: signal.signal(wanted, self._on_signal) for wanted in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            for thread in threads:
                thread.start()
            self._clockwork.start()
            asyncio.run(self._servers.run(ready=partial(self._on_ready, greet)))
        finally:
            self._stopping.set()
            self._worker.stop()
            self._clockwork.stop()
            for thread in threads:
                thread.join()
            for wanted, handler in before.items():
                signal.signal(wanted, handler)

    def _on_ready(self, greet: Callable[[], None]) -> None:
        self._ready = True
        greet()

    def _on_signal(self, _number: int, _frame: object) -> None:
        # Python runs this between two steps of the main thread, perhaps in the middle of a print.
        if self._stopping.is_set():
            # The rows say what was under way; the next start finds it there.
            os.write(2, b"Stopped at once.\n")
            os._exit(INTERRUPTED)
        os.write(2, b"Stopping: what is under way is finished first. Ctrl-C again stops at once.\n")
        self._stopping.set()
        self._worker.stop()
        self._servers.stop()


def _housekeeping(tabuh: Opened) -> "list[Regularly]":
    from cli.locking import beside
    from scheduler import restoring
    from scheduler.ticks import Regularly
    from store import people, tokens
    from store.engine import writing

    beat_file = beside(tabuh.database, "beat") if tabuh.database is not None else None

    def beat() -> None:
        restoring.beat(tabuh.engine, beat_file, now=tabuh.context.clock())

    def tidy() -> None:
        now = tabuh.context.clock()
        with writing(tabuh.engine) as session:
            people.forget_ended(session, now=now)
            tokens.forget_answers(session, now=now)
            session.commit()

    return [Regularly("beat", BEAT_EVERY, beat), Regularly("tidy", TIDY_EVERY, tidy)]


def tick(
    context: typer.Context,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Go on until nothing is due, also what this work made due.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Do what is due now and exit; for cron, in place of a service that runs all the time."""
    with opened_with(settings_of(context), works=True) as tabuh:
        done, posts = _work(tabuh, until_idle=until_idle)
        told = ", ".join(f"{count(number, kind)} looked at" for kind, number in done.items() if number)
        became = ", ".join(f"{number:+,} {state}" for state, number in posts.items())
        text = "; ".join(filter(None, (told, f"posts: {became}" if became else ""))) or "Nothing was due."
        show({"handled": done, "posts": posts}, text, as_json=as_json)


def _work(tabuh: Opened, *, until_idle: bool) -> tuple[dict[str, int], dict[str, int]]:
    """Rows handled by kind, and by how much the number of posts in each state changed."""
    from cli.locking import beside
    from scheduler import restoring
    from scheduler.kinds import KINDS
    from scheduler.ticks import Runner
    from scheduler.worker import PublishingWorker
    from store import posts
    from store.engine import reading

    def states() -> dict[str, int]:
        with reading(tabuh.engine) as session:
            return {
                str(state): number
                for state, number in posts.counts_by_state(session, tabuh.workspace.id).items()
            }

    beat_file = beside(tabuh.database, "beat") if tabuh.database is not None else None
    restoring.beat(tabuh.engine, beat_file, now=tabuh.context.clock())
    before = states()
    worker = PublishingWorker(tabuh.context, width=tabuh.settings.workers)
    runners = [(kind.name, Runner(tabuh.context, kind)) for kind in KINDS]
    done = {kind.name: 0 for kind in KINDS}
    while True:
        worked = 0
        for name, runner in runners:
            handled = runner.drain()
            done[name] += handled
            worked += handled
        worked += worker.run_until_idle()
        if not until_idle or not worked:
            break
    for _, runner in runners:
        runner.stop()
    worker.stop()
    worker.run()  # returns at once, and gives its threads back
    after = states()
    return done, {state: after[state] - before[state] for state in after if after[state] != before[state]}
