"""Sheets, calendars, evergreens and approvals by command, on both databases."""

from pathlib import Path

import pytest

from tests.cli.driving import done, refused, run
from tests.ics import read_calendar

pytestmark = pytest.mark.usefixtures("on_both")


def sheet(text: str) -> str:
    Path("posts.csv").write_text(text, encoding="utf-8")
    return "posts.csv"


def test_a_sheet_is_tried_imported_and_not_doubled() -> None:
    file = sheet("text,time,campaign\nSatu,2030-01-02 09:00,Sale\nDua,,\n")

    dry = done("queue", "import", file, "--dry-run")
    assert (dry["added"], dry["posts"][0]["planned_at"]) == (2, "2030-01-02T02:00:00Z")
    assert done("post", "list") == []
    assert "2 posts added." in run("queue", "import", file).out
    assert "2 posts of an earlier import" in run("queue", "import", file).out
    exported = run("queue", "export", "--campaign", "Sale").out
    assert "Satu" in exported
    assert "Dua" not in exported


def test_a_wrong_sheet_is_refused_with_every_cell_and_exit_code_2() -> None:
    said = run(
        "queue", "import", sheet("text,channel,time\nSatu,Nowhere,never\n,,\nTiga,,2030-02-30 09:00\n")
    )

    assert said.code == 2
    assert "There is no channel 'Nowhere'" in said.out
    assert "There is no such day as '2030-02-30'" in said.out
    assert "Nothing was imported: 2 cells are wrong." in said.err
    assert done("post", "list") == []
    assert refused("queue", "import", "missing.csv").startswith("1 missing.csv cannot be read")
    assert refused("queue", "import", sheet("mood\nx\n")).startswith("2 The first row names no column")


def test_the_order_of_day_and_month_is_said_where_the_sheet_does_not_show_it() -> None:
    file = sheet("text,time\nSatu,03/04/2030 09:00\n")

    assert run("queue", "import", file).code == 2
    [post] = done("queue", "import", file, "--dates", "month-first")["posts"]
    assert post["planned_wall"] == "2030-03-04T09:00:00"


def test_the_calendar_comes_as_a_file_and_at_addresses_that_close() -> None:
    done("post", "add", "Halo", "--at", "2030-01-02 09:00 channel")

    assert read_calendar(run("calendar", "export").out).events == []  # too far ahead
    made = done("calendar", "add", "Sari")
    assert made["address"].endswith(".ics")
    [listed] = done("calendar", "list")
    assert "address" not in listed
    done("calendar", "revoke", listed["id"])
    assert done("calendar", "list") == []
    assert refused("calendar", "revoke", listed["id"]).startswith("1 There is no calendar feed")


def test_an_evergreen_is_made_of_texts_posts_and_files() -> None:
    [post] = done("post", "add", "Tiga", "--draft", "--link", "https://example.org/tiga")
    file = sheet("text,link\nEmpat,https://example.org/empat\n")

    texts = ("--text", "Satu", "--text", "Dua", "--post", post["id"], "--file", file)
    made = done("evergreen", "add", "Kopi", *texts, "--season", "12-01..01-15", "--max-cycles", "3")

    assert [one["text"] for one in made["variants"]] == ["Satu", "Dua", "Tiga", "Empat"]
    assert made["variants"][2]["link"] == "https://example.org/tiga"
    number = made["id"]
    assert done("evergreen", "change", number, "--cooldown", "9", "--season", "")["season_from"] is None
    assert done("evergreen", "show", number)["max_cycles"] == 3
    assert done("evergreen", "pause", number)["paused_at"] is not None
    assert done("evergreen", "resume", number)["paused_at"] is None
    done("evergreen", "end", number)
    assert refused("evergreen", "resume", number).startswith("2 This evergreen has ended")
    assert refused("evergreen", "add", "X", "--text", "Satu", "--cooldown", "7").startswith(
        "2 An evergreen that comes back needs"
    )
    assert refused("evergreen", "add", "X", "--text", "A", "--text", "B", "--season", "winter").startswith(
        "2 Cannot read the season"
    )


def test_an_evergreen_comes_back_by_a_tick() -> None:
    number = done("evergreen", "add", "Kopi", "--text", "Satu", "--text", "Dua")["id"]

    done("tick")

    [post] = done("evergreen", "show", number)["posts"]
    assert (post["cycle"], post["text"], post["state"]) == (1, "Satu", "queued")


def test_a_link_asks_for_an_approval_is_shown_once_and_closes() -> None:
    [post] = done("post", "add", "Halo", "--draft")

    made = done("approval", "link", post["id"], "--for", "Ibu Ratna", "--days", "2")
    assert "/r/" in made["address"]
    assert done("post", "show", post["id"])["state"] == "awaiting_approval"
    [listed] = done("approval", "list")
    assert "address" not in listed
    assert done("approval", "show", listed["id"])["posts"][0]["decision"] is None
    assert done("approval", "revoke", listed["id"])["revoked_at"] is not None
    assert refused("approval", "link", post["id"], "--for", " ").startswith("2 Say whom")
    assert refused("approval", "link", post["id"], "--for", "R", "--days", "365").startswith(
        "2 A link is open"
    )
    assert refused("approval", "ask", "12345").startswith("1 There is no post")


def test_campaign_and_tags_are_given_and_changed() -> None:
    [post] = done("post", "add", "Halo", "--draft", "--campaign", "Sale", "--tag", "a", "--tag", "b")
    assert (post["campaign"], post["tags"]) == ("Sale", ["a", "b"])

    changed = done("post", "label", post["id"], "--campaign", "")
    assert (changed["campaign"], changed["tags"]) == (None, ["a", "b"])
