"""Commands of feeds: what opens them, lists in and out, health, a new address, and their end."""

import sqlite3
from pathlib import Path

import pytest

from tests.cli.conftest import Blog
from tests.cli.driving import done, program, refused, run
from tests.servers.loopback import Loopback

pytestmark = pytest.mark.usefixtures("folder")


def test_a_poll_says_how_many_entries_came(site: Loopback, blog: Blog) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    assert "It was read: 0 new entries." in run("feed", "poll", "A blog").out
    blog.entries = 7
    assert "It was read: 2 new entries." in run("feed", "poll", "A blog").out
    assert done("feed", "poll", "A blog")["came"] == {"new": 0, "edited": 0, "posts": 0}
    blog.well_known = False
    assert "It failed: 127.0.0.1 has no feed at this address (404)" in run("feed", "poll", "A blog").out


def test_what_opens_a_feed_comes_from_the_environment_or_standard_input_and_is_never_shown(
    site: Loopback, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    monkeypatch.setenv("TABUH_CREDENTIAL_FEED", "hush")
    changed = done("feed", "access", "A blog", "basic", "--auth-name", "ana")
    assert changed["access"] == "basic"
    done("feed", "poll", "A blog")
    assert site.requests[-1].headers["authorization"] == "Basic YW5hOmh1c2g="
    monkeypatch.delenv("TABUH_CREDENTIAL_FEED")
    told = program("feed", "access", "A blog", "bearer", folder=folder, given="token-7\n")
    assert (told.code, told.err) == (0, "")
    done("feed", "poll", "A blog")
    assert site.requests[-1].headers["authorization"] == "Bearer token-7"
    shown = [run("feed", verb, *which).out for verb, *which in (("show", "A blog"), ("list",), ("export",))]
    assert not [text for text in shown if "token-7" in text or "hush" in text]
    assert done("feed", "access", "A blog", "none")["access"] is None
    done("feed", "poll", "A blog")
    assert "authorization" not in site.requests[-1].headers
    assert "one of: basic, bearer, header, cookie" in refused("feed", "access", "A blog", "digest")


def test_a_feed_that_needs_a_password_is_added_with_it(
    site: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABUH_CREDENTIAL_FEED", "k")
    added = done(
        "feed",
        "add",
        f"{site.url}/feed.xml",
        "--existing",
        "none",
        "--auth",
        "header",
        "--auth-name",
        "X-Key",
    )
    assert added["access"] == "header"
    assert site.requests[-1].headers["x-key"] == "k"


def test_lists_come_in_and_go_out(site: Loopback, folder: Path) -> None:
    listed = folder / "feeds.opml"
    listed.write_text(
        f"<opml><body><outline text='Blogs'><outline xmlUrl='{site.url}/feed.xml' text='B'/></outline>"
        f"<outline xmlUrl='{site.url}/feed.xml'/><outline xmlUrl='nonsense'/></body></opml>"
    )
    assert "1 feed would be added" in run("feed", "import", str(listed), "--dry-run").out
    told = done("feed", "import", str(listed), "--existing", "newest")
    assert told["added"] == told["repeated"] == [f"{site.url}/feed.xml"]
    assert told["refused"] == ["nonsense (no web address)"]
    assert done("feed", "import", str(listed))["known"] == [f"{site.url}/feed.xml"]
    assert "Blogs" in run("feed", "export").out
    out = folder / "out.opml"
    assert run("feed", "export", str(out)).code == 0
    assert "Blogs" in out.read_text()
    assert "cannot be read" in refused("feed", "import", str(folder / "missing.opml"))
    assert "no feeds" in refused("feed", "import", str(_written(folder / "a.opml", "<html/>")))


def _written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_health_tells_of_each_feed_what_a_person_wants_to_know(site: Loopback, blog: Blog) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    [told] = done("feed", "health")
    assert (told["health"], told["last_status"], told["week"]["entries"]) == ("healthy", 200, 5)
    assert told["next_at"]
    assert told["next_reason"]
    assert (told["server_quiet_until"], told["hub"]) == (None, None)
    blog.well_known = False
    run("feed", "poll", "A blog")
    assert "has no feed at this address (404)" in run("feed", "health").out


def test_a_feed_is_moved_and_removed_and_added_again(site: Loopback) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    assert "shows no entries" in refused("feed", "move", "A blog", f"{site.url}/empty.xml")
    assert done("feed", "move", "A blog", f"{site.url}/feed.xml")["url"] == f"{site.url}/feed.xml"
    gone = run("feed", "remove", "A blog", "--yes")
    assert f"To have it back: tabuh feed add {site.url}/feed.xml" in gone.out
    assert done("feed", "list") == []
    assert len(done("feed", "show", done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")["url"])[
        "entries"
    ]) == 5  # fmt: skip


def test_another_user_agent_is_used(site: Loopback) -> None:
    done("feed", "add", f"{site.url}/feed.xml", "--existing", "none")
    assert done("feed", "agent", "A blog", "Reader/1")["user_agent"] == "Reader/1"
    done("feed", "poll", "A blog")
    assert site.requests[-1].headers["user-agent"] == "Reader/1"
    assert done("feed", "agent", "A blog", "")["user_agent"] is None


def test_a_410_names_commands_that_exist(site: Loopback) -> None:
    sentence = refused("feed", "add", f"{site.url}/gone.xml", "--existing", "none")
    for command in ("tabuh feed move", "tabuh feed remove"):
        assert f"`{command}`" in sentence
        assert run(*command.split()[1:], "--help").code == 0


def test_a_look_by_hand_waits_for_its_turn_at_the_server(site: Loopback) -> None:
    for path in ("feed.xml", "feed.xml?b"):
        done("feed", "add", f"{site.url}/{path}", "--existing", "none")
    asked = site.count("/feed.xml")
    told = [done("feed", "poll", f"{site.url}/feed.xml") for _ in range(2)]
    assert [one["waits"] for one in told] == [False, False]
    assert site.count("/feed.xml") == asked + 2


def test_a_round_until_idle_waits_for_all_feeds_of_a_server(site: Loopback, folder: Path) -> None:
    outlines = "".join(f"<outline xmlUrl='{site.url}/feed.xml?{number}'/>" for number in range(3))
    listed = _written(folder / "three.opml", f"<opml><body>{outlines}</body></opml>")
    done("feed", "import", str(listed))
    for number in range(3):
        done("feed", "every", f"{site.url}/feed.xml?{number}", "1")
    with sqlite3.connect(folder / "data" / "tabuh.db") as database:
        database.execute("UPDATE feed SET next_at = '2026-01-01 00:00:00.000000'")
    done("tick", "--until-idle")
    assert {feed["last_status"] for feed in done("feed", "list")} == {200}
