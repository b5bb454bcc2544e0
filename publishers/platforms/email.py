"""A newsletter by mail: to a mailing list's address, or to readers whom the channel keeps.

Sources: RFC 5321 (what each answer of a server means), RFC 3463 (enhanced codes), RFC 8058 (one click to
leave). Nobody can be asked what arrived. Each reader of ours gets a mail of their own, and is noted before
it is handed over: whatever happens, a later try writes to nobody a second time.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr

from domain.content import Capabilities, Content, DeliveryClass, Identity, Payload, Proof, RemotePost
from domain.errors import NeedsReconnect, Rejected
from domain.media import PictureRules, attachment_from
from domain.metrics import Metric
from net.smtp import USUAL_PORTS, Conversation, Encryption, opened
from publishers.address import host_name, served_to_others
from publishers.article import article, card_html, paragraphs
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher
from publishers.mail import Letter, Shown, address, addresses, one_line, written
from publishers.mailing import Sitting, mark_of, meaning, sign_in
from publishers.text import fit

#: What mail programs show everywhere; a mail with all of them stays below what servers take.
PICTURES = PictureRules(
    most=10, max_bytes=1_000_000, kinds=frozenset({"image/jpeg", "image/png", "image/gif"}), max_side=1600
)
_LEARNED: dict[str, Any] = {"learned": True}


class EmailSettings(BaseSettings):
    """The mail server, and whose mail it is."""

    host: Annotated[str, AfterValidator(host_name)] = Field(
        title="Mail server", description="Its name, such as mail.example.org"
    )
    sender: Annotated[str, AfterValidator(address)] = Field(
        title="Sender", description="The address that readers see and answer to"
    )
    sender_name: Annotated[str, AfterValidator(one_line)] = Field(
        default="", title="Sender's name", description="Shown before the address", max_length=100
    )
    encryption: Literal["starttls", "tls", "none"] = Field(
        default="starttls",
        title="Encryption",
        description="starttls, tls from the start, or none on your own network",
    )
    port: int | None = Field(
        default=None, ge=1, le=65535, title="Port", description="Empty: 587, with tls 465, with none 25"
    )
    list_address: Annotated[str, AfterValidator(address)] | None = Field(
        default=None, title="Mailing list", description="Its address, where a list server keeps the readers"
    )


class EmailCredentials(BaseCredentials):
    """How to sign in, and the readers; those who left are remembered, so that no new list revives them."""

    username: str = Field(default="", title="User name", description="Empty: the server asks for none")
    password: SecretStr | None = Field(
        default=None, title="Password", description="The mail server's, or an app password"
    )
    recipients: Annotated[str, AfterValidator(addresses)] = Field(
        default="",
        repr=False,
        title="Readers",
        description="Their addresses, where no list server keeps them",
        json_schema_extra={"long": True},
    )
    leave_key: SecretStr | None = Field(default=None, json_schema_extra=_LEARNED)
    #: What `mark_of` makes of the addresses of those who left, with spaces between.
    left: str = Field(default="", repr=False, json_schema_extra=_LEARNED)


class Email(Publisher):
    """A channel whose posts are mails."""

    platform = "email"
    title = "E-mail"
    capabilities = Capabilities(
        delivery=DeliveryClass.AT_MOST_ONCE,
        channel_metrics=frozenset({Metric.FOLLOWERS}),
        pictures=PICTURES,
        max_title=150,
        proof=Proof.REAL_SERVER,
    )
    Credentials = EmailCredentials
    Settings = EmailSettings
    credentials: EmailCredentials
    settings: EmailSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        subject = article(content, max_title=self.capabilities.max_title or 0).title
        shown = article(replace(content, title=subject), max_title=len(subject))
        parts = [f"<p>{one}</p>" for one in paragraphs(shown.text, known=content.link)]
        if shown.link:
            parts.append(f"<blockquote>{card_html(shown.link, shown.card)}</blockquote>")
        payload: Payload = {
            "subject": one_line(subject),
            "text": fit(content.text, content.link, []),
            "html": "\n".join(parts),
            "language": content.language or "",
        }
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        return payload

    def problems(self, content: Content) -> list[str]:
        return [*super().problems(content), *filter(None, [self._nobody()])]

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        if nobody := self._nobody():
            raise Rejected(nobody)
        now = self.clock()
        letter = self._letter(payload, now)
        readers = self._readers()
        domain = self.settings.sender.rsplit("@", 1)[1]

        def mail_to(mark: str) -> bytes:
            is_list = self.settings.list_address is not None
            return written(
                letter,
                to=readers[mark],
                message_id=f"{key}@{domain}" if is_list else f"{key}.{mark}@{domain}",
                leave=None if is_list else self._leave(readers[mark]),
                one_click=self.channel.public_url.startswith("https://"),
            )

        sitting = Sitting(
            self.settings.sender, readers, mail_to, progress, secrets=self.credentials.secrets()
        )
        if sitting.turn:
            with self._talk() as talk:
                sitting.hold(talk)
        return RemotePost(id=f"{key}@{domain}", url=None, published_at=now, note=sitting.ended())

    def identify(self) -> Identity:
        if nobody := self._nobody():
            raise NeedsReconnect(nobody)
        with self._talk() as talk, meaning(self.settings.host, self.credentials.secrets()):
            talk.command("NOOP")
        return Identity(name=self.settings.sender, remote_id=self.settings.sender)

    def needs_refresh(self) -> bool:
        return bool(self.credentials.recipients) and self.credentials.leave_key is None

    def refresh(self) -> EmailCredentials:
        key = self.credentials.leave_key or SecretStr(secrets.token_urlsafe(32))
        return self.credentials.model_copy(update={"leave_key": key})

    def channel_metrics(self) -> list[Measured]:
        if self.settings.list_address:
            return []
        return [Measured(Metric.FOLLOWERS, len(self._readers()), source="readers of the channel")]

    def delete(self, remote_id: str) -> None:
        raise Rejected("A mail that was sent cannot be called back.")

    def edit(self, remote_id: str, payload: Payload) -> None:
        raise Rejected("A mail that was sent cannot be changed. Send another one.")

    def without_reader(self, token: str) -> EmailCredentials | None:
        for one in filter(None, self.credentials.recipients.split(", ")):
            if hmac.compare_digest(self._token(one), token):
                kept = [other for other in self.credentials.recipients.split(", ") if other != one]
                left = " ".join(dict.fromkeys([*self.credentials.left.split(), mark_of(one)]))
                return self.credentials.model_copy(update={"recipients": ", ".join(kept), "left": left})
        return None

    def _nobody(self) -> str | None:
        """Why there is nobody to write to, in a sentence; None: there is."""
        if self.settings.list_address and self.credentials.recipients:
            return "The channel has both a mailing list and readers of its own. Leave one of them out."
        if not self._readers():
            return "The channel has nobody to write to. Give it a mailing list's address, or readers."
        return None

    def _readers(self) -> dict[str, str]:
        """Everybody who gets a mail, by mark."""
        if self.settings.list_address:
            return {mark_of(self.settings.list_address): self.settings.list_address}
        marked = {mark_of(one): one for one in filter(None, self.credentials.recipients.split(", "))}
        return {mark: one for mark, one in marked.items() if mark not in self.credentials.left.split()}

    def _token(self, reader: str) -> str:
        """What names a reader in a link, and can be made by us only."""
        key = self.credentials.leave_key
        made = hmac.digest(
            key.get_secret_value().encode() if key else b"", reader.lower().encode(), hashlib.sha256
        )
        return base64.urlsafe_b64encode(made[:18]).decode()

    def _leave(self, reader: str) -> str:
        """Where a reader leaves: our own page, or a mail to the sender while nobody could open that page."""
        if served_to_others(self.channel.public_url):
            return f"{self.channel.public_url}/u/{self.channel.id}/{self._token(reader)}"
        return f"mailto:{self.settings.sender}?subject=unsubscribe"

    def _letter(self, payload: Payload, now: datetime) -> Letter:
        media = [attachment_from(one) for one in payload.get("media") or ()]
        return Letter(
            subject=payload["subject"],
            text=payload["text"],
            html=payload["html"],
            language=payload["language"],
            sender=self.settings.sender,
            sender_name=self.settings.sender_name,
            date=now,
            list_name=self.channel.slug,
            pictures=[Shown(self.picture(one), one.alt) for one in media],
        )

    @contextmanager
    def _talk(self) -> Iterator[Conversation]:
        """A conversation with the server, signed in."""
        known, settings = self.credentials, self.settings
        encryption = Encryption(settings.encryption)
        port = settings.port or USUAL_PORTS[encryption]
        name = settings.sender.rsplit("@", 1)[1]
        with ExitStack() as stack:
            with meaning(settings.host, known.secrets()):
                talk = stack.enter_context(
                    opened(self.http, settings.host, port, encryption=encryption, name=name)
                )
                if known.username and known.password:
                    sign_in(talk, settings.host, known.username, known.password)
            yield talk
