"""Connectors to other analytics tools, which are read once a day."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr

from scheduler.connectors import keeping
from store import connectors
from store.engine import reading
from store.tables import Connector
from web.api.base import Body, Line, Listing, Pages, RowId, api_router
from web.api.shapes import in_pages
from web.auth import MayConnect, MaySee
from web.deps import Reading, Web

router = api_router("business")


class NewConnector(Body):
    """A tool to connect."""

    name: Line
    tool: Literal["ga4", "plausible", "matomo"]
    #: Such as ``{"property": "123"}`` or ``{"site": "example.com"}``.
    settings: Annotated[dict[str, Annotated[str, Field(max_length=2_000)]], Field(max_length=10)]
    #: A service account's JSON file, an API key or a token; kept sealed and told nobody.
    key: Annotated[SecretStr, Field(max_length=20_000)]


class ConnectorShown(BaseModel):
    """A connector and how reading goes."""

    id: RowId
    name: str
    tool: str
    settings: dict[str, Any]
    failures: int
    last_error: str | None
    last_read_at: datetime | None
    next_at: datetime | None
    created_at: datetime


@router.get("/connectors")
def get_connectors(session: Reading, me: MaySee, pages: Pages) -> Listing[ConnectorShown]:
    """All connectors, oldest first."""
    return in_pages(pages, connectors.listed(session, me.workspace.id), _connector)


@router.post("/connectors", status_code=201, response_model=ConnectorShown)
def post_connector(body: NewConnector, web: Web, me: MayConnect) -> ConnectorShown:
    """Connect a tool: it is tried first, then read daily."""
    row = keeping.add_connector(
        web.context, me.workspace.id, name=body.name, tool=body.tool, settings=body.settings,
        secret=body.key.get_secret_value(), actor=me.actor,
    )  # fmt: skip
    web.wake()
    return _connector(row)


@router.post("/connectors/{connector_id}/test")
def post_test(web: Web, me: MayConnect, connector_id: RowId) -> ConnectorShown:
    """Read the last week without keeping it; a refusal says what to do."""
    keeping.test_connector(web.context, me.workspace.id, connector_id)
    with reading(web.context.engine) as session:
        return _connector(connectors.get(session, me.workspace.id, connector_id))


@router.delete("/connectors/{connector_id}", status_code=204)
def delete_connector(web: Web, me: MayConnect, connector_id: RowId) -> None:
    """Read a tool no more; what it told stays."""
    keeping.remove_connector(web.context, me.workspace.id, connector_id, actor=me.actor)


def _connector(row: Connector) -> ConnectorShown:
    return ConnectorShown.model_validate(row.model_dump(exclude={"credentials"}))
