"""One program: its help is quick, its errors are sentences, its exit codes say who must act."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.driving import child_environment, done, program, refused, run


def test_help_needs_no_data_and_leaves_none(empty: Path) -> None:
    said = program("--help", folder=empty)

    assert said.code == 0
    assert "channel" in said.out
    assert not list(empty.iterdir())


def test_help_loads_nothing_heavy(empty: Path) -> None:
    heavy = ("sqlalchemy", "fastapi", "alembic", "httpx", "structlog", "pydantic_settings")
    code = (
        "import sys; from cli.main import main; main(['feed', 'add', '--help']);"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=empty, env=child_environment(),
        check=True,
    )  # fmt: skip

    assert ended.stdout.splitlines()[-1] == "[]"


def test_version(empty: Path) -> None:
    said = run("--version")

    assert said.code == 0
    assert said.out.startswith("tabuh ")


def test_every_command_has_a_help_and_takes_json(folder: Path) -> None:
    import typer.main

    from cli.main import app

    root = typer.main.get_command(app)
    seen = []

    def walk(command: object, path: tuple[str, ...]) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*path, name))
        if path and not hasattr(command, "commands"):
            names = [option for parameter in command.params for option in parameter.opts]  # type: ignore[attr-defined]
            assert "--json" in names, path
            assert command.help, path  # type: ignore[attr-defined]
            seen.append(path)

    walk(root, ())
    assert len(seen) > 40


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["post", "lst"], "2 No such command 'lst'. Did you mean 'list'? See: tabuh post --help"),
        (["post", "add"], "2 Missing argument 'text'. See: tabuh post add --help"),
        (["post", "list", "--limt", "3"], "2 No such option: --limt"),
        (["post", "show", "seven"], "2 Invalid value for 'POST'"),
        (["post", "show", "7"], "1 There is no post 7. `tabuh post list` shows those there are."),
        (["post", "list", "--state", "gone"], "2 Unknown state 'gone'. Known: draft"),
        (["channel", "show", "X"], "1 There is no channel 'X'. `tabuh channel list` shows those there are."),
        (["feed", "show", "X"], "1 There is no feed 'X'."),
        (["route", "show", "X"], "1 There is no route 'X'."),
        (["kpi", "show", "X"], "1 There is no KPI 'X'."),
        (["channel", "add", "myspace", "X"], "2 Unknown platform 'myspace'. Known: bluesky"),
        (["person", "link", "X"], "1 There is no person called 'X'."),
        (["--log-level", "loud", "status"], "2 Wrong setting --log-level"),
    ],
)
def test_a_mistake_is_one_sentence_that_says_what_to_do(
    folder: Path, arguments: list[str], says: str
) -> None:
    assert refused(*arguments).startswith(says)


def test_a_mistake_is_also_one_json_document(folder: Path) -> None:
    said = run("post", "show", "7", "--json")

    assert said.code == 1
    assert said.json["error"]["kind"] == "NotFound"
    assert said.json["error"]["exit_code"] == 1
    assert said.json["error"]["sentence"] in said.err


def test_a_noun_alone_shows_its_verbs(folder: Path) -> None:
    said = run("feed")

    assert said.code == 2
    assert "preview" in said.out
    assert said.err == ""


def test_a_bug_is_a_sentence_and_the_log_level_shows_where(folder: Path) -> None:
    done("status")
    with closing(sqlite3.connect(folder / "data" / "tabuh.db")) as connection:
        connection.execute("DROP TABLE kpi")

    sentence = refused("kpi", "list")
    assert sentence.startswith("1 The database refused: no such table: kpi.")
    assert "Traceback" in run("--log-level", "debug", "kpi", "list").err


def test_a_database_that_is_spoilt_is_a_sentence(folder: Path) -> None:
    done("status")
    (folder / "data" / "tabuh.db").write_bytes(b"SQLite format 3\x00" + b"broken" * 900)

    assert "cannot be opened: file is not a database" in refused("post", "list")


def test_a_data_folder_that_cannot_be_made_is_a_sentence(empty: Path) -> None:
    (empty / "data").write_text("a file in its place")

    assert "Set TABUH_DATA_DIR" in refused("status")


def test_a_database_that_does_not_answer_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_DATABASE_URL", "postgresql://me:hidden-word@127.0.0.1:1/none")

    sentence = refused("status")
    assert "TABUH_DATABASE_URL" in sentence
    assert "hidden-word" not in sentence


def test_an_address_of_no_database_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_DATABASE_URL", "mysql://me@host/db")

    assert refused("status").startswith("2 TABUH_DATABASE_URL must look like sqlite:///")


def test_a_network_that_is_none_is_a_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_ALLOWED_NETWORKS", "my-office")

    assert refused("status").startswith("2 'my-office' is no network")


def test_a_reader_that_goes_away_ends_the_program_quietly(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-m", "cli.main", "stats", "metrics"], stdout=writing, stderr=subprocess.PIPE,
        cwd=folder, env=child_environment(), check=False, text=True, timeout=60,
    )  # fmt: skip
    os.close(writing)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_completion_for_a_shell_can_be_shown(folder: Path) -> None:
    # As the script that --show-completion prints does: no shell above needs to be recognised.
    said = program(folder=folder, environment={"_TABUH_COMPLETE": "source_bash"})

    assert said.code == 0
    assert "_TABUH_COMPLETE" in said.out


def test_control_characters_of_strangers_do_not_reach_the_terminal() -> None:
    from cli.printing import clean

    assert clean("a\x1b[2Jb\u202ec") == "a\ufffd[2Jb\ufffdc"
    assert clean("👩‍👩‍👧 café\n\tx") == "👩‍👩‍👧 café\n\tx"


def test_a_terminal_without_unicode_is_spoken_to_all_the_same(folder: Path) -> None:
    text = "日本語 🥁 é"
    narrow = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}

    told = program("post", "add", text, "--draft", "--json", folder=folder, environment=narrow)
    listed = program("post", "list", folder=folder, environment=narrow)
    helped = program("post", "--help", folder=folder, environment=narrow)

    assert told.json[0]["text"] == text
    assert (listed.code, helped.code) == (0, 0)
    assert "??? ?" in listed.out
