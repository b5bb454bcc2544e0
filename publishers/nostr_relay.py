"""What one relay of Nostr is told and asked, and what its answers mean.

Sources: NIP-01 (EVENT, REQ, OK, EOSE, CLOSED and the prefixes of reasons), NIP-42 (AUTH). Relays were seen to
answer a second copy with ``false`` and ``duplicate:``, where NIP-01 shows ``true``: the prefix decides.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx

from domain.errors import (
    NeedsReconnect,
    NotSent,
    OutcomeUnknown,
    PublishError,
    RateLimited,
    Rejected,
)
from net.deadline import time_limit
from net.websocket import Broken, NotUpgraded, WebSocket, open_websocket
from publishers.http import NEVER_LEFT, SECRETS, reason, refusal
from publishers.nostr_events import Event, read

#: For all that one relay is told or asked in one look.
DEADLINE = timedelta(seconds=8)
#: Bytes of one message from a relay.
_MAX_MESSAGE = 2**20
#: Relays give no time when they ask to wait.
_WAIT = timedelta(seconds=30)
#: Events asked for at a time, and pages at most.
PAGE, _PAGES = 500, 20

_QUERY = "tabuh"
#: Prefixes of refusals that a proof of our key may end; some relays say the second one for the first.
_WHO_ARE_YOU = ("auth-required:", "restricted:")


class Overflow(OutcomeUnknown):
    """A relay holds more events than one look may read."""


class Relay:
    """One relay, as one author sees it.

    Args:
        url: a ``wss`` or ``ws`` address.
        prove: signs a relay's challenge with the author's key (NIP-42).
        secrets: texts that no error may show.
    """

    def __init__(
        self,
        http: httpx.Client,
        url: str,
        *,
        prove: Callable[[str, str], Event],
        secrets: Sequence[str],
    ) -> None:
        self.url = url
        self.host = httpx.URL(url).host
        self._http = http
        self._prove = prove
        self._secrets = secrets

    def publish(self, events: Sequence[Event]) -> None:
        """Give the relay these events, in order; one that it has already changes nothing.

        Raises:
            PublishError: it did not take all of them; each kind names the next step.
        """
        talk: _Talk | None = None
        try:
            with time_limit(DEADLINE), self._opened() as talk:
                for event in events:
                    accepted, said = talk.publish(event)
                    if not accepted and not said.startswith("duplicate:"):
                        raise self._refusal(said)
        except (Broken, httpx.HTTPError) as error:
            kind = OutcomeUnknown if talk is not None else NotSent
            raise kind(f"{self.host} did not answer: {reason(error)}.") from error

    def query(self, *filters: Mapping[str, Any]) -> list[Event]:
        """All events that it holds and that any of the filters wants.

        Raises:
            Overflow: there are too many.
            PublishError: it cannot be asked now.
        """
        try:
            with time_limit(DEADLINE), self._opened() as talk:
                return [event for wanted in filters for event in self._pages(talk, wanted)]
        except (Broken, httpx.HTTPError) as error:
            raise NotSent(f"{self.host} did not answer: {reason(error)}.") from error

    def _pages(self, talk: "_Talk", wanted: Mapping[str, Any]) -> list[Event]:
        found: dict[str, Event] = {}
        until: dict[str, int] = {}
        for _ in range(_PAGES):
            events, refused = talk.query({**wanted, "limit": PAGE, **until})
            if refused is not None:
                error = self._refusal(refused)
                raise NotSent(str(error)) if type(error) is OutcomeUnknown else error
            fresh = [event for event in events if event["id"] not in found]
            found |= {event["id"]: event for event in fresh}
            # Relays may give fewer than they were asked for: only a page without news is the last.
            if not fresh or "ids" in wanted:
                return list(found.values())
            until = {"until": min(event["created_at"] for event in fresh)}
        raise Overflow(f"{self.host} holds more events than one look may read.")

    @contextmanager
    def _opened(self) -> Iterator["_Talk"]:
        try:
            with open_websocket(
                self._http, self.url, max_message=_MAX_MESSAGE, extensions={SECRETS: self._secrets}
            ) as socket:
                yield _Talk(socket, lambda challenge: self._prove(self.url, challenge))
        except NotUpgraded as error:
            raise self._not_opened(error.answer) from error
        except NEVER_LEFT as error:
            raise NotSent(f"{self.host} could not be reached: {reason(error)}.") from error

    def _not_opened(self, answer: httpx.Response) -> PublishError:
        """The error of an opening that was refused: nothing was sent yet."""
        if answer.status_code == 403:
            return NeedsReconnect(f"{self.host} lets us not in (403). Choose another relay.")
        if answer.is_success or answer.status_code == 404:
            return Rejected(f"{self.host} is no relay of Nostr. Correct its address.")
        error = refusal(answer)
        return NotSent(str(error)) if isinstance(error, OutcomeUnknown) else error

    def _refusal(self, said: str) -> PublishError:
        """The error that a reason with its prefix means."""
        words = "".join(sign for sign in " ".join(said.split()) if sign.isprintable())[:200].rstrip(".")
        for secret in self._secrets:
            words = words.replace(secret, "***")
        match said.partition(":")[0]:
            case "rate-limited":
                return RateLimited(f"{self.host} asks us to wait ({words}).", retry_after=_WAIT)
            case "blocked" | "restricted" | "auth-required" | "mute":
                return NeedsReconnect(
                    f"{self.host} takes nothing of this key ({words}). "
                    "Clear that up there, or choose another relay."
                )
            case "pow":
                return Rejected(f"{self.host} wants proof of work, which Tabuh does not do ({words}).")
            case "error" | "":
                return OutcomeUnknown(f"{self.host} failed ({words or 'no reason given'}).")
        return Rejected(f"{self.host} refuses this note ({words}).")


class _Talk:
    """What is said over one open connection."""

    def __init__(self, socket: WebSocket, prove: Callable[[str], Event]) -> None:
        self._socket = socket
        self._prove = prove
        self._challenge: str | None = None
        self._is_proved = False

    def publish(self, event: Event) -> tuple[bool, str]:
        """Whether the relay took an event, and what it said."""
        accepted, said = self._told(event)
        if not accepted and said.startswith(_WHO_ARE_YOU) and self._authenticate():
            return self._told(event)
        return accepted, said

    def query(self, wanted: Mapping[str, Any]) -> tuple[list[Event], str | None]:
        """The events of one page; or why the relay gives none."""
        events, refused = self._asked(wanted)
        if refused is not None and refused.startswith(_WHO_ARE_YOU) and self._authenticate():
            return self._asked(wanted)
        return events, refused

    def _asked(self, wanted: Mapping[str, Any]) -> tuple[list[Event], str | None]:
        self._say(["REQ", _QUERY, wanted])
        events: list[Event] = []
        while True:
            match self._hear():
                case ["EVENT", str(name), given] if name == _QUERY:
                    if (event := read(given)) is not None:
                        events.append(event)
                case ["EOSE", str(name), *_] if name == _QUERY:
                    self._say(["CLOSE", _QUERY])
                    return events[: 2 * PAGE], None
                case ["CLOSED", str(name), str(said), *_] if name == _QUERY:
                    return [], said
                case ["NOTICE", str(said), *_] if said.startswith(_WHO_ARE_YOU):  # of older relays
                    return [], said
            if len(events) > 2 * PAGE:
                raise Broken("the server sends more than it was asked for")

    def _told(self, event: Event) -> tuple[bool, str]:
        self._say(["EVENT", event])
        while True:
            match self._hear():
                # Only one event is under way at a time, and some relays name none when they refuse it.
                case ["OK", str(name), bool(accepted), *rest] if name in (event["id"], ""):
                    return accepted, str(rest[0]) if rest else ""

    def _authenticate(self) -> bool:
        """Answer the relay's challenge, once. Older relays say nothing to that, so nobody waits for it."""
        if self._challenge is None or self._is_proved:
            return False
        self._is_proved = True
        self._say(["AUTH", self._prove(self._challenge)])
        return True

    def _say(self, message: list[Any]) -> None:
        self._socket.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    def _hear(self) -> list[Any]:
        """The next message; a challenge is kept in mind."""
        while True:
            try:
                message = json.loads(self._socket.receive())
            except (ValueError, RecursionError) as error:
                raise Broken("the server sent something that is no message of Nostr") from error
            match message:
                case ["AUTH", str(challenge), *_]:
                    self._challenge = challenge
                case list():
                    return message
                case _:
                    raise Broken("the server sent something that is no message of Nostr")


def heaviest(errors: Sequence[PublishError]) -> PublishError:
    """Of the ways in which relays failed, the one that decides what happens next.

    What may have arrived comes first, then what passes by itself, then what a person must mend.
    """
    order = (OutcomeUnknown, RateLimited, NotSent, Rejected, NeedsReconnect)
    return min(errors, key=lambda error: next(i for i, kind in enumerate(order) if isinstance(error, kind)))
