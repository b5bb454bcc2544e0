"""Experiments by command."""

import pytest

from tests.cli.driving import done, refused, run

pytestmark = pytest.mark.usefixtures("on_both")


def published(*texts: str) -> list[str]:
    """Posts that went out on the page, by their numbers."""
    made = [done("post", "add", text, "--now")[0]["id"] for text in texts]
    done("tick")
    return made


def test_an_experiment_is_started_filled_shown_and_ended() -> None:
    one, two = published("Kopi Gayo", "Kopi Gayo?")

    row = done(
        "experiment", "add", "Questions", "--question", "Do questions help?", "--by", "views", "--size", "20",
        "--age", "7d", "--arm", "Plain", "--arm", "Question",
    )  # fmt: skip
    done("experiment", "post", "Questions", one, "--arm", "plain")
    given = done("experiment", "post", row["id"], two, "--arm", "B")
    shown = run("experiment", "show", "Questions").out
    [listed] = done("experiment", "list")
    ended = done("experiment", "end", "Questions", "--reason", "Enough")

    assert (row["age"], row["age_seconds"], row["method"], row["size"]) == ("7d", 604800, "always", 20)
    assert [(one["name"], one["posts"]) for one in given["arms"]] == [("Plain", 1), ("Question", 1)]
    assert [one["standing"] for one in given["posts"]] == ["waiting", "waiting"]
    assert "Not enough data: each arm needs at least 5 posts measured at the age of 7 days" in shown
    assert "Do questions help?" in shown
    assert [arm["posts"] for arm in listed["arms"]] == [1, 1]
    assert (ended["state"], ended["frozen"], ended["reason"]) == ("ended", True, "Enough")
    assert ended["verdict"][0]["id"].startswith("Data belum cukup")
    assert "Questions" in run("experiment", "list").out


def test_an_experiment_begins_with_a_post_and_a_draft() -> None:
    [one] = published("Kopi Gayo")

    made = done("experiment", "add", "Pictures", "--by", "views", "--size", "9", "--from", one)
    [first, second] = made["posts"]
    taken = done("experiment", "unpost", "Pictures", second["id"])

    assert (first["id"], first["arm"], second["arm"], second["standing"]) == (one, 1, 2, "planned")
    assert [post["id"] for post in taken["posts"]] == [one]
    assert done("experiment", "stop", "Pictures")["state"] == "stopped"


def test_how_many_posts_it_takes_is_asked_without_storing_anything() -> None:
    found = done("experiment", "add", "Pictures", "--by", "views", "--dry-run")

    assert found["needed"] is None
    assert found["said"][0]["en"].startswith("Not enough data to say how many posts it takes: 0 posts")
    assert done("experiment", "list") == []
    assert "No experiments yet" in run("experiment", "list").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "Q", "--by", "views"), "2 Too few past posts of these channels"),
        (("add", "Q", "--by", "nps", "--size", "9"), "2 Net promoter score"),
        (("add", "Q", "--age", "8h"), "2 Posts are not read at the age '8h'. Choose one of: 15min, 1h, 3h"),
        (("add", "Q", "--until", "soon"), "2 Cannot read the day 'soon'."),
        (("add", "Q", "--channel", "Nowhere"), "1 "),
        (("show", "Nothing"), "1 There is no experiment 'Nothing'. `tabuh experiment list` shows"),
        (("show", "12"), "1 There is no experiment 12."),
        (("post", "Nothing", "1", "--arm", "A"), "1 There is no experiment 'Nothing'."),
    ],
)
def test_what_makes_no_sense_is_one_sentence(arguments: tuple[str, ...], says: str) -> None:
    assert refused("experiment", *arguments).startswith(says)
