"""Messages in a Matrix room.

Sources: spec.matrix.org/v1.15/client-server-api: sending events (transaction ids), m.text, m.image, m.video,
threading, event replacements, redactions, relations, content repository. Seen on Synapse 1.163.

A transaction id makes a second call harmless, but only on the device and within the time that the server
remembers it. So every event carries a mark of its own, and whatever is sent again is looked for first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, cast

import httpx
from pydantic import AfterValidator, Field

from domain.clock import Clock
from domain.content import (
    Capabilities,
    Channel,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    Payload,
    Proof,
    RemotePost,
)
from domain.errors import Rejected
from domain.media import PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.address import server_address
from publishers.base import BaseCredentials, BaseSettings, Files, Measured, Progress, Publisher, Reaction
from publishers.matrix_media import upload_picture, upload_video
from publishers.matrix_room import REACTION, REFERENCE, THREAD, MatrixRoom, deed, kind_of, made_at
from publishers.matrix_session import Absent, MatrixCredentials, MatrixSession, Overflow
from publishers.matrix_text import MAX_EVENT, event_size, permalink, text_content
from publishers.oauth import Application
from publishers.parts import Part, Sent, find_parts, parts, remembered, send_parts
from publishers.text import Limit, fit

#: Bytes of an upload until the server has said what it takes; Synapse takes 50 MiB unless told otherwise.
MAX_UPLOAD = 10 * 2**20
PICTURES = PictureRules(most=10, max_bytes=MAX_UPLOAD)
VIDEOS = VideoRules(
    most=1,
    max_bytes=MAX_UPLOAD,
    kinds=frozenset({"video/mp4", "video/webm", "video/quicktime"}),
    max_alt=None,
)
_COUNTED = {Metric.REACTIONS: REACTION, Metric.REPLIES: THREAD}


def _room(text: str) -> str:
    room = text.strip()
    if room[:1] not in ("!", "#") or (room[0] == "#" and ":" not in room) or " " in room:
        raise ValueError("This is no room. Write its address, such as #news:matrix.example, or its id.")
    return room


class MatrixSettings(BaseSettings):
    """The homeserver and the room, and what the server said of them."""

    server: Annotated[str, AfterValidator(server_address)] = Field(
        title="Homeserver", description="Where its API answers, such as https://matrix-client.matrix.org"
    )
    room: Annotated[str, AfterValidator(_room)] = Field(
        title="Room", description="Its address, such as #news:matrix.example, or its id"
    )
    #: From here on learned by `Matrix.enrich`, asked of nobody.
    room_id: str | None = Field(default=None, json_schema_extra={"learned": True})
    max_upload: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})


class Matrix(Publisher):
    """A channel in a room of Matrix."""

    platform = "matrix"
    title = "Matrix"
    capabilities = Capabilities(
        delivery=DeliveryClass.NATIVE_KEY,
        max_characters=MAX_EVENT,
        counting=Counting.BYTES,
        post_metrics=frozenset({Metric.REACTIONS, Metric.REPLIES}),
        channel_metrics=frozenset({Metric.FOLLOWERS}),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        videos=VIDEOS,
        max_thread=25,
        proof=Proof.REAL_SERVER,
    )
    Credentials = MatrixCredentials
    Settings = MatrixSettings
    settings: MatrixSettings

    def __init__(
        self,
        channel: Channel,
        http: httpx.Client,
        *,
        credentials: BaseCredentials,
        clock: Clock,
        files: Files | None = None,
        application: Application | None = None,
    ) -> None:
        super().__init__(
            channel, http, credentials=credentials, clock=clock, files=files, application=application
        )
        opened = cast(MatrixCredentials, credentials)
        known = self.settings
        self._session = MatrixSession(http, known.server, credentials=opened, clock=clock)
        self._room = MatrixRoom(self._session, known.room, known_id=known.room_id, server=known.server)

    def limits(self) -> Capabilities:
        most = self.settings.max_upload or MAX_UPLOAD
        return replace(
            self.capabilities,
            pictures=replace(PICTURES, max_bytes=min(most, 4 * MAX_UPLOAD)),
            videos=replace(VIDEOS, max_bytes=most),
        )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload: Payload = {}
        if text := fit(content.text, content.link, [_LIMIT]):
            payload["text"] = text_content(text)
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.thread:
            payload["thread"] = [text_content(fit(part, None, [_LIMIT])) for part in content.thread]
        return payload

    def length(self, content: Content) -> int:
        return event_size(text_content(fit(content.text, content.link, [])))

    def text_of(self, payload: Payload) -> str:
        return str(payload.get("text", {}).get("body", ""))

    def check_fit(self, content: Content) -> None:
        fit("", content.link, [_LIMIT])

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        self._room.refuse_encryption()
        pieces = _pieces(payload, key, self._uploaded(payload, progress))
        began = (progress.handle or {}).get("tried")
        if began is None:
            remembered(progress, tried=self.clock().isoformat())
        elif there := self._found(pieces, progress.handle, datetime.fromisoformat(began)):
            return there
        return send_parts(
            pieces, self._send_part, progress=progress, now=self.clock(), find=self._find_part, same_key=True
        )

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        placeholders: list[dict[str, Any]] = [{} for _ in payload.get("media", ())]
        return self._found(_pieces(payload, key, placeholders), handle, since)

    def identify(self) -> Identity:
        user, room = self._room.who_we_are(), self.settings.room
        return Identity(f"{user} in {room}", remote_id=user, url=permalink(room, via=self._room.via))

    def enrich(self) -> MatrixSettings | None:
        """Resolve the room, enter it where that is open to us, and learn what may be uploaded."""
        room = MatrixRoom(self._session, self.settings.room, known_id=None, server=self.settings.server)
        room.enter()
        room.refuse_encryption()
        try:
            most = self._session.ask("/_matrix/client/v1/media/config").get("m.upload.size")
        except Absent:  # older than version 1.11
            most = self._session.ask("/_matrix/media/v3/config").get("m.upload.size")
        learned = {"max_upload": most} if isinstance(most, int) and most > 0 else {}
        fresh = self.settings.model_copy(update={"room_id": room.id, **learned})
        return fresh if fresh != self.settings else None

    def needs_refresh(self) -> bool:
        return self._session.ends_soon()

    def refresh(self) -> MatrixCredentials | None:
        return self._session.renew() if self._session.can_renew() else None

    def renewable(self) -> bool:
        return self._session.can_renew()

    def access_ends(self) -> datetime | None:
        renewable = self._session.can_renew()
        return None if renewable else self._session.credentials.expires_at

    def metrics(self, remote_id: str) -> list[Measured]:
        self._room.event(remote_id)
        found = []
        for metric, kind in _COUNTED.items():
            try:
                deeds = {deed(one) for one in self._room.related(remote_id, kind)}
            except Overflow:  # a part of a number is not the number
                continue
            found.append(Measured(metric, len(deeds), source=kind))
        return found

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction]:
        self._room.event(remote_id)
        return [
            Reaction(metric, made_at(one), key=deed(one))
            for metric, kind in _COUNTED.items()
            for one in self._room.related(remote_id, kind)
            if made_at(one) > since
        ]

    def channel_metrics(self) -> list[Measured]:
        """How many are in the room besides us."""
        members = self._room.members()
        if members is None:
            return []
        return [Measured(Metric.FOLLOWERS, len(members - {self._room.me}), source="joined_members")]

    def delete(self, remote_id: str) -> None:
        try:
            below = self._room.own_parts(remote_id, REFERENCE, THREAD)
            for event_id in (remote_id, *(str(one["event_id"]) for one in below)):
                self._room.redact(event_id)
        except Absent:
            return

    def edit(self, remote_id: str, payload: Payload) -> None:
        first = self._room.event(remote_id)
        events = [first, *self._room.own_parts(remote_id, THREAD)]
        wanted = [payload.get("text"), *payload.get("thread", ())]
        if len(wanted) != len(events) or wanted[0] is None or kind_of(first) != "m.text":
            raise Rejected("Only the texts of a published post can be changed, and none can be added.")
        for event, content in zip(events, wanted, strict=True):
            self._room.replace(event, content, max_size=MAX_EVENT)

    def _send_part(self, part: Part, before: Sequence[Sent]) -> Sent:
        content = part.body
        if before:
            related = {**content["m.relates_to"], "event_id": before[0].id}
            if related["rel_type"] == THREAD:
                # Apps that know no threads show it as a reply to the part before.
                related |= {"is_falling_back": True, "m.in_reply_to": {"event_id": before[-1].id}}
            content = {**content, "m.relates_to": related}
        return self._sent(self._room.send(content, key=part.key, mark=part.key), self.clock())

    def _find_part(self, part: Part, before: Sequence[Sent], since: datetime) -> Sent | None:
        event = self._room.find(part.key, since)
        return self._sent(str(event["event_id"]), made_at(event)) if event else None

    def _found(
        self, pieces: Sequence[Part], handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return find_parts(pieces, handle=handle, since=since, find=self._find_part)

    def _sent(self, event_id: str, at: datetime) -> Sent:
        return Sent(event_id, permalink(self._room.id, event_id, via=self._room.via), at)

    def _uploaded(self, payload: Payload, progress: Progress) -> list[dict[str, Any]]:
        """What the events hold that show pictures and videos; uploads of an earlier try are used again."""
        done: list[dict[str, Any]] = list((progress.handle or {}).get("media", ()))
        for one in payload.get("media", ())[len(done) :]:
            attachment, number = attachment_from(one), len(done) + 1
            if attachment.is_video:
                done.append(upload_video(self._session, attachment, self.files, number))
            else:
                done.append(upload_picture(self._session, attachment, self.picture(attachment), number))
            remembered(progress, media=done)
        return done


_LIMIT = Limit(MAX_EVENT, lambda text: event_size(text_content(text)))


def _pieces(payload: Payload, key: str, media: Sequence[dict[str, Any]]) -> list[Part]:
    """The text, then what it shows, then what follows: each an event of its own."""
    bodies = [payload["text"]] if "text" in payload else []
    bodies += [{**one, "m.relates_to": {"rel_type": REFERENCE}} for one in media]
    bodies += [{**one, "m.relates_to": {"rel_type": THREAD}} for one in payload.get("thread", ())]
    first = {name: value for name, value in bodies[0].items() if name != "m.relates_to"}
    return parts(key, first, bodies[1:])
