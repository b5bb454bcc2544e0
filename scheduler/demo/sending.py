"""How each simulated post went out: at its hour, late, after several tries, in doubt, or not at all."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from domain.content import DeliveryClass
from domain.post import AttemptOutcome, PlacedBy, PostState
from domain.schedule import wall_time
from publishers.atproto import record_key
from publishers.base import Publisher
from scheduler.demo.cast import EDITOR, ChannelCast
from scheduler.demo.planning import Planned
from scheduler.demo.year import DAY, Span, Year
from scheduler.publishing import BACKOFF, LATE, LOOKS, MAX_TRIES, SETTLE, payload_hash, still_unknown, unknown

#: The channel whose token was revoked once, when (before the end), and for how long.
DISCONNECTED = ("europe", timedelta(days=150, hours=5), timedelta(hours=19))
#: How often something goes wrong, by platform; the rest goes out at its hour.
_TROUBLE: Mapping[str, Mapping[str, float]] = {
    "page": {},
    "mastodon": {"limited": 0.012, "unreached": 0.008, "found": 0.006, "absent": 0.003, "rejected": 0.005},
    "bluesky": {"limited": 0.010, "unreached": 0.008, "same_key": 0.008, "rejected": 0.006},
    "webhook": {"unreached": 0.012, "by_hand": 0.012, "given_up": 0.006},
}
#: Usual seconds of one publish call.
_CALL = {"page": 0.004, "mastodon": 0.5, "bluesky": 0.35, "webhook": 0.15}
#: What stands at the end of the year, by channel: the newest post that was due, the one before it, and so on.
_AT_THE_END: Mapping[str, Sequence[str]] = {
    "sosial": ("calling", "rejected"),
    "europe": ("", "unsettled"),
    "sky": ("", "", "rejected"),
    "letter": ("unsettled", "", "unsettled"),
}
_NO_WORKER = "No worker was free or running at its hour."
_RECENT = timedelta(days=30)
#: What failed longer ago than this, somebody has seen to.
_SEEN_TO = timedelta(days=12)
#: How long a call waits for an answer.
_TIMEOUT = timedelta(seconds=20)
_SENT_AGAIN = {
    "absent": "The answer to an earlier try was lost, and the platform does not hold the post.",
    "same_key": "The answer to an earlier try was lost; sent again with the same key.",
}


class Sender:
    """Sends every post whose hour lies in the year."""

    def __init__(self, year: Year, publishers: Mapping[str, Publisher]) -> None:
        self._year = year
        self._publishers = publishers
        key, before, length = DISCONNECTED
        self._disconnected = key, Span(year.end - before, year.end - before + length)
        self._refused = False

    def send(self, posts: Sequence[Planned]) -> None:
        """Bring all posts to where they stand when the year ends."""
        due = [post for post in posts if post.state == PostState.QUEUED and self._is_due(post)]
        due.sort(key=_hour)
        special = self._special(due)
        for post in due:
            self._send(post, special.get(post.id))

    def payload(self, post: Planned) -> dict[str, Any]:
        """What was sent, or would be."""
        return self._publishers[post.channel.key].render(post.content, created_at=post.created_at)

    def _is_due(self, post: Planned) -> bool:
        return post.planned_at is not None and post.planned_at < self._year.end

    def _special(self, due: Sequence[Planned]) -> dict[int, str]:
        found: dict[int, str] = {}
        for key, troubles in _AT_THE_END.items():
            newest = [post for post in reversed(due) if post.channel.key == key][: len(troubles)]
            found.update({post.id: trouble for post, trouble in zip(newest, troubles, strict=False)})
        return found

    def _send(self, post: Planned, trouble: str | None) -> None:
        rng = self._year.rng("send", post.delivery_key)
        at, waited = self._when(post, rng)
        if at is None:
            return
        if trouble is None:
            trouble = self._trouble(post, rng) if self._year.end - at > DAY else ""
        at += timedelta(seconds=rng.uniform(0.05, 0.9))
        match trouble:
            case "limited":
                at, waited = self._limited(post, at, rng)
            case "unreached":
                at, waited = self._unreached(post, at, rng.randint(1, 3))
            case "found" | "absent" | "same_key" | "by_hand" | "unsettled":
                self._in_doubt(post, at, rng, trouble)
                return
            case "rejected":
                self._rejected(post, at, rng)
                return
            case "given_up":
                self._given_up(post, at, rng)
                return
            case "calling":
                self._attempt(post, at, None)
                post.state = PostState.PUBLISHING
                return
        self._published(post, at, rng, waited)

    def _trouble(self, post: Planned, rng: Random) -> str:
        roll = rng.random()
        for trouble, share in _TROUBLE[post.channel.platform].items():
            if roll < share:
                return trouble
            roll -= share
        return ""

    def _when(self, post: Planned, rng: Random) -> tuple[datetime | None, str]:
        """When a worker takes it up, and why it had to wait; None: it does not go out."""
        at = _hour(post)
        for span in self._year.down:
            if span.holds(at):
                return self._after_down_time(post, span, rng)
        key, span = self._disconnected
        if post.channel.key == key and span.holds(at):
            host = _host(post.channel)
            said = f"{host} refuses our credentials (401: The access token was revoked)."
            if not self._refused:
                self._refused = True
                self._attempt(post, at, AttemptOutcome.NEEDS_RECONNECT, detail=said)
                post.tries = 0
            return span.end + timedelta(seconds=rng.uniform(1, 20)), (
                f"Waits, because channel {post.channel.name} must be connected again: {said}"
            )
        return at, ""

    def _after_down_time(self, post: Planned, span: Span, rng: Random) -> tuple[datetime | None, str]:
        """By the route's rule: sent late, skipped, or left to a person."""
        passed = f"Its hour, {_hour(post):%Y-%m-%d %H:%M} UTC, passed while no worker was running."
        late = post.route.late if post.route is not None else "send"
        if late == "skip":
            post.state, post.reason, post.slot_at = PostState.SKIPPED, passed, None
        elif late == "ask" and self._year.end - span.end < _RECENT:
            post.state = PostState.DRAFT
            post.reason = f"{passed} The route asks before it sends late: queue it again or skip it."
        elif late == "ask":
            post.skip(span.end + timedelta(hours=rng.uniform(1, 6)), EDITOR, "Too late for it now.")
        else:
            return span.end + timedelta(seconds=rng.uniform(2, 240)), _NO_WORKER
        return None, ""

    def _limited(self, post: Planned, at: datetime, rng: Random) -> tuple[datetime, str]:
        wait = rng.choice((60, 180, 300, 900))
        said = f"{_host(post.channel)} asks us to wait {wait} s (429: Too many requests)."
        self._attempt(post, at, AttemptOutcome.RATE_LIMITED, detail=said)
        post.tries -= 1
        return at + timedelta(seconds=wait), said

    def _unreached(self, post: Planned, at: datetime, times: int) -> tuple[datetime, str]:
        said = f"{_host(post.channel)} could not be reached: connection refused."
        for number in range(times):
            self._attempt(post, at, AttemptOutcome.NOT_SENT, detail=said)
            at += BACKOFF * 2**number
        return at, said

    def _rejected(self, post: Planned, at: datetime, rng: Random) -> None:
        why = rng.choice(("422: Language is not supported", "400: The picture is broken"))
        post.state = PostState.FAILED
        post.reason = f"{_host(post.channel)} refuses this post ({why})."
        self._attempt(post, at, AttemptOutcome.REJECTED, detail=post.reason)
        if self._year.end - at > _SEEN_TO:
            post.skip(at + timedelta(hours=rng.uniform(1, 40)), EDITOR, "Not worth another try.")

    def _given_up(self, post: Planned, at: datetime, rng: Random) -> None:
        """Nobody was reached in all tries; later somebody queued it again."""
        _, said = self._unreached(post, at, MAX_TRIES)
        post.state, post.reason = PostState.FAILED, said
        if self._year.end - at > _SEEN_TO:
            again = at + timedelta(hours=rng.uniform(3, 40))
            post.decisions.append((again, "queued again", EDITOR))
            post.tries = 0
            post.plan(again, wall_time(again, ZoneInfo(post.channel.zone)), PlacedBy.PERSON)
            self._published(post, again + timedelta(seconds=rng.uniform(0.05, 0.9)), rng, "")

    def _in_doubt(self, post: Planned, at: datetime, rng: Random, how: str) -> None:
        """The answer was lost: somebody looks, and then it is settled, or not."""
        said = f"{_host(post.channel)} did not answer: the read operation timed out."
        self._attempt(post, at, AttemptOutcome.UNKNOWN, detail=said, seconds=_TIMEOUT.total_seconds())
        delivery = self._publishers[post.channel.key].capabilities.delivery
        match how:
            case "found":
                post.claim += 1
                self._on_platform(post, at + timedelta(seconds=rng.uniform(1, 8)), late_reason=None)
            case "absent" | "same_key":
                post.claim += 1
                self._published(post, at + _TIMEOUT + SETTLE, rng, _SENT_AGAIN[how])
            case "by_hand":
                post.claim += 1
                found = at + timedelta(hours=rng.uniform(0.5, 12))
                post.decisions.append((found, "found on the platform", EDITOR))
                self._on_platform(post, at, late_reason=None)
                post.remote_id = f"seen-by-hand:{post.delivery_key}"
            case _:
                self._unsettled(post, at, said, delivery)

    def _unsettled(self, post: Planned, at: datetime, said: str, delivery: DeliveryClass) -> None:
        values = unknown(said, delivery=delivery, now=at)
        if delivery != DeliveryClass.AT_MOST_ONCE:
            values = still_unknown(said, looks=len(LOOKS), now=at)
            post.looks = len(LOOKS)
            post.claim += post.looks
        post.state, post.reason, post.in_doubt = PostState.UNCERTAIN, values["reason"], True

    def _published(self, post: Planned, at: datetime, rng: Random, waited: str) -> None:
        seconds = _CALL[post.channel.platform] * rng.uniform(0.5, 2)
        self._attempt(post, at, AttemptOutcome.PUBLISHED, seconds=seconds)
        late = at - _hour(post) > LATE
        self._on_platform(post, at + timedelta(seconds=seconds / 2), late_reason=waited if late else None)
        post.attempts[-1].update(remote_id=post.remote_id, remote_url=post.remote_url)

    def _on_platform(self, post: Planned, at: datetime, *, late_reason: str | None) -> None:
        post.state, post.reason = PostState.PUBLISHED, None
        post.published_at, post.late_reason = at, late_reason
        post.remote_id, post.remote_url = self._remote(post, at)

    def _remote(self, post: Planned, at: datetime) -> tuple[str, str | None]:
        channel, key = post.channel, post.delivery_key
        match channel.platform:
            case "mastodon":
                number = str(int(at.timestamp() * 1000) << 16 | int(key[:4], 16))
                assert channel.remote is not None
                return number, f"{channel.remote[2]}/{number}"
            case "bluesky":
                assert channel.remote is not None
                rkey = record_key(post.created_at, key)
                return (
                    f"at://{channel.remote[0]}/app.bsky.feed.post/{rkey}",
                    f"{channel.remote[2]}/post/{rkey}",
                )
            case "page":
                page = self._publishers[channel.key].channel
                return key, f"{page.public_url}/p/{page.slug}/{key}"
        return f"msg_{key}", None

    def _attempt(
        self,
        post: Planned,
        at: datetime,
        outcome: AttemptOutcome | None,
        *,
        detail: str | None = None,
        seconds: float = 0.2,
    ) -> None:
        post.claim += 1
        post.tries += 1
        post.attempts.append(
            {
                "id": self._year.new_id(at),
                "claim": post.claim,
                "started_at": at,
                "finished_at": None if outcome is None else at + timedelta(seconds=seconds),
                "outcome": outcome,
                "detail": detail,
                "remote_id": None,
                "remote_url": None,
            }
        )


def fingerprint(payload: Mapping[str, Any]) -> str:
    """What binds an approval to a payload, and an attempt to what it sent."""
    return payload_hash(dict(payload))


def _hour(post: Planned) -> datetime:
    assert post.planned_at is not None
    return post.planned_at


def _host(channel: ChannelCast) -> str:
    address = next((str(value) for value in channel.settings.values()), "")
    return urlsplit(address).hostname or channel.name
