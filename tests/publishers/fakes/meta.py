"""What all of Meta's Graph hosts have in common: versions, tokens with their proof, errors in their form."""

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeServer

SECRET = "meta-secret"


def error(status: int, code: int, said: str, *, subcode: int | None = None, **more: Any) -> httpx.Response:
    """An error as Meta writes it."""
    body: dict[str, Any] = {
        "message": said,
        "type": "OAuthException",
        "code": code,
        "fbtrace_id": "A1",
        **more,
    }
    if subcode is not None:
        body["error_subcode"] = subcode
    return httpx.Response(status, json={"error": body})


class FakeGraph(FakeServer):
    """Checks version, token and proof, then answers by node or edge."""

    TOKEN = "meta-token"
    HOSTS: tuple[str, ...] = ()

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        #: ``METHOD node/edge`` (a pattern) → the fields that are taken, and the answer.
        self.edges: dict[str, tuple[set[str], Callable[[re.Match[str], dict[str, str]], Any]]] = {}

    @property
    def stamp(self) -> str:
        """Now, as Meta writes times."""
        return self.clock().strftime("%Y-%m-%dT%H:%M:%S+0000")

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host not in self.HOSTS:
            return httpx.Response(404)
        version, _, rest = request.url.path.lstrip("/").partition("/")
        fields = dict(request.url.params) | form_of(request)
        wrong = self._wrong(request, version, fields)
        if wrong is not None:
            return wrong
        for pattern, (known, route) in self.edges.items():
            match = re.fullmatch(pattern, f"{request.method} {rest}")
            if match is None:
                continue
            unknown = {name for name in fields if re.sub(r"\[\d+\]$", "", name) not in known}
            if unknown:
                return error(400, 100, f"Unexpected key {sorted(unknown)[0]!r} on param")
            answer = route(match, fields)
            return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)
        return error(400, 100, f"Unsupported request: {request.method} {rest}", subcode=33)

    def _wrong(self, request: httpx.Request, version: str, fields: dict[str, str]) -> httpx.Response | None:
        """What stands against the request; takes the proof out of its fields."""
        if not re.fullmatch(r"v\d+\.\d", version):
            return error(400, 2500, "Unknown path components")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != self.TOKEN:
            return error(401, 190, "Invalid OAuth access token.", subcode=463)
        proof = hmac.new(SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if fields.pop("appsecret_proof", None) != proof:
            return error(400, 100, "Invalid appsecret_proof provided in the API argument")
        return None


def form_of(request: httpx.Request) -> dict[str, str]:
    """The fields of a form, with the bytes of files as Latin 1."""
    kind = request.headers.get("content-type", "")
    if kind == "application/x-www-form-urlencoded":
        return dict(parse_qsl(request.content.decode(), keep_blank_values=True))
    if not kind.startswith("multipart/form-data"):
        return {}
    boundary = kind.partition("boundary=")[2].encode()
    found = {}
    for part in request.content.split(b"--" + boundary)[1:-1]:
        head, _, body = part.partition(b"\r\n\r\n")
        name = re.search(rb'name="([^"]+)"', head)
        assert name is not None
        found[name[1].decode()] = body[:-2].decode("latin-1" if b"filename=" in head else "utf-8")
    return found
