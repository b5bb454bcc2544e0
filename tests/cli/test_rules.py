"""Rules, what-if, pausing everything, warnings and wishes by command, on both databases."""

import pytest

from tests.cli.driving import done, refused, run

pytestmark = pytest.mark.usefixtures("on_both")


def test_rules_are_set_shown_and_cleared() -> None:
    assert run("channel", "rules", "Page").out.startswith("No rules")

    told = done("channel", "rules", "Page", "--quiet", "22:00-06:00", "--cap-day", "5", "--gap", "90 min")

    assert told["saved"]
    assert told["rules"] == {"quiet": "22:00-06:00", "cap_day": "5", "gap": "1 h 30 min"}
    assert done("channel", "rules", "Page")["rules"] == told["rules"]
    assert "22:00-06:00" in run("channel", "rules", "Page").out
    cleared = done("channel", "rules", "Page", "--quiet", "none", "--cap-day", "", "--gap", "none")
    assert cleared["rules"] == {}


def test_what_if_shows_and_saves_nothing() -> None:
    told = done("channel", "rules", "Page", "--quiet", "08:00-18:00", "--what-if")

    assert not told["saved"]
    assert done("channel", "rules", "Page")["rules"] == {}
    assert "Nothing is saved yet." in run("channel", "plan", "Page", "--what-if").out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--quiet", "late"], "2 Cannot read the quiet hours 'late'"),
        (["--cap-day", "0"], "2 Cannot read '0' as a number of posts"),
        (["--holidays", "mars"], "2 Unknown holidays 'mars'"),
        (["--late", "never"], "2 Cannot read 'never' as a rule for late posts"),
    ],
)
def test_rules_that_cannot_be_read_are_refused(options: list[str], says: str) -> None:
    assert refused("channel", "rules", "Page", *options).startswith(says)


def test_everything_is_paused_with_a_reason_and_resumed() -> None:
    assert refused("pause").startswith("2 Say why everything is paused")
    assert done("pause", "--reason", "Earthquake") == {"paused": True, "reason": "Earthquake"}

    assert done("resume") == {"paused": False, "waiting": 0}
    assert refused("resume").startswith("2 Nothing is paused here")


def test_a_repeated_text_is_queued_with_a_note() -> None:
    text = "Promo kopi susu gula aren hari ini saja."
    done("post", "add", text)

    [again] = done("post", "add", text)
    [note] = again["warnings"]

    assert note.startswith("The same text stands on this channel already")
    assert "Note: The same text" in run("post", "add", text, "--draft").out


def test_a_hand_placed_post_in_quiet_hours_is_queued_with_a_note() -> None:
    done("channel", "rules", "Page", "--quiet", "08:00-18:00")

    [post] = done("post", "add", "One", "--at", "2030-01-02 09:00 channel")

    assert post["planned_wall"] == "2030-01-02T09:00:00"
    assert post["warnings"] == ["This hour lies in the channel's quiet hours."]


def test_post_show_says_why_then() -> None:
    [post] = done("post", "add", "One")

    told = done("post", "show", post["id"])

    assert told["placement"]["rank"] == 1
    assert "The soonest of" in run("post", "show", post["id"]).out


def test_wishes_are_given_with_a_post_and_changed() -> None:
    [post] = done("post", "add", "One", "--earliest", "2030-01-02 08:00 channel", "--priority", "high")

    assert post["planned_wall"] == "2030-01-02T09:00:00"
    assert post["priority"] == 1
    told = done("post", "wish", post["id"], "--priority", "low", "--earliest", "none")
    assert (told["priority"], told["earliest_at"]) == ("low", None)
    assert refused("post", "wish", post["id"], "--priority", "huge").startswith("2 Unknown priority 'huge'")


def test_a_route_overrides_a_rule_of_its_channel() -> None:
    assert refused("route", "rules", "Nobody").startswith("1 There is no route 'Nobody'")


def test_the_mix_and_its_gap_are_shown_with_the_rules() -> None:
    done("channel", "rules", "Page", "--mix", "link 50%")
    done("post", "add", "One", "--now")

    [this, _] = done("channel", "rules", "Page")["mix"]

    assert {one["kind"]: one["gap"] for one in this["shares"]} == {"link": -50.0, "text": None}
    assert "link 0 of 1 (0 %, at most 50 %: room for 50 points)" in run("channel", "rules", "Page").out


def test_status_promises_what_goes_out_and_until_when_it_lasts() -> None:
    [post] = done("post", "add", "One")

    told = done("status")

    assert told["promised_posts"] == 1
    assert told["queues_last_until"] == {"Page": post["planned_at"]}
    assert "1 post in 7 days if nobody does anything; queued: Page until" in run("status").out
    done("pause", "--reason", "Earthquake")
    assert (done("status")["paused"], done("status")["promised_posts"]) == ("Earthquake", 0)
