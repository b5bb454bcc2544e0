"""Ghost's Admin API: short-lived tokens made of the key, and what its errors mean.

Sources: docs.ghost.org/admin-api (token authentication, errors); Ghost 6.65, where the answers were seen.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from domain.errors import NeedsReconnect, PublishError, Rejected
from publishers.http import refusal, said_by

#: Seconds that a token holds; Ghost takes no longer ones.
LIFETIME = 300


class Absent(Rejected):
    """The site has nothing by that id, or no longer."""


class Collision(Rejected):
    """Somebody has changed the post since it was read."""


def token(key: str, *, now: datetime) -> str:
    """A JWT (HS256) for the Admin API, good for five minutes.

    Args:
        key: id and secret in hex, with a colon between them.
    """
    number, _, secret = key.partition(":")
    issued = int(now.timestamp())
    head = {"alg": "HS256", "typ": "JWT", "kid": number}
    claims = {"iat": issued, "exp": issued + LIFETIME, "aud": "/admin/"}
    signed = b".".join(_base64(json.dumps(part).encode()) for part in (head, claims))
    return b".".join((signed, _base64(hmac.digest(bytes.fromhex(secret), signed, hashlib.sha256)))).decode()


def _base64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def refused(response: httpx.Response) -> PublishError:  # noqa: PLR0911  one line for each
    """What an answer of Ghost that is no success means."""
    host, status, error = response.request.url.host, response.status_code, _error(response)
    said = _words(error) or said_by(response)
    match status, error.get("code"), error.get("type"):
        case (401, _, _) | (400, "INVALID_JWT", _):
            return NeedsReconnect(
                f"{host} refuses the Admin API key ({status}{said}). Connect the channel again."
            )
        case 403, _, _:
            return NeedsReconnect(
                f"{host} forbids this integration to do that ({status}{said}). Make a custom integration and "
                "connect the channel with its Admin API key."
            )
        case 409, "UPDATE_COLLISION", _:
            return Collision(f"{host} says that somebody else is editing this post (409). Try again.")
        case 404, _, "NotFoundError":
            return Absent(f"{host} has no such post (404).")
        case 404, _, _:
            return Rejected(f"{host} has no Ghost there (404). Check the site's address.")
        case 400 | 413 | 415 | 422, _, _ if said:
            return Rejected(f"{host} refuses this post ({status}{said}).")
    return refusal(response)


def _error(response: httpx.Response) -> Mapping[str, Any]:
    try:
        errors = response.json()["errors"]
        found = errors[0]
    except (ValueError, RecursionError, KeyError, IndexError, TypeError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _words(error: Mapping[str, Any]) -> str:
    parts = [str(error[name]) for name in ("message", "context") if error.get(name)]
    said = " ".join(dict.fromkeys(part.rstrip(".") + "." for part in parts)).rstrip(".")
    clear = "".join(sign for sign in said if sign.isprintable())[:200]
    return f": {clear}" if clear else ""
