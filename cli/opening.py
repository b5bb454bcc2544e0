"""Putting the program together: settings, database, key, workspace, and the context of everything else."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.printing import say

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings
    from net.smtp import MailServer
    from scheduler.context import Context
    from store.changes import Actor
    from store.tables import Person, Workspace

#: The page that a new installation begins with, and its posting schedule.
PAGE, PAGE_SCHEDULE = "Page", "daily 09:00,12:00,17:00"
#: Settings that say by themselves where Tabuh is reached.
_ADDRESSES = {"public_url", "host", "port", "public_host", "public_port"}


@dataclass(frozen=True)
class Opened:
    """The program, put together for one command."""

    settings: "Settings"
    context: "Context"
    owner: "Person"
    workspace: "Workspace"

    @property
    def engine(self) -> "Engine":
        """The database."""
        return self.context.engine

    @property
    def database(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        from store.engine import sqlite_file

        return sqlite_file(self.context.engine)

    @property
    def actor(self) -> "Actor":
        """Whoever may run commands here acts as the installation's owner."""
        from store.changes import Actor

        return Actor("person", self.owner.id)


def settings_of(context: typer.Context, **flags: Any) -> "Settings":
    """The settings, with the flags of the program and those of this command."""
    from config.logging import configure
    from config.settings import load, misspelt_variables

    settings = load({**(context.find_root().obj or {}), **flags})
    for sentence in misspelt_variables():
        say(sentence)
    configure(level=settings.log_level, style=settings.log_format)
    return settings


@contextmanager
def opened(context: typer.Context) -> Iterator[Opened]:
    """The program for one short command."""
    with opened_with(settings_of(context)) as tabuh:
        yield tabuh


@contextmanager
def opened_with(settings: "Settings", *, works: bool = False) -> Iterator[Opened]:
    """Open the database, bring it up to date, and set up what a first start needs.

    Args:
        works: hold the SQLite file alone, as whoever publishes must.

    Raises:
        TabuhError: the sentence says what to do.
    """
    from cli.locking import alone, in_turn
    from cli.memory import give_large_blocks_back
    from store.engine import sqlite_file

    if works:
        give_large_blocks_back()
    with ExitStack() as stack:
        engine = _engine(settings)
        stack.callback(engine.dispose)
        with in_turn(sqlite_file(engine)):
            if works:
                stack.enter_context(alone(sqlite_file(engine)))
            _bring_up_to_date(engine, locked=works)
            settings = _as_served(settings, engine)
            context = _context(settings, engine)
            stack.callback(context.http.close)
            _hold_older_copy(context)
            owner, workspace = _first_start(settings, context)
        if workspace.simulated:
            context = _closed(context)
            stack.callback(context.http.close)
        yield Opened(settings, context, owner, workspace)


def _engine(settings: "Settings") -> "Engine":
    from domain.errors import TabuhError, UsageError
    from store.engine import open_engine, sqlite_file

    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise TabuhError(
            f"The data folder {settings.data_dir} cannot be made: {exc.strerror}. "
            "Set TABUH_DATA_DIR to a folder that may be written."
        ) from exc
    engine = open_engine(settings.database)
    if engine.dialect.name == "sqlite" and sqlite_file(engine) is None:
        raise UsageError(
            "TABUH_DATABASE_URL names no file, and what is in memory only is lost at the end. "
            "Write it as sqlite:///path/to/tabuh.db."
        )
    return engine


def _bring_up_to_date(engine: "Engine", *, locked: bool) -> None:
    from cli.locking import alone
    from domain.clock import system_clock
    from store import installation
    from store.engine import sqlite_file
    from store.migrate import upgrade

    if installation.is_current(engine):
        return
    with alone(None if locked else sqlite_file(engine)):  # nobody works while the tables change
        upgrade(engine, now=system_clock())


def _as_served(settings: "Settings", engine: "Engine") -> "Settings":
    """The settings with the addresses that `up` was started with; what is set itself holds before them."""
    from store import installation
    from store.engine import reading

    if settings.model_fields_set & _ADDRESSES:
        return settings
    with reading(engine) as session:
        served = installation.fact(session, installation.SERVED)
    if not served:
        return settings
    return settings.model_copy(
        update={"public_url": served["public"], "private_url": settings.private_url or served["private"]}
    )


def remember_served(tabuh: Opened) -> None:
    """Write down where this daemon is reached, for the commands that are run beside it."""
    from store import installation
    from store.engine import writing

    served = {"public": tabuh.context.public_url, "private": tabuh.settings.served_private_url}
    with writing(tabuh.engine) as session:
        installation.set_fact(session, installation.SERVED, served)
        session.commit()


def _context(settings: "Settings", engine: "Engine") -> "Context":
    from cli.keys import seal_for
    from domain.clock import system_clock
    from net.client import make_client
    from scheduler.context import Context

    return Context(
        engine=engine,
        http=make_client(allowed_networks=settings.allowed_networks),
        seal=seal_for(settings, engine),
        clock=system_clock,
        public_url=settings.served_public_url,
        data_dir=settings.data_dir,
        websub=settings.websub,
        max_video=settings.max_video_mib * 2**20,
        private_url=settings.served_private_url,
        mail=_mail(settings),
    )


def _mail(settings: "Settings") -> "MailServer | None":
    from domain.errors import UsageError
    from net.smtp import Encryption, MailServer
    from publishers.address import host_name
    from publishers.mail import address

    if settings.smtp_host is None or settings.smtp_sender is None:
        return None
    try:
        host, sender = host_name(settings.smtp_host), address(settings.smtp_sender)
    except ValueError as exc:
        raise UsageError(f"Wrong setting TABUH_SMTP_HOST or TABUH_SMTP_SENDER: {exc}") from exc
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else ""
    return MailServer(
        host, sender, settings.smtp_sender_name, Encryption(settings.smtp_encryption), settings.smtp_port,
        settings.smtp_username, password,
    )  # fmt: skip


def _closed(context: "Context") -> "Context":
    """The same without a way out: whatever a simulated workspace asks of the network is refused at once."""
    from scheduler.demo.guard import Simulated

    return Simulated.of(context)


def _hold_older_copy(context: "Context") -> None:
    from cli.locking import beside
    from scheduler.restoring import hold_if_older_copy
    from store.engine import sqlite_file

    file = sqlite_file(context.engine)
    beat_file = beside(file, "beat") if file is not None else None
    held = hold_if_older_copy(context.engine, context.adapter, beat_file=beat_file, now=context.clock())
    if held is not None:
        say(str(held))


def _first_start(settings: "Settings", context: "Context") -> "tuple[Person, Workspace]":
    """The owner and the workspace; the first start makes them, and a page to publish on."""
    from scheduler import channels
    from store import installation, people
    from store.changes import AUTOMATION
    from store.engine import reading, writing

    with reading(context.engine) as session:
        if installation.fact(session, installation.SET_UP):
            return people.ensure_owner(session, context.clock()), people.first_workspace(session)
    with installation.one_at_a_time(context.engine):
        with writing(context.engine) as session:
            is_new = not people.has_people(session)
            owner = people.ensure_owner(session, context.clock())
            workspace = people.first_workspace(session)
            if is_new:
                workspace.zone = settings.zone
                session.add(workspace)
            session.commit()
        with reading(context.engine) as session:
            missing = not installation.platforms_in_use(session)
        if missing:
            channels.connect(
                context, workspace.id, platform="page", name=PAGE, zone_name=settings.zone, settings={},
                credentials={}, schedule=PAGE_SCHEDULE, actor=AUTOMATION,
            )  # fmt: skip
        with writing(context.engine) as session:
            installation.set_fact(session, installation.SET_UP, True)
            session.commit()
    return owner, workspace
