"""What posts brought on the workspace's own sites."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
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
    query = select(
        col(Conversion.post_id), col(Conversion.at), col(Conversion.click_at), col(Conversion.minor),
        col(Conversion.currency), col(Conversion.refund_of), col(Conversion.id),
    ).where(
        col(Conversion.workspace_id) == workspace_id,
        col(Conversion.post_id).is_not(None) if post_ids is None else col(Conversion.post_id).in_(post_ids),
        col(Conversion.is_key).is_(True),
        col(Conversion.audience) == str(Audience.HUMAN),
    )  # fmt: skip
    rows: Sequence[Any] = session.connection().execute(query).all()
    kept = {
        number for _, at, click_at, _, _, refund, number in rows if not refund and _in(at, click_at, window)
    }
    found: dict[int, tuple[int, int]] = {}
    for post_id, _, _, minor, code, refund, number in rows:
        if (refund or number) not in kept:
            continue
        count, money = found.get(post_id, (0, 0))
        found[post_id] = (count + (refund is None), money + (minor or 0 if code == currency else 0))
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
