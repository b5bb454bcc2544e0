"""The e-mail adapter against a real mail server, with each kind of encryption."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.clock import system_clock
from domain.content import Channel, Content
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, RateLimited
from domain.post import PostState
from net.client import make_client
from publishers.platforms.email import Email, EmailCredentials
from scheduler import channels
from scheduler import posts as commands
from scheduler.leaving import leave
from scheduler.worker import PublishingWorker
from store.engine import writing
from store.tables import ChannelRow
from tests.pictures import Folder, picture
from tests.publisher_site import PERSON
from tests.publishers.case import KEY, Kept
from tests.servers import mail
from tests.servers.faultproxy import CutAnswer, FaultProxy, LoseAnswer
from tests.servers.mail import MailServer, running
from tests.world import World, new_world

pytestmark = [
    pytest.mark.real,
    # aiosmtpd does not like what one of its servers is asked here: a sign-in without encryption.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]

READERS = ["ani@a.example", "budi@b.example"]
LINK = "https://news.example/drums?a=1&b=2"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return mail.certificate(Path(tmp_path_factory.mktemp("mail")))


def email(
    port: int, trusted: ssl.SSLContext | None, *, password: str = mail.PASSWORD, **settings: Any
) -> Email:
    given = {"host": "127.0.0.1", "port": port, "sender": "news@tabuh.example", **settings}
    credentials = EmailCredentials.model_validate(
        {"username": mail.USER, "password": password, "recipients": ", ".join(READERS), "leave_key": "k" * 40}
    )
    channel = Channel(1, "email", "Mading", "mading", given, public_url="https://tabuh.example")
    client = make_client(allowed_networks=("127.0.0.0/8",), timeout=5, tls=trusted)
    return Email(channel, client, credentials=credentials, clock=system_clock)


def publish(publisher: Email, content: Content, kept: Kept) -> str | None:
    payload = publisher.render(content, created_at=system_clock())
    return publisher.publish(payload, key=KEY, progress=kept).note


def got(server: MailServer) -> list[str]:
    return sorted(one for readers, _ in server.mails for one in readers)


@pytest.mark.parametrize("encryption", ["starttls", "tls", "none"])
def test_a_post_arrives_whole(certificates: tuple[ssl.SSLContext, ssl.SSLContext], encryption: str) -> None:
    shown, trusted = certificates
    folder = Folder(picture(300, 200))
    text = "Genderang 🥁 di pagi hari\n\n.\n.. titik\nFrom here\n" + "panjang " * 300
    with running(encryption=encryption, certificate=shown) as server:
        publisher = email(server.port, trusted, encryption=encryption, sender_name="Mading Ünïcode")
        publisher.files = folder
        assert publisher.identify().name == "news@tabuh.example"
        content = Content(text, LINK, media=folder.attachments("Tujuh kios"), language="id")
        assert publish(publisher, content, Kept()) is None

    assert got(server) == READERS
    _, one = server.mails[0]
    plain, page = one.get_body(("plain",)), one.get_body(("html",))
    assert plain is not None
    assert page is not None
    shown_text = plain.get_content().replace("\r\n", "\n")
    assert shown_text.startswith(text.strip() + f"\n\n{LINK}\n\n[Tujuh kios]\n\n-- \nAnda menerima")
    assert "Genderang 🥁 di pagi hari" in page.get_content()
    assert (one["Subject"], one["From"]) == (
        "Genderang 🥁 di pagi hari",
        "Mading Ünïcode <news@tabuh.example>",
    )
    assert [part.get_content_type() for part in one.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "image/jpeg",
    ]


def test_a_lost_answer_is_told_and_the_rest_gets_it_later(
    certificates: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    with (
        running(encryption="none", certificate=None) as server,
        FaultProxy(server.host, server.port, greets=True) as proxy,
    ):
        publisher, kept = email(proxy.port, None, encryption="none"), Kept()
        save = kept.save

        def losing(handle: Any) -> None:
            save(handle)
            proxy.fault = LoseAnswer()  # from here on: the next thing that is sent is the mail

        kept.save = losing  # type: ignore[method-assign]
        with pytest.raises(OutcomeUnknown, match="was handed over, and no answer came"):
            publish_soon(publisher, kept)
        kept.save, proxy.fault = save, None  # type: ignore[method-assign]

        note = publish(publisher, Content("Drums"), kept)

    assert note is not None
    assert "perhaps; the answer was lost" in note
    assert got(server) == READERS


def publish_soon(publisher: Email, kept: Kept) -> None:
    """Publish with a deadline, as the worker does, but a short one."""
    from datetime import timedelta

    from net.deadline import time_limit

    with time_limit(timedelta(seconds=2)):
        publish(publisher, Content("Drums"), kept)


def test_refusals_are_told_in_words(certificates: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    shown, trusted = certificates
    with running(encryption="starttls", certificate=shown) as server:
        with pytest.raises(NeedsReconnect, match="refuses the user name or password"):
            email(server.port, trusted, password="wrong").identify()
        with pytest.raises(NotSent, match="certificate"):
            email(server.port, None).identify()  # nobody vouches for it
        server.refused["budi@b.example"] = "550 5.1.1 No such user"
        note = publish(email(server.port, trusted), Content("Drums"), Kept())
        assert note is not None
        assert "budi@b.example (550: 5.1.1 No such user)" in note
        server.refused["budi@b.example"] = "451 4.7.1 Greylisted, try again in 60 seconds"
        with pytest.raises(RateLimited) as caught:
            publish(email(server.port, trusted), Content("Drums"), Kept())
        assert caught.value.retry_after.total_seconds() == 60
    with pytest.raises(NotSent, match="could not be reached"):
        email(server.port, trusted).identify()


def test_the_address_guard_holds_for_mail_too() -> None:
    channel = Channel(
        1, "email", "Mading", "mading", {"host": "127.0.0.1", "port": 2525, "sender": "a@b.example"}
    )
    known = EmailCredentials.model_validate({"recipients": "c@d.example", "leave_key": "k"})
    with make_client() as client, pytest.raises(NotSent, match="TABUH_ALLOWED_NETWORKS"):
        Email(channel, client, credentials=known, clock=system_clock).identify()


def connect(world: World, server: MailServer, *readers: str) -> ChannelRow:
    """A channel of this server, as a person connects it."""
    return channels.connect(
        world.context,
        world.workspace.id,
        platform="email",
        name="Mading",
        zone_name="Asia/Jakarta",
        settings={
            "host": "127.0.0.1",
            "port": server.port,
            "encryption": "none",
            "sender": "news@tabuh.example",
        },
        credentials={"username": mail.USER, "password": mail.PASSWORD, "recipients": ", ".join(readers)},
        actor=PERSON,
    )


def test_a_channel_publishes_to_each_reader_once_and_lets_them_go(engine: Engine) -> None:
    world = new_world(engine, public_url="https://tabuh.example")
    with running(encryption="none", certificate=None) as server:
        server.refused["budi@b.example"] = "550 5.1.1 No such user"
        world.channel = connect(world, server, *READERS, "c@d.example")
        first = world.queue("Drums at dawn")
        PublishingWorker(world.context, width=1).run_until_idle()
        first = world.reread(first)
        _, one = next(mails for mails in server.mails if mails[0] == ["ani@a.example"])
        leave(world.context, world.channel.id, str(one["List-Unsubscribe"]).strip("<>").rsplit("/", 1)[-1])
        server.mails.clear()
        server.refused.clear()
        second = world.queue("Drums at noon")
        PublishingWorker(world.context, width=1).run_until_idle()

    assert first.state == PostState.PUBLISHED
    assert first.reason == "1 of 3 readers did not get it: budi@b.example (550: 5.1.1 No such user)."
    assert world.reread(second).state == PostState.PUBLISHED
    assert got(server) == ["budi@b.example", "c@d.example"]


def test_a_lost_answer_asks_a_person_and_the_next_try_repeats_nobody(engine: Engine) -> None:
    world = new_world(engine)
    with (
        running(encryption="none", certificate=None) as server,
        FaultProxy(server.host, server.port, greets=True) as proxy,
    ):
        world.channel = connect(world, server, *READERS)
        with writing(engine) as session:
            row = session.get_one(ChannelRow, world.channel.id)
            row.settings = {**row.settings, "port": proxy.port}
            session.commit()
        post = world.queue("Drums at dawn")
        server.when_kept = lambda: setattr(proxy, "fault", CutAnswer())
        PublishingWorker(world.context, width=1).run_until_idle()
        doubtful = world.reread(post)
        server.when_kept, proxy.fault = (lambda: None), None
        commands.absent(world.context, world.workspace.id, post.id, actor=PERSON)
        PublishingWorker(world.context, width=1).run_until_idle()

    after = world.reread(post)
    assert doubtful.state == PostState.UNCERTAIN
    assert "was handed over, and no answer came" in (doubtful.reason or "")
    assert after.state == PostState.PUBLISHED
    assert "perhaps; the answer was lost" in (after.reason or "")
    assert got(server) == READERS
