"""Views of the list of published posts, and how each person's list begins."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from domain.errors import NotFound
from store.tables import StatisticsHabit, StatisticsView
from store.upsert import insert_or_change

#: Whose a view is that everybody in the workspace has.
EVERYBODY = 0


def get(session: Session, workspace_id: int, view_id: int, *, person_id: int | None) -> StatisticsView:
    """A view that this person may use. Raises `NotFound` when there is none by that number."""
    return _one(session, str(view_id), *_usable(workspace_id, person_id), col(StatisticsView.id) == view_id)


def named(session: Session, workspace_id: int, name: str, *, person_id: int | None) -> StatisticsView:
    """A view by its name, the person's own before everybody's. Raises `NotFound`: there is none."""
    return _one(session, name, *_usable(workspace_id, person_id), col(StatisticsView.name) == name)


def _one(session: Session, which: str, *where: Any) -> StatisticsView:
    found = session.scalars(
        select(StatisticsView).where(*where).order_by(col(StatisticsView.whose).desc()).limit(1)
    ).first()
    if found is None:
        raise NotFound(f"There is no view {which!r}. `tabuh stats view list` shows those there are.")
    return found


def _usable(workspace_id: int, person_id: int | None) -> tuple[Any, Any]:
    whose = col(StatisticsView.whose)
    own = or_(whose == EVERYBODY, whose == person_id) if person_id is not None else whose == EVERYBODY
    return col(StatisticsView.workspace_id) == workspace_id, own


def listed(session: Session, workspace_id: int, *, person_id: int | None) -> Sequence[StatisticsView]:
    """The views that this person may use: everybody's first, then by name."""
    query = select(StatisticsView).where(*_usable(workspace_id, person_id))
    rows = session.scalars(query).all()
    return sorted(rows, key=lambda row: (row.whose != EVERYBODY, row.name.casefold(), row.id))


def is_taken(session: Session, workspace_id: int, name: str, *, whose: int, but: int | None = None) -> bool:
    """Whether this person, or everybody, has a view of that name; one view left out."""
    query = select(col(StatisticsView.id)).where(
        col(StatisticsView.workspace_id) == workspace_id,
        col(StatisticsView.whose) == whose,
        col(StatisticsView.name) == name,
    )
    if but is not None:
        query = query.where(col(StatisticsView.id) != but)
    return session.scalars(query).first() is not None


def remove(session: Session, row: StatisticsView) -> None:
    """Take a view away; lists that began with it begin with all posts."""
    begins = update(StatisticsHabit).where(col(StatisticsHabit.view_id) == row.id).values(view_id=None)
    session.connection().execute(begins)
    session.delete(row)


def habit(session: Session, workspace_id: int, person_id: int) -> StatisticsHabit:
    """How this person's list begins; a new row, not added, where nothing was chosen yet."""
    found = session.get(StatisticsHabit, (workspace_id, person_id))
    return found or StatisticsHabit(workspace_id=workspace_id, person_id=person_id)


def set_habit(session: Session, workspace_id: int, person_id: int, **values: Any) -> None:
    """Change ``columns`` or ``view_id`` of how this person's list begins."""
    row = {"workspace_id": workspace_id, "person_id": person_id, **values}
    insert_or_change(session, StatisticsHabit, row, keys=("workspace_id", "person_id"), changes=values)
