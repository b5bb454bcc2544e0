"""Several relays of Nostr at once: one that has a note is enough, and only all of them prove that none has.

Source: NIP-11 (what a relay says of itself).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

import httpx

from domain.errors import NotSent, OutcomeUnknown, PublishError
from publishers.address import web_address
from publishers.http import ask, json_object
from publishers.nostr_events import Event
from publishers.nostr_relay import Overflow, Relay, heaviest

#: Relays of one channel: each may take `publishers.nostr_relay.DEADLINE`.
MOST = 6

Found = TypeVar("Found")


def relay_addresses(text: str) -> str:
    """Addresses of relays, each once, with a space between.

    Raises:
        ValueError: one of them is none; the text says what to write.
    """
    addresses = list(dict.fromkeys(map(_address, text.replace(",", " ").split())))
    if not 1 <= len(addresses) <= MOST:
        raise ValueError(f"Name 1 to {MOST} relays, such as wss://relay.example.")
    return " ".join(addresses)


class Relays:
    """The relays of one author."""

    def __init__(self, relays: Sequence[Relay], http: httpx.Client) -> None:
        self._relays = relays
        self._http = http

    @property
    def urls(self) -> list[str]:
        """Their addresses, in the order in which a person wrote them."""
        return [relay.url for relay in self._relays]

    def tell(self, events: Sequence[Event]) -> list[PublishError]:
        """Give events to all of them; why some did not take them.

        Raises:
            PublishError: none took them all.
        """
        done, failed = self._each(lambda relay: relay.publish(events))
        if not done:
            raise heaviest(failed)
        return failed

    def gather(self, *wanted: Mapping[str, object], all_must_answer: bool = False) -> list[Event]:
        """What they hold of what these filters want, each event once.

        Args:
            all_must_answer: whether nothing is proved while one of them is silent and the others have none.

        Raises:
            Overflow: one holds too many.
            PublishError: they cannot be asked now.
        """
        done, failed = self._each(lambda relay: relay.query(*wanted))
        found = {event["id"]: event for events in done for event in events}
        if overflown := [error for error in failed if isinstance(error, Overflow)]:
            raise overflown[0]
        if not done or (failed and all_must_answer and not found):
            error = heaviest(failed)
            raise NotSent(str(error)) if type(error) is OutcomeUnknown else error
        return list(found.values())

    def keeping(self, ids: Sequence[str]) -> list[str]:
        """The names of those that give one of these events still."""
        return [relay.host for relay in self._relays if self._keeps(relay, ids)]

    def most_text(self) -> int | None:
        """How long a note may be, in bytes, as the strictest of them says; None: none says anything."""
        return min(filter(None, map(self._limit_of, self._relays)), default=None)

    def _each(self, call: Callable[[Relay], Found]) -> tuple[list[Found], list[PublishError]]:
        done: list[Found] = []
        failed: list[PublishError] = []
        for relay in self._relays:
            try:
                done.append(call(relay))
            except PublishError as error:
                failed.append(error)
        return done, failed

    def _keeps(self, relay: Relay, ids: Sequence[str]) -> bool:
        try:
            return bool(relay.query({"ids": list(ids)}))
        except PublishError:
            return False

    def _limit_of(self, relay: Relay) -> int | None:
        address = relay.url.replace("ws", "http", 1)
        headers = {"Accept": "application/nostr+json"}
        try:
            about = json_object(ask(self._http, self._http.build_request("GET", address, headers=headers)))
        except PublishError:
            return None
        limits = about.get("limitation")
        most = limits.get("max_content_length") if isinstance(limits, dict) else None
        return most if isinstance(most, int) and most >= 280 else None


def _address(text: str) -> str:
    """One address of a relay; ``ws``, which everybody on the way reads, for one's own network only."""
    whole = text if "://" in text else f"wss://{text}"
    scheme, _, rest = whole.partition("://")
    try:
        if scheme not in ("ws", "wss"):
            raise ValueError
        checked = web_address(f"{scheme.replace('ws', 'http')}://{rest}")
    except ValueError as error:
        if "encrypted" in str(error):
            raise ValueError("The address is not encrypted. Write it with wss://.") from None
        raise ValueError("This is no address of a relay. Write one such as wss://relay.example.") from None
    parts = urlsplit(checked)
    return f"{scheme}://{parts.netloc.lower()}{checked.partition(parts.netloc)[2]}".rstrip("/")
