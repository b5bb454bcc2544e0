"""What the first command in an empty folder makes, and which keys it refuses."""

import json
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cli.locking import alone
from store.seal import new_key
from tests.cli.driving import ROOT, done, refused, run


def test_the_first_command_sets_everything_up_once(empty: Path) -> None:
    [page] = done("channel", "list")
    again = done("channel", "list")

    assert (page["name"], page["platform"], page["zone"]) == ("Page", "page", "Asia/Jakarta")
    assert page["schedule"] == "daily 09:00,12:00,17:00"
    assert again == [page]


def test_first_commands_that_start_at_once_wait_for_each_other(empty: Path) -> None:
    command = [sys.executable, "-m", "cli.main", "channel", "list", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    several = [
        subprocess.Popen(command, cwd=empty, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]

    told = [json.loads(one.communicate(timeout=60)[0]) for one in several]

    assert [one.returncode for one in several] == [0, 0, 0]
    assert len(told[0]) == 1
    assert told == [told[0]] * 3


def test_a_page_that_somebody_renamed_or_paused_is_left_alone(folder: Path) -> None:
    done("channel", "pause", "Page")

    assert done("channel", "list")[0]["state"] == "paused"


def test_only_the_owner_of_the_files_may_read_them(empty: Path) -> None:
    done("status")

    assert stat.S_IMODE((empty / "data").stat().st_mode) == 0o700
    for name in ("secret.key", "tabuh.db"):
        assert stat.S_IMODE((empty / "data" / name).stat().st_mode) == 0o600


def test_a_data_folder_may_be_named_by_flag(empty: Path) -> None:
    done("--data-dir", "elsewhere/deep", "status")

    assert (empty / "elsewhere" / "deep" / "tabuh.db").exists()
    assert not (empty / "data").exists()


def test_a_lost_key_is_not_replaced_in_silence(folder: Path) -> None:
    done("status")
    (folder / "data" / "secret.key").unlink()

    sentence = refused("status")

    assert sentence.startswith("1 The secret key of this database")
    assert "put data/secret.key back" in sentence
    assert not (folder / "data" / "secret.key").exists()


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("sqlite://", "2 TABUH_DATABASE_URL names no file"),
        ("sqlite:///:memory:", "2 TABUH_DATABASE_URL names no file"),
        ("sqlite:///data/tabuh.db?mode=ro", "2 TABUH_DATABASE_URL must look like sqlite:///path"),
        ("sqlite://data/tabuh.db", "2 TABUH_DATABASE_URL must look like sqlite:///path"),
        ("mysql://localhost/tabuh", "2 TABUH_DATABASE_URL must look like sqlite:///path"),
        ("sqlite:///strange.db", "1 The database sqlite:///strange.db cannot be opened: file is not a"),
        ("postgresql://me:hush@127.0.0.1:9/x", "1 The database postgresql://me:***@127.0.0.1:9/x cannot be"),
    ],
)
def test_an_address_that_names_no_database_is_refused(
    empty: Path, monkeypatch: pytest.MonkeyPatch, address: str, says: str
) -> None:
    (empty / "strange.db").write_text("this is no database" * 99)
    monkeypatch.setenv("TABUH_DATABASE_URL", address)

    assert refused("status").startswith(says)


def test_another_driver_for_the_same_file_is_no_matter(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_DATABASE_URL", "sqlite+aiosqlite:///data/tabuh.db")

    assert done("status")["database"] == "sqlite:///data/tabuh.db"


def test_another_key_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done("status")
    monkeypatch.setenv("TABUH_SECRET_KEY", new_key())

    assert "is not the one this database was sealed with" in refused("status")


@pytest.mark.parametrize("key", ["short", "x" * 44, "no key at all: " + "x" * 29])
def test_a_key_that_is_none_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("TABUH_SECRET_KEY", key)

    sentence = refused("status")

    assert "tabuh secret new" in sentence
    assert key not in sentence


def test_a_key_may_lie_in_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = done("secret", "new")["key"]
    (folder / "the.key").write_text(f"{key}\n")
    monkeypatch.setenv("TABUH_SECRET_KEY_FILE", "the.key")
    done("status")
    assert not (folder / "data" / "secret.key").exists()

    monkeypatch.setenv("TABUH_SECRET_KEY_FILE", "missing.key")
    assert refused("status").startswith("1 The secret key in missing.key cannot be read")


def test_a_new_key_is_printed_and_kept_nowhere(empty: Path) -> None:
    said = run("secret", "new")

    assert said.code == 0
    assert len(said.out.strip()) == 44
    assert not list(empty.iterdir())


def test_both_databases_remember_whose_key_sealed_them(
    on_both: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("status")
    monkeypatch.setenv("TABUH_SECRET_KEY", new_key())

    assert "is not the one this database was sealed with" in refused("status")


def test_postgresql_makes_no_key_by_itself(on_postgresql: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TABUH_SECRET_KEY")

    sentence = refused("status")

    assert sentence.startswith("2 PostgreSQL needs a secret key")
    assert "tabuh secret new" in sentence
    assert "TABUH_SECRET_KEY" in sentence
    assert not (on_postgresql / "data" / "secret.key").exists()


def test_a_database_of_a_newer_release_is_refused(folder: Path) -> None:
    done("status")
    with sqlite3.connect(folder / "data" / "tabuh.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    connection.close()

    assert "was written by a newer release" in refused("status")


def test_tables_do_not_change_under_a_running_service(folder: Path) -> None:
    done("status")
    database = folder / "data" / "tabuh.db"
    with sqlite3.connect(database) as connection:
        connection.execute("DROP TABLE alembic_version")
    connection.close()

    with alone(database):
        assert refused("status").startswith("1 Tabuh is at work on data/tabuh.db already (process ")


def test_health_is_bad_when_something_waits_too_long(folder: Path) -> None:
    done("tick", "--until-idle")
    assert run("health").code == 0
    with sqlite3.connect(folder / "data" / "tabuh.db") as connection:
        connection.execute("UPDATE channel SET next_at = '2020-01-01 00:00:00.000000'")
    connection.close()

    said = run("health", "--late-after", "60", "--json")

    assert said.code == 1
    assert said.json["late"] == ["channel"]
    assert "channel since" in run("health").out


def test_status_tells_what_runs_and_what_waits(folder: Path) -> None:
    done("tick", "--until-idle")
    told = done("status")

    assert told["running"] is False
    assert told["channels"] == 1
    assert told["posts"]["published"] == 0
    assert "nothing is overdue" in run("status").out


def test_people_and_programs_get_in_by_command(on_both: Path) -> None:
    link = done("person", "link")
    assert link["person"] == "owner"
    assert link["url"].startswith("http://127.0.0.1:8420/sign-in/link/")

    made = done("token", "new", "robot", "--write")
    assert made["scopes"] == ["read", "write"]
    [listed] = done("token", "list")
    assert "token" not in listed
    assert made["token"].startswith(listed["prefix"])
    assert done("token", "revoke", made["id"])["revoked"] is True
    assert done("token", "list") == []
    assert refused("token", "revoke", made["id"]).startswith("1 You have no token")
