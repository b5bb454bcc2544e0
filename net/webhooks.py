"""Signed webhooks, as the Standard Webhooks specification 1.0 has them: secrets, signatures, requests.

A receiver checks that the signature fits ``id.timestamp.body`` and that the time is near: so a request that
somebody else made, changed or sent again later is refused.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from net.client import Client, Response, read

#: What a secret begins with, for people and scanners to know it by.
PREFIX: Final = "whsec_"
_BYTES: Final = 32
#: What a program may keep; the specification allows 24 to 64 bytes.
_LEAST, _MOST = 24, 64
#: For one request, and of its answer.
_DEADLINE: Final = timedelta(seconds=20)
_MAX_ANSWER: Final = 64 * 1024


def new_secret() -> str:
    """A fresh random secret: ``whsec_`` and 32 bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether this is a secret of the right form and length."""
    try:
        return text.startswith(PREFIX) and _LEAST <= len(_key(text)) <= _MOST
    except binascii.Error:
        return False


def signature(secret: str, *, ident: str, at: datetime, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 of what is sent, in base64."""
    signed = f"{ident}.{int(at.timestamp())}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(_key(secret), signed, 'sha256')).decode()}"


def post(
    client: Client, url: str, *, body: bytes, ident: str, at: datetime, known: Sequence[str]
) -> Response:
    """Send a JSON body once, signed with every secret that a receiver may know; redirects are not followed.

    Args:
        ident: the same for every try of the same thing.
        known: secrets, the newest first.

    Raises:
        FetchError: no answer came, or the address is not allowed.
    """
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Connection": "close",
        "webhook-id": ident,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(one, ident=ident, at=at, body=body) for one in known),
    }
    request = client.build_request("POST", url, content=body, headers=headers)
    return read(client, request, deadline=_DEADLINE, max_bytes=_MAX_ANSWER, max_redirects=None)


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
