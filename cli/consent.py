"""A walk to a platform's consent page from the terminal: the address is printed, and the way back awaited.

Where the registered address is one of this machine that nobody serves, the command listens there itself;
in any case the address that the browser was sent back to may be pasted.
"""

import selectors
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import typer

from cli.printing import say
from domain.errors import TabuhError, UsageError

if TYPE_CHECKING:
    from cli.opening import Opened
    from scheduler.connecting import Begun, Choosing, Connected

_THANKS = (
    "<!doctype html><meta charset=utf-8><title>Tabuh</title>"
    "<p>Tabuh has what it needs. Go back to the terminal.</p>"
)


def walk(tabuh: "Opened", *, platform: str, target: str | None, **told: Any) -> "Connected":
    """Send the person to the platform, wait until they are back, and let them choose a target.

    Args:
        target: the target's name; None: asked for where there are several.
        told: as `scheduler.connecting.begin` takes it.

    Raises:
        TabuhError: nobody came back in time, or the platform gave no access.
    """
    from scheduler.connecting import Choosing, Walker, answers, begin, choose, come_back, redirect_address

    walker = Walker(tabuh.actor, tabuh.workspace.id)
    redirect = redirect_address(
        public_url=tabuh.context.public_url, private_url=tabuh.settings.served_private_url
    )
    with _Ears(redirect) as ears:
        begun = begin(tabuh.context, walker, platform=platform, redirect_uri=redirect, **told)
        say(f"Open this address in a browser and allow the access:\n\n{begun.address}\n")
        say(
            "Waiting here until you are back."
            if ears.listens
            else "Then paste the address that the browser was sent back to, and press Enter:"
        )
        back = ears.hear(_seconds_left(tabuh, begun))
    found = come_back(tabuh.context, walker, answers(back))
    if not isinstance(found, Choosing):
        return found
    return choose(tabuh.context, walker, found.id, _chosen(found, target))


def _seconds_left(tabuh: "Opened", begun: "Begun") -> float:
    return (begun.expires_at - tabuh.context.clock()).total_seconds()


def _chosen(found: "Choosing", target: str | None) -> int:
    names = list(found.names)
    if target is None and sys.stdin.isatty():
        for number, name in enumerate(names, 1):
            say(f"{number}  {name}")
        target = str(typer.prompt("Which one, by number or name", err=True))
    if target in names:
        return names.index(target)
    if target is not None and target.isdecimal() and 1 <= int(target[:6]) <= len(names):
        return int(target) - 1
    raise UsageError(f"Choose what to post for with --target: {', '.join(names)}.")


class _Ears:
    """Hears of the way back: on the loopback, and from standard input."""

    def __init__(self, redirect: str) -> None:
        self._path = urlsplit(redirect).path
        self._heard: list[str] = []
        self._server = _listening(redirect, self._hear_request)

    @property
    def listens(self) -> bool:
        """Whether the browser itself can tell."""
        return self._server is not None

    def __enter__(self) -> "_Ears":
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.server_close()

    def hear(self, seconds: float) -> str:
        """The address that the browser was sent back to."""
        from time import monotonic

        until = monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            if self._server is not None:
                selector.register(self._server, selectors.EVENT_READ, self._server.handle_request)
            with suppress(ValueError, OSError, AttributeError):  # no input that could be waited for
                selector.register(sys.stdin, selectors.EVENT_READ, self._hear_line)
            while not self._heard and selector.get_map():
                ready = selector.select(until - monotonic())
                if not ready:
                    raise TabuhError("Nobody came back within ten minutes. Begin again.")
                for key, _ in ready:
                    if key.data() is False:
                        selector.unregister(key.fileobj)
        if not self._heard:
            raise UsageError("Nothing was pasted. Begin again, and paste the whole address.")
        return self._heard[0]

    def _hear_line(self) -> bool:
        line = sys.stdin.readline()
        if line.strip():
            self._heard.append(line.strip())
        return bool(line)

    def _hear_request(self, target: str) -> bool:
        if urlsplit(target).path != self._path:
            return False
        self._heard.append(target)
        return True


def _listening(redirect: str, hear: Callable[[str], bool]) -> HTTPServer | None:
    """A server at a loopback address that nobody serves yet; None: somebody does, or it is not ours."""
    parts = urlsplit(redirect)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname or ""
    try:
        if parts.scheme != "http" or not ip_address(host).is_loopback:
            return None
        return _server_class(host)((host, parts.port or 80), _handler(hear))
    except (ValueError, OSError):
        return None


def _server_class(host: str) -> type[HTTPServer]:
    class Server(HTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        allow_reuse_address = False
        timeout = 5

        def get_request(self) -> tuple[socket.socket, Any]:
            connection, peer = super().get_request()
            connection.settimeout(5)  # a browser may open a connection and say nothing
            return connection, peer

        def handle_error(self, *_: object) -> None:
            """Whoever broke off comes again, or not."""

    return Server


def _handler(hear: Callable[[str], bool]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = hear(self.path)
            body = _THANKS.encode() if known else b"Not here.\n"
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8" if known else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """The address holds a code: it is written nowhere."""

    return Handler
