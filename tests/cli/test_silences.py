"""The four silences from an empty folder: `tabuh up` beside servers of our own, until everybody has heard.

Everything is set by the command and comes over real HTTP and SMTP. Only the waits between looks at a server
that fails, together a quarter of an hour, are cut short.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import Session, col, select

from store.engine import open_engine
from store.tables import Measurement
from tests.cli.driving import Service, child_environment, done, program
from tests.cli.test_up import wait_until as wait
from tests.scheduler.test_telling import fits
from tests.servers import mail as mail_server
from tests.servers.loopback import Answer, Loopback

pytestmark = [
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
    pytest.mark.timeout(900),
]

DAY = timedelta(days=1)
JSON = {"Content-Type": "application/json"}
SILENCES = {"feed.quiet", "queue.empty", "access.ends", "measure.silent"}


def wait_until(what: str, check: object) -> None:
    """With patience: five looks of several kinds are behind most of it."""
    wait(what, check, seconds=400)


def answered(value: object, status: int = 200) -> Answer:
    return status, JSON, json.dumps(value).encode()


def stopped_blog(path: str, _headers: Mapping[str, str]) -> Answer:
    """A blog that wrote every day for a month and has written nothing for five days."""
    if path != "/feed.xml":
        return 404, {}, b""
    last = datetime.now(UTC) - 5 * DAY
    entries = "".join(
        f"<item><guid isPermaLink='false'>{number}</guid><title>Day {number}</title>"
        f"<link>https://blog.test/{number}</link>"
        f"<pubDate>{format_datetime(last - number * DAY)}</pubDate></item>"
        for number in range(30)
    )
    head = "<title>The diary</title><link>https://blog.test/</link>"
    return (
        200,
        {"Content-Type": "application/rss+xml"},
        (f"<rss version='2.0'><channel>{head}{entries}</channel></rss>".encode()),
    )


def silent_mastodon(path: str, _headers: Mapping[str, str]) -> Answer:
    """A server that lists what was written there, and fails when asked for the numbers of one status."""
    me = {"id": "1", "acct": "ani", "username": "ani", "url": "https://m.test/@ani", "followers_count": 5}
    match urlsplit(path).path:
        case "/api/v1/accounts/verify_credentials":
            return answered(me)
        case "/api/v2/instance":
            return answered({"configuration": {"statuses": {"max_characters": 500}}})
        case "/api/v1/accounts/1/statuses":
            now = datetime.now(UTC)
            statuses = [
                {"id": str(90 - day), "created_at": (now - day * DAY).isoformat(), "account": me,
                 "url": f"https://m.test/@ani/{90 - day}", "in_reply_to_id": None, "reblog": None,
                 "content": f"<p>{day}</p>"}
                for day in (1, 2)
            ]  # fmt: skip
            return answered([] if "max_id" in path else statuses)
        case "/api/v1/notifications":
            return answered([])
    return answered({"error": "It is broken."}, 500)


def lending_x(path: str, _headers: Mapping[str, str]) -> Answer:
    """A simulator of X whose access lasts five days and cannot be renewed."""
    match urlsplit(path).path:
        case "/2/oauth2/token":
            return answered({
                "token_type": "bearer", "access_token": "lent", "expires_in": 5 * 86_400,
                "scope": "tweet.read tweet.write users.read",
            })  # fmt: skip
        case "/2/users/me":
            metrics = {"followers_count": 7, "tweet_count": 1}
            return answered(
                {"data": {"id": "7", "username": "ani", "name": "Ani", "public_metrics": metrics}}
            )
    return answered({"title": "Not there"}, 404)


def heard(_path: str, _headers: Mapping[str, str]) -> Answer:
    return 204, {}, b""


def connect_x(folder: Path, server: Loopback) -> None:
    """As a person does: the address is opened, and the one that the browser comes back to is pasted."""
    said = program("platform", "set", "x", "--id", "abc", folder=folder, given="secret\n")
    assert said.code == 0, said.err
    walk = subprocess.Popen(
        [sys.executable, "-m", "cli.main", "channel", "add", "x", "Birds", "--set", f"base_url={server.url}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=folder,
        env=child_environment(),
    )  # fmt: skip
    with walk:
        assert walk.stdin is not None
        assert walk.stdout is not None
        address = next(line for line in walk.stdout if line.startswith("https://x.com/"))
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
        rest, _ = walk.communicate(f"{asked['redirect_uri']}?state={asked['state']}&code=good\n", timeout=100)
    assert walk.returncode == 0, rest


def hurry(url: str) -> bool:
    """Cut the waits of failing looks short; whether one look after another has failed three times."""
    engine = open_engine(url)
    with Session(engine) as session:
        rows = list(session.scalars(select(Measurement).where(col(Measurement.failures) > 0)))
        now = datetime.now(UTC)
        for row in rows:
            if row.failures < 3 and row.next_at is not None and row.next_at > now + timedelta(minutes=1):
                row.next_at = now
                session.add(row)
        failed = [row.failures for row in rows]
        session.commit()
    engine.dispose()
    return bool(failed) and min(failed) >= 3


def rules_of(mails: list[tuple[list[str], EmailMessage]]) -> str:
    """What all mails say."""
    bodies = [mail.get_body(("plain",)) for _, mail in mails]
    return "\n".join(body.get_content().replace("\r\n", "\n") for body in bodies if body is not None)


def test_every_silence_is_told_by_mail_and_signed_webhook(on_both: Path, database_url: str) -> None:
    with (
        mail_server.running(encryption="none", certificate=None) as post_office,
        Loopback(heard) as receiver,
        Loopback(stopped_blog) as blog,
        Loopback(silent_mastodon) as mastodon,
        Loopback(lending_x) as x,
    ):
        environment = {
            "TABUH_SMTP_HOST": "127.0.0.1", "TABUH_SMTP_PORT": str(post_office.port),
            "TABUH_SMTP_ENCRYPTION": "none", "TABUH_SMTP_SENDER": "tabuh@tabuh.example",
            "TABUH_SMTP_USERNAME": mail_server.USER, "TABUH_SMTP_PASSWORD": mail_server.PASSWORD,
        }  # fmt: skip
        # A channel that is written for by hand: two posts go out, and then nothing waits.
        done("channel", "add", "page", "Notes")
        for number in (1, 2):
            done("post", "add", f"Note {number}", "--channel", "Notes", "--now")
        # A server that lists posts and fails to tell their numbers.
        said = program(
            "channel", "add", "mastodon", "Toots", "--set", f"server={mastodon.url}", "--secret",
            "access_token=-", folder=on_both, given="token\n",
        )  # fmt: skip
        assert said.code == 0, said.err
        # An access that ends in five days.
        connect_x(on_both, x)

        with Service(on_both, "up", "--feed", f"{blog.url}/feed.xml", environment=environment) as service:
            service.greeting(500)
            wait_until("both notes are out", lambda: len(published_on("Notes")) >= 2)
            wait_until("three looks in a row have failed", lambda: hurry(database_url))

            # Only now somebody can be told.
            [person] = done("alert", "settings")
            done("alert", "settings", person["person"], "--email", "ani@a.example")
            secret = done("webhook", "add", "ops", f"{receiver.url}/hook")["secret"]
            wait_until("programs have heard of all", lambda: heard_of(receiver, "alert.opened") >= SILENCES)
            wait_until("people have heard of all", lambda: len(subjects(post_office)) >= 4)

            assert all(fits(secret, one.headers, one.body) for one in receiver.requests)
            for one in opened(receiver):
                for language in ("en", "id"):
                    parts = one["facts"]["told"][language]
                    assert all(parts[name] for name in ("what", "unusual", "since", "cause", "action"))
            text = rules_of(post_office.mails)
            assert "Nothing new came from the feed The diary for 5 days" in text
            assert "/channels/" in text
            assert {to[0] for to, _ in post_office.mails} == {"ani@a.example"}

            assert service.stop() == 0


def published_on(channel: str) -> list[Any]:
    return [one for one in done("post", "list", "--state", "published") if one["channel"] == channel]


def opened(receiver: Loopback, kind: str = "alert.opened") -> list[Any]:
    documents = [json.loads(one.body) for one in receiver.requests]
    return [one["data"] for one in documents if one["type"] == kind]


def heard_of(receiver: Loopback, kind: str) -> set[str]:
    return {str(one["facts"]["rule"]) for one in opened(receiver, kind)}


def subjects(server: mail_server.MailServer) -> set[str]:
    """The alerts that mails are of: their heads, or those within one that gathers several."""
    text = rules_of(server.mails) + "".join(str(mail["Subject"]) for _, mail in server.mails)
    names = ("Feed quiet", "Queue runs out", "Access ends", "Channel is not measured")
    return {name for name in names if name in text}
