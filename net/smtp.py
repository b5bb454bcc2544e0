"""One conversation with a mail server, over a guarded connection whose every wait ends with its deadline.

Only what handing a mail over needs. Sources: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 4954 (AUTH),
RFC 4616 (PLAIN). Why not the standard library's: docs/decisions/0037.
"""

import base64
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

import httpcore
import httpx

from net.guard import Refused, is_private

#: Where mail is handed over: relay, submission with encryption from the start, submission.
PORTS: Final = frozenset({25, 465, 587})
#: Seconds for one answer of the server.
_PATIENCE: Final = 20.0
#: Bytes of one line of an answer, and lines of one answer.
_MAX_LINE, _MAX_LINES = 2048, 100
_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)
_NEW_LINE: Final = re.compile(rb"\r\n|\r|\n")


class Encryption(StrEnum):
    """How a connection to a mail server is kept secret."""

    STARTTLS = "starttls"
    #: From the first byte on.
    TLS = "tls"
    #: Not at all: to our own machine or network only.
    NONE = "none"


USUAL_PORTS: Final = {Encryption.STARTTLS: 587, Encryption.TLS: 465, Encryption.NONE: 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """The installation's own mail server, and as whom it sends."""

    host: str
    #: A mail address.
    sender: str
    sender_name: str = "Tabuh"
    encryption: Encryption = Encryption.STARTTLS
    #: None: what is usual for the encryption.
    port: int | None = None
    username: str = ""
    password: str = field(default="", repr=False)

    @property
    def used_port(self) -> int:
        """The port that is used."""
        return self.port if self.port is not None else USUAL_PORTS[self.encryption]


class Dials(Protocol):
    """A transport that also opens connections for mail, under the same address policy."""

    #: What is trusted.
    tls: ssl.SSLContext

    def dial(self, host: str, port: int, timeout: float) -> httpcore.NetworkStream:
        """A connection to an allowed address. Raises as `GuardedBackend.connect_tcp`."""


class Refusal(Exception):
    """The server said no: what it answered, on one line."""

    def __init__(self, code: int, said: str) -> None:
        super().__init__(f"{code} {said}".strip())
        self.code = code
        self.said = said

    @property
    def passes(self) -> bool:
        """Whether the server itself calls it temporary."""
        return 400 <= self.code < 500


class Lost(Exception):
    """The connection ended, or no answer came."""


class Conversation:
    """What a client and a mail server say to each other; after `opened`, commands may be given."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._read = b""
        #: What the server can do, upper case, with its parameters.
        self.offers: dict[str, str] = {}

    def command(self, line: str, *, wanted: int = 2) -> str:
        """Say one line; returns what is answered, when its code begins with ``wanted``.

        Raises:
            Refusal: it begins with another digit.
            Lost: no answer came.
        """
        assert not re.search(r"[\r\n\0]", line)
        self._write(line.encode() + b"\r\n")
        return self.answer(wanted=wanted)

    def answer(self, *, wanted: int = 2) -> str:
        """What the server says next, as `command`."""
        said: list[str] = []
        for _ in range(_MAX_LINES):
            line = self._line()
            if not re.match(r"[2-5]\d\d(?:[ -]|$)", line):
                raise Lost("the answer is not that of a mail server")
            said.append(line[4:])
            if line[3:4] != "-":
                code = int(line[:3])
                if code // 100 != wanted:
                    words = " ".join(" ".join(said).split())
                    raise Refusal(code, "".join(sign for sign in words if sign.isprintable()))
                return "\n".join(said)
        raise Lost("the answer has no end")

    def greet(self, name: str) -> None:
        """Say who we are, and learn what the server can do."""
        lines = self.command(f"EHLO {name}").upper().split("\n")[1:]
        self.offers = {word: rest for word, _, rest in (line.partition(" ") for line in lines)}

    def encrypt(self, tls: ssl.SSLContext, host: str) -> None:
        """Go on in secret. Raises `Lost` when the certificate is not the host's."""
        if self._read:
            raise Lost("the server spoke before its turn")  # somebody between us could have put that in
        with _lost():
            self._stream = self._stream.start_tls(tls, host, _PATIENCE)

    def sign_in(self, user: str, password: str) -> None:
        """Prove who we are. Raises `Refusal`, with code 504 when the server offers no way that we know."""
        known = self.offers.get("AUTH", "").split()
        if "PLAIN" in known:
            self.command(f"AUTH PLAIN {_base64(f'{chr(0)}{user}{chr(0)}{password}')}")
        elif "LOGIN" in known:
            self.command("AUTH LOGIN", wanted=3)
            self.command(_base64(user), wanted=3)
            self.command(_base64(password))
        else:
            raise Refusal(504, "it offers no sign-in with a password here")

    def give(self, body: bytes) -> str:
        """Hand the mail over after ``DATA`` was granted; returns what the server answers.

        Raises:
            Refusal: the server did not take it.
            Lost: whether it was taken is not known.
        """
        whole = _NEW_LINE.sub(b"\r\n", body)
        whole = _LEADING_DOT.sub(b"..", whole)
        self._write(whole + (b"" if whole.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        return self.answer()

    def close(self) -> None:
        """Hang up, whatever was being said."""
        self._stream.close()

    def _write(self, piece: bytes) -> None:
        with _lost():
            self._stream.write(piece, _PATIENCE)

    def _line(self) -> str:
        while b"\n" not in self._read:
            with _lost():
                piece = self._stream.read(4096, _PATIENCE)
            if not piece:
                raise Lost("the server ended the connection")
            self._read += piece
            if len(self._read) > _MAX_LINE * _MAX_LINES:
                raise Lost("the answer has no end")
        line, _, self._read = self._read.partition(b"\n")
        return line[:_MAX_LINE].decode("utf-8", "replace").rstrip("\r")


@contextmanager
def opened(
    client: httpx.Client, host: str, port: int, *, encryption: Encryption, name: str
) -> Iterator[Conversation]:
    """A conversation that has begun: greeted, and encrypted as asked.

    Args:
        client: the program's client; its address policy holds for mail servers too.
        name: our own, as the server is told it.

    Raises:
        Refused: the address is not allowed, or public and the connection not encrypted.
        Refusal, Lost: the server did not go along.
        httpcore.ConnectError, httpcore.ConnectTimeout: it cannot be reached.
    """
    transport: Dials = client._transport  # type: ignore[assignment]  # made by net.client, or by a test
    stream = transport.dial(host, port, _PATIENCE)
    talk = Conversation(stream)
    try:
        if encryption is Encryption.NONE and not is_private(stream):
            raise Refused(f"{host} is a public server, and mail to it must be encrypted")
        if encryption is Encryption.TLS:
            talk.encrypt(transport.tls, host)
        talk.answer()
        talk.greet(name)
        if encryption is Encryption.STARTTLS:
            if "STARTTLS" not in talk.offers:
                raise Refusal(502, "it offers no encryption on this port (STARTTLS)")
            talk.command("STARTTLS")
            talk.encrypt(transport.tls, host)
            talk.greet(name)
        yield talk
        _take_leave(talk)
    finally:
        talk.close()


def _take_leave(talk: Conversation) -> None:
    try:
        talk.command("QUIT")
    except (Refusal, Lost):
        return  # everything was settled before


@contextmanager
def _lost() -> Iterator[None]:
    try:
        yield
    except (httpcore.NetworkError, httpcore.TimeoutException, ssl.SSLError, OSError) as exc:
        raise Lost(str(exc) or "no answer came in time") from exc


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
