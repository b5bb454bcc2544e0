"""Questions and changes about a workspace itself."""

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
