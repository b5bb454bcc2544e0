"""Publishing in two steps, as Instagram and Threads do: a container that nobody sees, then its publication.

The container's id is saved before it is published. Whatever happened then, the container itself says whether
it is out; only one that is not is ever published. Sources, below developers.facebook.com/docs:
instagram-platform/content-publishing, instagram-platform/instagram-graph-api/reference/ig-container,
threads/posts, threads/troubleshooting.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

from pydantic import Field

from domain.content import Budget, Call, Capabilities, NativePost
from domain.errors import NotSent, OutcomeUnknown, PostGone, PublishError, Rejected
from publishers.base import Progress
from publishers.meta_graph import LongLived, MetaSettings, moment, node_id
from publishers.parts import Part, Sent, remembered
from publishers.plain import same_words

#: A container is asked so often, so many seconds apart, whether it may be published.
_LOOKS = 10
_EVERY = 3.0
#: How far our clock and Meta's may be apart.
_SKEW = timedelta(minutes=5)
_PAGE = 25
_PAGES = 10

Fields = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a container is made of."""

    fields: Fields
    #: For a carousel: one container for each picture or video, in order.
    children: tuple[Fields, ...] = ()


class ContainerSettings(MetaSettings):
    """Who we are there, and how many posts a day we may make."""

    #: Learned by `ContainerPublisher.enrich`.
    user_id: str = Field(default="", json_schema_extra={"learned": True})
    daily_posts: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})


class ContainerPublisher(LongLived):
    """A channel whose posts go out as containers."""

    #: Edges of the person: where containers are made and posts are listed, where they are published, and
    #: where answers to posts are listed.
    made_at: ClassVar[str]
    published_at: ClassVar[str]
    replies_at: ClassVar[str] = "replies"
    #: Fields of a container: its state, and why it failed.
    state_field: ClassVar[str]
    reason_field: ClassVar[str]
    #: Fields of a post: its words.
    words_field: ClassVar[str]
    #: What ``me`` is asked for, and which of its fields is the id.
    me_fields: ClassVar[str]
    id_field: ClassVar[str]
    #: Edge of the person where the day's limit is told, and the limit until then.
    limit_at: ClassVar[str]
    usual_daily_posts: ClassVar[int]
    settings: ContainerSettings

    def limits(self) -> Capabilities:
        daily = self.settings.daily_posts or self.usual_daily_posts
        return replace(self.capabilities, budgets=(Budget(Call.POST, daily, timedelta(hours=24)),))

    def enrich(self) -> ContainerSettings | None:
        learned: dict[str, Any] = {"user_id": str(self.me()[self.id_field])}
        try:
            answer = self.get(f"{learned['user_id']}/{self.limit_at}", fields="quota_usage,config")
            total = ((answer.get("data") or [{}])[0].get("config") or {}).get("quota_total")
        except PublishError:
            total = None
        if isinstance(total, int) and total > 0:
            learned["daily_posts"] = total
        fresh = self.settings.model_copy(update=learned)
        return fresh if fresh != self.settings else None

    def person(self) -> str:
        """The id of the person or brand whose channel this is."""
        return self.settings.user_id or str(self.me()[self.id_field])

    def me(self) -> dict[str, Any]:
        """What Meta says of them; always with the id."""
        answer = self.get("me", fields=self.me_fields)
        if not answer.get(self.id_field):
            raise OutcomeUnknown(f"{self.title} does not say who we are there.")
        return answer

    def contained(self, part: Part, draft: Draft, progress: Progress, before: Sequence[Sent]) -> Sent:
        """Publish one part below those before it, exactly once."""
        number = kept_container(progress.handle, part.index)
        state = self._state(number)[0] if number else "EXPIRED"
        if state == "PUBLISHED":
            return self._out(part, progress.handle, before)
        if number is None or state == "EXPIRED":
            number = self._made(part.index, draft, progress)
        self._wait(number, part.index, progress)
        answer = self.post(f"{self.person()}/{self.published_at}", creation_id=number)
        return self.sent(node_id(answer, title=self.title))

    def out(self, part: Part, handle: Mapping[str, Any] | None, before: Sequence[Sent]) -> Sent | None:
        """One part, if it was published; its container says so."""
        number = kept_container(handle, part.index)
        if number is None or self._state(number)[0] != "PUBLISHED":
            return None
        return self._out(part, handle, before)

    def sent(self, number: str) -> Sent:
        """A post that is out; its address where Meta tells it now."""
        try:
            post = self.get(number, fields="permalink,timestamp")
        except PublishError:
            post = {}
        at = moment(post.get("timestamp")) or self.clock()
        return Sent(number, str(post["permalink"]) if post.get("permalink") else None, at)

    def native_posts(self, since: datetime) -> list[NativePost]:
        found = []
        for post in self._own_posts(self.made_at, back_to=since):
            at, number = moment(post.get("timestamp")), str(post.get("id") or "")
            if number and at is not None and post.get("media_type") != "REPOST_FACADE":
                text = str(post.get(self.words_field) or "")
                found.append(NativePost(number, post.get("permalink"), at, text))
        return found

    def _out(self, part: Part, handle: Mapping[str, Any] | None, before: Sequence[Sent]) -> Sent:
        begun = moment((_containers(handle).get(str(part.index)) or {}).get("at"))
        listed, known = (self.replies_at if before else self.made_at), {one.id for one in before}
        for post in self._own_posts(listed, back_to=(begun or self.clock()) - _SKEW):
            if post.get("id") not in known and same_words(
                str(part.body["text"]), str(post.get(self.words_field) or "")
            ):
                return self.sent(str(post["id"]))
        raise OutcomeUnknown(f"{self.title} says that the post is out, and does not show it yet.")

    def _own_posts(self, listed: str, *, back_to: datetime) -> Iterator[dict[str, Any]]:
        after: str | None = None
        for _ in range(_PAGES):
            answer = self.get(
                f"{self.person()}/{listed}",
                fields=f"id,{self.words_field},timestamp,permalink,media_type",
                limit=str(_PAGE),
                after=after,
            )
            for post in answer.get("data") or ():
                made_at = moment(post.get("timestamp"))
                if made_at is not None and made_at < back_to:
                    return
                yield post
            paging = answer.get("paging") or {}
            after = (paging.get("cursors") or {}).get("after")
            if not paging.get("next") or not after:
                return

    def _made(self, index: int, draft: Draft, progress: Progress) -> str:
        stored = _containers(progress.handle)
        children: list[str] = []
        for fields in draft.children:
            child = self.post(f"{self.person()}/{self.made_at}", **fields)
            children.append(node_id(child, title=self.title))
        for child_id in children:
            self._wait(child_id, index, progress)
        joined = {"children": ",".join(children)} if children else {}
        answer = self.post(f"{self.person()}/{self.made_at}", **draft.fields, **joined)
        number = node_id(answer, title=self.title)
        stored[str(index)] = {"id": number, "at": self.clock().isoformat()}
        remembered(progress, containers=stored)
        return number

    def _wait(self, number: str, index: int, progress: Progress) -> None:
        for look in range(_LOOKS):
            if look:
                time.sleep(_EVERY)
            state, reason = self._state(number)
            if state in ("FINISHED", "PUBLISHED"):
                return
            if state in ("ERROR", "EXPIRED"):
                remembered(progress, containers=_containers(progress.handle) | {str(index): None})
                raise Rejected(f"{self.title} cannot use this post: {reason or 'it gives no reason'}.")
        raise NotSent(f"{self.title} is still working on the files of this post.")

    def _state(self, number: str) -> tuple[str, str]:
        """How far a container got, and why it failed."""
        try:
            answer = self.get(number, fields=f"{self.state_field},{self.reason_field}")
        except PostGone:
            return "EXPIRED", "it was kept for a day only"
        state = str(answer.get(self.state_field) or "")
        if not state:
            raise OutcomeUnknown(f"{self.title} does not say how far the post got.")
        return state, str(answer.get(self.reason_field) or "").rstrip(".")[:200]


def kept_container(handle: Mapping[str, Any] | None, index: int) -> str | None:
    """The id of the container that was made for a part."""
    known = _containers(handle).get(str(index))
    return str(known["id"]) if known else None


def _containers(handle: Mapping[str, Any] | None) -> dict[str, Any]:
    return dict((handle or {}).get("containers") or {})
