"""One room of Matrix: which it is, what it holds, and what is written into it.

Sources: spec.matrix.org/v1.15/client-server-api (room events, relations, redactions, room directory).
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from domain.errors import OutcomeUnknown, PostGone, Rejected
from publishers.matrix_session import Absent, MatrixSession
from publishers.matrix_text import event_size

THREAD, REFERENCE, REACTION = "m.thread", "m.reference", "m.annotation/m.reaction"

#: The name in our events under which their mark stands.
_MARK = "tabuh.mark"
#: How far our clock and the server's may be apart.
_SKEW = timedelta(minutes=5)
_PAGE, _PAGES = 100, 50


class MatrixRoom:
    """A room as one user sees it.

    Args:
        room: its address or id, as a person wrote it.
        known_id: its id, where that was learned before.
        server: how sentences call the homeserver.
    """

    def __init__(self, session: MatrixSession, room: str, *, known_id: str | None, server: str) -> None:
        self._session = session
        self._name = room
        self._known_id = known_id
        self._server = server

    @cached_property
    def me(self) -> str:
        """Our own user id, asked for once."""
        return self.who_we_are()

    def who_we_are(self) -> str:
        """Our own user id, as the server says now."""
        user = self._session.ask("account/whoami").get("user_id")
        if not isinstance(user, str):
            raise OutcomeUnknown(f"{self._server} does not say who we are.")
        return user

    @cached_property
    def id(self) -> str:
        """Its id, asked for where only its address is known."""
        return self._known_id or self.resolved()

    @property
    def via(self) -> str:
        """A server that knows the room: our own."""
        return self.me.partition(":")[2]

    def resolved(self) -> str:
        """The id that its address leads to now."""
        if self._name.startswith("!"):
            return self._name
        try:
            found = self._session.ask(f"directory/room/{_part(self._name)}").get("room_id")
        except Absent as error:
            raise Rejected(f"{self._server} knows no room {self._name}. Correct its address.") from error
        if not isinstance(found, str):
            raise OutcomeUnknown(f"{self._server} does not say which room {self._name} is.")
        return found

    def enter(self) -> None:
        """Join it where that is open to us; without effect where we are in it."""
        joined = self._session.ask("joined_rooms").get("joined_rooms")
        if not isinstance(joined, list) or self.id not in joined:
            self._session.do(f"join/{_part(self._name)}", make=lambda: {"json": {}})

    def refuse_encryption(self) -> None:
        """Raise Rejected, with what to do, when what is written there must be encrypted."""
        try:
            self._session.ask(f"{self._path}/state/m.room.encryption")
        except Absent:
            return
        raise Rejected(
            f"The room {self._name} is encrypted, and Tabuh writes in open rooms only. Choose a room without "
            "encryption; it cannot be taken back in this one."
        )

    def members(self) -> set[str] | None:
        """Who is in it; None: the server does not say."""
        joined = self._session.ask(f"{self._path}/joined_members").get("joined")
        return set(joined) if isinstance(joined, dict) else None

    def send(self, content: dict[str, Any], *, key: str, mark: str) -> str:
        """Write an event with a mark; its id. A second call with the same key changes nothing."""
        marked = {**content, _MARK: digest(mark)}
        answer = self._session.put(f"{self._path}/send/m.room.message/{key}", marked)
        if not isinstance(answer.get("event_id"), str):
            raise OutcomeUnknown("The server took the message and did not say which one it is.")
        return str(answer["event_id"])

    def find(self, mark: str, since: datetime) -> dict[str, Any] | None:
        """Our own event with a mark, made since then; None when there is none.

        Raises:
            OutcomeUnknown: there are more events than one look may read.
        """
        only = f'{{"types":["m.room.message"],"senders":["{self.me}"]}}'
        path = f"{self._path}/messages"
        for page in self._session.pages(path, most=_PAGES, dir="b", limit=_PAGE, filter=only):
            for event in page:
                if made_at(event) < since - _SKEW:
                    return None
                if _content(event).get(_MARK) == digest(mark) and event.get("sender") == self.me:
                    return event
        return None

    def replace(self, event: Mapping[str, Any], content: dict[str, Any], *, max_size: int) -> None:
        """Give an event new content, unless it has it already."""
        latest = _object(_object(_object(event, "unsigned"), "m.relations"), "m.replace")
        shown = _object(_content(latest), "m.new_content") or _content(event)
        if shown.get("body") == content["body"]:
            return
        event_id = str(event.get("event_id"))
        marked = {**content, _MARK: _content(event).get(_MARK, "")}
        body = {
            **marked,
            "body": f"* {content['body']}",
            "m.new_content": marked,
            "m.relates_to": {"rel_type": "m.replace", "event_id": event_id},
        }
        if event_size(body) > max_size:
            raise Rejected("The new text is too long for a change, which carries it twice. Shorten it.")
        # The same text may come back after another one: that is another change.
        key = digest(event_id, str(latest.get("event_id")), str(content["body"]))
        self._session.put(f"{self._path}/send/m.room.message/{key}", body)

    def redact(self, event_id: str) -> None:
        """Empty an event; once more changes nothing."""
        self._session.put(f"{self._path}/redact/{_part(event_id)}/{digest(event_id)}", {})

    def event(self, event_id: str) -> dict[str, Any]:
        """An event that is there still.

        Raises:
            PostGone: it was redacted, or the server no longer has it.
        """
        try:
            event = self._session.ask(f"{self._path}/event/{_part(event_id)}")
        except Absent as error:
            raise PostGone(f"{self._server} no longer has this message.") from error
        if "redacted_because" in _object(event, "unsigned"):
            raise PostGone(f"This message was removed from {self._name}.")
        return event

    def related(self, event_id: str, kind: str) -> Iterator[dict[str, Any]]:
        """The events of others that relate to one.

        Raises:
            Overflow: there are more than one look may read.
        """
        return (one for one in self._relations(event_id, kind) if one.get("sender") != self.me)

    def own_parts(self, event_id: str, *kinds: str) -> list[dict[str, Any]]:
        """Our own events below one, oldest first."""
        found = [one for kind in kinds for one in reversed(list(self._relations(event_id, kind)))]
        own = [one for one in found if _MARK in _content(one) and one.get("sender") == self.me]
        return sorted(own, key=made_at)

    def _relations(self, event_id: str, kind: str) -> Iterator[dict[str, Any]]:
        path = f"/_matrix/client/v1/{self._path}/relations/{_part(event_id)}/{kind}"
        for page in self._session.pages(path, most=_PAGES, limit=_PAGE):
            yield from page

    @property
    def _path(self) -> str:
        return f"rooms/{_part(self.id)}"


def deed(event: Mapping[str, Any]) -> str:
    """What tells one thing that somebody did from another: the same sign twice is one reaction."""
    sign = _object(_content(event), "m.relates_to").get("key")
    return digest(str(event.get("sender")), str(sign)) if sign else digest(str(event.get("event_id")))


def kind_of(event: Mapping[str, Any]) -> str:
    """What kind of message an event is, such as ``m.text``."""
    return str(_content(event).get("msgtype", ""))


def made_at(event: Mapping[str, Any]) -> datetime:
    """When the server got an event (UTC)."""
    try:
        return datetime.fromtimestamp(event["origin_server_ts"] / 1000, UTC)
    except (KeyError, TypeError, ValueError, OSError, OverflowError) as error:
        raise OutcomeUnknown("The server gave an event without a time that can be read.") from error


def digest(*names: str) -> str:
    """32 hex digits that stand for these names."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _content(event: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(event, "content")


def _object(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What stands there, if it is an object; else an empty one."""
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _part(name: str) -> str:
    return quote(name, safe="")
