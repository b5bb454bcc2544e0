"""A platform that lives in the test: it keeps what was published, counts copies, and fails as told.

platform = FakePlatform(fates=[Fate.LOST_ANSWER])
publisher = platform.publisher(clock)
...
assert platform.copies(key) == 1
"""

import json
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any

import httpx

from domain.clock import Clock
from domain.content import Capabilities, Channel, Content, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.metrics import Metric
from publishers.base import BaseCredentials, Measured, Progress, Publisher

#: The wait that `Fate.RATE_LIMITED` asks for.
ASKED_WAIT = timedelta(seconds=30)


class Fate(Enum):
    """What becomes of one publish call."""

    OK = auto()
    NOT_SENT = auto()
    REJECTED = auto()
    #: The post is there, its answer is not.
    LOST_ANSWER = auto()
    #: Neither is there, and the caller cannot tell.
    LOST_REQUEST = auto()
    RATE_LIMITED = auto()
    NEEDS_RECONNECT = auto()
    #: The caller dies before or after the platform has the post.
    CRASH_BEFORE = auto()
    CRASH_AFTER = auto()


class Crash(BaseException):
    """kill -9, as far as a test can play it."""


@dataclass(frozen=True)
class Kept:
    """One post as the platform holds it."""

    id: str
    key: str
    payload: Payload
    at: str


class FakePlatform:
    """The far side, shared by all publishers that it makes; safe for threads.

    Args:
        fates: of the publish calls to come, in order; then all go well.
        ledger: a file in which the posts are kept, so that forked processes see the same platform.
        on_call: told ``before`` and ``after`` in each publish call, on the caller's thread.
    """

    def __init__(
        self,
        delivery: DeliveryClass = DeliveryClass.LIST_AND_MATCH,
        *,
        fates: Iterable[Fate] = (),
        key_ttl: timedelta | None = None,
        ledger: Path | None = None,
        on_call: Callable[[str], None] | None = None,
    ) -> None:
        self.fates = deque(fates)
        self.calls = 0
        self.looks = 0
        #: What a remote post is measured at; a post not named here has no numbers yet.
        self.numbers: dict[str, dict[Metric, int]] = {}
        self.followers: int | None = None
        self.gone: set[str] = set()
        self.on_call = on_call or (lambda step: None)
        self._ledger = ledger
        self._posts: list[Kept] = []
        self._lock = threading.Lock()
        self.adapter = _adapter(self, delivery, key_ttl)

    @property
    def posts(self) -> list[Kept]:
        """Everything that was ever made public, oldest first."""
        if self._ledger is None:
            return list(self._posts)
        lines = self._ledger.read_text().splitlines() if self._ledger.exists() else []
        return [Kept(**json.loads(line)) for line in lines]

    def copies(self, key: str | None = None) -> int:
        """How often the post with this delivery key, or any post, was made public."""
        return sum(1 for post in self.posts if key is None or post.key == key)

    def doubles(self) -> list[str]:
        """The delivery keys of posts that were made public more than once."""
        keys = [post.key for post in self.posts]
        return sorted({key for key in keys if keys.count(key) > 1})

    def publisher(self, clock: Clock, *, channel: Channel | None = None) -> Publisher:
        """A publisher for one channel on this platform."""
        nobody = Channel(id=1, platform="fake", name="Fake", slug="fake")
        silent = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(404)))
        return self.adapter(channel or nobody, silent, credentials=self.adapter.Credentials(), clock=clock)

    def take(self, payload: Payload, *, key: str, at: datetime) -> Kept:
        """Make a post public, as the platform does when a request arrives."""
        with self._lock:
            kept = Kept(
                id=f"fake-{len(self.posts) + 1}-{key[:8]}", key=key, payload=payload, at=at.isoformat()
            )
            if self._ledger is None:
                self._posts.append(kept)
            else:
                with self._ledger.open("a") as file:
                    file.write(json.dumps(asdict(kept)) + "\n")
            return kept

    def next_fate(self) -> Fate:
        """What becomes of the call that starts now."""
        with self._lock:
            self.calls += 1
            return self.fates.popleft() if self.fates else Fate.OK


class _FakePublisher(Publisher):
    """The adapter of a `FakePlatform`; `_adapter` binds it to one."""

    platform = "fake"
    title = "Fake"
    far_side: FakePlatform

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": content.text, "link": content.link, "created_at": created_at.isoformat()}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        fate = self.far_side.next_fate()
        if self.capabilities.delivery == DeliveryClass.TWO_PHASE:
            progress.save({"container": f"container-{key}"})
        self.far_side.on_call("before")
        match fate:
            case Fate.NOT_SENT:
                raise NotSent("The fake platform could not be reached.")
            case Fate.REJECTED:
                raise Rejected("The fake platform refuses this post.")
            case Fate.RATE_LIMITED:
                raise RateLimited("The fake platform asks us to wait.", retry_after=ASKED_WAIT)
            case Fate.NEEDS_RECONNECT:
                raise NeedsReconnect("The fake platform refuses our credentials.")
            case Fate.LOST_REQUEST:
                raise OutcomeUnknown("The fake platform did not answer.")
            case Fate.CRASH_BEFORE:
                raise Crash
        kept = self._earlier(key) or self.far_side.take(payload, key=key, at=self.clock())
        self.far_side.on_call("after")
        match fate:
            case Fate.LOST_ANSWER:
                raise OutcomeUnknown("The fake platform did not answer.")
            case Fate.CRASH_AFTER:
                raise Crash
        return _remote(kept)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        self.far_side.looks += 1
        match self.capabilities.delivery:
            case DeliveryClass.NATIVE_KEY:
                found = [post for post in self.far_side.posts if post.key == key]
            case DeliveryClass.TWO_PHASE:
                container = handle and handle.get("container")
                found = [post for post in self.far_side.posts if f"container-{post.key}" == container]
            case DeliveryClass.LIST_AND_MATCH:
                found = [
                    post
                    for post in self.far_side.posts
                    if post.payload == payload and datetime.fromisoformat(post.at) >= since
                ]
            case _:
                return super().find_existing(payload, key=key, handle=handle, since=since)
        return _remote(found[0]) if found else None

    def identify(self) -> Identity:
        return Identity(name="@fake", remote_id="fake")

    def metrics(self, remote_id: str) -> list[Measured]:
        if remote_id in self.far_side.gone:
            raise PostGone("The fake platform no longer has this post.")
        numbers = self.far_side.numbers.get(remote_id, {})
        return [Measured(metric, value, source=f"fake_{metric}") for metric, value in numbers.items()]

    def channel_metrics(self) -> list[Measured]:
        if self.far_side.followers is None:
            return []
        return [Measured(Metric.FOLLOWERS, self.far_side.followers, source="fake_followers")]

    def _earlier(self, key: str) -> Kept | None:
        """What a native key points to, while it is remembered."""
        if self.capabilities.delivery != DeliveryClass.NATIVE_KEY:
            return None
        ttl = self.capabilities.key_ttl
        for post in self.far_side.posts:
            age = self.clock() - datetime.fromisoformat(post.at)
            if post.key == key and (ttl is None or age <= ttl):
                return post
        return None


def _adapter(bound: FakePlatform, delivery: DeliveryClass, key_ttl: timedelta | None) -> type[_FakePublisher]:
    class Bound(_FakePublisher):
        far_side = bound
        capabilities = Capabilities(
            delivery=delivery,
            key_ttl=key_ttl,
            post_metrics=frozenset({Metric.REACTIONS, Metric.REPLIES, Metric.SHARES}),
            channel_metrics=frozenset({Metric.FOLLOWERS}),
        )
        Credentials = BaseCredentials

    return Bound


def _remote(kept: Kept) -> RemotePost:
    return RemotePost(
        id=kept.id, url=f"https://fake.example/{kept.id}", published_at=datetime.fromisoformat(kept.at)
    )
