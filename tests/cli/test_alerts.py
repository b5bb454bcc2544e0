"""`tabuh alert` and `tabuh webhook`: one command after the other, as a person types them."""

import sys
from pathlib import Path

import pytest

from tests.cli.driving import done, refused, run
from tests.servers import mail
from tests.servers.loopback import Loopback

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TABUH_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("TABUH_ZONE", "Asia/Jakarta")


def test_a_test_goes_through_every_way_and_says_how_each_went(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        mail.running(encryption="none", certificate=None) as server,
        Loopback(lambda path, headers: (204, {}, b"")) as receiver,
    ):
        for name, value in {
            "HOST": "127.0.0.1", "PORT": str(server.port), "SENDER": "tabuh@a.example", "ENCRYPTION": "none",
            "USERNAME": mail.USER, "PASSWORD": mail.PASSWORD,
        }.items():  # fmt: skip
            monkeypatch.setenv(f"TABUH_SMTP_{name}", value)
        done("alert", "settings", "owner", "--email", "ani@a.example")
        made = done("webhook", "add", "ops", f"{receiver.url}/secret")
        assert made["secret"].startswith("whsec_")

        tested = done("alert", "test")
        assert sorted((one["way"], one["state"]) for one in tested) == [
            ("email", "sent"),
            ("webhook", "sent"),
        ]
        assert [to for to, _ in server.mails] == [["ani@a.example"]]
        assert receiver.count() == 1

        receiver.answer = lambda path, headers: (500, {}, b"")
        said = run("webhook", "test", "ops")
        assert said.code == 1
        assert "answered 500" in said.out
    listed = run("webhook", "list").out
    assert "fails:" in listed
    assert "secret" not in listed
    assert {one["state"] for one in done("alert", "deliveries")} == {"sent", "waiting"}


def test_wishes_are_typed_shown_and_refused_in_a_sentence() -> None:
    [told] = done("alert", "settings", "owner", "--email", "a@b.example", "--digest", "07:00",
                  "--quiet", "22:00-06:30", "--groups", "kpis,silence")  # fmt: skip
    assert told == {
        "person": "owner", "email": "a@b.example", "by_mail": True, "groups": ["kpis", "silence"],
        "digest_hour": 7, "quiet": "22:00-06:30",
    }  # fmt: skip
    [told] = done("alert", "settings", "owner", "--digest", "at-once", "--quiet", "none", "--groups", "all",
                  "--no-mail", "--email", "none")  # fmt: skip
    assert (told["digest_hour"], told["quiet"], told["groups"], told["by_mail"], told["email"]) == (
        None, None, None, False, None,
    )  # fmt: skip
    assert refused("alert", "settings", "owner", "--quiet", "late").startswith(
        "2 Cannot read the quiet hours"
    )
    assert refused("alert", "settings", "owner", "--groups", "x").startswith("2 Unknown group 'x'")
    assert refused("alert", "settings", "nobody").startswith("1 There is no person called 'nobody'")
    assert refused("alert", "settings", "owner", "--email", "@").startswith("2 This is no mail address")


def test_rules_are_muted_and_heard_again() -> None:
    assert run("alert", "list").out == "Nothing is out of the ordinary.\n"
    done("alert", "mute", "--rule", "feed.quiet", "--for", "3 days")
    [muted] = [one for one in done("alert", "rules")["rules"] if one["muted"]]
    assert muted["rule"] == "feed.quiet"
    done("alert", "unmute", "feed.quiet")
    assert refused("alert", "unmute", "feed.quiet").startswith("2 Nothing like that is muted")
    assert refused("alert", "mute").startswith("2 Name an alert, or a rule with --rule")
    assert refused("alert", "mute", "--rule", "x").startswith("2 Unknown rule 'x'")
    assert refused("alert", "show", "7").startswith("1 There is no alert 7")
    assert refused("alert", "snooze", "7").startswith("1 There is no alert 7")


def test_webhooks_are_refused_rotated_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)  # as where the extra was not installed
    assert refused("webhook", "add", "x", "ftp://a.example").startswith("2 Write the webhook's whole address")
    assert refused("webhook", "add", "x", "https://a.example", "--kinds", "news").startswith("2 Unknown kind")
    assert "pip install 'tabuh[apprise]'" in refused("webhook", "add", "x", "tgram://a/b", "--apprise")
    first = done("webhook", "add", "x", "https://a.example/hook", "--kinds", "alert.opened test")
    assert first["kinds"] == ["alert.opened", "test"]
    assert refused("webhook", "add", "x", "https://b.example").startswith("2 There is a webhook called 'x'")
    second = done("webhook", "rotate", "x")
    assert second["secret"] not in (None, first["secret"])
    assert done("webhook", "remove", "x")["removed"]
    assert refused("webhook", "remove", "x").startswith("1 There is no webhook 'x'")


def test_half_a_mail_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TABUH_SMTP_HOST", "mail.example.org")
    assert "set smtp_host and smtp_sender, or neither" in refused("alert", "list")
    monkeypatch.setenv("TABUH_SMTP_SENDER", "no address")
    assert "This is no mail address" in refused("alert", "list")
