"""The cluster of the test run: ready when it says so, separate databases, nothing left behind."""

import os
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from tests.servers import postgresql
from tests.servers.postgresql import PostgreSQL

ROOT = Path(__file__).resolve().parents[2]


def test_a_database_is_a_copy_of_its_template_and_the_template_stays(postgresql_server: PostgreSQL) -> None:
    original = postgresql_server.create("original")
    with psycopg.connect(original) as connection:
        connection.execute("CREATE TABLE word AS SELECT 'tabuh' AS word")
    copy = postgresql_server.create("copy", template="original")
    with psycopg.connect(copy) as connection:
        assert connection.execute("SELECT word FROM word").fetchall() == [("tabuh",)]
        connection.execute("DELETE FROM word")

    with psycopg.connect(original) as connection:
        assert connection.execute("SELECT count(*) FROM word").fetchone() == (1,)
    postgresql_server.drop("copy")
    postgresql_server.drop("original")


def test_a_database_is_dropped_although_somebody_is_connected(postgresql_server: PostgreSQL) -> None:
    connection = psycopg.connect(postgresql_server.create("busy"))

    postgresql_server.drop("busy")

    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()


def test_the_server_is_not_root_and_leaves_nothing_behind() -> None:
    with PostgreSQL() as server:
        with psycopg.connect(server.url("postgres")) as connection:
            row = connection.execute("SELECT current_setting('data_directory')").fetchone()
        assert row is not None
        data = Path(row[0])
        owner = data.stat().st_uid
        port = server.port

    assert owner != 0
    assert not data.parent.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres connect_timeout=2")


def test_a_run_that_is_killed_leaves_no_server_and_no_files() -> None:
    program = (
        "import os, signal; from tests.servers.postgresql import PostgreSQL;"
        "server = PostgreSQL().__enter__();"
        "print(server.port, server._folder, flush=True);"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program], check=False, cwd=ROOT, capture_output=True, text=True
    )
    port, folder = killed.stdout.split()

    give_up = time.monotonic() + 20
    while Path(folder).exists() and time.monotonic() < give_up:
        time.sleep(0.05)

    assert not Path(folder).exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres connect_timeout=2")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_programs_in_a_private_home_are_copied_and_the_home_stays_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    programs = home / "package" / "pginstall" / "bin"
    programs.mkdir(parents=True)
    home.chmod(0o700)
    (programs / "initdb").write_text("#!/bin/sh\nexit 0\n")
    (programs / "initdb").chmod(0o755)
    owner = postgresql._unprivileged()

    found = postgresql._usable(programs, tmp_path / "copy", owner)

    assert found == tmp_path / "copy" / "package" / "pginstall" / "bin"
    assert (found / "initdb").exists()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_a_cluster_that_is_kept_is_durable_and_goes_on_from_what_it_has() -> None:
    # Where the server's user reaches it: pytest's own folders are private.
    with tempfile.TemporaryDirectory(prefix="tabuh-kept-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with PostgreSQL(kept=folder / "postgresql") as server:
            assert not server.has("kept")
            with psycopg.connect(server.create("kept"), autocommit=True) as connection:
                connection.execute("CREATE TABLE t AS SELECT 7 AS n")
                assert connection.execute("SHOW fsync").fetchone() == ("on",)
                assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        with PostgreSQL(kept=folder / "postgresql") as server:
            assert server.has("kept")
            with psycopg.connect(server.url("kept")) as connection:
                assert connection.execute("SELECT n FROM t").fetchone() == (7,)
