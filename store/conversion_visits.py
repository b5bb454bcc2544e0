"""By which visit and which click of ours each conversion came."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from domain.windowed_figures import LONGEST
from store.tables import Conversion, Site, Visit, WebView
from store.visits import Clicked, clicked

#: How far back a click or visit is looked for.
REACH: Final = timedelta(days=LONGEST)
#: Columns that say by which visit and click a conversion came.
FOUND = ("visit_id", "click_id", "click_at", "post_id", "channel_id", "route_id")


def relink(session: Session, site: Site, *, visitors: Iterable[str], view_keys: Collection[str]) -> None:
    """Look anew for the visits of all conversions that views of these visitors may explain."""
    people = set(visitors)
    clicks = select(col(WebView.click_key)).where(
        col(WebView.site_id) == site.id, col(WebView.visitor).in_(people), col(WebView.click_key).is_not(None)
    )
    query = select(Conversion).where(
        col(Conversion.site_id) == site.id,
        col(Conversion.refund_of).is_(None),
        or_(
            col(Conversion.visitor).in_(people),
            col(Conversion.view_key).in_(set(view_keys)),
            col(Conversion.click_key).in_(clicks),
        ),
    )
    link(session, site, session.scalars(query).all())


def link(session: Session, site: Site, rows: Sequence[Conversion]) -> None:
    """Find the visit and the last click of each of these conversions, and of what was given back of them."""
    clicks = clicked(session, site.workspace_id, {row.click_key for row in rows if row.click_key})
    for row in rows:
        click = clicks.get(row.click_key or "")
        found = _found(session, site, row, click)
        if any(getattr(row, name) != value for name, value in found.items()):
            for name, value in found.items():
                setattr(row, name, value)
            session.add(row)
            session.connection().execute(
                update(Conversion).where(col(Conversion.refund_of) == row.id).values(**found)
            )
    session.flush()


def _found(session: Session, site: Site, row: Conversion, click: Clicked | None) -> dict[str, Any]:
    visitor, visit = _visit_of(session, site, row, click)
    found: dict[str, Any] = dict.fromkeys(FOUND)
    found["visit_id"] = visit.id if visit else None
    if click is not None and click.at <= row.at:
        found |= {"click_id": click.id, "click_at": click.at, "post_id": click.post_id,
                  "channel_id": click.channel_id, "route_id": click.route_id}  # fmt: skip
    elif visitor is not None:
        last = _last(session, site, visitor, row.at, ours=True)
        if last is not None:
            found |= {name: getattr(last, name) for name in ("click_id", "post_id", "channel_id", "route_id")}
            found["click_at"] = last.began_at
    return found


def _visit_of(
    session: Session, site: Site, row: Conversion, click: Clicked | None
) -> tuple[str | None, Visit | None]:
    """Who converted, and during or after which visit."""
    if row.view_key is not None:
        query = (
            select(WebView, Visit)
            .join(Visit, col(Visit.id) == col(WebView.visit_id))
            .where(col(WebView.site_id) == site.id, col(WebView.key) == row.view_key)
        )
        both = session.exec(query).first()
        if both is not None:
            return both[1].visitor, both[1]
    visitor = row.visitor
    if visitor is None and click is not None:
        brought = select(Visit).where(col(Visit.click_id) == click.id, col(Visit.site_id) == site.id)
        first = session.scalars(brought.order_by(col(Visit.began_at))).first()
        visitor = first.visitor if first else None
    return visitor, _last(session, site, visitor, row.at, ours=False) if visitor else None


def _last(session: Session, site: Site, visitor: str, at: datetime, *, ours: bool) -> Visit | None:
    """A visitor's last visit that had begun; ``ours``: of those that we brought."""
    query = select(Visit).where(
        col(Visit.site_id) == site.id,
        col(Visit.visitor) == visitor,
        col(Visit.began_at) <= at,
        col(Visit.began_at) >= at - REACH,
    )
    if ours:
        query = query.where(or_(col(Visit.click_id).is_not(None), col(Visit.channel_id).is_not(None)))
    return session.scalars(query.order_by(col(Visit.began_at).desc(), col(Visit.id).desc())).first()
