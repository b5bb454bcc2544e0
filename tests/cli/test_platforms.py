"""`tabuh platform`, and channels that are connected at a platform's consent page from the terminal."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from publishers.registry import adapter
from tests.cli.driving import ROOT, done, refused, run
from tests.servers.installed import install_drumhub, install_paidhub
from tests.servers.oauth import OAuthServer, oauth_server
from tests.servers.ports import free_port

#: Beyond the end of any access here, and before any calendar ends.
LATER = "2035-03-01 09:00 UTC"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OAuthServer]:
    """A platform that asks for an application; Tabuh's own port is free."""
    port = free_port()
    monkeypatch.setenv("TABUH_PORT", str(port))
    with oauth_server(redirect_uris={f"http://127.0.0.1:{port}/connect/callback"}) as found:
        install_drumhub(found, tmp_path, monkeypatch)
        yield found
    adapter.cache_clear()


def _set(server: OAuthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{server.client_secret}\n"))
    done("platform", "set", "drumhub", "--id", server.client_id)


def test_an_application_is_set_listed_and_forgotten(
    on_both: Path, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "not set" in run("platform", "list").out
    _set(server, monkeypatch)

    [redirect] = server.redirect_uris
    told = done("platform", "list")
    shown = run("platform", "list").out
    assert told["redirect_address"] == redirect
    assert redirect in shown
    [one] = [each for each in told["platforms"] if each["platform"] == "drumhub"]
    assert one["application"] == server.client_id
    assert server.client_secret not in shown + str(told)

    done("platform", "unset", "drumhub")
    assert refused("platform", "unset", "drumhub") == "1 No application is set for drumhub."


def test_id_and_secret_come_from_the_environment_or_two_lines(
    folder: Path, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("the-id\nthe-secret\n"))
    assert done("platform", "set", "drumhub")["application"] == "the-id"
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert done("platform", "set", "drumhub", "--id", "the-id")["application"] == "the-id"  # keeps the secret
    monkeypatch.setenv("TABUH_APPLICATION_ID", "another")
    assert refused("platform", "set", "drumhub") == "2 The application 'another' of Drumhub needs its secret."
    monkeypatch.setenv("TABUH_APPLICATION_SECRET", "hush")
    said = run("platform", "set", "drumhub")
    assert said.code == 0
    assert "hush" not in said.out + said.err


def test_what_is_no_such_platform_is_said(folder: Path, server: OAuthServer) -> None:
    assert refused("platform", "set", "page", "--id", "1").startswith("2 ")
    assert "Unknown platform" in refused("platform", "set", "nonsense", "--id", "1")


class _Terminal:
    """`tabuh channel add` in a process of its own, as somebody at a terminal runs it."""

    def __init__(self, *arguments: str) -> None:
        path = os.pathsep.join([str(ROOT), *(part for part in sys.path if part)])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip

    def address(self) -> str:
        """The address that the person is to open."""
        assert self.process.stderr
        return next(line.strip() for line in self.process.stderr if "/authorize?" in line)

    def end(self, pasted: str | None = None) -> tuple[int, str, str]:
        out, err = self.process.communicate(pasted, timeout=60)
        return self.process.returncode, out, err


def test_the_terminal_hears_the_browser_itself(
    on_both: Path, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(server, monkeypatch)
    terminal = _Terminal("channel", "add", "drumhub", "Drums", "--json")
    back = server.consent(terminal.address())
    port = back.split("/")[2]
    assert httpx.get(f"http://{port}/favicon.ico").status_code == 404
    page = httpx.get(back)

    code, out, err = terminal.end()
    assert code == 0, err
    assert page.status_code == 200
    assert "Go back to the terminal" in page.text
    assert '"remote_name": "Drum School"' in out
    assert done("channel", "test", "Drums")["works"]
    assert not [secret for secret in server.secrets if secret in out + err]


def test_the_address_may_be_pasted_and_a_target_chosen(
    folder: Path, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(server, monkeypatch)
    server.targets = [{"id": "p1", "name": "Snare"}, {"id": "p2", "name": "Timpani"}]
    without = _Terminal("channel", "add", "drumhub", "Drums")
    code, _, err = without.end(server.consent(without.address()) + "\n")
    assert code == 2
    assert "--target: Snare, Timpani." in err

    chosen = _Terminal("channel", "add", "drumhub", "Drums", "--target", "Timpani")
    code, out, err = chosen.end(server.consent(chosen.address()) + "\n")
    assert code == 0, err
    assert "Connected Drums (drumhub) as Drum School." in out
    assert done("channel", "show", "Drums")["settings"]["page_id"] == "p2"


def test_somebody_who_says_no_or_pastes_nonsense_is_told(
    folder: Path, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(server, monkeypatch)
    refusing = _Terminal("channel", "add", "drumhub", "Drums")
    code, _, err = refusing.end(server.consent(refusing.address(), allow=False) + "\n")
    assert code == 2
    assert "was not allowed to give access" in err

    nonsense = _Terminal("channel", "add", "drumhub", "Drums")
    nonsense.address()
    code, _, err = nonsense.end("hello\n")
    assert code == 2
    assert "was not begun here" in err
    assert [row["platform"] for row in done("channel", "list")] == ["page"]


def test_a_channel_is_connected_again_from_the_terminal(
    folder: Path, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(server, monkeypatch)
    first = _Terminal("channel", "add", "drumhub", "Drums")
    assert first.end(server.consent(first.address()) + "\n")[0] == 0
    server.grants[0].alive = False
    assert refused("channel", "test", "Drums").startswith("1 ")

    again = _Terminal("channel", "reconnect", "Drums", "--json")
    code, out, err = again.end(server.consent(again.address()) + "\n")
    assert code == 0, err
    assert '"works": true' in out
    assert done("channel", "test", "Drums")["works"]


def test_without_an_application_nothing_is_begun(folder: Path, server: OAuthServer) -> None:
    assert "tabuh platform set drumhub" in refused("channel", "add", "drumhub", "Drums")


@pytest.fixture
def paid(on_both: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A channel on a platform that takes money."""
    install_paidhub(tmp_path, monkeypatch)
    monkeypatch.setenv("TABUH_CREDENTIAL_SECRET", "whsec_" + "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6")
    done("channel", "add", "paid", "Mahal", "--set", "url=http://127.0.0.1:9/hook")
    yield on_both
    adapter.cache_clear()


def test_writing_a_post_tells_its_price(paid: Path) -> None:
    [told] = done("post", "add", "see https://news.example/a", "--channel", "Mahal", "--at", LATER)
    assert told["price"] == {"micros": 200_000, "currency": "USD"}
    said = run("post", "add", "plain", "--channel", "Mahal", "--at", LATER)
    assert "Costs 0.015 USD." in said.out
    listed = run("post", "list").out
    assert "0.20 USD" in listed
    assert "0.015 USD" in listed
    [free] = done("post", "add", "free", "--channel", "Page", "--at", LATER)
    assert free["price"] is None


def test_a_cap_is_set_shown_and_lifted(paid: Path) -> None:
    assert run("platform", "cap", "paid", "20.00", "USD").out == "At most 20.00 USD a month for paid.\n"
    done("platform", "cap", "paid", "5 USD", "--channel", "Mahal")
    done("platform", "cap", "all", "50 USD")
    [one] = done("platform", "costs")
    assert sorted(cap["micros"] for cap in one["caps"].values()) == [5_000_000, 20_000_000, 50_000_000]
    assert one["spent"] == {"micros": 0, "currency": "USD"}
    assert "20.00 USD" in run("platform", "costs").out

    assert run("platform", "cap", "paid", "none").out == "No cap any more for paid.\n"
    assert refused("platform", "cap", "paid", "none") == "1 There is no such cap."
    assert "in USD" in refused("platform", "cap", "paid", "5 EUR")
    assert "Write it as 20.00 USD" in refused("platform", "cap", "paid", "lots")
    assert "is on page" in refused("platform", "cap", "paid", "5 USD", "--channel", "Page")


def test_a_post_over_the_cap_waits_and_says_so(paid: Path) -> None:
    done("platform", "cap", "paid", "0.01 USD")
    [told] = done("post", "add", "plain", "--channel", "Mahal", "--now")
    done("tick", "--until-idle")
    shown = done("post", "show", told["id"])
    assert shown["state"] == "queued"
    assert "the cap of 0.01 USD a month for Paidhub is reached" in shown["reason"]
    assert shown["attempts"] == []


def test_the_end_of_access_stands_in_status_and_list(
    on_both: Path, server: OAuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _set(server, monkeypatch)
    server.refresh_expires_in = 5 * 86400
    walk = _Terminal("channel", "add", "drumhub", "Drums")
    assert walk.end(server.consent(walk.address()) + "\n")[0] == 0
    [told] = done("post", "add", "late", "--channel", "Drums", "--at", LATER)
    assert "The access to this channel ends before" in told["warnings"][-1]

    [ending] = done("status")["access_ends"]
    assert (ending["channel"], ending["posts_at_risk"]) == ("Drums", 1)
    assert ending["first_at_risk"] == told["planned_at"]
    assert "1 queued post after that" in run("status").out
    [listed] = [one for one in done("channel", "list") if one["name"] == "Drums"]
    assert (listed["posts_at_risk"], listed["access_until"]) == (1, ending["access_until"])
