"""What opens a feed that is not public, and by which name we ask for it."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sqlmodel import Session

from domain.errors import UsageError
from scheduler.context import Context
from store import feeds
from store.changes import Actor, record
from store.engine import writing
from store.tables import Feed
from store.wake import wake_workers

Kind = Literal["basic", "bearer", "header", "cookie"]
KINDS: Final[tuple[Kind, ...]] = ("basic", "bearer", "header", "cookie")
_LONGEST: Final = 4_000
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,80}")
#: Headers that say how an answer travels, not who asks.
_OURS: Final = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
    }
    | {
        "if-modified-since",
        "if-none-match",
        "proxy-authorization",
        "range",
        "te",
        "trailer",
        "transfer-encoding",
    }
    | {"upgrade", "user-agent", "a-im"}
)


@dataclass(frozen=True, slots=True)
class Access:
    """What opens a feed; the secret shows in no ``repr``."""

    kind: Kind
    secret: str = field(repr=False)
    #: The user of ``basic``, or the name of a header; empty for the others.
    name: str = ""

    def headers(self) -> dict[str, str]:
        """The header that says it.

        Raises:
            UsageError: something is missing, or cannot stand in a header.
        """
        self._check()
        match self.kind:
            case "basic":
                pair = f"{self.name}:{self.secret}".encode()
                return {"Authorization": f"Basic {base64.b64encode(pair).decode('ascii')}"}
            case "bearer":
                return {"Authorization": f"Bearer {self.secret.strip()}"}
            case "cookie":
                return {"Cookie": self.secret.strip()}
        return {self.name: self.secret.strip()}

    def _check(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"A feed is opened by one of: {', '.join(KINDS)}.")
        if not self.secret.strip():
            raise UsageError(
                "The password, token, value or cookie is missing: give it, or remove what is there."
            )
        if len(self.secret) + len(self.name) > _LONGEST:
            raise UsageError(f"What opens a feed has at most {_LONGEST:,} characters.")
        if self.kind == "basic" and (not self.name or ":" in self.name):
            raise UsageError("Basic needs a user name without a colon.")
        if self.kind == "header" and (not _NAME.fullmatch(self.name) or self.name.lower() in _OURS):
            raise UsageError("Name a header of your own, such as X-Api-Key.")
        if self.kind == "cookie" and "=" not in self.secret:
            raise UsageError("Write the cookie as name=value; several with a semicolon between them.")
        if self.kind != "basic" and not all(
            " " <= sign <= "\xff" and sign != "\x7f" for sign in self.secret.strip()
        ):
            raise UsageError(
                "What opens a feed stands in one line, of letters and signs that a header can hold."
            )


def access_of(kind: str | None, *, name: str, secret: str) -> Access | None:
    """What a form, a call or a command says; None when it says nothing.

    Raises:
        UsageError: it cannot be.
    """
    if not kind:
        return None
    chosen = next((known for known in KINDS if known == kind.strip().lower()), None)
    if chosen is None:
        raise UsageError(f"A feed is opened by one of: {', '.join(KINDS)}.")
    access = Access(chosen, secret, name.strip())
    access.headers()
    return access


def kind_of(headers: Mapping[str, str]) -> Kind | None:
    """Which kind these headers are; None for a public feed."""
    for name, value in headers.items():
        if name.lower() == "authorization":
            return "basic" if value.lower().startswith("basic ") else "bearer"
        return "cookie" if name.lower() == "cookie" else "header"
    return None


def set_access(
    context: Context, workspace_id: int, feed_id: int, access: Access | None, *, actor: Actor
) -> Feed:
    """Keep what opens a feed, sealed, in place of what was there; None: it is public.."""
    headers = access.headers() if access is not None else {}
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        before = {"access": feed.access}
        feed.credentials = context.seal.close(feed.id, headers) if headers else None
        feed.access = kind_of(headers)
        # Another reader may be shown another document.
        feed.etag = feed.last_modified = feed.body_hash = None
        _look_soon(context, session, feed)
        record(
            session, actor, "set what opens the feed", subject="feed", subject_id=feed.id,
            workspace_id=workspace_id, now=now, before=before, after={"access": feed.access},
        )  # fmt: skip
        session.commit()
        return feed


def set_user_agent(
    context: Context, workspace_id: int, feed_id: int, text: str | None, *, actor: Actor
) -> Feed:
    """Ask for a feed by this User-Agent; None or empty: by our own, which says who we are."""
    chosen = (text or "").strip() or None
    if chosen is not None and not (len(chosen) <= 300 and chosen.isascii() and chosen.isprintable()):
        raise UsageError("A User-Agent is one line of at most 300 plain characters.")
    now = context.clock()
    with writing(context.engine) as session:
        [feed] = feeds.lock(session, workspace_id, [feed_id])
        before = {"user_agent": feed.user_agent}
        feed.user_agent, feed.plain_agent = chosen, False
        _look_soon(context, session, feed)
        record(
            session, actor, "set the User-Agent", subject="feed", subject_id=feed.id,
            workspace_id=workspace_id, now=now, before=before, after={"user_agent": chosen},
        )  # fmt: skip
        session.commit()
        return feed


def _look_soon(context: Context, session: Session, feed: Feed) -> None:
    if feed.paused_at is None:
        feeds.wake(session, feed, now=context.clock(), reason="asked for by hand")
        wake_workers(session)
    session.add(feed)
