"""Telling people and programs: real mail servers and receivers, who hears what when, what is tried again."""

import base64
import hmac
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from domain.errors import UsageError
from domain.person import Role
from domain.sentence import Words
from domain.telling import PATIENCE, WAITS, Group, Notice, Way, Wish
from net.smtp import Encryption, MailServer
from scheduler import endpoints
from scheduler.handing_over import hand_over
from scheduler.telling import tell
from store import people, telling
from store.changes import AUTOMATION
from store.due import claim_due
from store.engine import writing
from store.tables import Endpoint, Person, Telling
from tests.servers import mail as mail_server
from tests.servers.loopback import Answer, Loopback
from tests.world import NOON, World, new_world

# aiosmtpd does not like what its server is asked here: a sign-in without encryption.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")

NOTICE = Notice(
    key="alert:1",
    kind="alert.opened",
    group=Group.SILENCE,
    subject=Words("The feed is quiet", "Feed sepi"),
    text=Words("Nothing came for 9 days.\n\nSee https://a.example/x.", "Tak ada yang datang 9 hari."),
    facts={"days": 9},
    link="/alerts",
)


@pytest.fixture
def server() -> Iterator[mail_server.MailServer]:
    with mail_server.running(encryption="none", certificate=None) as running:
        yield running


def with_mail(world: World, server: mail_server.MailServer) -> World:
    """The same world with the installation's mail server set."""
    mail = MailServer(
        "127.0.0.1", "tabuh@tabuh.example", "Tabuh", Encryption.NONE, server.port,
        mail_server.USER, mail_server.PASSWORD,
    )  # fmt: skip
    world.context = replace(world.context, mail=mail, private_url="https://tabuh.example")
    return world


def somebody(world: World, name: str, role: Role = Role.OWNER, *, language: str | None = None) -> Person:
    with writing(world.engine) as session:
        person = people.add_person(session, name, now=world.clock.now)
        person.email, person.language = f"{name}@a.example", language
        people.set_role(session, person_id=person.id, workspace_id=world.workspace.id, role=role)
        session.commit()
    return person


def told(world: World, notice: Notice = NOTICE, **options: Any) -> int | None:
    with writing(world.engine) as session:
        number = tell(session, world.workspace.id, notice, now=world.clock.now, **options)
        session.commit()
    return number


def work(world: World) -> int:
    """Hand over what is due now."""
    with writing(world.engine) as session:
        rows = claim_due(session, Telling, now=world.clock.now, lease=timedelta(minutes=5), limit=50)
    for row in rows:
        hand_over(world.context, row)
    return len(rows)


def rows(world: World) -> list[Telling]:
    with Session(world.engine, expire_on_commit=False) as session:
        return list(session.scalars(select(Telling).order_by(Telling.created_at, Telling.id)))  # type: ignore[arg-type]


def wish(world: World, person: Person, wish: Wish) -> None:
    with writing(world.engine) as session:
        telling.set_wish(session, world.workspace.id, person.id, wish)
        session.commit()


def test_each_person_gets_a_mail_in_their_language_with_text_html_and_link(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    somebody(world, "ani")
    somebody(world, "budi", Role.EDITOR, language="id")
    somebody(world, "citra", Role.READER)  # hears nothing unless asked for

    told(world)
    work(world)

    by_reader = {to[0]: mail for to, mail in server.mails}
    assert sorted(by_reader) == ["ani@a.example", "budi@a.example"]
    english, indonesian = by_reader["ani@a.example"], by_reader["budi@a.example"]
    assert (english["Subject"], indonesian["Subject"]) == ("[Main] The feed is quiet", "[Main] Feed sepi")
    assert str(english["From"]) == "Tabuh <tabuh@tabuh.example>"
    plain, page = english.get_body(("plain",)), english.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert "Nothing came for 9 days." in plain.get_content()
    assert "https://tabuh.example/alerts\n" in plain.get_content().replace("\r\n", "\n")
    assert '<a href="https://a.example/x">https://a.example/x</a>.' in page.get_content()
    assert "Buka di Tabuh" in str(indonesian.get_body(("html",)))
    assert {row.state for row in rows(world)} == {"sent"}


def test_the_same_notice_is_told_once(engine: Engine, server: mail_server.MailServer) -> None:
    world = with_mail(new_world(engine), server)
    somebody(world, "ani")

    assert told(world) is not None
    assert told(world) is None
    work(world)
    work(world)

    assert len(server.mails) == 1


def test_a_refusing_server_is_tried_again_and_the_reason_is_kept(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    somebody(world, "ani")
    server.refused["ani@a.example"] = "450 4.2.0 grey-listed, try again in 10 minutes"

    told(world)
    work(world)

    [row] = rows(world)
    assert (row.state, row.tries, row.next_at) == ("waiting", 1, NOON + timedelta(minutes=10))
    assert "grey-listed" in (row.reason or "")

    del server.refused["ani@a.example"]
    world.clock.forward(minutes=11)
    work(world)
    [row] = rows(world)
    assert (row.state, row.tries, row.reason) == ("sent", 2, None)


def test_an_address_that_the_server_will_never_take_fails_at_once(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    somebody(world, "ani")
    server.refused["ani@a.example"] = "550 5.1.1 no such user"

    told(world)
    work(world)

    [row] = rows(world)
    assert (row.state, row.next_at) == ("failed", None)
    assert "no such user" in (row.reason or "")


def test_without_a_mail_server_the_row_says_what_to_set(engine: Engine) -> None:
    world = new_world(engine)
    somebody(world, "ani")

    told(world)
    work(world)

    [row] = rows(world)
    assert row.state == "waiting"
    assert "TABUH_SMTP_HOST" in (row.reason or "")


def test_quiet_hours_hold_a_mail_until_they_end(engine: Engine, server: mail_server.MailServer) -> None:
    world = with_mail(new_world(engine, zone="Asia/Jakarta"), server)  # noon UTC is 19:00 there
    wish(world, somebody(world, "ani"), Wish(quiet_from=18 * 60, quiet_until=7 * 60))

    told(world)

    assert work(world) == 0
    assert rows(world)[0].next_at == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
    world.clock.forward(hours=12)
    assert work(world) == 1


def test_a_digest_gathers_until_it_is_sent(engine: Engine, server: mail_server.MailServer) -> None:
    world = with_mail(new_world(engine), server)
    wish(world, somebody(world, "ani"), Wish(digest_hour=17))
    told(world)
    told(world, replace(NOTICE, key="alert:2", subject=Words("Second", "Kedua")))
    assert work(world) == 0

    world.clock.forward(hours=5)
    work(world)
    told(world, replace(NOTICE, key="alert:3"))  # the next one's

    [(_, mail)] = server.mails
    body = mail.get_body(("plain",))
    assert body is not None
    assert mail["Subject"] == "2 notices of Main"
    assert "The feed is quiet" in body.get_content()
    assert "Second" in body.get_content()
    assert [row.next_at for row in rows(world)] == [None, datetime(2026, 3, 3, 17, 0, tzinfo=UTC)]


def test_a_person_hears_only_of_the_groups_that_were_chosen(
    engine: Engine, server: mail_server.MailServer
) -> None:
    world = with_mail(new_world(engine), server)
    wish(world, somebody(world, "ani"), Wish(groups=frozenset({Group.KPIS})))

    told(world)
    told(world, replace(NOTICE, key="kpi", group=Group.KPIS))

    assert len(rows(world)) == 1


def test_others_can_be_told_by_address(engine: Engine, server: mail_server.MailServer) -> None:
    world = with_mail(new_world(engine), server)

    told(world, addresses=["board@b.example"], people=False)
    work(world)

    assert [to for to, _ in server.mails] == [["board@b.example"]]


def add_hook(world: World, url: str, *, name: str = "Hook", **options: Any) -> tuple[Endpoint, str]:
    return endpoints.add(world.context, world.workspace.id, name=name, url=url, actor=AUTOMATION, **options)


def fits(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """As a receiver checks it, written from the specification."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
    given = [one.split(",", 1) for one in headers["webhook-signature"].split()]
    return any(version == "v1" and hmac.compare_digest(one, wanted) for version, one in given)


def ok(path: str, headers: Mapping[str, str]) -> Answer:
    return 204, {}, b""


def test_a_receiver_can_check_the_signature_and_reads_what_happened(engine: Engine) -> None:
    world = new_world(engine)
    with Loopback(ok) as receiver:
        row, secret = add_hook(world, f"{receiver.url}/in?token=abc")
        told(world)
        work(world)

    [request] = receiver.requests
    assert (request.method, request.path) == ("POST", "/in?token=abc")
    assert fits(secret, request.headers, request.body)
    assert not fits(secret, request.headers, request.body + b" ")
    assert request.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    sent = json.loads(request.body)
    assert (sent["type"], sent["timestamp"]) == ("alert.opened", "2026-03-02T12:00:00Z")
    assert sent["data"]["words"]["id"]["subject"] == "Feed sepi"
    assert sent["data"]["facts"] == {"days": 9}
    assert row.shown == receiver.url
    assert b"abc" not in row.secret
    assert secret.encode() not in row.secret


def test_while_a_secret_is_rotated_both_sign_and_then_only_the_new_one(engine: Engine) -> None:
    world = new_world(engine)
    with Loopback(ok) as receiver:
        _, old = add_hook(world, receiver.url)
        _, new = endpoints.rotate(world.context, world.workspace.id, "Hook", actor=AUTOMATION)
        told(world)
        work(world)
        world.clock.forward(hours=25)
        told(world, replace(NOTICE, key="later"))
        work(world)

    first, second = receiver.requests
    assert [fits(one, first.headers, first.body) for one in (old, new)] == [True, True]
    assert [fits(one, second.headers, second.body) for one in (old, new)] == [False, True]


def test_a_failing_receiver_is_tried_with_the_same_id_at_growing_waits(engine: Engine) -> None:
    world = new_world(engine)
    with Loopback(lambda path, headers: (500, {}, b"")) as receiver:
        add_hook(world, receiver.url)
        told(world)
        waits = []
        for _ in range(len(WAITS) + 1):
            work(world)
            [row] = rows(world)
            waits.append(row.next_at - world.clock.now if row.next_at else None)
            world.clock.now = row.next_at or world.clock.now

    assert waits == [*WAITS, None]
    assert {request.headers["webhook-id"] for request in receiver.requests} == {f"msg_{row.id}"}
    assert (row.state, row.tries) == ("failed", len(WAITS) + 1)
    assert row.reason == f"{receiver.url} answered 500."


def test_an_endpoint_that_fails_for_days_is_switched_off_with_a_sentence(engine: Engine) -> None:
    world = new_world(engine)
    with Loopback(lambda path, headers: (500, {}, b"")) as receiver:
        add_hook(world, receiver.url)
        told(world)
        work(world)
        world.clock.forward(days=PATIENCE.days)
        told(world, replace(NOTICE, key="later"))
        work(world)
        receiver.answer = ok
        told(world, replace(NOTICE, key="much later"))
        assert work(world) == 0
        [one] = endpoints.listed(world.context, world.workspace.id)
        assert one.disabled_at == world.clock.now
        assert (one.disabled_reason or "").startswith("Switched off: nothing could be delivered for 5 days.")
        assert {row.state for row in rows(world)} == {"failed"}

        endpoints.switch_on(world.context, world.workspace.id, "Hook", actor=AUTOMATION)
        told(world, replace(NOTICE, key="again"))
        work(world)
    assert rows(world)[-1].state == "sent"


def test_a_receiver_that_is_gone_is_asked_no_more(engine: Engine) -> None:
    world = new_world(engine)
    with Loopback(lambda path, headers: (410, {}, b"")) as receiver:
        add_hook(world, receiver.url)
        told(world)
        work(world)
    [one] = endpoints.listed(world.context, world.workspace.id)
    assert one.disabled_at is not None
    assert rows(world)[0].state == "failed"


def test_an_endpoint_hears_only_the_kinds_that_it_takes(engine: Engine) -> None:
    world = new_world(engine)
    with Loopback(ok) as receiver:
        add_hook(world, receiver.url, kinds=["report.ready"])
        told(world)
        told(world, replace(NOTICE, key="report", kind="report.ready"))
        work(world)
    assert [json.loads(one.body)["type"] for one in receiver.requests] == ["report.ready"]


def test_a_private_address_that_nobody_allowed_is_not_reached(engine: Engine) -> None:
    world = new_world(engine)
    add_hook(world, "http://10.1.2.3/hook")
    told(world)
    work(world)
    [row] = rows(world)
    assert row.state == "waiting"
    assert "not public" in (row.reason or "")


@pytest.mark.parametrize(
    "url", ["ftp://a.example/x", "https://", "https://user:pw@a.example/", "no address", "http://[::1"]
)
def test_what_is_no_address_is_refused(engine: Engine, url: str) -> None:
    with pytest.raises(UsageError, match="address"):
        add_hook(new_world(engine), url)


def test_apprise_is_refused_in_a_sentence_where_it_is_not_installed(engine: Engine) -> None:
    with pytest.raises(UsageError, match="pip install 'tabuh\\[apprise\\]'"):
        add_hook(new_world(engine), "tgram://token/chat", way=Way.APPRISE)


def test_a_simulated_workspace_sends_nothing(engine: Engine) -> None:
    world = new_world(engine)
    with writing(engine) as session:
        telling.workspace(session, world.workspace.id).simulated = True
        session.commit()
    with Loopback(ok) as receiver:
        add_hook(world, receiver.url)
        told(world)
        work(world)
    assert receiver.requests == []
    assert "simulated" in (rows(world)[0].reason or "")


#: What the package does, as far as it is asked for here: it knows addresses, and hands over.
APPRISE = """
class Apprise:
    def add(self, url):
        self.url = url
        return url.startswith("known://")

    def notify(self, title, body):
        with open(self.url.removeprefix("known://"), "a") as kept:
            kept.write(f"{title}|{body}")
        return "refused" not in self.url
"""


def test_apprise_hands_over_where_it_is_installed(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apprise.py").write_text(APPRISE)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "apprise", raising=False)
    world = new_world(engine)

    with pytest.raises(UsageError, match="does not know this address"):
        add_hook(world, "unknown://x", way=Way.APPRISE)
    row, secret = add_hook(world, f"known://{tmp_path}/out", way=Way.APPRISE)
    told(world)
    work(world)

    assert secret == ""
    assert row.shown == "known://…"
    assert rows(world)[-1].state == "sent"
    assert (tmp_path / "out").read_text().startswith("[Main] The feed is quiet|Nothing came for 9 days.")
    monkeypatch.delitem(sys.modules, "apprise", raising=False)
