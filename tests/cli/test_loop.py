"""From a feed to a number, by commands alone, on both databases."""

from pathlib import Path

import pytest

from tests.cli.conftest import Blog
from tests.cli.driving import done, refused, run
from tests.servers.loopback import Loopback

pytestmark = pytest.mark.usefixtures("on_both")


def test_a_feed_becomes_published_posts_with_a_balanced_ledger(site: Loopback, blog: Blog) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "last:2")
    done("route", "add", "all", "--feed", "A blog", "--channel", "Page", "--timing", "at_once")

    ticked = done("tick", "--until-idle")

    assert ticked["posts"] == {"queued": -2, "published": 2}
    posts = done("post", "list")
    assert [post["text"].splitlines()[0] for post in posts] == ["Entry 4", "Entry 5"]
    assert {post["state"] for post in posts} == {"published"}
    ledger = done("ledger", "all")
    assert (ledger["seen"], ledger["holds"]) == (5, True)
    assert (ledger["fates"]["posted"], ledger["fates"]["skipped"]) == (2, 3)
    assert "5 seen = 2 posted + 3 skipped" in run("ledger", "all").out

    blog.entries = 7
    polled = done("feed", "poll", "A blog")
    assert polled["last_error"] is None
    assert done("tick", "--until-idle")["posts"] == {"queued": -2, "published": 2}
    assert done("tick", "--until-idle")["posts"] == {}
    assert len(done("post", "list", "--state", "published")) == 4


def test_a_preview_shows_what_would_be_posted_and_stores_nothing(site: Loopback) -> None:
    shown = done("feed", "preview", f"{site.url}/")  # a page that names the feed

    assert shown["url"] == f"{site.url}/feed.xml"
    assert shown["found_on"] == f"{site.url}/"
    assert shown["entries"][0]["would_post"]["text"].startswith("Entry 5")
    assert done("feed", "list") == []
    assert "Entry 5" in run("feed", "preview", f"{site.url}/feed.xml").out


def test_the_choice_about_existing_entries_must_be_made(site: Loopback) -> None:
    sentence = refused("feed", "add", f"{site.url}/feed.xml")

    assert sentence.startswith(
        "2 This feed has 5 entries already. Choose which of them to post: none, newest"
    )
    assert "last:N" in refused("feed", "add", f"{site.url}/feed.xml", "--existing", "some")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/missing", "404"),
        ("/gone.xml", "410"),
    ],
)
def test_an_address_that_gives_no_feed_is_a_sentence(site: Loopback, path: str, says: str) -> None:
    sentence = refused("feed", "add", f"{site.url}{path}", "--existing", "none")

    assert sentence.startswith("1 ")
    assert says in sentence


def test_a_page_that_names_no_feed_leads_to_a_well_known_place_if_there_is_one(
    site: Loopback, blog: Blog
) -> None:
    shown = done("feed", "preview", f"{site.url}/page.html")
    assert (shown["url"], shown["found_on"]) == (f"{site.url}/feed.xml", f"{site.url}/page.html")

    blog.well_known = False
    sentence = refused("feed", "add", f"{site.url}/page.html", "--existing", "none")
    assert "is a web page that names no feed" in sentence


def test_private_networks_are_refused_unless_they_are_allowed(
    site: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TABUH_ALLOWED_NETWORKS")

    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1"):
        sentence = refused("feed", "preview", f"http://{host}:{site.port}/feed.xml")
        assert sentence.startswith("1 ")
    assert "TABUH_ALLOWED_NETWORKS" in refused("feed", "preview", f"{site.url}/feed.xml")
    assert site.count() == 0


def test_feeds_are_listed_shown_paused_and_resumed(site: Loopback) -> None:
    added = done("feed", "add", f"{site.url}/feed.xml", "--existing", "none", "--every", "60")

    assert added["interval_override"] == 3600
    [line] = done("feed", "list")
    assert (line["title"], line["health"], line["entries"]) == ("A blog", "healthy", 5)
    assert "A blog" in run("feed", "list").out
    shown = done("feed", "show", added["id"])
    assert len(shown["entries"]) == 5
    assert "Next look" in run("feed", "show", "A blog").out
    assert done("feed", "pause", "A blog", "--reason", "a rest")["paused_reason"] == "a rest"
    assert refused("feed", "poll", "A blog").startswith("2 A blog is paused")
    assert done("feed", "resume", "A blog")["posts_made"] == 0
    assert done("feed", "every", "A blog", "0")["interval_override"] is None
    assert refused("feed", "every", "A blog", "99999").startswith("2 An interval is between")
    assert refused("feed", "add", f"{site.url}/feed.xml", "--existing", "none").startswith("2 ")


def test_what_a_feed_holds_is_shown_and_released_or_dismissed(site: Loopback, blog: Blog) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    done("route", "add", "all", "--feed", "A blog", "--channel", "Page", "--timing", "at_once")
    assert run("feed", "held").out == "Nothing is held.\n"
    assert refused("feed", "release", "A blog") == "2 A blog holds nothing."

    blog.entries = 17
    done("feed", "poll", "A blog")

    held = done("feed", "held", "A blog")
    assert [feed["asks_because"] for feed in held["feeds"]] == [
        "12 entries came at once, where hardly any is usual"
    ]
    assert len(held["entries"]) == 12
    assert {entry["fates"][0]["fate"] for entry in held["entries"]} == {"held"}
    said = run("feed", "held").out
    assert "A blog asks: 12 entries came at once" in said
    assert "tabuh feed release FEED" in said
    assert "12 entries came at once" in run("feed", "show", "A blog").out
    assert refused("feed", "release", "A blog", "--existing", "some").startswith("2 Cannot read the choice")

    assert done("feed", "release", "A blog", "--existing", "last:5")["posts_made"] == 5
    assert done("ledger", "all")["holds"]
    assert done("feed", "held")["entries"] == []

    blog.entries = 40
    done("feed", "poll", "A blog")
    assert done("feed", "dismiss", "A blog")["posts_made"] == 0
    fates = done("ledger", "all")["fates"]
    assert (fates["queued"], fates["held"], fates["skipped"]) == (5, 0, 35)


def test_old_texts_are_removed_by_hand(site: Loopback) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    assert done("feed", "purge") == {"purged": 0}
    assert run("feed", "purge", "--days", "30").out == "The texts of 0 entries were removed.\n"


def test_routes_are_changed_previewed_paused_and_resumed(site: Loopback, blog: Blog) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    added = done(
        "route", "add", "news", "--feed", "A blog", "--channel", "Page", "--include", "Entry 6",
        "--template", "{{ title }}!\\n{{ link }}", "--utm", "medium=social", "--approval",
    )  # fmt: skip
    assert added["template"] == "{{ title }}!\n{{ link }}"
    assert added["needs_approval"] is True
    assert "news" in run("route", "list").out
    assert "medium=social" in run("route", "show", "news").out

    changed = done("route", "change", "news", "--exclude", "Entry 7", "--no-approval", "--name", "fresh")
    assert (changed["include"], changed["exclude"]) == (["Entry 6"], ["Entry 7"])
    assert changed["needs_approval"] is False
    done("route", "pause", "fresh")
    blog.entries = 7
    done("feed", "poll", "A blog")
    done("route", "resume", "fresh")
    [post] = done("post", "list")
    assert post["text"].startswith("Entry 6!")
    assert "utm_medium=social" in post["text"] + (post["link"] or "")
    previewed = done("route", "preview", "fresh")
    assert {line["fate"] for line in previewed} == {"queued", "filtered"}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--template", "{{ titel }}"], "2 "),
        (["--template", "{% for x in y %}{% endfor %}"], "2 "),
        (["--utm", "medium"], "2 Cannot read --utm 'medium'"),
        (["--utm", "colour=red"], "2 Unknown UTM parameter"),
        (["--timing", "soon"], "2 Unknown timing 'soon'. Known: next_slot, at_once."),
        (["--late", "never"], "2 Unknown late 'never'"),
        (["--feed", "nothing"], "1 There is no feed 'nothing'"),
        (["--existing", "some"], "2 Cannot read the choice 'some'"),
    ],
)
def test_a_route_that_cannot_be_is_a_sentence(site: Loopback, arguments: list[str], says: str) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")

    assert refused("route", "add", "r", "--feed", "A blog", "--channel", "Page", *arguments).startswith(says)


def test_a_target_is_set_evaluated_and_closed() -> None:
    added = done("kpi", "add", "Readers", "--metric", "views", "--target", "5000", "--every", "month")

    assert added["status"] in ("on_track", "behind", "no_data")
    assert (added["target"], added["period"]) == (5000, "month")
    assert "Readers" in run("kpi", "list").out
    assert "5,000" in run("kpi", "show", "Readers").out
    done("tick", "--until-idle")
    done("kpi", "close", "Readers")
    assert done("kpi", "list") == []
    assert len(done("kpi", "list", "--closed")) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--metric", "joy", "--target", "5"], "2 "),
        (["--metric", "views", "--target", "many"], "2 Cannot read the target 'many'"),
        (["--metric", "views", "--target", "5"], "2 "),  # once, but until when
        (["--metric", "views", "--target", "5", "--every", "year"], "2 Unknown period 'year'"),
        (["--metric", "views", "--target", "5", "--deadline", "soon"], "2 Cannot read the day 'soon'"),
        (["--metric", "views", "--target", "5", "--every", "day", "--zone", "Mars"], "2 Unknown time zone"),
        (["--metric", "shares", "--target", "5", "--every", "day"], "2 "),  # a page has none
        (["--metric", "reach", "--target", "5", "--every", "day"], "2 "),  # never added up
    ],
)
def test_a_target_that_nothing_can_answer_is_refused(arguments: list[str], says: str) -> None:
    sentence = refused("kpi", "add", "K", *arguments)

    assert sentence.startswith(says)
    assert len(sentence) > 20


def test_statistics_of_a_published_post(folder: Path) -> None:
    done("post", "add", "Hello", "--now")
    done("tick", "--until-idle")

    listed = done("stats", "list")
    [post] = listed["posts"]
    assert post["figures"]["views"]["passport"]["sources"] == ["tabuh"]
    assert post["figures"]["shares"]["value"] is None
    assert post["figures"]["shares"]["absence"] == "not_supplied"
    assert "Hello" in run("stats", "list").out
    assert done("stats", "post", post["id"])["growth"] == {}
    assert "Hello" in run("stats", "post", post["id"]).out
    assert refused("stats", "list", "--sort", "beauty").startswith("2 ")
    assert done("stats", "breakdown", "--by", "kind")["total"]["posts"] == 1
    assert "All posts" in run("stats", "breakdown", "--by", "slot", "--days", "365").out
    assert refused("stats", "breakdown", "--by", "beauty").startswith("2 ")
    assert "impressions" in run("stats", "metrics").out
