"""The pictures of the charts that pages place; only signed-in people get them."""

from fastapi import APIRouter, Depends, HTTPException, Response

from domain.person import Permission
from web.auth import Needs
from web.drawing import ChartStore

router = APIRouter(include_in_schema=False)

#: The charts of the pages shown last, of all workspaces: nobody guesses the digest of what they do not see.
STORE = ChartStore()


@router.get("/charts/{digest}.svg", dependencies=[Depends(Needs(Permission.SEE))])
def picture(digest: str) -> Response:
    """One picture. Its address is the digest of what it draws, so it never changes."""
    drawn = STORE.svg(digest)
    if drawn is None:
        raise HTTPException(404)
    return Response(
        drawn,
        media_type="image/svg+xml",
        headers={"Cache-Control": "private, max-age=31536000, immutable"},
    )
