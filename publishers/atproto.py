"""What the AT Protocol asks of every client: record keys, session tokens, and what its errors mean.

Sources: atproto.com/specs/tid, atproto.com/specs/xrpc, the lexicons of com.atproto.server and
com.atproto.repo; error names as a PDS 0.5 was seen to use them.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.errors import NeedsReconnect, NotSent, PublishError, Rejected
from publishers.address import server_address
from publishers.http import refusal, said_by

_TID_SIGNS = "234567abcdefghijklmnopqrstuvwxyz"
#: Bits of the delivery key in a record key: 26 as microseconds before its time (67 s), 10 as clock id.
_TIME_BITS, _CLOCK_BITS = 26, 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_TIME = (1 << 53) - 1

#: What a server says of a token that is no longer good.
_STALE = frozenset({"ExpiredToken", "InvalidToken"})
#: What it says of an owner who may not post.
_BARRED = frozenset({"AccountTakedown", "AccountDeactivated", "AccountSuspended"})
_CLEAR_UP = "Clear that up there, then connect the channel again."


class Stale(NotSent):
    """The access token is refused, and nothing was done: renew the session."""


class AlreadyThere(Rejected):
    """``swapRecord: null`` said that the record must not exist yet, and it does."""


class NoRecord(Rejected):
    """There is no record by that key."""


_OF_RECORDS: Mapping[str, type[Rejected]] = {"InvalidSwap": AlreadyThere, "RecordNotFound": NoRecord}


def record_key(created_at: datetime, key: str, *, index: int = 0) -> str:
    """The TID of a post: the same for every try, different for posts made at the same time.

    Args:
        created_at: of the post.
        key: its delivery key.
        index: which part of its thread; later parts sort behind earlier ones.

    Returns:
        13 signs that sort by time, at most 67 s before ``created_at``.
    """
    spread = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    back = spread >> _CLOCK_BITS & (1 << _TIME_BITS) - 1
    micros = (created_at - _EPOCH) // timedelta(microseconds=1) - back + index
    return tid(micros, spread & (1 << _CLOCK_BITS) - 1)


def tid(micros: int, clock: int) -> str:
    """A timestamp identifier: 53 bits of microseconds since 1970, 10 bits of clock id, in base32."""
    number = max(0, min(micros, _LONGEST_TIME)) << _CLOCK_BITS | clock
    return "".join(_TID_SIGNS[number >> shift & 31] for shift in range(60, -1, -5))


def expiry(token: str) -> datetime | None:
    """When a session token ends (UTC), by its own word; None when it does not say so legibly."""
    try:
        claims = token.split(".")[1]
        ends = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["exp"]
        return _EPOCH + timedelta(seconds=int(ends))
    except (IndexError, KeyError, TypeError, ValueError, OverflowError, binascii.Error):
        return None


def home_of(document: Any) -> str | None:
    """The server that holds a repository, by its DID document; None when that names none we can use."""
    services = document.get("service") if isinstance(document, dict) else None
    for service in services if isinstance(services, list) else []:
        if isinstance(service, dict) and str(service.get("id", "")).endswith("#atproto_pds"):
            try:
                return server_address(str(service.get("serviceEndpoint")))
            except ValueError:
                return None
    return None


def refused(response: httpx.Response) -> PublishError:
    """The error that an XRPC answer which is no success means."""
    if response.status_code not in (400, 401, 403):
        return refusal(response)
    host, name, said = response.request.url.host, _error_name(response), said_by(response)
    if response.request.url.path.endswith("/com.atproto.server.createSession"):
        return _no_session(name, host, said)
    if name in _BARRED:
        return NeedsReconnect(f"{host} has barred this account{said}. {_CLEAR_UP}")
    if name in _OF_RECORDS:
        return _OF_RECORDS[name](f"{host} answered {name}{said}.")
    if name in _STALE or response.status_code == 401:
        return Stale(f"{host} no longer takes our session ({name or 401}); it is renewed with the next try.")
    return refusal(response)


def _no_session(name: str, host: str, said: str) -> PublishError:
    match name:
        case "AuthenticationRequired":
            return NeedsReconnect(
                f"{host} refuses the handle or the app password. Check the handle, make a new app password "
                "in the settings there, under Privacy and security, and connect the channel again."
            )
        case "AuthFactorTokenRequired":
            return NeedsReconnect(
                f"{host} asks for a code sent by e-mail, as it does for the main password. "
                "Connect the channel again with an app password."
            )
    return NeedsReconnect(f"{host} lets this account open no session{said}. {_CLEAR_UP}")


def _error_name(response: httpx.Response) -> str:
    try:
        answer = response.json()
    except ValueError:
        return ""
    return str(answer.get("error", "")) if isinstance(answer, dict) else ""
