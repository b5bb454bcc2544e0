"""A small WebSub hub on loopback: takes subscriptions, asks whether they were meant, and pushes, signed."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from tests.servers.loopback import Answer, Loopback

#: Sends a hub's request to wherever the callback really is served, and tells the answer.
Call = Callable[[str, str, bytes, Mapping[str, str]], httpx.Response]


class SmallHub(Loopback):
    """A hub for feeds at any address.

    Args:
        call: how it reaches the callbacks, whose public addresses lead nowhere in a test.
    """

    def __init__(self, call: Call) -> None:
        super().__init__(self._take)
        self._call = call
        #: What was asked for, oldest first.
        self.asked: list[dict[str, str]] = []
        #: What it answers to a subscription.
        self.status = 202

    def _take(self, _path: str, _headers: Mapping[str, str]) -> Answer:
        form = parse_qs(self.requests[-1].body.decode())
        self.asked.append({name: values[0] for name, values in form.items()})
        return self.status, {}, b""

    def verify(self, *, lease: int = 864_000, **changed: str) -> httpx.Response:
        """Ask whether the last request was meant."""
        asked = self.asked[-1]
        query = {
            "hub.mode": asked["hub.mode"],
            "hub.topic": asked["hub.topic"],
            "hub.challenge": "c h/a?l=l&é",
            "hub.lease_seconds": str(lease),
            **changed,
        }
        return self._call("GET", f"{asked['hub.callback']}?{urlencode(query)}", b"", {})

    def deny(self, reason: str) -> httpx.Response:
        """Refuse it later, as hubs may."""
        asked = self.asked[-1]
        query = {"hub.mode": "denied", "hub.topic": asked["hub.topic"], "hub.reason": reason}
        return self._call("GET", f"{asked['hub.callback']}?{urlencode(query)}", b"", {})

    def push(
        self, body: bytes = b"<rss/>", *, secret: str | None = None, method: str = "sha256"
    ) -> httpx.Response:
        """Tell of news, signed by the secret of the subscription or by another one."""
        asked = next(one for one in reversed(self.asked) if one["hub.mode"] == "subscribe")
        key = secret if secret is not None else asked.get("hub.secret", "")
        made = hmac.new(key.encode(), body, getattr(hashlib, method)).hexdigest()
        headers = {"X-Hub-Signature": f"{method}={made}", "Content-Type": "application/rss+xml"}
        return self._call("POST", asked["hub.callback"], body, headers)


def path_of(callback: str) -> str:
    """Path and query of a callback's address."""
    parts = urlsplit(callback)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
