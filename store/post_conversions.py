"""What posts brought on the workspace's own sites."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlmodel import Session, col

from domain.metrics import Audience
from store.tables import Conversion, Visit


def of_posts(
    session: Session, workspace_id: int, post_ids: Sequence[int] | None, *, currency: str, window: timedelta
) -> dict[int, tuple[int, int]]:
    """Key events, and money in minor units of ``currency`` less refunds, that each post brought last.

    Posts without any are absent; ``post_ids`` None: all posts of the workspace.
    The time of a key event is at most ``window`` after the click.
    """
    there = col(Conversion.post_id)
    which = there.is_not(None) if post_ids is None else there.in_(list(post_ids))
    found = _brought(session, workspace_id, which, currency=currency, window=window)
    return {post_id: (one.kept, one.minor) for post_id, one in found.items() if one.kept}


@dataclass(slots=True)
class Brought:
    """What one post brought last: key events, and money in minor units less refunds."""

    kept: int = 0
    #: Key events, also those that came too long after the click.
    events: int = 0
    minor: int = 0
    #: Amounts that were counted, and all that were told within the time.
    counted: int = 0
    valued: int = 0


def of_workspace(
    session: Session, workspace_id: int, *, since: datetime, before: datetime, currency: str,
    window: timedelta,
) -> dict[int, Brought]:  # fmt: skip
    """What each post brought in [since, before); posts without any are absent."""
    there = and_(
        col(Conversion.post_id).is_not(None), col(Conversion.at) >= since, col(Conversion.at) < before
    )
    return _brought(session, workspace_id, there, currency=currency, window=window)


def _brought(
    session: Session, workspace_id: int, which: ColumnElement[bool], *, currency: str, window: timedelta
) -> dict[int, Brought]:
    query = select(
        col(Conversion.post_id), col(Conversion.at), col(Conversion.click_at), col(Conversion.minor),
        col(Conversion.currency), col(Conversion.refund_of), col(Conversion.id),
    ).where(
        col(Conversion.workspace_id) == workspace_id,
        which,
        col(Conversion.is_key).is_(True),
        col(Conversion.audience) == str(Audience.HUMAN),
    )  # fmt: skip
    rows: Sequence[Any] = session.connection().execute(query).all()
    kept = {
        number for _, at, click_at, _, _, refund, number in rows if not refund and _in(at, click_at, window)
    }
    found: dict[int, Brought] = {}
    for post_id, _, _, minor, code, refund, number in rows:
        one = found.setdefault(post_id, Brought())
        one.events += refund is None
        if (refund or number) not in kept:
            continue
        one.kept += refund is None
        one.valued += minor is not None
        if minor is not None and code == currency:
            one.minor += minor
            one.counted += 1
    return found


def _in(at: datetime, click_at: datetime | None, window: timedelta) -> bool:
    return click_at is not None and at - click_at <= window


def visits_of_posts(session: Session, workspace_id: int, post_ids: Sequence[int]) -> dict[int, int]:
    """Visits of people that a click on each post's links brought; posts without any are absent."""
    query = (
        select(col(Visit.post_id), func.count())
        .where(
            col(Visit.workspace_id) == workspace_id,
            col(Visit.post_id).in_(list(post_ids)),
            col(Visit.audience) == str(Audience.HUMAN),
        )
        .group_by(col(Visit.post_id))
    )
    rows: Sequence[Any] = session.connection().execute(query).all()
    return {post_id: number for post_id, number in rows}
