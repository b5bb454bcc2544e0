"""`tabuh demo`: a data folder of its own with a simulated year, so that every page has something to show."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.opening import settings_of
from cli.printing import Json, count, say, show

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from config.settings import Settings
    from scheduler.context import Context
    from scheduler.demo.fill import Filled
    from scheduler.demo.year import Year

FOLDER = Path("demo-data")
SEED = 7
_WHAT = "Simulating a year"
#: How often a share is told where nobody watches a bar.
_STEPS = 4


def demo(
    context: typer.Context,
    data_dir: Annotated[
        Path | None, typer.Option(help=f"A folder of its own; left out: {FOLDER}.", show_default=False)
    ] = None,
    *,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and day give the same figures.")] = SEED,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="When the year ends; left out: today.")
    ] = None,
    posts_per_day: Annotated[float, typer.Option(help="On all channels together.")] = 12.0,
    again: Annotated[bool, typer.Option("--again", help="Simulate anew in a folder that is filled.")] = False,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Show the pages, as up does.")] = True,
    host: Annotated[str | None, typer.Option(help="In place of TABUH_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="In place of TABUH_PORT.")] = None,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the pages in a browser, where there is one.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Fill a folder of its own with a simulated year and show it. Nothing is sent, and nothing is polled."""
    from cli.daemon import up
    from scheduler.demo.year import Year

    flags = context.find_root().ensure_object(dict)
    flags["data_dir"] = data_dir or flags.get("data_dir") or FOLDER
    settings = settings_of(context, host=host, port=port)
    year = Year(seed, _day(until), posts_per_day)
    document, text = _provide(settings, year, again=again)
    if not serve:
        show(document, text, as_json=as_json)
        return
    say(text)
    up(context, host=host, port=port, open_browser=open_browser, as_json=as_json)


def _day(text: str | None) -> Any:
    from datetime import date

    from domain.clock import system_clock
    from domain.errors import UsageError

    today = system_clock().date()
    if text is None:
        return today
    try:
        chosen = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"Cannot read the day {text!r}. Write it as 2026-12-31.") from None
    if chosen > today:
        raise UsageError(f"The year cannot end after today, {today}: choose an earlier day for --until.")
    return chosen


def _provide(settings: "Settings", year: "Year", *, again: bool) -> tuple[dict[str, Any], str]:
    """Fill the database unless it holds a simulated year already; what there is now, and a sentence on it."""
    from cli.locking import alone
    from domain.errors import UsageError
    from store import demo as stored
    from store.engine import reading, sqlite_file
    from store.migrate import upgrade

    with _database(settings) as engine, alone(sqlite_file(engine)):
        holds = stored.standing(engine)
        if holds is stored.Standing.OWN:
            where = sqlite_file(engine) or engine.url.render_as_string(hide_password=True)
            raise UsageError(
                f"{where} holds posts of your own, and a demonstration needs a database of its own. "
                "Choose another folder with --data-dir."
            )
        if holds is stored.Standing.SIMULATED and not again:
            with reading(engine) as session:
                known = stored.truth(session)
            text = (
                f"This year was simulated before: seed {known['seed']}, until {known['until']}. "
                "--again simulates anew."
            )
            return {"filled": False, **_about(settings, known)}, text
        upgrade(engine)
        started = time.monotonic()
        filled = _fill(settings, engine, year, anew=holds is stored.Standing.SIMULATED)
        seconds = round(time.monotonic() - started, 1)
        known = {"seed": year.seed, "until": year.until, "posts_per_day": year.posts_per_day}
        document = {"filled": True, **_about(settings, known), "rows": filled.rows, "seconds": seconds}
        return document, _told(filled, seconds)


def _about(settings: "Settings", known: dict[str, Any]) -> dict[str, Any]:
    shown = ("seed", "until", "posts_per_day")
    return {"data_dir": settings.data_dir, **{name: known[name] for name in shown}}


@contextmanager
def _database(settings: "Settings") -> "Iterator[Engine]":
    from domain.errors import TabuhError
    from store.engine import open_engine

    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise TabuhError(f"The folder {settings.data_dir} cannot be made: {exc.strerror}.") from exc
    engine = open_engine(settings.database)
    try:
        yield engine
    finally:
        engine.dispose()


def _fill(settings: "Settings", engine: "Engine", year: "Year", *, anew: bool) -> "Filled":
    from cli.keys import seal_for
    from domain.clock import system_clock
    from net.closed import make_closed_client
    from scheduler.context import Context
    from scheduler.demo.fill import fill

    with closing(make_closed_client()) as http, _bar() as tell:
        context = Context(
            engine=engine,
            http=http,
            seal=seal_for(settings, engine),
            clock=system_clock,
            public_url=settings.served_public_url,
            data_dir=settings.data_dir,
        )
        filled = fill(context, year, anew=anew, tell=tell)
        _ask_for_reports(context, year)
        return filled


def _ask_for_reports(context: "Context", year: "Year") -> None:
    """Of the last month and the last week that were over when the year ended; the service writes them."""
    from datetime import timedelta

    from domain.period import Every
    from scheduler.reports import ask_for
    from store import people
    from store.changes import AUTOMATION
    from store.engine import reading

    with reading(context.engine) as session:
        workspace = people.first_workspace(session)
    ended = {
        Every.WEEK: year.until - timedelta(days=7),
        Every.MONTH: year.until.replace(day=1) - timedelta(days=1),
    }
    for every, day in ended.items():
        ask_for(context, workspace.id, every=every, day=day, actor=AUTOMATION)


@contextmanager
def _bar() -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, a few plain lines elsewhere; both on standard error."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(_WHAT, total=1.0)
        yield lambda share: progress.update(bar, completed=share)


def _lines() -> Callable[[float], None]:
    told = 0

    def tell(share: float) -> None:
        nonlocal told
        if (step := int(share * _STEPS)) > told:
            told = step
            say(f"{_WHAT}: {100 * step // _STEPS} %")

    return tell


def _told(filled: "Filled", seconds: float) -> str:
    parts = (("post", "post"), ("entry", "entry"), ("reading", "reading"), ("click", "click"))
    plural = {"entry": "entries"}
    numbers = ", ".join(count(filled.rows[table], word, plural.get(word, "")) for table, word in parts)
    return f"Simulated a year in {seconds:.1f} s: {numbers}. No number in it is real."
