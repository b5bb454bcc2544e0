"""What people said of the brand."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from domain.errors import NotFound
from store.tables import Testimonial


def listed(session: Session, workspace_id: int, *, limit: int = 500) -> Sequence[Testimonial]:
    """The workspace's testimonials, newest first."""
    query = select(Testimonial).where(
        col(Testimonial.workspace_id) == workspace_id, col(Testimonial.is_current).is_(True)
    )
    return session.scalars(query.order_by(col(Testimonial.at).desc(), col(Testimonial.id)).limit(limit)).all()


def get(session: Session, workspace_id: int, testimonial_id: int) -> Testimonial:
    """One testimonial by its number. Raises `NotFound`."""
    return _one(session, workspace_id, col(Testimonial.id) == testimonial_id)


def by_key(session: Session, workspace_id: int, key: str) -> Testimonial:
    """One testimonial by its key. Raises `NotFound`."""
    return _one(session, workspace_id, col(Testimonial.key) == key)


def _one(session: Session, workspace_id: int, which: ColumnElement[bool]) -> Testimonial:
    query = select(Testimonial).where(
        which, col(Testimonial.workspace_id) == workspace_id, col(Testimonial.is_current).is_(True)
    )
    found = session.scalars(query).first()
    if found is None:
        raise NotFound("There is no such testimonial. `tabuh testimonial list` shows those there are.")
    return found
