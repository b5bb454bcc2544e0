"""The service as a process: it shows the whole loop from one line, and stops as it should."""

import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from cli.daemon import follow
from cli.opening import opened_with
from cli.running import housekeeping
from config.settings import load
from scheduler.kinds import KINDS
from scheduler.ticks import Runner
from scheduler.worker import PublishingWorker
from tests.cli.conftest import Blog
from tests.cli.driving import Service, child_environment, done, program
from tests.servers.loopback import Answer, Loopback, slowly
from tests.servers.ports import free_port


def read(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def wait_until(what: str, check: object, seconds: float = 120) -> None:
    assert callable(check)
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.05)


def test_one_line_shows_the_whole_loop(folder: Path, site: Loopback, blog: Blog) -> None:
    with Service(folder, "up", "--feed", f"{site.url}/feed.xml") as service:
        greeting = service.greeting()
        [page] = greeting["pages"]
        wait_until("the page has three entries", lambda: read(page).count(">blog.test<") >= 3)
        shown = read(page)
        assert "Entry 5" in shown
        assert "Entry 3" in shown
        assert "Entry 2" not in shown
        assert read(greeting["sign_in"])
        assert read(f"{greeting['address']}/readyz") == "ready\n"
        assert done("status")["running"] is True
        assert service.stop() == 0
    assert "Stopping" in "".join(service.said)

    # The same line again fails and doubles nothing, even while the feed cannot be reached.
    site.close()
    with Service(folder, "up", "--feed", f"{site.url}/feed.xml") as service:
        service.greeting()
        assert service.stop(signal.SIGTERM) == 0
    assert len(done("feed", "list")) == 1
    assert len(done("route", "list")) == 1
    assert len(done("post", "list", "--state", "published")) == 3
    assert done("status")["running"] is False


def test_commands_name_the_address_that_up_was_started_with(folder: Path) -> None:
    done("link", "add", "https://shop.example/gongs", "--code", "gongs")
    with Service(folder, "up") as service:  # on a free port, by --port
        address = service.greeting()["address"]

        assert done("link", "show", "gongs")["address"] == f"{address}/l/gongs"
        assert done("status")["public_address"] == address
        assert service.stop() == 0
    assert done("link", "show", "gongs")["address"] == f"{address}/l/gongs"


def test_an_address_that_is_set_holds_before_that_of_the_last_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Service(folder, "up") as service:
        assert read(f"{service.greeting()['address']}/readyz") == "ready\n"
        assert service.stop() == 0
    monkeypatch.setenv("TABUH_PUBLIC_URL", "https://post.example.org")

    assert done("status")["public_address"] == "https://post.example.org"


def test_no_look_says_a_word_in_an_ordinary_start(folder: Path, site: Loopback, blog: Blog) -> None:
    with opened_with(load(), works=True) as tabuh, capture_logs() as logged:
        follow(tabuh, f"{site.url}/feed.xml", "last:3")
        for _ in range(2):
            for kind in KINDS:
                runner: Runner[Any] = Runner(tabuh.context, kind)
                runner.drain()
                runner.stop()
            PublishingWorker(tabuh.context, width=2).run_until_idle()
            for look in housekeeping(tabuh):
                look.do()

    assert len(done("post", "list", "--state", "published")) == 3
    assert [event for event in logged if event["log_level"] != "debug"] == []


def test_a_terminal_shows_where_to_look_and_nothing_else(folder: Path, site: Loopback, blog: Blog) -> None:
    command = ["up", "--no-open", "--port", "0", "--feed", f"{site.url}/feed.xml"]
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main", *command],
        cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=child_environment(),
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        shown = [process.stdout.readline() for _ in range(3)]
        wait_until("it has posted and looked after everything", lambda: _audited(folder))
        process.send_signal(signal.SIGINT)
        shown += process.stdout.readlines()

    assert process.returncode == 0, shown
    assert [line.split()[0] for line in shown] == ["Tabuh", "Page", "Sign", "Stopping:", "Stopped."]


def _audited(folder: Path) -> bool:
    """Whether the last look of a start has ended, and the first posts are out."""
    with closing(sqlite3.connect(folder / "data" / "tabuh.db", timeout=60)) as database:
        [audits] = database.execute("SELECT count(*) FROM audit").fetchone()
        [posts] = database.execute("SELECT count(*) FROM post WHERE state = 'published'").fetchone()
    return bool(audits and posts == 3)


def test_a_page_that_names_the_feed_adds_it_once(folder: Path, site: Loopback, blog: Blog) -> None:
    for url in (f"{site.url}/", f"{site.url}/feed.xml", f"{site.url}/", f" {site.url}/feed.xml "):
        with opened_with(load()) as tabuh:
            follow(tabuh, url, "last:3")
    blog.entries = 6
    done("feed", "poll", "A blog")
    done("tick", "--until-idle")

    assert len(done("feed", "list")) == 1
    [route] = done("route", "list")
    assert (route["name"], route["timing"]) == ("127.0.0.1", "at_once")
    texts = [post["text"].splitlines()[0] for post in done("post", "list", "--state", "published")]
    assert sorted(texts) == ["Entry 3", "Entry 4", "Entry 5", "Entry 6"]


def test_without_a_command_the_service_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("TABUH_PORT", str(port))
    process = subprocess.Popen(
        [sys.executable, "-m", "cli.main"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, env=child_environment(),
    )  # fmt: skip
    with process:
        wait_until("it answers", lambda: _answers(f"http://127.0.0.1:{port}/healthz"))
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 0, err
    assert f"http://127.0.0.1:{port}/sign-in/link/" in out
    assert f"http://127.0.0.1:{port}/p/page" in out


def _answers(url: str) -> bool:
    try:
        return read(url) == "alive\n"
    except OSError:
        return False


def test_a_second_service_on_the_same_file_is_refused(folder: Path) -> None:
    with Service(folder) as service:
        service.greeting()
        second = program("up", "--no-open", "--port", "0", folder=folder)
        ticking = program("tick", folder=folder)
        number = service.process.pid
        assert service.stop() == 0

    assert second.code == 1
    assert second.err.startswith(f"error: Tabuh is at work on data/tabuh.db already (process {number}).")
    assert ticking.code == 1
    assert program("tick", folder=folder).code == 0


def test_a_port_in_use_is_a_sentence(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = program("up", "--no-open", "--port", str(port), folder=folder)

    assert said.code == 1
    assert said.err == (
        f"error: Port {port} on 127.0.0.1 is in use. Stop the program that has it, or set TABUH_PORT "
        "to another port.\n"
    )


@pytest.mark.parametrize("host", ["no-such-host.invalid", "203.0.113.1"])
def test_an_address_that_is_not_ours_is_a_sentence(folder: Path, host: str) -> None:
    said = program("up", "--no-open", "--host", host, "--port", "0", folder=folder)

    assert said.code == 1
    assert "TABUH_HOST" in said.err
    assert len(said.err.splitlines()) == 1


@pytest.mark.parametrize("path", ["/page.html", "/missing"])
def test_a_feed_that_is_none_stops_the_start(folder: Path, site: Loopback, blog: Blog, path: str) -> None:
    blog.well_known = False
    said = program("up", "--no-open", "--port", "0", "--feed", f"{site.url}{path}", folder=folder)

    assert said.code == 1
    assert len(said.err.splitlines()) == 1


def test_public_pages_may_have_a_server_of_their_own(folder: Path) -> None:
    with Service(folder, "up", "--public-port", "0") as service:
        greeting = service.greeting()
        [page] = greeting["pages"]
        assert not page.startswith(greeting["address"])
        assert "Page" in read(page)
        public = page.removesuffix("/p/page")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            read(f"{public}/sign-in")
        assert read(f"{greeting['address']}/sign-in")
        assert service.stop() == 0


class SlowHook:
    """A receiver that takes its time; it says when a post has come."""

    def __init__(self) -> None:
        self.seconds = 2.0
        self.server = Loopback(self.answer)
        self.began = 0
        #: Whether one has had its answer, or half of it.
        self.answered = False

    def answer(self, path: str, _headers: object) -> Answer:
        self.began += 1
        return (
            200,
            {"Content-Type": "text/plain"},
            slowly(self._pieces(), seconds=self.seconds, server=self.server),
        )

    def _pieces(self) -> Iterator[bytes]:
        yield b"o"
        self.answered = True
        yield b"k"


def _connect_hook(folder: Path, url: str) -> None:
    (folder / "secrets.toml").write_text(f'secret = "whsec_{"A" * 32}"\n')
    said = program(
        "channel", "add", "webhook", "Hook", "--set", f"url={url}", "--secret-file", "secrets.toml",
        folder=folder,
    )  # fmt: skip
    assert said.code == 0, said.err


def test_what_is_under_way_is_finished_before_it_stops(folder: Path) -> None:
    hook = SlowHook()
    with hook.server:
        _connect_hook(folder, hook.server.url)
        with Service(folder) as service:
            service.greeting()
            hook.began = 0
            done("post", "add", "Hello", "--channel", "Hook", "--now")
            wait_until("the call has begun", lambda: hook.began)
            assert service.stop(signal.SIGTERM) == 0

    assert [post["state"] for post in done("post", "list")] == ["published"]
    assert hook.began == 1


def test_a_second_interruption_stops_at_once_and_nothing_is_sent_again(folder: Path) -> None:
    hook = SlowHook()
    hook.seconds = 20
    with hook.server:
        _connect_hook(folder, hook.server.url)
        with Service(folder) as service:
            service.greeting()
            hook.began = 0
            done("post", "add", "Hello", "--channel", "Hook", "--now")
            wait_until("the call has begun", lambda: hook.began)
            service.process.send_signal(signal.SIGINT)
            wait_until("it has said so", lambda: "Stopping" in "".join(service.said))
            assert service.stop(signal.SIGINT) == 130
            assert not hook.answered, "it waited for the answer"
        with Service(folder) as service:
            service.greeting()
            time.sleep(1.5)
            assert service.stop() == 0

    assert hook.began == 1
    assert [post["state"] for post in done("post", "list")] == ["publishing"]  # until its lease ends


def test_the_service_runs_on_postgresql_too(on_postgresql: Path, site: Loopback) -> None:
    with Service(on_postgresql, "up", "--feed", f"{site.url}/feed.xml") as service:
        [page] = service.greeting()["pages"]
        wait_until("the page has its entries", lambda: read(page).count(">blog.test<") >= 3)
        assert service.stop() == 0
    assert len(json.loads(program("post", "list", "--json", folder=on_postgresql).out)) == 3


def test_an_interrupted_tick_finishes_what_it_began(folder: Path) -> None:
    hook = SlowHook()
    with hook.server:
        _connect_hook(folder, hook.server.url)
        hook.began = 0
        done("post", "add", "Hello", "--channel", "Hook", "--now")
        with subprocess.Popen(
            [sys.executable, "-m", "cli.main", "tick", "--until-idle"], cwd=folder, env=child_environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ) as ticking:  # fmt: skip
            wait_until("the call has begun", lambda: hook.began)
            ticking.send_signal(signal.SIGINT)
            assert ticking.wait(30) == 130

    assert [post["state"] for post in done("post", "list")] == ["published"]
