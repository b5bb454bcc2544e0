"""A backup is one command, and putting an old one back doubles nothing."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from cli.locking import alone
from tests.cli.conftest import Blog
from tests.cli.driving import done, refused, run
from tests.servers.loopback import Loopback


def _hook(folder: Path, url: str) -> None:
    (folder / "secrets.toml").write_text(f'secret = "whsec_{"A" * 32}"\n')
    done("channel", "add", "webhook", "Hook", "--set", f"url={url}", "--secret-file", "secrets.toml")


def test_an_old_backup_doubles_nothing(folder: Path, site: Loopback, blog: Blog) -> None:
    with Loopback(lambda _path, _headers: (200, {}, b"ok")) as hook:
        _hook(folder, hook.url)
        done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
        done("route", "add", "r", "--feed", "A blog", "--channel", "Page", "--timing", "at_once")
        done("post", "add", "To the hook", "--channel", "Hook", "--now")
        done("post", "add", "To the page", "--channel", "Page", "--now")
        made = done("backup", "old.db")
        # What the backup does not know: both posts go out, and so does a new entry.
        blog.entries = 6
        done("feed", "poll", "A blog")
        done("tick", "--until-idle")
        assert len(done("post", "list", "--state", "published")) == 3
        sent = hook.count()

        restored = run("restore", "old.db", "--json")

        assert restored.code == 0, restored.err
        assert "2 posts that may have gone out since then are held as uncertain" in restored.err
        assert "1 feed will ask before posting" in restored.err
        states = {post["channel"]: post for post in done("post", "list")}
        assert {post["state"] for post in states.values()} == {"uncertain"}
        assert "cannot be asked" in states["Hook"]["reason"]
        done("feed", "poll", "A blog")
        done("tick", "--until-idle")
        after = {post["channel"]: post["state"] for post in done("post", "list")}
        assert after == {"Hook": "uncertain", "Page": "published"}  # the page is in the database itself
        assert hook.count() == sent
        assert done("feed", "list")[0]["health"] == "asks"
        assert done("feed", "resume", "A blog", "--existing", "none")["posts_made"] == 0
        assert done("post", "found", states["Hook"]["id"])["state"] == "published"
    assert made["not_included"] == ["data/secret.key"]
    # The replaced file is kept, and is whole.
    aside = Path(restored.json["replaced"])
    with sqlite3.connect(aside) as connection:
        assert connection.execute("SELECT count(*) FROM post WHERE state = 'published'").fetchone() == (3,)
    connection.close()


def test_what_is_held_is_held_once(folder: Path) -> None:
    done("post", "add", "One", "--now")
    done("backup", "old.db")
    assert run("restore", "old.db").err.count("held as uncertain") == 1

    assert run("status").err == ""
    fresh = done("post", "add", "Two", "--now")[0]
    assert done("post", "show", fresh["id"])["state"] == "queued"


def test_a_file_that_somebody_copied_over_the_database_is_noticed(folder: Path) -> None:
    done("tick")
    done("post", "add", "One", "--now")
    database = folder / "data" / "tabuh.db"
    shutil.copy(database, folder / "copy.db")
    done("tick", "--until-idle")
    beat = folder / "data" / "tabuh.db.beat"
    beat.write_text(f"{int(beat.read_text()) + 60}\n")  # a minute of a running service
    shutil.copy(folder / "copy.db", database)

    said = run("post", "list", "--json")

    assert "This database is a copy of" in said.err
    assert [post["state"] for post in said.json] == ["uncertain"]
    assert run("status").err == ""


def test_a_backup_runs_beside_a_service(folder: Path) -> None:
    done("status")
    with alone(folder / "data" / "tabuh.db"):
        made = done("backup", "beside.db")

    assert made["bytes"] == (folder / "beside.db").stat().st_size
    assert refused("backup", "beside.db").startswith("2 beside.db exists already")


def test_restoring_needs_the_service_to_be_stopped(folder: Path) -> None:
    done("backup", "old.db")

    with alone(folder / "data" / "tabuh.db"):
        assert refused("restore", "old.db").startswith("1 Tabuh is at work on")


def test_a_backup_opens_in_an_empty_folder_with_its_key(folder: Path) -> None:
    done("post", "add", "One", "--draft")
    done("backup", "old.db")
    shutil.move(folder / "data", folder / "lost")

    assert "The secret key of this database" in refused("restore", "old.db")
    shutil.copy(folder / "lost" / "secret.key", folder / "data")
    assert [post["text"] for post in done("post", "list")] == ["One"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "2 There is no file old.db."),
        (b"hello", "2 old.db is no backup of Tabuh: it is no SQLite database."),
        (b"SQLite format 3\x00" + b"x" * 4096, "2 old.db is no sound backup of Tabuh"),
    ],
)
def test_what_is_no_backup_replaces_nothing(folder: Path, content: bytes | None, says: str) -> None:
    done("post", "add", "One", "--draft")
    if content is not None:
        (folder / "old.db").write_bytes(content)

    assert refused("restore", "old.db").startswith(says)
    assert len(done("post", "list")) == 1
    assert not list((folder / "data").glob("*.part*"))


def test_a_strange_sqlite_file_replaces_nothing(folder: Path) -> None:
    done("post", "add", "One", "--draft")
    with sqlite3.connect(folder / "old.db") as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()

    assert refused("restore", "old.db").startswith("2 old.db is no sound backup of Tabuh")
    assert len(done("post", "list")) == 1


def test_a_backup_of_a_newer_release_replaces_nothing(folder: Path) -> None:
    done("backup", "old.db")
    with sqlite3.connect(folder / "old.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    connection.close()
    done("post", "add", "One", "--draft")

    assert "newer release" in refused("restore", "old.db")
    assert len(done("post", "list")) == 1
    assert not list((folder / "data").glob("*.part*"))


@pytest.mark.usefixtures("on_postgresql")
def test_postgresql_is_backed_up_by_its_own_tools() -> None:
    for command in (["backup", "x.db"], ["restore", "x.db"]):
        sentence = refused(*command)
        assert sentence.startswith("1 This database is PostgreSQL")
        assert "tabuh hold" in sentence


@pytest.mark.usefixtures("on_both")
def test_a_restored_dump_is_held_by_command() -> None:
    done("post", "add", "One", "--now")
    later = done("post", "add", "Two", "--at", "2040-01-01 09:00 UTC")[0]

    held = done("hold")

    assert held["posts"] == 1
    states = {post["text"]: post["state"] for post in done("post", "list")}
    assert states == {"One": "uncertain", "Two": "queued"}
    assert done("post", "show", later["id"])["planned_at"] == "2040-01-01T09:00:00Z"
