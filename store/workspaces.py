"""Questions and changes about a workspace itself."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from store.tables import Workspace


def lock(session: Session, workspace_id: int) -> Workspace:
    """The workspace, held against all others until this transaction ends."""
    query = (
        select(Workspace)
        .where(col(Workspace.id) == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one()


def zones(session: Session, workspace_ids: Collection[int]) -> dict[int, str]:
    """The time zone of each of these workspaces."""
    query = select(col(Workspace.id), col(Workspace.zone)).where(col(Workspace.id).in_(workspace_ids))
    return dict(session.exec(query).all()) if workspace_ids else {}
