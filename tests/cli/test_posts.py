"""What people do with posts and channels by command, on both databases."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.driving import done, refused, run

pytestmark = pytest.mark.usefixtures("on_both")


def test_without_a_time_a_post_takes_the_next_slot_of_the_only_channel() -> None:
    first, second = (done("post", "add", text)[0] for text in ("One", "Two"))

    assert (first["state"], first["placed_by"], first["planned_zone"]) == ("queued", "person", "Asia/Jakarta")
    walls = [datetime.fromisoformat(post["planned_wall"]) for post in (first, second)]
    assert all(wall.strftime("%H:%M") in ("09:00", "12:00", "17:00") for wall in walls)
    assert walls[0] < walls[1]
    assert "WIB" in run("post", "list").out


def test_ids_are_strings_and_instants_are_utc() -> None:
    [post] = done("post", "add", "One", "--at", "2030-01-02 09:00 channel")

    assert isinstance(post["id"], str)
    assert isinstance(post["channel_id"], str)
    assert post["planned_at"] == "2030-01-02T02:00:00Z"
    assert post["planned_wall"] == "2030-01-02T09:00:00"


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (
            "2030-01-02 09:00",
            "2 The time '2030-01-02 09:00' names no zone. Write '2030-01-02 09:00 Asia/Jakarta'",
        ),
        ("2030-01-02 09:00 Mars/Olympus", "2 Unknown time zone 'Mars/Olympus'"),
        ("tomorrow", "2 Cannot read the time 'tomorrow'"),
        ("2020-01-02 09:00 UTC", "2 2020-01-02 09:00 UTC has passed"),
        ("", "2 Cannot read the time ''"),
    ],
)
def test_a_time_that_is_not_clear_is_refused(at: str, says: str) -> None:
    assert refused("post", "add", "One", "--at", at).startswith(says)
    assert done("post", "list") == []


def test_two_times_are_refused() -> None:
    assert refused("post", "add", "One", "--now", "--draft").startswith("2 Name one time only")


def test_a_post_goes_to_each_channel_that_is_named() -> None:
    done("channel", "add", "page", "Second", "--zone", "Europe/Berlin")

    assert refused("post", "add", "One").startswith("2 Say where with --channel: Page, Second.")
    made = done("post", "add", "One", "--channel", "Page", "--channel", "Second", "--now")
    assert [post["channel"] for post in made] == ["Page", "Second"]
    assert refused("post", "add", "One", "--channel", "Second").startswith(
        "2 Channel 'Second' has no posting"
    )


def test_the_text_may_come_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("From a pipe\n"))

    assert done("post", "add", "-", "--draft")[0]["text"] == "From a pipe"


def test_a_post_is_edited_moved_skipped_and_queued_again() -> None:
    [post] = done("post", "add", "One", "--draft")
    number = post["id"]

    assert done("post", "edit", number, "Better")["text"] == "Better"
    moved = done("post", "move", number, "--at", "2030-01-02T09:00+07:00")
    assert (moved["state"], moved["planned_at"]) == ("queued", "2030-01-02T02:00:00Z")
    skipped = done("post", "skip", number, "--reason", "not now")
    assert (skipped["state"], skipped["reason"]) == ("skipped", "not now")
    assert done("post", "retry", number)["state"] == "queued"
    assert done("post", "move", number, "--next-slot")["planned_at"] != "2030-01-02T02:00:00Z"
    assert refused("post", "move", number).startswith("2 Say when")
    assert refused("post", "found", number).startswith("2 A post that is queued cannot become published.")
    assert refused("post", "absent", number).startswith("2 Only an uncertain post can be absent")
    assert refused("post", "approve", number).startswith("2 ")
    shown = done("post", "show", number)
    assert [change["what"] for change in shown["changes"]][:3] == ["wrote", "edited", "moved"]
    assert "edited (person)" in run("post", "show", number).out


def test_posts_are_filtered_and_counted() -> None:
    done("post", "add", "One", "--draft")
    done("post", "add", "Two", "--now")

    assert [post["text"] for post in done("post", "list", "--state", "draft")] == ["One"]
    assert len(done("post", "list", "--limit", "1")) == 1
    assert "1 draft, 1 queued" in run("post", "list").out


def test_an_empty_post_is_refused() -> None:
    assert refused("post", "add", "  ", "--now").startswith("2 The post has neither text nor link.")


def test_a_schedule_is_shown_replaced_and_cleared() -> None:
    assert done("channel", "schedule", "Page")["schedule"] == "daily 09:00,12:00,17:00"
    assert (
        done("channel", "schedule", "Page", "mon-fri 8:30; sat 10:00")["schedule"]
        == "mon-fri 08:30; sat 10:00"
    )
    assert done("channel", "schedule", "Page", "")["schedule"] == ""
    assert refused("channel", "schedule", "Page", "someday 9:00").startswith("2 Unknown day 'someday'")
    assert refused("channel", "schedule", "Page", "mon 25:00").startswith("2 Cannot read the time '25:00'")


def test_a_paused_channel_publishes_nothing_until_it_is_resumed() -> None:
    done("channel", "pause", "Page", "--reason", "holiday")
    done("post", "add", "One", "--now")
    done("tick", "--until-idle")
    [waiting] = done("post", "list")
    assert waiting["state"] == "queued"
    assert "holiday" in waiting["reason"]

    assert done("channel", "resume", "Page")["waiting"] == 1
    done("post", "move", waiting["id"], "--now")
    done("tick", "--until-idle")
    assert done("post", "list")[0]["state"] == "published"


def test_channels_are_shown_and_tested() -> None:
    assert done("channel", "test", "Page")["works"] is True
    shown = done("channel", "show", "Page")
    assert (shown["platform"], shown["zone"], shown["state"]) == ("page", "Asia/Jakarta", "active")
    assert shown["url"].endswith("/p/page")
    assert "daily 09:00" in run("channel", "list").out
    assert "mastodon" in run("channel", "platforms").out
    assert refused("channel", "add", "page", "Page").startswith("2 There is a channel called 'Page' already")
    assert refused("channel", "add", "page", "X", "--zone", "Mars").startswith("2 Unknown time zone 'Mars'")


def test_the_hour_of_a_post_is_shown_as_the_channels_clock_shows_it(folder: Path) -> None:
    at = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0, second=0)
    done("post", "add", "One", "--at", at.isoformat())

    assert at.astimezone(ZoneInfo("Asia/Jakarta")).strftime("%Y-%m-%d %H:%M WIB") in run("post", "list").out
