"""A post that takes several calls: the parts of a thread, then a comment below it; none is ever made twice.

Before each call the handle says which part is about to be sent, and after it which one it became. A later try
leaves alone what is there; the one part whose end is unknown is looked for first, or sent again under its own
native key. When `find` answers None, sending again completes the post: it repeats nothing.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.content import RemotePost
from domain.errors import NotSent, OutcomeUnknown, PublishError, RateLimited, Rejected
from publishers.base import Progress

#: What the course of a post is kept under.
_OF_COURSE = ("parts", "sending", "began", "failed")
#: A comment that reaches nobody is tried so often; then the post is published without it.
_PATIENCE = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a post, in order."""

    index: int
    #: Its own delivery key: the same at every try.
    key: str
    #: What the adapter's `render` made for it (JSON).
    body: Any
    #: Whether the post counts as published without it, as it does without its first comment.
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A part that is on the platform."""

    id: str
    url: str | None
    at: datetime
    #: What the next part must name besides the id, such as a hash of the record.
    mark: str = ""


#: Sends one part below those before it, exactly once.
Send = Callable[[Part, Sequence[Sent]], Sent]
#: Looks for one part below those before it, made after a time (UTC); None: proved absent.
Find = Callable[[Part, Sequence[Sent], datetime], Sent | None]


def parts(key: str, first: Any, thread: Sequence[Any] = (), comment: Any = None) -> list[Part]:
    """The pieces of a post, its comment last; the first one has the post's own key."""
    pieces = [Part(index, part_key(key, index), body) for index, body in enumerate((first, *thread))]
    if comment is not None:
        pieces.append(Part(len(pieces), part_key(key, len(pieces)), comment, optional=True))
    return pieces


def part_key(key: str, index: int) -> str:
    """The delivery key of one part, 32 hex digits; of the first one the post's own."""
    return key if index == 0 else hashlib.sha256(f"{key}/{index}".encode()).hexdigest()[:32]


def remembered(progress: Progress, **values: Any) -> None:
    """Save these values beside what an earlier step has saved."""
    progress.save({**(progress.handle or {}), **values})


def without_uploads(handle: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What must still be known of a post once it was edited: its parts that are out, and no upload."""
    kept = {name: handle[name] for name in _OF_COURSE if name in handle} if handle else {}
    return kept if kept.get("parts") else None


def remote_ids(handle: Mapping[str, Any] | None, remote_id: str) -> list[str]:
    """All that a published post consists of on its platform, in order; without parts, itself."""
    stored = (handle or {}).get("parts") or ()
    ids = [str(one["id"]) for one in stored]
    return ids if ids and ids[0] == remote_id else [remote_id]


def send_parts(
    pieces: Sequence[Part],
    send: Send,
    *,
    progress: Progress,
    now: datetime,
    find: Find | None = None,
    same_key: bool = False,
) -> RemotePost:
    """Send what is not there yet, in order.

    Args:
        now: the start of this try (UTC); kept at the first one as the bound of every look.
        find: looks for the part in doubt. Without it a part in doubt is sent again: by its native key, or
            because a person has looked and said that it is not there.
        same_key: whether sending a part again under its key makes no second one.

    Returns:
        The first part. Its note says what became of a comment that did not go out.

    Raises:
        PublishError: as `send` does; parts that went out before are kept in mind.
    """
    if len(pieces) == 1:
        return _remote(send(pieces[0], ()))
    course = _Course.of(progress.handle, began=now)
    course.check(pieces)
    for piece in pieces[len(course.done) :]:
        made = None
        if course.sending == piece.index and find is not None:
            made = find(piece, tuple(course.done), course.began)
        if made is None:
            course.sending = piece.index
            course.save(progress)
            try:
                made = send(piece, tuple(course.done))
            except PublishError as error:
                if note := course.after(piece, error, progress, settles=same_key or find is not None):
                    return _remote(course.done[0], note=note)
                raise _in_words(error, piece, pieces) from error
        course.add(piece, made)
        course.save(progress)
    return _remote(course.done[0])


def find_parts(
    pieces: Sequence[Part],
    *,
    handle: Mapping[str, Any] | None,
    since: datetime,
    find: Find,
    same_key: bool = False,
) -> RemotePost | None:
    """The post when all its parts are there; None when `send_parts` may go on and will repeat nothing.

    Args:
        same_key: as given to `send_parts`.

    Raises:
        OutcomeUnknown: parts are there that `send_parts` would send again, because nothing is known of them.
        PublishError: as ``find`` does.
    """
    course = _Course.of(handle, began=since)
    expected = len(course.done) + (course.sending is not None)
    done = list(course.done)
    for piece in pieces[len(done) :]:
        made = find(piece, tuple(done), course.began)
        if made is None:
            break
        done.append(made)
    if len(done) == len(pieces):
        return _remote(done[0])
    if len(done) > expected and not same_key:
        raise OutcomeUnknown(
            f"{len(done)} of its {len(pieces)} parts are there, and nothing is known of who sent them. "
            "Look there yourself."
        )
    return None


@dataclass
class _Course:
    """How far a post has got, as the handle keeps it."""

    began: datetime
    done: list[Sent]
    #: What was sent, by part: a part that is out can no longer be another one.
    digests: list[str]
    sending: int | None = None
    #: Failed tries of the comment.
    failed: int = 0

    @classmethod
    def of(cls, handle: Mapping[str, Any] | None, *, began: datetime) -> "_Course":
        kept = handle or {}
        stored = kept.get("parts") or ()
        done = [Sent(one["id"], one["url"], datetime.fromisoformat(one["at"]), one["mark"]) for one in stored]
        if kept.get("began"):
            began = datetime.fromisoformat(kept["began"])
        digests = [one["digest"] for one in stored]
        return cls(began, done, digests, kept.get("sending"), kept.get("failed", 0))

    def check(self, pieces: Sequence[Part]) -> None:
        """Refuse a post whose parts that are out were changed, or taken away, after they went out."""
        kept = [_digest(piece) for piece in pieces[: len(self.done)]]
        if kept != self.digests:
            there = self.done[0].url or self.done[0].id
            raise Rejected(
                f"{len(self.done)} parts of it are out already, at {there}, and it was changed since. Delete "
                "them there and write a new post, or write those parts as they were."
            )

    def add(self, piece: Part, made: Sent) -> None:
        self.done.append(made)
        self.digests.append(_digest(piece))
        self.sending = None

    def after(self, piece: Part, error: PublishError, progress: Progress, *, settles: bool) -> str | None:
        """Keep in mind how a call failed; a sentence when the post is published without this piece."""
        if isinstance(error, OutcomeUnknown):
            if piece.optional and not settles:
                return f"Nobody knows whether its first comment went out: {error} Look there."
            return None
        self.sending = None
        self.failed += piece.optional
        self.save(progress)
        patient = isinstance(error, RateLimited) or (isinstance(error, NotSent) and self.failed < _PATIENCE)
        if piece.optional and not patient:
            return f"Its first comment did not go out: {error}"
        return None

    def save(self, progress: Progress) -> None:
        stored = [
            {"id": one.id, "url": one.url, "at": one.at.isoformat(), "mark": one.mark, "digest": digest}
            for one, digest in zip(self.done, self.digests, strict=True)
        ]
        remembered(
            progress, parts=stored, sending=self.sending, began=self.began.isoformat(), failed=self.failed
        )


def _remote(first: Sent, *, note: str | None = None) -> RemotePost:
    return RemotePost(first.id, first.url, first.at, note=note)


def _in_words(error: PublishError, piece: Part, pieces: Sequence[Part]) -> PublishError:
    """A refusal that says which part it is about; other errors stay as they are."""
    if type(error) is not Rejected or piece.index == 0:
        return error
    return Rejected(f"{piece.index} of its {len(pieces)} parts are out, and the next was refused: {error}")


def _digest(piece: Part) -> str:
    text = json.dumps(piece.body, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
