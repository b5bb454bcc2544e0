"""Notes on Nostr, at several relays.

Sources: github.com/nostr-protocol/nips: 01 (events), 09 (deletion), 10 (threads), 11 (a relay's limits), 18
(reposts, quotes), 25 (reactions), 42 (proof of a key), 92 (pictures). Seen on nostr-relay 1.14.

A note is signed once and kept before the first relay hears of it: whatever is sent again is the same event,
which every relay holds once. It counts as published when one relay has it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr

from domain.content import (
    Capabilities,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    Payload,
    Proof,
    RemotePost,
)
from domain.errors import OutcomeUnknown, PostGone, Rejected
from domain.media import Attachment, PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher, Reaction
from publishers.nostr_events import (
    AUTH,
    CONTACTS,
    DELETION,
    GENERIC_REPOST,
    NOTE,
    PROFILE,
    REACTION,
    REPOST,
    Event,
    answers,
    deed,
    is_genuine,
    made_at,
    name_in,
    reply_tags,
    signed,
    tags_of,
    values,
    with_addresses,
)
from publishers.nostr_keys import nevent, npub, secret_key
from publishers.nostr_relay import Overflow, Relay
from publishers.nostr_relays import Relays, relay_addresses
from publishers.public_files import public_address, public_address_problems
from publishers.schnorr import public_key
from publishers.text import GAP, Limit, counter, fit

#: Where people open a note in a browser, whatever app they have.
_GATEWAY = "https://njump.me"
PICTURES = PictureRules(most=10, max_bytes=10 * 2**20, kinds=frozenset({"image/jpeg"}))
#: Apps fetch them from here: no relay sets a limit.
VIDEOS = VideoRules(
    most=4, max_bytes=2**30, kinds=frozenset({"video/mp4", "video/webm", "video/quicktime"}), max_alt=None,
    with_pictures=True,
)  # fmt: skip
#: How far our clock and a relay's may be apart.
_SKEW = timedelta(minutes=5)

#: Bytes of a picture's address behind the public one, its file's name and a gap included.
_PATH = 96


def _checked(given: SecretStr) -> SecretStr:
    secret_key(given.get_secret_value())
    return given


class NostrSettings(BaseSettings):
    """The relays, and what they said of their limits."""

    relays: Annotated[str, AfterValidator(relay_addresses)] = Field(
        title="Relays", description="One or more, such as wss://relay.example wss://nostr.example"
    )
    #: Learned by `Nostr.enrich`, asked of nobody; bytes of a note's text.
    max_text: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})


class NostrCredentials(BaseCredentials):
    """The secret key that signs."""

    secret_key: Annotated[SecretStr, AfterValidator(_checked)] = Field(
        title="Secret key", description="It starts with nsec1; 64 hex digits will do as well"
    )


class Nostr(Publisher):
    """An author on Nostr."""

    platform = "nostr"
    title = "Nostr"
    capabilities = Capabilities(
        delivery=DeliveryClass.NATIVE_KEY,
        counting=Counting.BYTES,
        post_metrics=frozenset({Metric.REACTIONS, Metric.REPLIES, Metric.SHARES, Metric.QUOTES}),
        channel_metrics=frozenset({Metric.FOLLOWERS}),
        can_delete=True,
        pictures=PICTURES,
        videos=VIDEOS,
        max_thread=25,
        proof=Proof.REAL_SERVER,
    )
    Credentials = NostrCredentials
    Settings = NostrSettings
    settings: NostrSettings
    credentials: NostrCredentials

    def limits(self) -> Capabilities:
        return replace(self.capabilities, max_characters=self.settings.max_text)

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload: Payload = {"text": self._fitted(content.text, content.link, content.media)}
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.thread:
            payload["thread"] = [self._fitted(part, None) for part in content.thread]
        return payload

    def check_fit(self, content: Content) -> None:
        self._fitted("", content.link, content.media)

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        return found + public_address_problems(self.channel, content.media, title=self.title)

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        events: list[Event] = list((progress.handle or {}).get("events", ()))
        if not events:
            events = self._signed(payload, self.clock())
            progress.save({"events": events})
        failed = self._relays.tell(events)
        note = " ".join(map(str, failed)) or None
        return replace(self._remote(events[0]), note=note)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        if sent := (handle or {}).get("events"):
            ids = [event["id"] for event in sent]
            held = {event["id"] for event in self._relays.gather({"ids": ids}, all_must_answer=True)}
            # Where a part is missing, sending the same events again completes the thread.
            return self._remote(sent[0]) if held >= set(ids) else None
        return self._found_by_text(self._words(payload), since)

    def _found_by_text(self, words: Sequence[str], since: datetime) -> RemotePost | None:
        """The post of which we know no more than its texts."""
        start = int((since - _SKEW).timestamp())
        wanted = {"authors": [self._author], "kinds": [NOTE], "since": start}
        events = self._relays.gather(wanted, all_must_answer=True)
        held = {
            event["content"]: event
            for event in events
            if event["content"] in words and event["pubkey"] == self._author and is_genuine(event)
        }
        if held and set(words) - set(held):
            raise OutcomeUnknown(f"{len(held)} of its {len(words)} notes are there. Look there yourself.")
        return self._remote(held[words[0]]) if held else None

    def identify(self) -> Identity:
        found = self._relays.gather({"authors": [self._author], "kinds": [PROFILE]})
        name = npub(self._public)
        return Identity(
            name_in(found) or f"{name[:12]}…{name[-4:]}", remote_id=self._author, url=f"{_GATEWAY}/{name}"
        )

    def enrich(self) -> NostrSettings | None:
        """What the relays say of the length of a note (NIP-11); the strictest counts."""
        fresh = self.settings.model_copy(update={"max_text": self._relays.most_text()})
        return fresh if fresh != self.settings else None

    def metrics(self, remote_id: str) -> list[Measured]:
        self._check_still_there(remote_id)
        try:
            deeds = self._deeds(remote_id)
        except Overflow:  # a part of a number is not the number
            return []
        kinds = {
            Metric.REACTIONS: "kind 7",
            Metric.SHARES: "kinds 6, 16",
            Metric.REPLIES: "kind 1, e",
            Metric.QUOTES: "kind 1, q",
        }
        return [
            Measured(metric, len({key for kind, key, _ in deeds if kind is metric}), source=source)
            for metric, source in kinds.items()
        ]

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction]:
        self._check_still_there(remote_id)
        latest = self.clock() + _SKEW
        dated = {
            (kind, key): Reaction(kind, made_at(event), key=key)
            for kind, key, event in self._deeds(remote_id)
            if since < made_at(event) <= latest
        }
        return list(dated.values())

    def channel_metrics(self) -> list[Measured]:
        """How many contact lists at these relays name us (NIP-02)."""
        try:
            lists = self._relays.gather({"#p": [self._author], "kinds": [CONTACTS]})
        except Overflow:
            return []
        owners = {event["pubkey"] for event in lists if self._author in values(event, "p")}
        return [Measured(Metric.FOLLOWERS, len(owners - {self._author}), source="kind 3")]

    def delete(self, remote_id: str) -> None:
        """Ask every relay to forget the note. They need not: one that keeps it is named."""
        below = self._relays.gather({"#e": [remote_id], "kinds": [NOTE], "authors": [self._author]})
        ids = [remote_id, *(event["id"] for event in below if answers(event, remote_id))]
        tags = [*(["e", one] for one in ids), ["k", str(NOTE)]]
        self._relays.tell([signed(DELETION, tags, "", secret=self._secret, at=self.clock())])
        if keeping := self._relays.keeping(ids):
            raise Rejected(
                f"{', '.join(keeping)} keeps the note though it was asked to delete it: "
                "relays need not obey. Ask its owner."
            )

    def _fitted(self, text: str, link: str | None, media: Sequence[Attachment] = ()) -> str:
        """The text within the limits, without signs that writers of JSON spell in different ways."""
        plain = "".join(sign for sign in with_addresses(text) if sign >= " " or sign in "\n\t")
        most = self.settings.max_text
        if most is None:
            return fit(plain, link, [])
        taken = sum(len(one.url or self.channel.public_url) + _PATH for one in media)
        return fit(plain, link, [Limit(most - taken, counter(Counting.BYTES))])

    def _words(self, payload: Payload) -> list[str]:
        """The texts of all notes; the first one names its pictures."""
        addresses = [address for address, _ in map(self._shown, payload.get("media", ()))]
        first = GAP.join(filter(None, (payload["text"], "\n".join(addresses))))
        return [first, *payload.get("thread", ())]

    def _signed(self, payload: Payload, at: datetime) -> list[Event]:
        events: list[Event] = []
        shown = [tag for _, tag in map(self._shown, payload.get("media", ()))]
        for number, words in enumerate(self._words(payload)):
            first = reply_tags(events, self._relays.urls[0]) if events else shown
            tags = [*first, *(tag for tag in tags_of(words) if tag not in first)]
            # A second apart, so that every app shows them in order.
            time = at + timedelta(seconds=number)
            events.append(signed(NOTE, tags, words, secret=self._secret, at=time))
        return events

    def _shown(self, stored: Mapping[str, Any]) -> tuple[str, list[str]]:
        """Where a picture or video is, and what is told of it (NIP-92)."""
        attachment = attachment_from(stored)
        address = public_address(self.channel, attachment)
        about = ["imeta", f"url {address}"]
        if attachment.sha256:
            about.append(f"m {attachment.media_type if attachment.is_video else 'image/jpeg'}")
        if attachment.width and attachment.height:
            about.append(f"dim {attachment.width}x{attachment.height}")
        if attachment.alt:
            about.append(f"alt {' '.join(attachment.alt.split())}")
        return address, about

    def _remote(self, event: Event) -> RemotePost:
        name = nevent(event["id"], relays=self._relays.urls[:2], author=self._public)
        return RemotePost(event["id"], f"{_GATEWAY}/{name}", made_at(event))

    def _deeds(self, remote_id: str) -> list[tuple[Metric, str, Event]]:
        """What others did with a note, each with what tells it from other deeds of its kind."""
        kinds = [NOTE, REPOST, REACTION, GENERIC_REPOST]
        events = self._relays.gather(
            {"#e": [remote_id], "kinds": kinds}, {"#q": [remote_id], "kinds": [NOTE]}
        )
        found = []
        for event in events:
            if event["pubkey"] != self._author and (what := deed(event, remote_id)) is not None:
                found.append((*what, event))
        return found

    def _check_still_there(self, remote_id: str) -> None:
        if not self._relays.gather({"ids": [remote_id]}, all_must_answer=True):
            raise PostGone("None of its relays holds the note any more.")

    @cached_property
    def _secret(self) -> bytes:
        return secret_key(self.credentials.secret_key.get_secret_value())

    @cached_property
    def _public(self) -> bytes:
        return public_key(self._secret)

    @property
    def _author(self) -> str:
        return self._public.hex()

    @cached_property
    def _relays(self) -> Relays:
        hidden = (*self.credentials.secrets(), self._secret.hex())

        def prove(url: str, challenge: str) -> Event:
            tags = [["relay", url], ["challenge", challenge]]
            return signed(AUTH, tags, "", secret=self._secret, at=self.clock())

        urls = self.settings.relays.split()
        return Relays([Relay(self.http, url, prove=prove, secrets=hidden) for url in urls], self.http)
