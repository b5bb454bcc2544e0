"""`tabuh route`: rules, words and pace as options, trying before saving, copying and removing."""

import pytest

from tests.cli.driving import done, refused, run
from tests.servers.loopback import Loopback

pytestmark = pytest.mark.usefixtures("on_both")


@pytest.fixture
def feed(site: Loopback) -> str:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    return "A blog"


def add(feed: str, *options: str, name: str = "news") -> dict[str, object]:
    added = done("route", "add", name, "--feed", feed, "--channel", "Page", "--timing", "at_once", *options)
    assert isinstance(added, dict)
    return added


def test_what_a_route_is_told_is_kept_shown_and_changed(feed: str) -> None:
    added = add(
        feed, "--only", "title has entry || category is x", "--only", "language is en, unknown",
        "--never", "length under 3", "--prefix", "New:\\n", "--suffix", "#end",
        "--tag", "Web=#webdev", "--tag", "Ads=",
        "--always-tag", "#blog", "--most-tags", "3", "--picture", "content", "--picture-width", "200",
        "--picture-instead", "https://x.test/l.png", "--picture-alt", "{{ title }}", "--per-run", "2",
        "--per-day", "3", "--gap", "15", "--first", "newest",
    )  # fmt: skip
    assert [group["act"] for group in added["filters"]] == ["only", "only", "never"]  # type: ignore[attr-defined]
    assert added["prefix"] == "New:\n"
    assert added["tags"] == {"instead": {"Web": "#webdev", "Ads": ""}, "always": ["#blog"], "most": 3}
    assert (added["per_run"], added["per_day"], added["gap_minutes"], added["newest_first"]) == (
        2,
        3,
        15,
        True,
    )
    shown = run("route", "show", "news").out
    for part in (
        "only if title has entry || category is x", "never if length under 3",
        "#blog, Ads=, Web=#webdev, at most 3",
        "content, at least 200 px wide, else https://x.test/l.png, in words: {{ title }}", "2 a run, 3 a day",
        "15 min", "newest",
    ):  # fmt: skip
        assert part in shown, part

    changed = done("route", "change", "news", "--only", "", "--per-day", "0", "--first", "oldest")
    assert [str(group["act"]) for group in changed["filters"]] == ["never"]
    assert (changed["per_run"], changed["per_day"], changed["newest_first"]) == (2, None, False)
    assert changed["tags"] == added["tags"]


def test_a_dry_run_shows_and_stores_nothing(feed: str) -> None:
    tried = done(
        "route", "add", "news", "--feed", feed, "--channel", "Page", "--timing", "at_once",
        "--never", "title has 4", "--per-run", "1", "--dry-run",
    )  # fmt: skip
    assert sorted(line["fate"] for line in tried) == ["filtered", "held", "held", "held", "queued"]
    assert done("route", "list") == []
    add(feed)
    differs = done("route", "change", "news", "--template", "{{ title }}!", "--dry-run")
    assert {line["before"]["would_post"]["text"][:7] for line in differs} == {
        f"Entry {number}" for number in range(1, 6)
    }
    assert "Nothing was stored." in run("route", "change", "news", "--prefix", "x", "--dry-run").out
    assert done("route", "show", "news")["template"] != "{{ title }}!"


def test_the_last_days_are_replayed_by_other_rules(feed: str) -> None:
    add(feed)
    past = done("route", "replay", "news", "--days", "30")
    assert (past["seen"], past["fates"]["posted"], past["held_back"]) == (5, 5, 0)
    capped = done("route", "replay", "news", "--days", "30", "--per-day", "1", "--gap", "1500")
    assert capped["fates"]["posted"] + capped["fates"]["queued"] + capped["fates"]["held"] == 5
    assert max(capped["days"].values()) == 1
    said = run("route", "replay", "news", "--never", "title has 4").out
    assert "5 seen = 4 posted + 1 filtered" in said
    assert "stopped by the rule: never if title has 4" in said


def test_the_list_adds_up(feed: str) -> None:
    add(feed, "--existing", "last:3", "--per-run", "1", "--never", "title has 5")
    [line] = done("route", "list")
    assert line["seen"] == sum(line["fates"].values()) == 5
    said = run("route", "list").out
    for column in ("Seen", "Posted", "Queued", "Held", "Filtered", "Duplicate", "Skipped", "Failed"):
        assert column in said


def test_a_route_is_copied_and_removed(feed: str) -> None:
    add(feed, "--existing", "newest", "--prefix", "A:")
    copy = done("route", "clone", "news", "more", "--prefix", "B:")
    assert (copy["prefix"], copy["fates"]["skipped"]) == ("B:", 5)
    assert refused("route", "remove", "news").startswith("2 Route 'news' has 1 post that did not go out yet.")
    assert done("route", "remove", "news", "--posts", "skip")["removed_at"]
    assert [line["name"] for line in done("route", "list")] == ["more"]
    assert [post["state"] for post in done("post", "list", "--state", "skipped")] == ["skipped"]
    assert refused("route", "show", "news").startswith("1 There is no route 'news'.")


def test_a_channel_says_what_its_routes_do_not(feed: str) -> None:
    assert done("channel", "template", "Page", "{{ title }} on {{ channel }}")["template"]
    add(feed, "--template", "")
    assert {line["would_post"]["text"] for line in done("route", "preview", "news", "--limit", "1")} == {
        "Entry 5 on Page"
    }
    assert "the channel's own" in run("route", "show", "news").out
    assert done("channel", "template", "Page", "")["template"] is None
    assert refused("channel", "template", "Page", "{{ titel }}").startswith("2 The template names 'titel'")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--only", "title"], "2 Cannot read the rule 'title'."),
        (["--only", "title has a || text has b && link has c"], "2 The rule 'title has a"),
        (["--never", "text matches (a+)+$"], "2 The pattern '(a+)+$' takes too long"),
        (["--per-day", "501"], "2 A cap per day is between 1 and 500 posts; 501 is not."),
        (["--gap", "-1"], "2 The gap between two posts is between"),
        (["--first", "last"], "2 Unknown order 'last'. Known: oldest, newest."),
        (["--tag", "Web"], "2 Cannot read --tag 'Web'. Write it as CATEGORY=HASHTAG"),
        (["--always-tag", "2026"], "2 '2026' is no hashtag"),
        (["--picture", "big"], "2 Unknown picture 'big'. Known: entry, content, none."),
        (["--prefix", "{{ x }}"], "2 The template names 'x'"),
    ],
)
def test_what_cannot_be_is_a_sentence(feed: str, options: list[str], says: str) -> None:
    assert refused("route", "add", "r", "--feed", feed, "--channel", "Page", *options).startswith(says)
    assert refused("route", "replay", "r", "--days", "3").startswith("1 There is no route 'r'.")
