"""Past posts in from exports, the week that is learned from them, and the protocol on a file."""

import csv
import gzip
import math
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.cli.driving import done, refused, run

pytestmark = pytest.mark.usefixtures("on_both")


def export(path: Path, rows: list[list[object]], heads: list[str]) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([heads, *rows])
    return path.name


def evening_posts(number: int = 200, seed: int = 1, *, effect: float = 1.5) -> list[list[object]]:
    """Posts at three hours of Jakarta's day, of which 20:00 earns ``exp(effect)`` times as much."""
    luck = random.Random(seed)
    rows: list[list[object]] = []
    start = datetime(2026, 1, 5, tzinfo=UTC)
    for day in range(number):
        hour = luck.choice([2, 6, 13])  # 09:00, 13:00 and 20:00 in Jakarta
        at = start + timedelta(days=day, hours=hour)
        gain = math.exp(3 + effect * (hour == 13) + luck.gauss(0, 0.7))
        rows.append([at.isoformat(), f"post {day}", round(gain), day % 3, 0])
    return rows


HEADS = ["Sent at", "Text", "Likes", "Comments", "Shares"]


def test_learning_starts_with_the_import(on_both: Path) -> None:
    file = export(on_both / "buffer.csv", evening_posts(), HEADS)

    told = done("post", "import", file, "--channel", "Page")

    assert (told["added"], told["known"], told["own"]) == (200, 0, 0)
    week = done("slots", "show", "Page")
    assert (week["posts"], week["imported"], week["zone"]) == (200, 200, "Asia/Jakarta")
    assert week["has_evidence"] is True
    best = max(week["hours"], key=lambda hour: float(hour["percent"]))
    assert best["hour"] in (19, 20, 21)
    assert best["low"] < best["percent"] < best["high"]
    assert "200 imported posts" in run("slots", "show", "Page").out


def test_importing_again_adds_nothing_and_takes_newer_counts(on_both: Path) -> None:
    rows = evening_posts(40)
    done("post", "import", export(on_both / "one.csv", rows, HEADS), "--channel", "Page")

    again = done("post", "import", "one.csv", "--channel", "Page")
    rows[3][2] = 100_000
    grown = done("post", "import", export(on_both / "two.csv", rows, HEADS), "--channel", "Page")

    assert (again["added"], again["changed"], again["known"]) == (0, 0, 40)
    assert (grown["added"], grown["changed"], grown["known"]) == (0, 1, 39)
    assert done("slots", "show", "Page")["imported"] == 40


def test_a_dry_run_keeps_nothing(on_both: Path) -> None:
    file = export(on_both / "past.csv", evening_posts(40), HEADS)

    told = done("post", "import", file, "--channel", "Page", "--dry-run")

    assert (told["added"], told["dry_run"]) == (40, True)
    assert done("slots", "show", "Page")["posts"] == 0


def test_past_posts_are_neither_published_nor_statistics_of_tabuh(on_both: Path) -> None:
    file = export(on_both / "past.csv", evening_posts(40), HEADS)

    done("post", "import", file, "--channel", "Page")

    assert done("post", "list") == []
    assert done("stats", "list")["posts"] == []


def test_times_without_a_zone_are_refused_with_every_row(on_both: Path) -> None:
    rows = [["2026-01-05 09:00", "a", 1, 0, 0], ["2026-01-06 09:00", "b", 1, 0, 0]]
    file = export(on_both / "naive.csv", rows, HEADS)

    out = run("post", "import", file, "--channel", "Page")

    assert out.code == 2
    assert "Row 2: The time '2026-01-05 09:00' has neither zone nor offset." in out.out
    assert "Row 3: " in out.out
    assert done("post", "import", file, "--channel", "Page", "--zone", "Asia/Jakarta")["added"] == 2


def test_without_posts_there_is_no_evidence() -> None:
    week = done("slots", "show", "Page")

    assert week["has_evidence"] is False
    assert str(week["evidence"]).startswith("No evidence yet")
    assert len(week["hours"]) == 168


def test_where_the_hour_does_not_matter_no_gain_is_claimed(on_both: Path) -> None:
    file = export(on_both / "flat.csv", evening_posts(300, effect=0.0), HEADS)

    done("post", "import", file, "--channel", "Page")

    assert "No evidence yet that the hour matters" in str(done("slots", "show", "Page")["evidence"])
    assert str(done("slots", "evaluate", file)["verdict"]).startswith("No evidence")


def test_the_protocol_finds_a_gain_where_there_is_one(on_both: Path) -> None:
    rows = [[f"shop {number}", *row] for number in range(10) for row in evening_posts(200, seed=number)]
    name = export(on_both / "shops.csv", rows, ["Account", *HEADS])
    (on_both / "shops.csv.gz").write_bytes(gzip.compress((on_both / name).read_bytes()))

    told = done("slots", "evaluate", "shops.csv.gz")

    assert (told["accounts"], told["posts"]) == (10, 2000)
    last = told["outcomes"][-1]
    assert last["learned"]["low"] > 20
    assert last["placebo"]["low"] < 0 < last["placebo"]["high"]
    assert "+" in run("slots", "evaluate", "shops.csv.gz").out


@pytest.mark.parametrize(
    ("heads", "row", "says"),
    [
        (["When", "Likes"], ["", 1], "Row 2: The row has no time."),
        (["When", "Likes"], ["2026-01-05T09:00Z", "many"], "Row 2: The column 'Likes' holds 'many'"),
        (["Moon", "Likes"], ["full", 1], "2 No column holds the time of the posts"),
        (["When", "Views"], ["2026-01-05T09:00Z", 1], "2 No column holds reactions"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_row(
    on_both: Path, heads: list[str], row: list[object], says: str
) -> None:
    file = export(on_both / "bad.csv", [row], heads)

    out = run("post", "import", file, "--channel", "Page")

    assert out.code == 2
    assert says.removeprefix("2 ") in out.out + out.err


def test_a_file_of_two_ways_to_write_dates_is_refused(on_both: Path) -> None:
    rows: list[list[object]] = [["2026-01-05T09:00Z", 1], ["05/01/2026 09:00", 1]]
    file = export(on_both / "mixed.csv", rows, ["When", "Likes"])

    assert refused("slots", "evaluate", file).startswith("2 Dates are written in more than one way")
