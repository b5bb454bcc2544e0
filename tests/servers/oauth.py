"""A real OAuth 2 server with a small platform behind it, on a free port of this machine.

It checks what platforms check: the application (in the form or by HTTP Basic), the redirect address, the
proof key, that a code and a refresh token work once; and it notices when a refresh token comes a second time,
as a thief's copy would, and then ends the whole grant (RFC 9700).
"""

import base64
import hashlib
import html
import json
import secrets
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit


@dataclass
class Grant:
    """What a person allowed: with the tokens that are good now, and all refresh tokens that ever were."""

    scope: str
    access: str = ""
    refresh: str = ""
    spent: set[str] = field(default_factory=set)
    alive: bool = True


@dataclass
class OAuthServer:
    """Its behaviour and its memory; a test changes the one and reads the other."""

    client_id: str = "tabuh-test"
    client_secret: str = "an application's secret / with +signs"
    redirect_uris: set[str] = field(default_factory=set)
    basic: bool = False
    pkce: bool = True
    rotates: bool = True
    expires_in: int | None = 3600
    refresh_expires_in: int | None = None
    scope: str = "post.write read"
    targets: list[dict[str, Any]] = field(default_factory=list)
    #: What the token address answers next, in place of its work: a status, or "lost" after the work.
    faults: deque[int | str] = field(default_factory=deque)
    grants: list[Grant] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    posts: list[dict[str, Any]] = field(default_factory=list)
    #: Forms that the token address received, the application's secret left out.
    asked: list[dict[str, str]] = field(default_factory=list)
    consents: list[dict[str, str]] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def secrets(self) -> list[str]:
        """Everything that may show nowhere."""
        return [self.client_secret, *self.codes] + [
            token for grant in self.grants for token in (grant.access, grant.refresh, *grant.spent) if token
        ]

    def consent(self, address: str, *, allow: bool = True) -> str:
        """What a browser does at the consent page, without one: where the person is sent back to.

        Raises:
            AssertionError: the page would refuse the request.
        """
        parts = urlsplit(address)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert address.startswith(f"{self.url}/authorize?"), address
        assert self.refused(asked) is None, self.refused(asked)
        return self.decide(asked, allow=allow)

    def refused(self, asked: dict[str, str]) -> str | None:
        """What is wrong with a request for consent."""
        if asked.get("client_id") != self.client_id:
            return "unknown client_id"
        if asked.get("redirect_uri") not in self.redirect_uris:
            return f"redirect_uri {asked.get('redirect_uri')} is not registered"
        if asked.get("response_type") != "code" or not asked.get("state"):
            return "response_type and state are needed"
        if self.pkce and (asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge")):
            return "a proof key (S256) is needed"
        return None

    def decide(self, asked: dict[str, str], *, allow: bool) -> str:
        """The address that the browser is sent back to after the person's decision."""
        self.consents.append(asked)
        answer = {"state": asked["state"]}
        if allow:
            answer["code"] = f"code-{secrets.token_hex(8)}"
            with self.lock:
                self.codes[answer["code"]] = asked
        else:
            answer |= {"error": "access_denied", "error_description": "The person said no"}
        return f"{asked['redirect_uri']}?{urlencode(answer)}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """What the token address answers."""
        self.asked.append({name: value for name, value in form.items() if name != "client_secret"})
        if self._application(form, authorization) != (self.client_id, self.client_secret):
            return 401, {"error": "invalid_client", "error_description": "Client authentication failed"}
        with self.lock:
            match form.get("grant_type"):
                case "authorization_code":
                    return self._by_code(form)
                case "refresh_token":
                    return self._by_refresh_token(form)
        return 400, {"error": "unsupported_grant_type"}

    def _application(self, form: dict[str, str], authorization: str) -> tuple[str, str]:
        if not self.basic:
            return form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, packed = authorization.partition(" ")
        name, _, secret = (
            base64.b64decode(packed).decode().partition(":") if scheme == "Basic" else ("", "", "")
        )
        return unquote(name), unquote(secret)

    def _by_code(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None:
            return 400, {"error": "invalid_grant", "error_description": f"No such code {form.get('code')}"}
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant", "error_description": "redirect_uri differs"}
        if self.pkce:
            proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
            if base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != asked["code_challenge"]:
                return 400, {"error": "invalid_grant", "error_description": "The proof key is wrong"}
        grant = Grant(self.scope)
        self.grants.append(grant)
        return 200, self._fresh(grant)

    def _by_refresh_token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        token = form.get("refresh_token", "")
        for grant in self.grants:
            if token in grant.spent:
                grant.alive = False  # somebody has a copy: nobody keeps access
            if grant.alive and token == grant.refresh:
                return 200, self._fresh(grant)
        return 400, {"error": "invalid_grant", "error_description": f"Token {token} is not good"}

    def _fresh(self, grant: Grant) -> dict[str, Any]:
        grant.access = f"access-{secrets.token_hex(8)}"
        told: dict[str, Any] = {"access_token": grant.access, "token_type": "bearer", "scope": grant.scope}
        if self.expires_in is not None:
            told["expires_in"] = self.expires_in
        if self.rotates or not grant.refresh:
            grant.spent |= {grant.refresh} - {""}
            grant.refresh = f"refresh-{secrets.token_hex(8)}"
            told["refresh_token"] = grant.refresh
        else:
            told["refresh_token"] = ""  # as some say: keep the one you have
        if self.refresh_expires_in is not None:
            told["refresh_token_expires_in"] = self.refresh_expires_in
        return told

    def holder(self, authorization: str) -> Grant | None:
        """Whose access token that is."""
        token = authorization.removeprefix("Bearer ")
        return next((grant for grant in self.grants if grant.alive and grant.access == token), None)


@contextmanager
def oauth_server(**behaviour: Any) -> Iterator[OAuthServer]:
    """The server, listening, until the block ends."""
    server = OAuthServer(**behaviour)
    listening = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(server))
    server.url = f"http://127.0.0.1:{listening.server_address[1]}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()


def _handler_of(server: OAuthServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            match parts.path:
                case "/authorize" if (wrong := server.refused(asked)) is not None:
                    self._send(400, {"error": wrong})
                case "/authorize":
                    self._consent_page(asked)
                case "/me" if server.holder(self.headers.get("Authorization", "")):
                    self._send(200, {"id": "7", "name": "Drum School"})
                case "/targets" if server.holder(self.headers.get("Authorization", "")):
                    self._send(200, {"targets": server.targets})
                case "/me" | "/targets":
                    self._send(401, {"error": "invalid_token"})
                case _:
                    self._send(404, {"error": "not found"})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
            match urlsplit(self.path).path:
                case "/decide":
                    allow = form.pop("decision") == "allow"
                    self._redirect(server.decide(form, allow=allow))
                case "/token":
                    self._token(form)
                case "/posts" if server.holder(self.headers.get("Authorization", "")):
                    server.posts.append(form)
                    self._send(200, {"id": str(len(server.posts))})
                case _:
                    self._send(401, {"error": "invalid_token"})

        def _token(self, form: dict[str, str]) -> None:
            fault = server.faults.popleft() if server.faults else None
            if isinstance(fault, int):
                self._send(fault, {"error": "temporarily_unavailable"} if fault == 400 else {})
                return
            status, told = server.token(form, self.headers.get("Authorization", ""))
            if fault == "lost":
                self.close_connection = True
                return
            self._send(status, told)

        def _consent_page(self, asked: dict[str, str]) -> None:
            fields = "".join(
                f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                for name, value in asked.items()
            )
            page = (
                "<!doctype html><title>Consent</title><h1>Tabuh asks for access</h1>"
                f'<form method="post" action="/decide">{fields}<button name="decision" value="allow">Allow'
                '</button><button name="decision" value="deny">Deny</button></form>'
            )
            self._write(200, "text/html; charset=utf-8", page.encode())

        def _redirect(self, to: str) -> None:
            self.send_response(302)
            self.send_header("Location", to)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _send(self, status: int, document: dict[str, Any]) -> None:
            self._write(status, "application/json", json.dumps(document).encode())

        def _write(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler
