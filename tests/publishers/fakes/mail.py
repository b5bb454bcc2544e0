"""A mail server in memory, behind the same door as a real one: `net.smtp` dials it through the client.

The contract of all adapters speaks HTTP. Here is what its faults are among mail servers: 401 a refused
sign-in, 422 and 307 a reader the server will not take, 429 a wait before any mail, and whatever leaves an end
open (5xx, a read error) a connection that ends after the mail was handed over and was not kept.
"""

import base64
import re
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpcore
import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import LOST_ANSWER, Crash, FakeServer, Fault


class FakeMailServer(FakeServer):
    """Takes mail for everybody from one user."""

    USER, PASSWORD = "news@tabuh.example", "mail password"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.requests: list[Any] = []
        #: To whom, and what.
        self.mails: list[tuple[str, bytes]] = []
        #: Answers for single readers, in place of 250: at RCPT, and at the end of the mail.
        self.at_reader: dict[str, str] = {}
        self.at_end: dict[str, str] = {}
        #: The next mail is kept, and its answer lost.
        self.offers = ["STARTTLS", "AUTH PLAIN LOGIN", "8BITMIME"]
        self.private = True

    @property
    def copies(self) -> int:
        """The most mails that any reader got."""
        return max((sum(to == reader for to, _ in self.mails) for reader, _ in self.mails), default=0)

    def client(self) -> httpx.Client:
        return httpx.Client(transport=_Door(self))

    def mail(self, reader: str) -> EmailMessage:
        """What a reader got last."""
        found = [body for to, body in self.mails if to == reader][-1]
        mail = message_from_bytes(found, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail


class _Door(httpx.BaseTransport):
    """What `net.client` makes too, for mail only."""

    def __init__(self, server: FakeMailServer) -> None:
        self.server = server
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the stream only says that it encrypts

    def dial(self, host: str, port: int, timeout: float) -> httpcore.NetworkStream:
        match self.server.always:
            case httpx.ConnectTimeout():
                raise httpcore.ConnectTimeout("nobody there")
            case httpx.ConnectError():
                raise httpcore.ConnectError("refused")
        return _Line(self.server)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise AssertionError("mail goes by no HTTP")


class _Line(httpcore.NetworkStream):
    """One connection: commands are answered as they are written."""

    def __init__(self, server: FakeMailServer) -> None:
        self._server = server
        self._answers = b"220 fake ESMTP\r\n"
        self._heard = b""
        self._ended = False
        self._in_mail = self._signed_in = False
        self._reader = ""
        self._expected: list[str] = []
        self._fault: Fault | None = None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._heard += buffer
        end = b"\r\n.\r\n" if self._in_mail else b"\r\n"
        while end in self._heard and not self._ended:
            piece, _, self._heard = self._heard.partition(end)
            self._one(piece + b"\r\n" if self._in_mail else piece)
            end = b"\r\n.\r\n" if self._in_mail else b"\r\n"

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        piece, self._answers = self._answers[:max_bytes], self._answers[max_bytes:]
        return piece

    def close(self) -> None:
        self._ended = True

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return self

    def get_extra_info(self, info: str) -> Any:
        return ("127.0.0.1" if self._server.private else "93.184.216.34", 25)

    def _one(self, piece: bytes) -> None:
        """One command, or one mail, and its answer."""
        server = self._server
        server.requests.append(piece)
        dies = server.crash_at == len(server.requests) - 1
        if dies and not server.crash_after:
            raise Crash
        answer = self._taken(piece) if self._in_mail else self._answer(piece.decode())
        if dies:
            raise Crash
        if answer is None:
            self._ended = True
        else:
            self._answers += answer.encode() + b"\r\n"

    def _answer(self, command: str) -> str:  # noqa: PLR0911  one for each verb
        server, verb = self._server, command.split(" ", 1)[0].upper()
        match verb:
            case "EHLO":
                return "\r\n".join(
                    ["250-fake", *(f"250-{one}" for one in server.offers[:-1]), f"250 {server.offers[-1]}"]
                )
            case "AUTH":
                return self._sign_in(command)
            case "MAIL":
                self._fault = server.always or (server.faults.popleft() if server.faults else None)
                if _status(self._fault) == 429:
                    return "450 4.7.1 Rate limit exceeded, try again in 30 seconds"
                return "250 2.1.0 Ok" if self._signed_in else "530 5.7.0 Authentication required"
            case "RCPT":
                [self._reader] = re.findall("<(.*)>", command)
                if _status(self._fault) in (422, 307):
                    return f"550 5.1.1 {_words(self._fault)}"
                return server.at_reader.get(self._reader, "250 2.1.5 Ok")
            case "DATA":
                self._in_mail = True
                return "354 End data with <CR><LF>.<CR><LF>"
            case "STARTTLS" | "RSET" | "NOOP" | "QUIT":
                return "221 Bye" if verb == "QUIT" else "250 Ok"
        return "502 5.5.2 Command not recognized"

    def _sign_in(self, command: str) -> str:
        given = base64.b64decode(command.rsplit(" ", maxsplit=1)[-1]).decode().split("\0")
        if _status(self._server.always) == 401 or given != ["", self._server.USER, self._server.PASSWORD]:
            return f"535 5.7.8 Authentication failed: {_words(self._server.always)} {given[-1]}"
        self._signed_in = True
        return "235 2.7.0 Authentication successful"

    def _taken(self, body: bytes) -> str | None:
        self._in_mail = False
        if self._fault is LOST_ANSWER or self._fault is None:
            refusal = self._server.at_end.get(self._reader)
            if refusal is None:
                self._server.mails.append((self._reader, body.replace(b"\r\n..", b"\r\n.")))
            return None if self._fault is LOST_ANSWER else refusal or "250 2.0.0 Ok: queued"
        return None


def _status(fault: Fault | None) -> int | None:
    return fault.status_code if isinstance(fault, httpx.Response) else None


def _words(fault: Fault | None) -> str:
    said = fault.content.decode() if isinstance(fault, httpx.Response) else ""
    return re.sub(r"[\r\n]+", " ", said)
