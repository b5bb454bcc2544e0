"""`tabuh backup`, `tabuh restore` and `tabuh hold`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.opening import opened, opened_with, settings_of
from cli.printing import Json, count, say, show, when


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where to write it; must not exist yet.")],
    as_json: Json = False,
) -> None:
    """Copy the database into one file, also while Tabuh runs.

    It holds everything but the secret key and the media folder: keep those besides.
    """
    from domain.errors import TabuhError
    from store.backup import copy_to

    with opened(context) as tabuh:
        if tabuh.database is None:
            raise TabuhError(
                "This database is PostgreSQL: back it up with pg_dump. After restoring such a dump, run "
                "`tabuh hold` before Tabuh starts, so that nothing goes out twice."
            )
        copy_to(tabuh.engine, file, now=tabuh.context.clock())
        media = tabuh.settings.data_dir / "media"
        besides = [str(path) for path in (tabuh.settings.data_dir / "secret.key", media) if path.exists()]
        size = file.stat().st_size
        show(
            {"file": file, "bytes": size, "not_included": besides},
            f"Wrote {file} ({count(size, 'byte')}). To put it back: tabuh restore {file}",
            f"Not in it; keep a copy in another place: {', '.join(besides)}" if besides else "",
            as_json=as_json,
        )


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Written by: tabuh backup")],
    as_json: Json = False,
) -> None:
    """Replace the database by a backup; Tabuh must be stopped. What it replaces is kept aside.

    It opens held: posts that may have gone out since the backup become uncertain, feeds ask.
    """
    from cli.locking import alone
    from domain.clock import system_clock
    from domain.errors import TabuhError
    from store.backup import discard, fetch, put_in_place
    from store.engine import open_engine, sqlite_file

    settings = settings_of(context)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    database = sqlite_file(engine)
    engine.dispose()
    if database is None:
        raise TabuhError(
            "This database is PostgreSQL: restore it with pg_restore or psql, then run `tabuh hold` "
            "before Tabuh starts, so that nothing goes out twice."
        )
    with alone(database):
        now = system_clock()
        fetched = fetch(file, database, now=now)
        try:
            _bring_up_to_date(fetched)  # before anything is replaced
        except TabuhError:
            discard(fetched)
            raise
        aside = put_in_place(fetched, database, now=now)
    with opened_with(settings) as tabuh:  # says what is held
        show(
            {"database": tabuh.database, "restored_from": file, "replaced": aside},
            f"Restored {tabuh.database} from {file}.",
            f"What it replaced is kept as {aside}." if aside else "",
            as_json=as_json,
        )


def _bring_up_to_date(copy: Path) -> None:
    """Migrate a backup of an older release. Raises `TabuhError` for one of a newer release."""
    from store.engine import open_engine
    from store.migrate import upgrade

    engine = open_engine(f"sqlite:///{copy}")
    try:
        upgrade(engine)
    finally:
        engine.dispose()


def hold(context: typer.Context, as_json: Json = False) -> None:
    """Treat the database as a restored copy: for PostgreSQL dumps and copied folders.

    Run it before Tabuh starts. Posts that may have gone out since become uncertain, feeds ask.
    """
    from scheduler.restoring import hold as hold_copy
    from store import installation
    from store.engine import reading

    with opened(context) as tabuh:
        with reading(tabuh.engine) as session:
            since = installation.last_beat(session)
        held = hold_copy(tabuh.engine, tabuh.context.adapter, since=since, now=tabuh.context.clock())
        document = {"since": held.since, "posts": held.posts, "feeds": held.feeds}
        seen = when(since, tabuh.workspace.zone)
        show(document, str(held), f"It last lived {seen}." if seen else "", as_json=as_json)
        if tabuh.database is None:
            say("If a Tabuh ran on it meanwhile, what it published before this is out already.")
