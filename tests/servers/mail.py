"""A real mail server in this process (aiosmtpd), with encryption and sign-in, that keeps what it is given."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

USER, PASSWORD = "news@tabuh.example", "p\u00e4ss w\u00f6rd"


class MailServer:
    """Keeps the mails it takes; refuses the readers it is told to."""

    def __init__(self) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.refused: dict[str, str] = {}
        #: What happens between keeping a mail and saying so.
        self.when_kept: Callable[[], None] = lambda: None

    async def handle_RCPT(
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the reader, or not."""
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:
        """Keep the mail."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append((list(envelope.rcpt_tos), mail))
        self.when_kept()
        return "250 Message accepted for delivery"


@contextmanager
def running(*, encryption: str, certificate: ssl.SSLContext | None) -> Iterator[MailServer]:
    """A mail server on loopback that demands a sign-in, and encryption as told (starttls, tls, none)."""
    kept = MailServer()
    options: dict[str, Any] = {"authenticator": _checked, "auth_required": True, "decode_data": False}
    if encryption == "starttls":
        options |= {"tls_context": certificate, "require_starttls": True}
    else:
        options["auth_require_tls"] = False  # it does not see that the connection is a secret one
    loop = asyncio.new_event_loop()
    # Its own Controller needs a port that is known before, and cannot knock at a server with a certificate.
    server = loop.run_until_complete(
        loop.create_server(
            lambda: SMTP(kept, loop=loop, **options),
            kept.host,
            0,
            ssl=certificate if encryption == "tls" else None,
        )
    )
    kept.port = int(server.sockets[0].getsockname()[1])
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _end(server: asyncio.Server) -> None:
    """Hang up on everybody, and wait for what they were saying."""
    server.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0.05)  # transports close in the loop's next rounds


def _checked(server: Any, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for 127.0.0.1: what a server shows with it, and what a client trusts that knows it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(file)
    return shown, ssl.create_default_context(cadata=made.public_bytes(serialization.Encoding.PEM).decode())
