"""Subscriptions at WebSub hubs: asked for after a poll, renewed, counted, given up where they are useless."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlmodel import Session

from domain.errors import FetchError, NotFound, Unreachable
from feeds import websub
from feeds.websub import Denied, Hub, HubRecord, Mode, Verified
from net.client import read
from scheduler.arriving import Arrival
from scheduler.context import Context
from store import hubs
from store.due import finish
from store.engine import reading, writing
from store.tables import Feed, HubSubscription
from store.wake import wake_workers

if TYPE_CHECKING:
    from scheduler.documents import Document

#: For one request to a hub.
_DEADLINE: Final = timedelta(seconds=15)
_MAX_ANSWER: Final = 64 * 1024
#: A hub that said yes and never verified is asked again after this time.
_UNVERIFIED: Final = timedelta(hours=6)
#: First wait after a refusal; it doubles up to a day.
_AGAIN: Final = timedelta(hours=1)
_LONGEST: Final = timedelta(hours=24)
#: So many refusals in a row end it.
_PATIENCE: Final = 8
#: News that is found so long after a push was announced by it.
_ANNOUNCED: Final = timedelta(minutes=30)
#: Pushes make no more than one look in this time, up to so late.
_RING_EVERY: Final = timedelta(minutes=1)
_RING_WITHIN: Final = 5.0
RUNG: Final = "its hub has told of news"


def after_poll(
    context: Context, session: Session, feed: Feed, document: "Document", arrival: Arrival, *, now: datetime
) -> bool:
    """Subscribe where a feed names a hub, and count what came by pushes.

    Returns:
        Whether a hub that keeps its word tells us of this feed's news.
    """
    if not context.takes_pushes:
        return False
    fetched = document.fetched
    named = websub.hub_of(document.parsed, url=fetched.url, link_header=fetched.link_header)
    row = hubs.of_feed(session, feed.id)
    if row is None:
        if named is not None and _can_be_stored(named):
            _subscribe(context, session, feed, named, now=now)
        return False
    if named is None or not _can_be_stored(named):
        if row.wanted == "subscribe":
            hubs.let_go(session, row, now=now)
        return False
    was_let_go = row.wanted == "unsubscribe" and row.given_up_at is None
    if (row.hub, row.topic) != (named.url, named.topic) or was_let_go:
        session.delete(row)
        session.flush()
        _subscribe(context, session, feed, named, now=now)
        return False
    _count(session, row, arrival, now=now)
    return _keeps_its_word(row, now=now)


def keeps_its_word_for(context: Context, feed_id: int, *, now: datetime) -> bool:
    """Whether a hub that keeps its word tells us of this feed's news."""
    if not context.takes_pushes:
        return False
    with reading(context.engine) as session:
        row = hubs.of_feed(session, feed_id)
    return row is not None and _keeps_its_word(row, now=now)


def _keeps_its_word(row: HubSubscription, *, now: datetime) -> bool:
    is_promised = row.verified_until is not None and row.verified_until > now
    return is_promised and websub.keeps_its_word(HubRecord(row.pushed, row.polled))


def _can_be_stored(hub: Hub) -> bool:
    return max(len(hub.url), len(hub.topic)) <= 2048


def _subscribe(context: Context, session: Session, feed: Feed, hub: Hub, *, now: datetime) -> None:
    row = HubSubscription(
        workspace_id=feed.workspace_id,
        feed_id=feed.id,
        hub=hub.url,
        topic=hub.topic,
        secret=b"",
        token=websub.new_secret(),
        next_at=now,
        created_at=now,
    )
    row.secret = context.seal.close(row.id, {"secret": websub.new_secret()})
    session.add(row)


def _count(session: Session, row: HubSubscription, arrival: Arrival, *, now: datetime) -> None:
    if not arrival.new or row.verified_until is None or row.verified_until <= now:
        return
    if row.rung_at is not None and now - row.rung_at <= _ANNOUNCED:
        row.pushed += arrival.new
    else:
        row.polled += arrival.new
    row.rung_at = None
    session.add(row)
    if row.given_up_at is None and websub.is_hopeless(HubRecord(row.pushed, row.polled)):
        row.given_up_at = now
        row.last_error = "the hub takes subscriptions and never tells of news"
        hubs.let_go(session, row, now=now)


def ask_hub(context: Context, row: HubSubscription) -> None:
    """Send a claimed subscription's request to its hub, and plan the next one."""
    now = context.clock()
    mode: Mode = "unsubscribe" if row.wanted == "unsubscribe" else "subscribe"
    if mode == "subscribe" and not context.takes_pushes:
        _finish(context, row, next_at=None)
        return
    try:
        _send(context, row, mode)
    except FetchError as error:
        failures = row.failures + 1
        wait = min(_AGAIN * 2 ** min(failures - 1, 5), _LONGEST)
        is_over = failures >= _PATIENCE or mode == "unsubscribe"
        _finish(
            context,
            row,
            failures=failures,
            last_error=str(error),
            given_up_at=now if failures >= _PATIENCE else row.given_up_at,
            next_at=None if is_over else now + wait,
        )
    else:
        # The hub's own request to us comes next; it sets the time of the renewal.
        next_at = None if mode == "unsubscribe" else now + _UNVERIFIED
        last_error = row.last_error if row.given_up_at else None
        _finish(context, row, failures=0, last_error=last_error, next_at=next_at)


def _send(context: Context, row: HubSubscription, mode: Mode) -> None:
    secret = str(context.seal.open(row.id, row.secret)["secret"])
    values = websub.request_values(
        Hub(row.hub, row.topic), mode=mode, callback=callback_of(context, row), secret=secret
    )
    request = context.http.build_request("POST", row.hub, data=values)
    answer = read(context.http, request, deadline=_DEADLINE, max_bytes=_MAX_ANSWER)
    if not 200 <= answer.status < 300:
        raise Unreachable(
            f"{request.url.host} refuses the subscription ({answer.status})", url=str(request.url)
        )


def _finish(context: Context, row: HubSubscription, **values: object) -> None:
    with writing(context.engine) as session:
        if finish(session, row, **values):
            session.commit()


def callback_of(context: Context, row: HubSubscription) -> str:
    """The address that the hub calls."""
    return f"{context.public_url}/hooks/websub/{row.token}"


def answer_intent(context: Context, token: str, query: Mapping[str, str]) -> str:
    """What to answer to a hub that asks whether we meant it.

    Raises:
        NotFound: we did not.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = hubs.by_token(session, token, locked=True)
        wanted: Mode = "unsubscribe" if row and row.wanted == "unsubscribe" else "subscribe"
        if row is None:
            raise NotFound("Nobody here asked for this.")
        try:
            meant = websub.check_intent(query, topic=row.topic, wanted=wanted)
        except websub.NotAsked as exc:
            raise NotFound("Nobody here asked for this.") from exc
        _note(row, meant, now=now)
        session.add(row)
        session.commit()
    return meant.challenge if isinstance(meant, Verified) else ""


def _note(row: HubSubscription, meant: Verified | Denied, *, now: datetime) -> None:
    match meant:
        case Verified(lease=None):
            row.verified_until, row.next_at = None, None
        case Verified(lease=lease):
            assert lease is not None
            row.verified_until = now + lease
            row.next_at = websub.renew_at(lease, now=now, rng=random.Random(f"{row.id} {row.claim}"))  # noqa: S311
            row.failures, row.last_error = 0, None
        case Denied():
            row.failures += 1
            row.verified_until = None
            row.last_error = f"the hub refuses: {meant.reason}"
            is_over = row.failures >= _PATIENCE
            row.given_up_at = now if is_over else row.given_up_at
            row.next_at = None if is_over else now + _LONGEST
    row.claim += 1


def ring(context: Context, token: str, body: bytes | None, signature: str) -> None:
    """A push has come: let its feed be looked at soon, if it comes from somebody who may tell.

    Args:
        body: None when it was too large to be read, and so cannot be checked.

    Raises:
        NotFound: this callback is nobody's.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = hubs.by_token(session, token, locked=False)
        if row is None:
            raise NotFound("Nobody here asked for this.")
        if not _may_tell(context, row, body, signature):
            return
        is_early = row.last_push_at is None or now - row.last_push_at >= _RING_EVERY
        if is_early:
            soon = now + timedelta(seconds=random.uniform(0, _RING_WITHIN))  # noqa: S311 - spreads the load
            if hubs.wake_feed(session, row.feed_id, at=soon, reason=RUNG):
                wake_workers(session)
        row.rung_at = now
        row.last_push_at = now if is_early else row.last_push_at
        session.add(row)
        session.commit()


def _may_tell(context: Context, row: HubSubscription, body: bytes | None, signature: str) -> bool:
    if row.wanted != "subscribe":
        return False
    if body is None or not row.hub.lower().startswith("https:"):
        return True  # a hub without TLS was told no secret; the callback's address is one itself
    secret = str(context.seal.open(row.id, row.secret)["secret"])
    return websub.is_authentic(body, signature=signature, secret=secret)
