"""`tabuh audit` in a folder: exit codes, JSON, and making anew."""

import sqlite3
from pathlib import Path

from tests.cli.driving import done, run


def test_a_fresh_folder_passes_every_check(folder: Path) -> None:
    said = run("audit")

    assert said.code == 0, said.err
    assert "Nothing was found." in said.out
    assert "Standings equal the readings" in said.out
    assert done("audit", "--days", "7", "--rebuild")["days"] == 7


def test_something_wrong_is_exit_code_one_and_one_document(folder: Path) -> None:
    done("channel", "add", "page", "Kabar")
    database = sqlite3.connect(folder / "data" / "tabuh.db")
    database.execute("UPDATE channel SET state = 'needs_reconnect'")
    database.commit()
    database.close()

    said = run("audit", "--json")

    assert said.code == 1
    assert said.json["wrong"] is True
    found = said.json["findings"][0]
    assert (found["rule"], found["severity"], found["where"]["name"]) == ("channel_old", "wrong", "Kabar")
    assert "connected again" in found["what"]["en"]
    assert "Kanal" in found["what"]["id"]


def test_days_out_of_range_are_misuse(folder: Path) -> None:
    assert run("audit", "--days", "0").code == 2
