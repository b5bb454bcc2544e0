"""The running service: a publishing worker, the clockwork and the servers, until a signal stops them."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from cli.locking import beside
from cli.opening import Opened

if TYPE_CHECKING:
    from socket import socket

    from cli.serving import Servers
    from scheduler.ticks import Regularly
    from web.deps import WebContext

#: How often a daemon writes that it lives.
BEAT_EVERY = timedelta(minutes=1)
#: How often sign-in links, sessions and kept answers that ended are removed.
TIDY_EVERY = timedelta(hours=1)
#: How often the secrets of days that are over are destroyed.
FORGET_EVERY = timedelta(minutes=5)
#: How often old texts of entries are removed.
PURGE_EVERY = timedelta(days=1)
#: For how long closed alerts and ended deliveries are kept.
KEPT = timedelta(days=400)
#: What an interrupted program ends with.
INTERRUPTED = 130


class Daemon:
    """The service: a publishing worker, the clockwork, and the servers, until a signal stops it."""

    def __init__(self, tabuh: Opened, sockets: "list[socket]") -> None:
        from scheduler.kinds import KINDS
        from scheduler.ticks import Clockwork
        from scheduler.worker import PublishingWorker

        self._tabuh = tabuh
        self._worker = PublishingWorker(tabuh.context, width=tabuh.settings.workers)
        self._clockwork = Clockwork(tabuh.context, KINDS, also=housekeeping(tabuh))
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
        from domain.networks import networks_in, shipped
        from scheduler.countries import countries_in
        from scheduler.standstill import Asker
        from web.deps import WebContext

        settings = self._tabuh.settings
        names = settings.allowed_hosts
        return WebContext(
            context=self._tabuh.context,
            private_url=settings.served_private_url,
            data_centres=networks_in(settings.data_centres_file) if settings.data_centres_file else shipped(),
            country=countries_in(settings.country_file) if settings.country_file else None,
            allowed_hosts=None if "*" in names else frozenset(names),
            wake=self._worker.wake,
            ask=Asker(self._tabuh.context).ask,
            is_ready=lambda: self._ready and not self._stopping.is_set(),
        )

    def run(self, greet: Callable[[], None]) -> None:
        """Work and serve until SIGINT or SIGTERM, then finish what is claimed; a second one ends at once."""
        import asyncio

        from scheduler import standstill
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
        standstill.note_start(self._tabuh.context)
        with stopped_by_signals(self._stop):
            try:
                for thread in threads:
                    thread.start()
                self._clockwork.start()
                asyncio.run(self._servers.run(ready=partial(self._on_ready, greet)))
            finally:
                self._stop()
                self._clockwork.stop()
                for thread in threads:
                    thread.join()

    def _on_ready(self, greet: Callable[[], None]) -> None:
        from web.ahead import load

        self._ready = True
        greet()
        stopped = self._stopping.is_set
        threading.Thread(target=load, args=[self._tabuh.context], kwargs={"stopped": stopped}).start()

    def _stop(self) -> None:
        self._stopping.set()
        self._worker.stop()
        self._servers.stop()


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Iterator[threading.Event]:
    """Call ``stop`` at the first SIGINT or SIGTERM, and end the program at the second; the event tells."""
    stopping = threading.Event()

    def on_signal(_number: int, _frame: object) -> None:
        # Python runs this between two steps of the main thread, perhaps in the middle of a print.
        if stopping.is_set():
            # The rows say what was under way; the next start finds it there.
            os.write(2, b"Stopped at once.\n")
            os._exit(INTERRUPTED)
        os.write(2, b"Stopping: what is under way is finished first. Ctrl-C again stops at once.\n")
        stopping.set()
        stop()

    before = {wanted: signal.signal(wanted, on_signal) for wanted in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for wanted, handler in before.items():
            signal.signal(wanted, handler)


def housekeeping(tabuh: Opened) -> "list[Regularly]":
    """The looks beside those at due rows: none says a word in a terminal unless something is wrong."""
    from scheduler import auditing, guiding, mentioning, natives, purging, settling
    from scheduler.ticks import Regularly
    from store import alerts, budgets, people, salts, telling, tokens
    from store.engine import writing

    kept = timedelta(days=tabuh.settings.keep_texts_days)

    def purge() -> None:
        if kept:
            purging.purge(tabuh.context, older_than=kept)

    def forget() -> None:
        with writing(tabuh.engine) as session:
            salts.destroy_ended(session, now=tabuh.context.clock())
            session.commit()

    def tidy() -> None:
        now = tabuh.context.clock()
        with writing(tabuh.engine) as session:
            people.forget_ended(session, now=now)
            tokens.forget_answers(session, now=now)
            budgets.forget_ended(session, now=now)
            telling.forget_old(session, before=now - KEPT)
            alerts.forget_closed(session, now=now, kept=KEPT)
            session.commit()

    return [
        Regularly("beat", BEAT_EVERY, partial(beat, tabuh)),
        Regularly("alerts", BEAT_EVERY, partial(look_after_alerts, tabuh)),
        Regularly("salts", FORGET_EVERY, forget),
        Regularly("tidy", TIDY_EVERY, tidy),
        Regularly("purge", PURGE_EVERY, purge),
        Regularly("clicks", settling.ADD_UP_EVERY, partial(settling.add_up, tabuh.engine)),
        Regularly("settle", settling.SETTLE_EVERY, partial(settling.settle, tabuh.context)),
        Regularly("audits", auditing.LOOK_EVERY, partial(auditing.daily, tabuh.context)),
        Regularly("guides", guiding.LOOK_EVERY, partial(guiding.look_after, tabuh.context)),
        Regularly("natives", natives.LOOK_EVERY, partial(natives.look, tabuh.context)),
        Regularly("mentions", mentioning.LOOK_EVERY, partial(mentioning.look, tabuh.context)),
    ]


def beat(tabuh: Opened) -> None:
    """Write that this installation lives, so that an older copy of it can be told."""
    from scheduler import restoring

    beat_file = beside(tabuh.database, "beat") if tabuh.database is not None else None
    restoring.beat(tabuh.engine, beat_file, now=tabuh.context.clock())


def look_after_alerts(tabuh: Opened) -> None:
    """See that each workspace is looked at, and that alerts of a standstill end when it has."""
    from scheduler import standstill
    from store import alerts
    from store.engine import writing

    with writing(tabuh.engine) as session:
        if alerts.ensure_watches(session, now=tabuh.context.clock()):
            session.commit()
    standstill.note_run(tabuh.context)
