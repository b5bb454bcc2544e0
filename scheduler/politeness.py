"""One request at a time to a server, a little apart, and its wish for a pause shared by all feeds on it.

Nobody waits in a thread: a feed whose server is being asked for another one comes due again in a moment, at a
time of its own, so that no order starves anybody. It costs one statement a poll where a feed is alone on its
server, and two short ones more where it is not (decision 0015).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from sqlmodel import Session

from domain.site import site_of
from feeds.fetch import DEADLINE
from scheduler.context import Context, is_public_address
from store import hosts
from store.engine import writing
from store.tables import Feed

#: A turn ends by itself, should its worker die: longer than all requests of one poll together.
_TURN: Final = 4 * DEADLINE
#: Feeds of a server that had asked for a pause come back spread over so long.
_SPREAD: Final = timedelta(minutes=5)
_MOMENT: Final = timedelta(seconds=1)
ITS_TURN: Final = "in a moment: its server is asked for one feed at a time"
QUIET: Final = "the server asked for a pause, for all its feeds"


@dataclass(frozen=True, slots=True)
class Turn:
    """This feed's server may be asked now."""

    #: Set where other feeds wait for the end of this turn.
    host: str | None
    #: Feeds at this address, in all workspaces.
    subscribers: int


@dataclass(frozen=True, slots=True)
class Wait:
    """This feed's server may not be asked before ``until``."""

    until: datetime
    reason: str


def server_of(url: str) -> str:
    """Who is asked one feed at a time: the registrable domain, or host and port in a private network."""
    if is_public_address(url):
        return site_of(urlsplit(url).hostname or "")
    return urlsplit(url).netloc.rpartition("@")[2].lower()[:300]


def shares_pauses(url: str) -> bool:
    """Whether a pause that this server asks for holds for all its feeds.

    Not in a private network: what stands there relays the feeds of others, and hands on their refusals.
    """
    return is_public_address(url)


def turns_alone(session: Session, rows: Sequence[Feed], *, now: datetime) -> dict[int, Turn]:
    """Of these feeds, by number, those that are alone on a server which may be asked: most are."""
    servers = {row.id: row.host for row in rows if row.host and row.host == server_of(row.url)}
    lonely = hosts.lonely(session, set(servers.values()), now=now)
    return {feed_id: Turn(None, 1) for feed_id, server in servers.items() if server in lonely}


def turn_of(context: Context, session: Session, row: Feed, *, now: datetime) -> Turn | Wait | None:
    """Whether a feed's server may be asked; None: others are on it, so `take_turn` must be asked."""
    host = server_of(row.url)
    crowd = hosts.crowd(session, host, url=row.url, now=now)
    if crowd.quiet_until is not None and shares_pauses(row.url):
        return Wait(crowd.quiet_until + _chance(row) * _SPREAD, QUIET)
    if crowd.turn_at is not None:
        return _later(context, row, crowd, now=now)
    if crowd.feeds > 1:
        return None
    return Turn(None, max(1, crowd.subscribers))


def take_turn(context: Context, row: Feed, *, now: datetime) -> Turn | Wait:
    """Be the one who asks a server that has several feeds."""
    host = server_of(row.url)
    with writing(context.engine) as session:
        # Machines that share a database have clocks that differ by more than the gap.
        begins = context.lease_now(session)
        ours = hosts.take_turn(session, host, now=begins, until=begins + _TURN)
        session.commit()
        crowd = hosts.crowd(session, host, url=row.url, now=now)
    return Turn(host, max(1, crowd.subscribers)) if ours else _later(context, row, crowd, now=now)


def end_turn(context: Context, session: Session, turn: Turn) -> None:
    """Let the next feed of this server have its turn, after a pause."""
    if turn.host is not None:
        gap = context.pace * random.uniform(1, 2)  # noqa: S311 - spreads the load, hides nothing
        hosts.end_turn(session, turn.host, next_at=context.lease_now(session) + gap)


def _later(context: Context, row: Feed, crowd: hosts.Crowd, *, now: datetime) -> Wait:
    """A place by chance among those that wait for this server."""
    crowded = context.pace * 1.5 * max(2, crowd.waiting)
    return Wait(now + max(context.pace, _MOMENT) + _chance(row) * crowded, ITS_TURN)


def _chance(row: Feed) -> float:
    return random.Random(f"{row.id} {row.claim}").random()  # noqa: S311 - spreads the load, hides nothing
