"""Questions and changes about a workspace itself."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from store import answers
from store.tables import Workspace, WorkspaceKey


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


@answers.remembered
def get(session: Session, workspace_id: int) -> Workspace:
    """The workspace by its number."""
    return session.get_one(Workspace, workspace_id)


def sealed_key(session: Session, workspace_id: int) -> bytes | None:
    """The sealed key of the workspace's hashes; None: none was made yet."""
    row = session.get(WorkspaceKey, workspace_id)
    return row.sealed if row is not None else None


def keep_key(session: Session, workspace_id: int, sealed: bytes) -> bytes:
    """Keep a sealed key, unless there is one already; the one that holds."""
    found = sealed_key(session, workspace_id)
    if found is not None:
        return found
    session.add(WorkspaceKey(workspace_id=workspace_id, sealed=sealed))
    session.flush()
    return sealed
