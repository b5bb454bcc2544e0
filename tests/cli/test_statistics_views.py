"""Lists of published posts by command: conditions, columns, views, files, comparisons; notes and drafts."""

import csv
import json
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.cli.driving import done, refused, run

pytestmark = pytest.mark.usefixtures("on_both")


def published(*texts: str) -> list[str]:
    """Posts that went out on the page, by their numbers."""
    made = [done("post", "add", text, "--now")[0]["id"] for text in texts]
    done("tick")
    return made


def test_posts_are_listed_by_conditions_and_columns() -> None:
    one, two = published("Kopi Gayo", "Teh poci")

    found = done("stats", "list", "--where", "text=KOPI", "--where", "platform=page")
    shown = run("stats", "list", "--columns", "post,usual,clicks", "--sort", "post", "--ascending").out

    assert [row["id"] for row in found["posts"]] == [one]
    assert found["posts"][0]["rank"] is None
    assert shown.index("Kopi Gayo") < shown.index("Teh poci")
    assert "against" not in shown
    assert two in shown


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("colour=red", "2 'colour=red' is no condition. Write NAME=VALUE, with one of: platform, channel"),
        ("text", "2 'text' is no condition."),
        ("hour=x", "2 'x' is no whole number: write hour=7, say."),
        ("hour=24", "2 24 is no hour: hours go from 0 to 23."),
        ("weekday=someday", "2 'someday' is no day of the week. Known: mon, tue, wed"),
        ("since=soon", "2 This is no day. Write it as 2026-12-31."),
        ("kind=song", "2 Unknown type 'song'. Known: text, image, video, link, poll, thread."),
        ("channel=Nowhere", "1 "),
    ],
)
def test_conditions_that_make_no_sense_are_one_sentence(where: str, says: str) -> None:
    assert refused("stats", "list", "--where", where).startswith(says)


def test_a_view_is_saved_used_renamed_and_removed() -> None:
    one, _two = published("Kopi Gayo", "Teh poci")

    saved = done("stats", "view", "save", "Coffee", "--where", "text=kopi", "--columns", "post,clicks")
    taken = refused("stats", "view", "save", "Coffee")
    used = done("stats", "list", "--view", "Coffee")
    done("stats", "view", "first", "Coffee")
    renamed = done("stats", "view", "rename", "Coffee", "Kopi")
    [listed] = done("stats", "view", "list")
    done("stats", "view", "remove", "Kopi")

    assert saved["shows"] == {"text": "kopi", "columns": ["post", "clicks"]}
    assert taken == "2 There is a view called 'Coffee' already. Choose another name."
    assert [row["id"] for row in used["posts"]] == [one]
    assert renamed["name"] == "Kopi"
    assert (listed["name"], listed["first"]) == ("Kopi", True)
    assert done("stats", "view", "list") == []
    assert refused("stats", "list", "--view", "Kopi").startswith("1 There is no view 'Kopi'.")


def test_files_hold_what_the_list_shows(on_both: Path) -> None:
    one, two = published("Kopi Gayo", "=SUM(A1)")

    done("stats", "export", "posts.zip", "--columns", "post,reach", "--sort", "post")
    document = json.loads(run("stats", "export", "-", "--format", "json", "--where", "text=kopi").out)
    with ZipFile(on_both / "posts.zip") as archive:
        rows = list(csv.reader(archive.read("posts.csv").decode("utf-8-sig").splitlines()))
        meant = archive.read("definitions.csv").decode()

    assert [row[:2] for row in rows[1:]] == [[one, "Kopi Gayo"], [two, "'=SUM(A1)"]]
    assert rows[1][2] == ""
    assert "Page" in rows[1][3]
    assert "Different people who were shown the post." in meant
    assert [row["id"] for row in document["posts"]] == [one]
    assert "Name a file that ends in one of" in refused("stats", "export", "posts.xls")
    assert "cannot be written" in refused("stats", "export", "nowhere/posts.csv")
    assert "Unknown column 'colour'" in refused("stats", "export", "a.csv", "--columns", "colour")
    assert not (on_both / "a.csv").exists()


def test_posts_are_compared_noted_on_repeated_and_followed_up() -> None:
    one, two = published("Kopi Gayo", "Teh poci")

    compared = done("stats", "compare", one, two)
    notes = done("post", "note", one, "An advertisement ran.")
    again = done("post", "repeat", one)
    after = done("post", "follow-up", one, "And now?")
    drafts = {row["id"]: row for row in done("post", "list", "--state", "draft")}
    none = done("post", "note", one, "--remove", notes[0]["id"])

    assert [post["id"] for post in compared["posts"]] == [one, two]
    assert [note["text"] for note in notes] == ["An advertisement ran."]
    assert none == []
    assert {again["id"], after["id"]} == set(drafts)
    assert "Choose 2 to 6 posts" in refused("stats", "compare", one)
    assert "A note has 1 to 2,000 characters." in refused("post", "note", one, " ")
    assert "Only a published post can be followed up." in refused("post", "follow-up", again["id"], "x")
