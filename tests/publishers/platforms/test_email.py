"""Mail: what readers get, who is refused, and that nobody gets two, whatever goes wrong."""

from email.message import EmailMessage
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.content import Card, Channel, Content, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, RateLimited, Rejected
from domain.metrics import Metric
from publishers.base import Measured
from publishers.mailing import mark_of, wait_asked
from publishers.platforms.email import Email, EmailCredentials, EmailSettings
from tests.pictures import Folder, picture
from tests.publishers.case import KEY, Case, Kept
from tests.publishers.fake_servers import LOST_ANSWER, Crash
from tests.publishers.fakes.mail import FakeMailServer
from tests.world import NOON, FixedClock

READERS = ["ani@a.example", "budi@b.example", "citra@c.example", "dewi@d.example"]
#: In the order in which they are written to.
ORDER = sorted(READERS, key=mark_of)
LINK = "https://news.example/drums?a=1&b=2"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def server(clock: FixedClock) -> FakeMailServer:
    return FakeMailServer(clock)


def email(
    server: FakeMailServer,
    *bodies: bytes,
    readers: list[str] = READERS,
    public_url: str = "https://tabuh.example",
    known: dict[str, Any] | None = None,
    **settings: Any,
) -> Email:
    given = {"host": "mail.tabuh.example", "sender": "news@tabuh.example", **settings}
    credentials = EmailCredentials.model_validate(
        {
            "username": server.USER,
            "password": server.PASSWORD,
            "recipients": ", ".join(readers),
            "leave_key": "k" * 40,
            **(known or {}),
        }
    )
    channel = Channel(17, "email", "Mading", "mading", given, public_url=public_url)
    return Email(channel, server.client(), credentials=credentials, clock=server.clock, files=Folder(*bodies))


def publish(
    publisher: Email, content: Content = Content("Drums at dawn"), kept: Kept | None = None
) -> RemotePost:
    payload = publisher.render(content, created_at=NOON)
    return publisher.publish(payload, key=KEY, progress=kept or Kept())


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    text: str = found.get_content()
    return text.replace("\r\n", "\n")


def test_a_reader_gets_text_and_html_with_the_link_and_a_way_out(server: FakeMailServer) -> None:
    content = Content(
        "Drums at dawn\n\nSee https://a.example/x?y=1&z=2.\n.\nEnd", LINK, Card("Drums & more", "<At> dawn")
    )

    remote = publish(email(server, sender_name='Mading "Pagi", sejak 1990'), content)

    mail = server.mail("ani@a.example")
    leave = mail["List-Unsubscribe"]
    assert str(mail["From"]) == '"Mading \\"Pagi\\", sejak 1990" <news@tabuh.example>'
    assert (mail["To"], mail["Subject"]) == ("ani@a.example", "Drums at dawn")
    assert mail["Message-ID"] == f"<{KEY}.{mark_of('ani@a.example')}@tabuh.example>"
    assert mail["Date"] == "Mon, 02 Mar 2026 12:00:00 +0000"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert leave.startswith("<https://tabuh.example/u/17/")
    plain = part(mail, "plain")
    assert plain.startswith(
        f"Drums at dawn\n\nSee https://a.example/x?y=1&z=2.\n.\nEnd\n\n{LINK}\n\n-- \nYou get"
    )
    assert leave.strip("<>") in plain
    page = part(mail, "html")
    assert "<p>Drums at dawn</p>" in page
    assert '<a href="https://news.example/drums?a=1&amp;b=2">Drums &amp; more</a>' in page
    assert "&lt;At&gt; dawn" in page
    assert f'<a href="{leave.strip("<>")}">' in page
    assert (remote.id, remote.url, remote.note) == (f"{KEY}@tabuh.example", None, None)
    assert sorted(to for to, _ in server.mails) == READERS


def test_each_reader_has_a_link_of_their_own_and_sees_nobody_else(server: FakeMailServer) -> None:
    publish(email(server))

    links = {reader: server.mail(reader)["List-Unsubscribe"] for reader in READERS}
    assert len(set(links.values())) == len(READERS)
    for reader in READERS:
        whole = server.mail(reader).as_string()
        assert not [other for other in READERS if other != reader and other in whole]


def test_a_mailing_list_gets_one_mail_and_keeps_its_own_door(server: FakeMailServer) -> None:
    publish(email(server, readers=[], list_address="drums@lists.example"))

    assert [to for to, _ in server.mails] == ["drums@lists.example"]
    assert server.mail("drums@lists.example")["List-Unsubscribe"] is None
    assert server.mail("drums@lists.example")["Message-ID"] == f"<{KEY}@tabuh.example>"


def test_without_an_address_that_others_can_open_a_reader_leaves_by_mail(server: FakeMailServer) -> None:
    publish(email(server, public_url="http://127.0.0.1:8420"), Content("Halo", language="id"))

    mail = server.mail("ani@a.example")
    assert mail["List-Unsubscribe"] == "<mailto:news@tabuh.example?subject=unsubscribe>"
    assert mail["List-Unsubscribe-Post"] is None
    assert "Untuk berhenti menerimanya: news@tabuh.example\n" in part(mail, "plain")
    assert 'lang="id"' in part(mail, "html")


def test_pictures_are_inside_with_what_they_show(server: FakeMailServer) -> None:
    body = picture(300, 200)
    publisher = email(server, body)

    publish(publisher, Content("Look", media=Folder(body).attachments('Seven "stalls"')))

    mail = server.mail("ani@a.example")
    [image] = [one for one in mail.walk() if one.get_content_type() == "image/jpeg"]
    cid = image["Content-ID"].strip("<>")
    assert f'<img src="cid:{cid}" alt="Seven &quot;stalls&quot;"' in part(mail, "html")
    assert '[Seven "stalls"]' in part(mail, "plain")
    assert image.get_content() == body


@given(st.text(max_size=300), st.text(max_size=80))
@settings(deadline=None, max_examples=60)
def test_no_text_can_add_a_header_or_a_command(text: str, title: str) -> None:
    server = FakeMailServer(FixedClock())
    evil = f"{title}\r\nBcc: eve@e.example\r\n.\r\nRCPT TO:<eve@e.example>\r\n{text}"
    publisher = email(server, readers=["ani@a.example"], sender_name="A\r\nBcc: eve@e.example")
    content = Content(evil, title=evil)
    payload = publisher.render(content, created_at=NOON)

    publisher.publish(payload, key=KEY, progress=Kept())

    assert [to for to, _ in server.mails] == ["ani@a.example"]
    mail = server.mail("ani@a.example")
    assert mail["Bcc"] is None
    assert len(mail.get_all("From", [])) == len(mail.get_all("To", [])) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "a@b\r\nRCPT TO:<c@d>",
        "a b@c.example",
        "<a@b.example>",
        "a@",
        "@b.example",
        "a@b..example",
        "a@-b.example",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        EmailSettings.model_validate({"host": "mail.example", "sender": typed})
    with pytest.raises(ValidationError, match="no mail address"):
        EmailCredentials.model_validate({"recipients": f"x@y.example; {typed}"})


def test_readers_may_be_typed_in_many_ways(server: FakeMailServer) -> None:
    typed = "ani@a.example;budi@b.example\n citra@bücher.example,\tANI@a.example"

    known = EmailCredentials.model_validate({"recipients": typed})

    assert known.recipients == "ani@a.example, budi@b.example, citra@xn--bcher-kva.example"
    assert "ani" not in repr(known)


def test_who_is_refused_is_named_and_all_others_get_it_once(server: FakeMailServer) -> None:
    server.at_reader["budi@b.example"] = "550 5.1.1 No such user"
    server.at_end["dewi@d.example"] = "552 5.2.2 Mailbox full"

    note = publish(email(server)).note

    assert sorted(to for to, _ in server.mails) == ["ani@a.example", "citra@c.example"]
    assert note is not None
    assert note.startswith("2 of 4 readers did not get it: ")
    assert "budi@b.example (550: 5.1.1 No such user)" in note
    assert "dewi@d.example (552: 5.2.2 Mailbox full)" in note


def test_when_nobody_is_taken_the_post_is_refused(server: FakeMailServer) -> None:
    server.at_reader = dict.fromkeys(READERS, "554 5.7.1 Spam")

    with pytest.raises(Rejected, match=r"No reader got this mail: .*Spam"):
        publish(email(server))


def test_who_must_wait_gets_it_with_a_later_try_and_nobody_twice(server: FakeMailServer) -> None:
    server.at_reader["budi@b.example"] = "451 4.7.1 Greylisted, please try again in 2 minutes"
    publisher, kept = email(server), Kept()

    with pytest.raises(RateLimited, match="patience with 1 of 4") as caught:
        publish(publisher, kept=kept)
    assert caught.value.retry_after.total_seconds() == 120
    assert len(server.mails) == 3
    server.at_reader.clear()

    assert publish(publisher, kept=kept).note is None
    assert sorted(to for to, _ in server.mails) == READERS


def test_patience_has_an_end(server: FakeMailServer) -> None:
    server.at_reader["budi@b.example"] = "451 4.7.1 Later"
    publisher, kept = email(server), Kept()

    for _ in range(4):
        with pytest.raises(RateLimited):
            publish(publisher, kept=kept)

    assert "budi@b.example (asked for patience too often)" in (publish(publisher, kept=kept).note or "")
    assert len(server.mails) == 3


@pytest.mark.parametrize("fault", [LOST_ANSWER, httpx.ReadTimeout("slow")])
def test_after_a_lost_answer_the_rest_gets_it_and_who_is_in_doubt_is_named(
    server: FakeMailServer, fault: Any
) -> None:
    publisher, kept = email(server), Kept()
    publish_one = len(ORDER)
    server.faults.append(fault)
    with pytest.raises(OutcomeUnknown, match=ORDER[0]):
        publish(publisher, kept=kept)

    note = publish(publisher, kept=kept).note

    assert note == f"1 of {publish_one} readers did not get it: {ORDER[0]} (perhaps; the answer was lost)."
    assert server.copies == 1
    assert [to for to, _ in server.mails if to != ORDER[0]] == ORDER[1:]


def test_a_crash_anywhere_writes_to_nobody_twice(clock: FixedClock) -> None:
    whole = FakeMailServer(clock)
    kept = Kept()
    publish(email(whole), kept=kept)
    steps = [(call, None, after) for call in range(len(whole.requests)) for after in (False, True)]
    saves = [(None, save, after) for save in range(kept.saves) for after in (False, True)]
    for call, save, after in [*steps, *saves]:
        server, kept = FakeMailServer(clock), Kept(crash_at=save, crash_after=after)
        server.crash_at, server.crash_after = call, after
        try:
            publish(email(server), kept=kept)
        except Crash:
            server.crash_at = kept.crash_at = None
            publish(email(server), kept=kept)
        assert server.copies == 1, (call, save, after)
        assert len(server.mails) >= len(READERS) - 1, (call, save, after)


def test_a_long_list_is_written_to_in_several_sittings(
    server: FakeMailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(10**6))
    monkeypatch.setattr("time.monotonic", lambda: next(ticks) * 20.0)  # each look takes 20 s
    publisher, kept = email(server), Kept()

    for _ in range(3):
        with pytest.raises(RateLimited, match="more follow"):
            publish(publisher, kept=kept)

    assert publish(publisher, kept=kept).note is None
    assert sorted(to for to, _ in server.mails) == READERS


def test_a_reader_leaves_by_the_link_and_comes_back_by_no_list(server: FakeMailServer) -> None:
    publisher = email(server)
    publish(publisher)
    token = server.mail("budi@b.example")["List-Unsubscribe"].rstrip(">").rsplit("/", 1)[-1]

    left = publisher.without_reader(token)

    assert left is not None
    assert left.recipients == "ani@a.example, citra@c.example, dewi@d.example"
    assert publisher.without_reader("x" * 24) is None
    again = email(server, known={"recipients": ", ".join(READERS), "left": left.left})
    server.mails.clear()
    publish(again)
    assert sorted(to for to, _ in server.mails) == ["ani@a.example", "citra@c.example", "dewi@d.example"]
    assert again.channel_metrics() == [Measured(Metric.FOLLOWERS, 3, "readers of the channel")]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"readers": []}, "nobody to write to"),
        ({"list_address": "drums@lists.example"}, "both a mailing list and readers"),
    ],
)
def test_a_channel_writes_to_a_list_or_to_readers(
    server: FakeMailServer, options: dict[str, Any], said: str
) -> None:
    publisher = email(server, **options)

    with pytest.raises(NeedsReconnect, match=said):
        publisher.identify()
    assert [one for one in publisher.problems(Content("hi")) if said in one]


def test_a_sender_who_is_not_ours_is_a_matter_of_the_channel(server: FakeMailServer) -> None:
    with pytest.raises(NeedsReconnect, match="not let us send as news@"):
        publish(email(server, known={"username": "", "password": None}))


@pytest.mark.parametrize(
    ("offers", "said"), [(["AUTH PLAIN"], "no encryption on this port"), (["STARTTLS", "SIZE"], "no sign-in")]
)
def test_what_a_server_does_not_offer_is_told(server: FakeMailServer, offers: list[str], said: str) -> None:
    server.offers = offers

    with pytest.raises(NeedsReconnect, match=said):
        email(server).identify()


def test_nothing_goes_unencrypted_to_a_public_server(server: FakeMailServer) -> None:
    server.private = False

    with pytest.raises(NotSent, match="must be encrypted"):
        email(server, encryption="none").identify()
    assert email(server).identify().name == "news@tabuh.example"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("4.7.1 try again in 30 seconds", 30),
        ("Greylisted for 5 minutes", 300),
        ("please wait 2h", 7200),
        ("4.7.0 Too much mail", 300),
        ("try again in 99999 hours", 86400),
        ("450 4.2.1 in 0 s", 1),
    ],
)
def test_the_wait_that_a_server_asks_for_is_read_from_its_words(said: str, seconds: int) -> None:
    assert wait_asked(said).total_seconds() == seconds


def test_a_mail_cannot_be_called_back(server: FakeMailServer) -> None:
    with pytest.raises(Rejected, match="cannot be called back"):
        email(server).delete("1")
    with pytest.raises(Rejected, match="cannot be changed"):
        email(server).edit("1", {})


def case() -> Case:
    """For the contract of all adapters."""
    clock = FixedClock()
    return Case(
        "email",
        FakeMailServer(clock),
        {"host": "mail.tabuh.example", "sender": "news@tabuh.example"},
        {
            "username": FakeMailServer.USER,
            "password": FakeMailServer.PASSWORD,
            "recipients": "ani@a.example",
            "leave_key": "k" * 40,
        },
        ["k" * 40, FakeMailServer.PASSWORD],
        clock,
    )
