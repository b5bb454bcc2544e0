"""The handing over of due deliveries: each is tried until it went well or was given up, and says so.

At least once: whoever dies in between sends again, with the same id, by which a receiver knows it.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog

from domain.errors import TabuhError
from domain.telling import PATIENCE, NotTold, Way, wait_after
from net.deadline import time_limit
from scheduler import by_apprise, by_mail, by_webhook
from scheduler.context import Context
from scheduler.endpoints import secrets_of
from store import telling
from store.due import finish
from store.engine import reading, writing
from store.tables import Endpoint, NoticeRow, Telling

log = structlog.get_logger()

#: For one delivery.
LIMIT: Final = timedelta(seconds=60)
_SIMULATED: Final = "This workspace is simulated, so nothing leaves it."


def hand_over(context: Context, row: Telling) -> None:
    """Try a claimed delivery once, and write down how it went."""
    now = context.clock()
    with writing(context.engine) as session:
        notices = telling.begin(session, row)
        workspace = telling.workspace(session, row.workspace_id)
        endpoint = telling.lock_endpoint(session, row.endpoint_id) if row.endpoint_id else None
        session.commit()
    if not notices:
        return
    tries = row.tries + 1
    try:
        if workspace.simulated:
            raise NotTold(_SIMULATED, is_final=True)
        with time_limit(LIMIT):
            _send(context, row, notices, endpoint, workspace.name, now=now)
    except TabuhError as error:
        _failed(context, row, error, tries=tries)
        return
    except Exception as error:
        log.exception("delivery_broke", telling=row.id, way=row.way)
        said = f"Tabuh itself failed ({type(error).__name__}); its log has the details."
        _failed(context, row, NotTold(said), tries=tries)
        return
    _sent(context, row)


def _send(
    context: Context,
    row: Telling,
    notices: list[NoticeRow],
    endpoint: Endpoint | None,
    workspace: str,
    *,
    now: datetime,
) -> None:
    if row.way == Way.EMAIL:
        by_mail.send(context, row, notices, workspace=workspace, now=now)
        return
    if endpoint is None:
        raise NotTold("The webhook was removed.", is_final=True)
    if row.way == Way.WEBHOOK:
        by_webhook.send(context, row, endpoint, notices[0], now=now)
        return
    words = notices[0].words[row.language]
    link = f"\n\n{context.page(notices[0].link)}" if notices[0].link else ""
    url = secrets_of(context, endpoint, now=now).url
    by_apprise.send(context, url, subject=f"[{workspace}] {words['subject']}", text=f"{words['text']}{link}")


def _sent(context: Context, row: Telling) -> None:
    now = context.clock()
    with writing(context.engine) as session:
        held = finish(session, row, state="sent", sent_at=now, reason=None, next_at=None)
        endpoint = telling.lock_endpoint(session, row.endpoint_id) if held and row.endpoint_id else None
        if endpoint is not None:
            endpoint.last_sent_at, endpoint.last_error, endpoint.failing_since = now, None, None
        if held:
            session.commit()


def _failed(context: Context, row: Telling, error: TabuhError, *, tries: int) -> None:
    """Plan the next try, or give up; an endpoint that fails for long is switched off, with a sentence."""
    now, reason = context.clock(), str(error)
    asked = error.retry_after if isinstance(error, NotTold) else None
    is_final = isinstance(error, NotTold) and error.is_final
    wait = None if is_final else wait_after(tries, asked=asked)
    log.warning("delivery_failed", telling=row.id, way=row.way, tries=tries, reason=reason)
    with writing(context.engine) as session:
        values = {"state": "failed", "next_at": None} if wait is None else {"next_at": now + wait}
        held = finish(session, row, reason=reason, **values)
        endpoint = telling.lock_endpoint(session, row.endpoint_id) if held and row.endpoint_id else None
        if endpoint is not None and reason != _SIMULATED:
            _note_failure(endpoint, reason, now=now, is_gone=isinstance(error, by_webhook.Gone))
            if endpoint.disabled_at is not None:
                telling.give_up(session, endpoint.id, endpoint.disabled_reason or reason)
        if held:
            session.commit()


def _note_failure(endpoint: Endpoint, reason: str, *, now: datetime, is_gone: bool) -> None:
    endpoint.last_error = reason
    endpoint.failing_since = endpoint.failing_since or now
    if endpoint.disabled_at is not None:
        return
    if is_gone:
        endpoint.disabled_at, endpoint.disabled_reason = now, f"Switched off: {reason}"
    elif now - endpoint.failing_since >= PATIENCE:
        days = PATIENCE.days
        endpoint.disabled_at = now
        endpoint.disabled_reason = f"Switched off: nothing could be delivered for {days} days. {reason}"


def deliver_now(context: Context, workspace_id: int, key: str) -> list[Telling]:
    """Try the deliveries of one notice at once, as a person asked; how they stand after that.

    One that another machine is sending is left to it.
    """
    with writing(context.engine) as session:
        now = context.lease_now(session)
        rows = telling.take(session, workspace_id, key, until=now + 2 * LIMIT)
        session.commit()
    for row in rows:
        hand_over(context, row)
    with reading(context.engine) as session:
        return list(telling.of_notice(session, workspace_id, key))
