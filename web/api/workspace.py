"""The workspace that a caller works in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from domain.person import Role
from scheduler.people import change_workspace
from store.tables import Workspace
from web.api.base import Body, Line, RowId, api_router
from web.auth import MayAdminister, MaySee
from web.deps import Web

router = api_router("workspace")


class WorkspaceShown(BaseModel):
    """A workspace, and what the caller is in it."""

    id: RowId
    name: str
    zone: str
    language: str
    #: 0 is Monday.
    week_start: int
    currency: str
    simulated: bool
    paused_at: datetime | None
    paused_reason: str | None
    role: Role


class WorkspaceSettings(Body):
    """What may be changed; absent stays as it is."""

    name: Line = ""
    zone: Annotated[str, Field(max_length=64)] = ""
    language: Literal["en", "id"] = "en"
    week_start: Annotated[int, Field(ge=0, le=6)] = 0
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = ""


@router.get("/workspace")
def get_workspace(me: MaySee) -> WorkspaceShown:
    """The workspace of the token, or the one chosen in the browser."""
    return _shown(me.workspace, me.role)


@router.patch("/workspace")
def patch_workspace(body: WorkspaceSettings, web: Web, me: MayAdminister) -> WorkspaceShown:
    """Change settings of the workspace; needs the role owner."""
    settings = body.model_dump(exclude_unset=True)
    return _shown(change_workspace(web.context, me.workspace.id, settings, actor=me.actor), me.role)


def _shown(workspace: Workspace, role: Role) -> WorkspaceShown:
    return WorkspaceShown.model_validate({**workspace.model_dump(), "role": role})
