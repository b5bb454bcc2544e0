"""Handing one mail after the other to a server, so that no reader gets two, whatever dies when.

What each answer means: RFC 5321, section 4.2; RFC 3463 for the enhanced codes.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import httpcore
from pydantic import SecretStr

from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PublishError, RateLimited, Rejected
from net.guard import Refused
from net.smtp import Conversation, Lost, Refusal
from publishers.base import Progress

#: Seconds after which a call to many readers ends, to be gone on with in another: half of what one may take.
SITTING = 30.0
#: A server that asks for patience with one reader, without saying how long (grey-listing), and how often.
_PATIENCE, _ROUNDS = timedelta(minutes=5), 5
_ASKED = re.compile(
    r"\b(?:in|for|after|wait|another)\D{0,12}(\d{1,6})\s*(s|m|h)(?:ec(?:ond)?s?|in(?:ute)?s?|ours?)?\b", re.I
)
_SECONDS = {"s": 1, "m": 60, "h": 3600}
#: Named in a note at most.
_NAMED = 10


def mark_of(address: str) -> str:
    """Sixteen signs in place of an address, the same for the same one."""
    return hashlib.sha256(address.lower().encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Sent:
    """How far a post has got: saved before each mail is handed over."""

    #: Mark of the last reader who was tried; readers come in the order of their marks.
    after: str = ""
    count: int = 0
    #: Who did not get it, or perhaps not, and why.
    missed: tuple[str, ...] = ()
    #: Mark of the reader whose mail was being handed over.
    under_way: str = ""
    #: Marks of readers for whom the server asked for patience.
    later: tuple[str, ...] = ()
    rounds: int = 0


class Sitting:
    """One call's part of the readers of a post.

    Args:
        readers: address by mark.
        mail_to: the whole mail to the reader of a mark.
        progress: where it is noted how far we got.
        secrets: struck out of what the server says.
    """

    def __init__(
        self,
        sender: str,
        readers: Mapping[str, str],
        mail_to: Callable[[str], bytes],
        progress: Progress,
        *,
        secrets: Sequence[str],
    ) -> None:
        self._sender, self._readers, self._mail_to, self._progress = sender, readers, mail_to, progress
        self._secrets = secrets
        self._ends_at = time.monotonic() + SITTING
        self._sent = _before(progress.handle, readers)
        self._wait = timedelta(0)
        fresh = [mark for mark in sorted(readers) if mark > self._sent.after]
        #: Marks of the readers whose turn it is.
        self.turn = fresh + [mark for mark in self._sent.later if mark in readers]

    def hold(self, talk: Conversation) -> None:
        """Write to everybody whose turn it is.

        Raises:
            RateLimited: the time is up, or the server asks for patience; the rest comes with the next call.
            NotSent, OutcomeUnknown: the connection ended; likewise.
            NeedsReconnect: the server does not let us send as this sender.
        """
        for mark in self.turn:
            if time.monotonic() > self._ends_at:
                self._save(self._sent)
                left = len(self._readers) - self._sent.count - len(self._sent.missed)
                raise RateLimited(
                    f"{self._sent.count} readers have it; {left} more follow.",
                    retry_after=timedelta(seconds=1),
                )
            self._hand_over(talk, mark)

    def ended(self) -> str | None:
        """What is to be noted of a post that all have, or never will; None: nothing.

        Raises:
            RateLimited: some readers are to be tried once more.
            Rejected: nobody got it.
        """
        sent = self._sent
        if sent.later and sent.rounds + 1 < _ROUNDS:
            self._save(replace(sent, rounds=sent.rounds + 1))
            wait = self._wait or _PATIENCE
            raise RateLimited(
                f"The server asks for patience with {len(sent.later)} of {len(self._readers)} readers.",
                retry_after=wait,
            )
        late = [
            f"{self._readers[mark]} (asked for patience too often)"
            for mark in sent.later
            if mark in self._readers
        ]
        missed = [*sent.missed, *late]
        if missed and not sent.count:
            raise Rejected(f"No reader got this mail: {_named(missed)}.")
        return (
            f"{len(missed)} of {len(self._readers)} readers did not get it: {_named(missed)}."
            if missed
            else None
        )

    def _hand_over(self, talk: Conversation, mark: str) -> None:
        """One mail, start to end. A reader is noted before the server may have their mail."""
        reader, before = self._readers[mark], self._sent
        with meaning("The mail server", self._secrets):
            self._begin(talk)
            try:
                talk.command(f"RCPT TO:<{reader}>")
                talk.command("DATA", wanted=3)
            except Refusal as refusal:
                self._refused(mark, refusal, before)
                return
        noted = replace(
            before,
            after=max(before.after, mark),
            later=tuple(one for one in before.later if one != mark),
            under_way=mark,
        )
        if len(self._readers) > 1:  # a single one is a person's to decide on
            self._save(noted)
        try:
            talk.give(self._mail_to(mark))
        except Refusal as refusal:
            self._refused(mark, refusal, before)
        except Lost as lost:
            raise OutcomeUnknown(
                f"The mail to {reader} was handed over, and no answer came ({lost})."
            ) from lost
        else:
            self._sent = replace(noted, under_way="", count=before.count + 1)

    def _begin(self, talk: Conversation) -> None:
        try:
            talk.command("RSET")
            talk.command(f"MAIL FROM:<{self._sender}>")
        except Refusal as refusal:
            said = clear(refusal.said, self._secrets)
            if refusal.passes or refusal.code in (552, 554):
                raise
            raise NeedsReconnect(
                f"The mail server does not let us send as {self._sender} ({refusal.code}: {said}). "
                "Correct the sender, or connect the channel again."
            ) from refusal

    def _refused(self, mark: str, refusal: Refusal, before: Sent) -> None:
        """Note that this reader did not get it, or shall be tried later."""
        after = max(before.after, mark)
        others = tuple(one for one in before.later if one != mark)
        if refusal.passes:
            self._wait = max(self._wait, wait_asked(refusal.said))
            self._sent = replace(before, after=after, later=(*others, mark), under_way="")
            return
        said = f"{self._readers[mark]} ({refusal.code}: {clear(refusal.said, self._secrets)})"
        self._sent = replace(before, after=after, later=others, missed=(*before.missed, said), under_way="")

    def _save(self, sent: Sent) -> None:
        self._progress.save(asdict(sent))
        self._sent = sent


def _before(handle: Mapping[str, object] | None, readers: Mapping[str, str]) -> Sent:
    """How far an earlier try got; whom it was writing to when it ended, is written to no more."""
    if not handle:
        return Sent()
    known = {name: tuple(value) if isinstance(value, list) else value for name, value in handle.items()}
    sent = Sent(**known)  # type: ignore[arg-type]  # what `asdict` made
    if not sent.under_way:
        return sent
    who = readers.get(sent.under_way, "somebody who has left")
    return replace(sent, under_way="", missed=(*sent.missed, f"{who} (perhaps; the answer was lost)"))


@contextmanager
def meaning(host: str, secrets: Sequence[str]) -> Iterator[None]:
    """Turns what goes wrong in a conversation, before a mail was handed over, into the next step."""
    try:
        yield
    except Refused as exc:
        hint = "To reach a network of your own, name it in TABUH_ALLOWED_NETWORKS"
        raise NotSent(f"{host} could not be reached: {exc}. {hint}.") from exc
    except (httpcore.ConnectError, httpcore.TimeoutException) as exc:
        raise NotSent(f"{host} could not be reached: {str(exc) or type(exc).__name__}.") from exc
    except Lost as exc:
        raise NotSent(f"{host} did not answer: {exc}.") from exc
    except Refusal as refusal:
        raise _meant(refusal, host, secrets) from None


def sign_in(talk: Conversation, host: str, user: str, password: SecretStr) -> None:
    """Prove who we are. Raises `NeedsReconnect` when the server does not believe it."""
    try:
        talk.sign_in(user, password.get_secret_value())
    except Refusal as refusal:
        if refusal.passes and refusal.code != 432:  # 432: a password must be changed
            raise
        said = clear(refusal.said, (password.get_secret_value(),))
        raise NeedsReconnect(
            f"{host} refuses the user name or password ({refusal.code}: {said}). Connect the channel again."
        ) from None


def _meant(refusal: Refusal, host: str, secrets: Sequence[str]) -> PublishError:
    said = f"{refusal.code}: {clear(refusal.said, secrets)}"
    if refusal.passes:
        return RateLimited(f"{host} asks us to wait ({said}).", retry_after=wait_asked(refusal.said))
    if refusal.code in (502, 530, 535, 538):
        return NeedsReconnect(
            f"{host} does not take mail from us this way ({said}). Connect the channel again."
        )
    return Rejected(f"{host} refuses this mail ({said}).")


def wait_asked(said: str) -> timedelta:
    """How long a server asks us to wait: 1 s to 24 h; five minutes when it names no time."""
    found = _ASKED.search(said)
    if not found:
        return _PATIENCE
    wait = timedelta(seconds=int(found[1]) * _SECONDS[found[2].lower()])
    return max(timedelta(seconds=1), min(wait, timedelta(hours=24)))


def clear(said: str, secrets: Sequence[str]) -> str:
    """What a server said, shortened, without secrets that it repeats, and without a full stop."""
    for secret in secrets:
        said = said.replace(secret, "***")
    return said[:200].rstrip(". ")


def _named(missed: Sequence[str]) -> str:
    more = f"; and {len(missed) - _NAMED} more" if len(missed) > _NAMED else ""
    return "; ".join(missed[:_NAMED]) + more
