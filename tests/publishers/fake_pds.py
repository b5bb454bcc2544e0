"""A PDS as a function, with the answers that a real one (0.5.35) was seen to give."""

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import Body, FakeServer

DID = "did:plc:tabuh"
HANDLE = "tabuh.example"
PASSWORD = "abcd-efgh-ijkl-mnop"
PNG = b"\x89PNG\r\n\x1a\n and the rest of a picture"


def token(name: str, ends: datetime) -> str:
    """A session token as servers make them: three parts, the second one legible."""
    claims = (
        base64.urlsafe_b64encode(json.dumps({"exp": int(ends.timestamp())}).encode()).decode().rstrip("=")
    )
    return f"{name}.{claims}.signature"


class FakePds(FakeServer):
    """One owner's repository, with sessions that end after two hours; also serves /image.png."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.records: dict[str, dict[str, Any]] = {}
        self.logins = 0
        self.sessions = 0
        self.views: dict[str, dict[str, Any]] = {}
        self.known_handles = {HANDLE: DID}
        self.session_says: dict[str, Any] = {}
        self.access, self.renewal = self._new_session()
        xrpc = "/xrpc/com.atproto"
        self.routes = {
            f"POST {xrpc}.server.createSession": self._create_session,
            f"POST {xrpc}.server.refreshSession": self._refresh_session,
            f"GET {xrpc}.server.getSession": lambda request: httpx.Response(200, json=self._owner()),
            f"POST {xrpc}.repo.putRecord": self._put,
            f"GET {xrpc}.repo.getRecord": self._get,
            f"GET {xrpc}.repo.listRecords": self._list,
            f"POST {xrpc}.repo.deleteRecord": self._delete,
            f"POST {xrpc}.repo.uploadBlob": self._upload,
            f"GET {xrpc}.identity.resolveHandle": self._resolve,
            "GET /xrpc/app.bsky.feed.getPosts": self._posts,
            "GET /xrpc/app.bsky.actor.getProfile": lambda request: httpx.Response(
                200, json={"followersCount": 42}
            ),
            "GET /image.png": lambda request: httpx.Response(200, stream=Body(PNG)),
        }

    def changes(self, request: httpx.Request) -> bool:
        return request.url.path.endswith("putRecord")

    @property
    def copies(self) -> int:
        return len(self.records)

    def credentials(self) -> dict[str, Any]:
        """Handle and app password, with a session that is good."""
        tokens = {"access_jwt": self.access, "refresh_jwt": self.renewal}
        return {"handle": HANDLE, "app_password": PASSWORD, "did": DID, **tokens}

    def revoke(self) -> None:
        """Make the tokens given out so far worthless before their time."""
        self._new_session()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit(".", 1)[-1]
        open_to_all = {"createSession", "refreshSession", "getRecord", "resolveHandle", "png"}
        if name not in open_to_all and request.headers.get("authorization") != f"Bearer {self.access}":
            return _error("ExpiredToken", "Token has been revoked")
        return super()._answer(request)

    def _new_session(self) -> tuple[str, str]:
        self.sessions += 1
        self.access = token(f"access{self.sessions}", self.clock() + timedelta(hours=2))
        self.renewal = token(f"refresh{self.sessions}", self.clock() + timedelta(days=90))
        return self.access, self.renewal

    def _owner(self) -> dict[str, Any]:
        return {"did": DID, "handle": HANDLE, "active": True, **self.session_says}

    def _create_session(self, request: httpx.Request) -> httpx.Response:
        self.logins += 1
        said = json.loads(request.content)
        if said["password"] != PASSWORD or said["identifier"] not in (HANDLE, DID):
            return _error("AuthenticationRequired", "Invalid identifier or password", status=401)
        access, renewal = self._new_session()
        return httpx.Response(200, json={**self._owner(), "accessJwt": access, "refreshJwt": renewal})

    def _refresh_session(self, request: httpx.Request) -> httpx.Response:
        if request.headers["authorization"] != f"Bearer {self.renewal}":
            return _error("ExpiredToken", "Token has been revoked")
        access, renewal = self._new_session()
        return httpx.Response(200, json={**self._owner(), "accessJwt": access, "refreshJwt": renewal})

    def _put(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        rkey, record = body["rkey"], body["record"]
        known = self.records.get(rkey)
        if known is not None and known != record and body["swapRecord"] != _cid(known):
            return _error("InvalidSwap", "Record was at bafyother")
        self.records[rkey] = record
        return httpx.Response(200, json={"uri": _uri(rkey), "cid": _cid(record)})

    def _delete(self, request: httpx.Request) -> httpx.Response:
        self.records.pop(json.loads(request.content)["rkey"], None)
        return httpx.Response(200, json={})

    def _get(self, request: httpx.Request) -> httpx.Response:
        rkey = request.url.params["rkey"]
        if rkey not in self.records:
            return _error("RecordNotFound", f"Could not locate record: {_uri(rkey)}")
        return httpx.Response(
            200, json={"uri": _uri(rkey), "cid": _cid(self.records[rkey]), "value": self.records[rkey]}
        )

    def _list(self, request: httpx.Request) -> httpx.Response:
        """Records by key downwards, as a repository lists them."""
        keys, most = sorted(self.records, reverse=True), int(request.url.params["limit"])
        below = [key for key in keys if key < request.url.params.get("cursor", "~")][:most]
        rows = [
            {"uri": _uri(key), "cid": _cid(self.records[key]), "value": self.records[key]} for key in below
        ]
        cursor = {"cursor": below[-1]} if len(below) == most else {}
        return httpx.Response(200, json={"records": rows, **cursor})

    def _upload(self, request: httpx.Request) -> httpx.Response:
        kind, size = request.headers["content-type"], len(request.content)
        blob = {"$type": "blob", "ref": {"$link": "bafkrei"}, "mimeType": kind, "size": size}
        return httpx.Response(200, json={"blob": blob})

    def _resolve(self, request: httpx.Request) -> httpx.Response:
        did = self.known_handles.get(request.url.params["handle"])
        if did is None:
            return _error("InvalidRequest", "Unable to resolve handle")
        return httpx.Response(200, json={"did": did})

    def _posts(self, request: httpx.Request) -> httpx.Response:
        asked = [self.views.get(uri) for uri in request.url.params.get_list("uris")]
        return httpx.Response(200, json={"posts": [view for view in asked if view]})


def _cid(record: dict[str, Any]) -> str:
    return "bafy" + hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()[:20]


def _uri(rkey: str) -> str:
    return f"at://{DID}/app.bsky.feed.post/{rkey}"


def _error(name: str, text: str, *, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"error": name, "message": text})
