"""`tabuh demo`: a folder of its own, filled once, shown as simulated, and closed to the outside."""

from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from tests.cli.driving import Service, done, program, refused, run
from tests.servers.loopback import Loopback

#: Little, and so quickly written.
LITTLE = ("--posts-per-day", "1", "--until", "2026-06-01")


def test_a_year_is_simulated_once_and_opened_again_after_that(folder: Path) -> None:
    own = _held(folder / "data")

    first = run("demo", *LITTLE, "--no-serve", "--json")
    again = done("demo", "--no-serve")

    assert first.code == 0
    assert "Simulating a year: 50 %" in first.err.splitlines()
    assert again == {
        "filled": False,
        "data_dir": "demo-data",
        "seed": 7,
        "until": "2026-06-01",
        "posts_per_day": 1.0,
    }
    assert (folder / "demo-data" / "tabuh.db").exists()
    assert _held(folder / "data") == own


def test_simulating_anew_is_asked_for(folder: Path) -> None:
    before = done("demo", *LITTLE, "--data-dir", "other", "--no-serve")

    after = done("demo", *LITTLE, "--data-dir", "other", "--seed", "8", "--again", "--no-serve")

    assert (before["filled"], after["filled"]) == (True, True)
    assert (before["seed"], after["seed"]) == (7, 8)
    assert before["rows"]["post"] > 300
    assert done("--data-dir", "other", "status")["posts"]["published"] > 250


def test_reports_of_the_last_month_and_week_wait_to_be_written(folder: Path) -> None:
    done("demo", *LITTLE, "--no-serve")
    done("demo", *LITTLE, "--no-serve", "--again")

    asked = done("--data-dir", "demo-data", "report", "list")
    run("--data-dir", "demo-data", "tick")
    written = done("--data-dir", "demo-data", "report", "list")

    assert {(one["every"], one["first"], one["last"]) for one in asked} == {
        ("month", "2026-05-01", "2026-05-31"),
        ("week", "2026-05-25", "2026-05-31"),
    }
    assert [one["state"] for one in written] == ["ready", "ready"]


def test_it_fits_postgresql_too(on_both: Path) -> None:
    filled = done("demo", *LITTLE, "--no-serve")

    assert filled["rows"]["post"] > 300
    assert done("--data-dir", "demo-data", "status")["posts"]["published"] > 250


def test_a_database_with_posts_of_ones_own_is_left_alone(folder: Path) -> None:
    done("status")
    before = (folder / "data" / "tabuh.db").read_bytes()

    sentence = refused("demo", "--data-dir", "data", "--again", "--no-serve")

    assert sentence.startswith("2 data/tabuh.db holds posts of your own")
    assert "--data-dir" in sentence
    assert (folder / "data" / "tabuh.db").read_bytes() == before


def test_a_year_that_ends_in_the_future_is_refused(folder: Path) -> None:
    later = datetime.now(UTC).date() + timedelta(days=2)

    assert refused("demo", "--until", str(later)).startswith("2 The year cannot end after today")
    assert refused("demo", "--until", "soon") == "2 Cannot read the day 'soon'. Write it as 2026-12-31."
    assert refused("demo", "--posts-per-day", "5000").startswith("2 Choose 1 to 60 posts a day")
    assert not (folder / "demo-data" / "tabuh.db").exists()


def test_no_command_reaches_out_of_a_demonstration(folder: Path, site: Loopback) -> None:
    done("demo", *LITTLE, "--no-serve")

    worked = done("--data-dir", "demo-data", "tick", "--until-idle")
    sentence = refused("--data-dir", "demo-data", "feed", "add", f"{site.url}/feed.xml", "--existing", "none")

    # Looking after figures and feeds only reads, and so does writing a report; nothing is told to anybody.
    assert {name for name, number in worked["handled"].items() if number} <= {"watch", "report"}
    assert worked["posts"] == {}
    assert "this is a demonstration, and nothing leaves it" in sentence
    assert site.count() == 0


def test_a_person_who_queues_a_post_in_a_demonstration_sends_nothing(folder: Path) -> None:
    done("demo", *LITTLE, "--no-serve")
    channel = "Sosial Nusantara"
    done("--data-dir", "demo-data", "channel", "resume", channel)
    post = done("--data-dir", "demo-data", "post", "add", "Hello", "--channel", channel, "--now")[0]["id"]

    done("--data-dir", "demo-data", "tick")

    shown = done("--data-dir", "demo-data", "post", "show", post)
    assert shown["state"] == "queued"
    assert "this is a demonstration, and nothing leaves it" in shown["reason"]


def test_every_page_says_that_it_is_simulated(folder: Path) -> None:
    with Service(folder, "demo", *LITTLE) as service:
        greeting = service.greeting(60)
        [page] = greeting["pages"]

        assert "Angka simulasi" in _read(page)  # the page's own language is Indonesian
        assert service.stop() == 0


def test_it_ends_at_once_where_the_folder_cannot_be_made(folder: Path) -> None:
    (folder / "taken").write_text("a file")

    said = program("demo", "--data-dir", "taken", "--no-serve", folder=folder)

    assert said.code == 1
    assert "cannot be made" in said.err
    assert "Traceback" not in said.err


def _held(data: Path) -> dict[str, bytes]:
    return {str(file): file.read_bytes() for file in data.rglob("*") if file.is_file()}


def _read(url: str) -> str:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 80, timeout=20)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()
