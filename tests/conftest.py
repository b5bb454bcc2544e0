"""What every test may ask for: databases of both kinds, the shared samples, a browser, real servers.

Tests with a page run last, where nothing orders them otherwise, and before and among them those first that
may take long: several processes that share the tests are then through at about the same time. Those marked
`real` run only with `--real`, those marked `slow` only with `--slow`.
"""

import gc
import os
import shutil
import signal
from asyncio import events
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.servers import browser
from tests.servers.pds import Pds
from tests.servers.postgresql import PostgreSQL, in_memory

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlmodel import Session

ROOT = Path(__file__).resolve().parents[1]

#: Fixtures of pytest-playwright that open a browser.
_BROWSER_FIXTURES = frozenset({"browser", "context", "new_context", "page"})


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--real", action="store_true", help="also run the tests marked real")
    parser.addoption("--slow", action="store_true", help="also run the tests marked slow")


def pytest_configure(config: pytest.Config) -> None:
    # As the command does: many small matrices, of which none is worth a thread of its own.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # The tests make thousands of databases, whose commits are durable: a disk has better things to do.
    if memory := in_memory():
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    # pytest-base-url, which pytest-playwright brings along, has not caught up with pytest.
    about = "Session-scoped fixtures defined as instance methods are deprecated"
    config.addinivalue_line("filterwarnings", f"ignore:{about}:pytest.PytestRemovedIn10Warning")
    # A shell that runs the tests in the background has them ignore Ctrl-C, and so all that they start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # Settings of whoever runs the tests reach neither fixtures nor child processes.
    for name in [name for name in os.environ if name.startswith("TABUH_")]:
        del os.environ[name]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for marker in ("real", "slow"):
        if not config.getoption(f"--{marker}"):
            left_out = [test for test in items if test.get_closest_marker(marker)]
            items[:] = [test for test in items if not test.get_closest_marker(marker)]
            config.hook.pytest_deselected(items=left_out)
    for test in items:
        if _BROWSER_FIXTURES.intersection(getattr(test, "fixturenames", ())):
            test.add_marker(pytest.mark.browser)
        if getattr(getattr(test, "obj", None), "is_hypothesis_test", False):
            # Hypothesis takes the exception that the other method raises for a finding and goes on searching.
            test.add_marker(pytest.mark.timeout(method="thread"))
    items.sort(key=lambda test: (test.get_closest_marker("browser") is not None, -_patience(test)))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the search for rubbish need not look at it again."""
    gc.collect()
    gc.freeze()


def _patience(test: pytest.Item) -> float:
    """Seconds that a test asked for itself; 0 when the usual limit is enough for it."""
    asked = test.get_closest_marker("timeout")
    return float(asked.args[0]) if asked is not None and asked.args else 0.0


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that one test leaves behind is not the next one's."""
    for name in [name for name in os.environ if name.startswith("TABUH_")]:
        monkeypatch.delenv(name)


@contextmanager
def no_loop_of_others() -> Iterator[None]:
    """Set aside the event loop that Playwright's synchronous interface keeps in the main thread."""
    running = events._get_running_loop()
    events._set_running_loop(None)
    try:
        yield
    finally:
        events._set_running_loop(running)


@pytest.fixture(autouse=True)
def _own_loops(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test without a page may run an event loop, also behind those that have opened one."""
    with nullcontext() if request.node.get_closest_marker("browser") else no_loop_of_others():
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples and references that lies beside some checkouts."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"the samples in {folder} are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgreSQL]:
    """A PostgreSQL cluster of this run's own; one per process under xdist. Absent programs are a failure."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: PostgreSQL) -> str:
    """The name of a migrated database to copy."""
    _migrate(postgresql_server.create("migrated"))
    return "migrated"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    assert not path.with_name("migrated.db-wal").exists(), "the file alone would be an incomplete copy"
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh, migrated, empty database, once of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "tabuh.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql_server")
    name = f"test_{os.urandom(8).hex()}"
    yield server.create(name, template=request.getfixturevalue("postgresql_template"))
    server.drop(name)


@pytest.fixture
def engine(database_url: str) -> Iterator["Engine"]:
    """An engine on a fresh database of each kind."""
    from store.engine import open_engine

    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: "Engine") -> Iterator["Session"]:
    """A session on a fresh database of each kind."""
    from sqlmodel import Session

    with Session(engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """How pytest-playwright starts the browser: the system's Chromium where there is one."""
    program = browser.find()
    chosen = {"executable_path": str(program)} if program else {}
    return {**browser_type_launch_args, "args": browser.launch_arguments(), **chosen}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A visitor whose language and zone are known, and for whom nothing moves."""
    known = {"locale": "en-US", "timezone_id": "Asia/Jakarta", "reduced_motion": "reduce"}
    return {**browser_context_args, **known}


@pytest.fixture(scope="session")
def pds() -> Iterator[Pds]:
    """A real Bluesky PDS, one per run; mark the test `real`."""
    with Pds() as server:
        yield server


def _migrate(url: str) -> None:
    from store.engine import open_engine
    from store.migrate import upgrade

    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
