"""The pictures of the charts that pages place; only signed-in people get them."""

from fastapi import APIRouter, HTTPException, Response

from web.auth import MaySee
from web.drawing import ChartStore

router = APIRouter(include_in_schema=False)

#: The charts of the pages shown last, of all workspaces: an address cannot be guessed from its content's digest.
STORE = ChartStore()


@router.get("/charts/{digest}.svg")
def picture(digest: str, me: MaySee) -> Response:
    """One picture. Its address is the digest of what it draws, so it never changes."""
    drawn = STORE.svg(digest)
    if drawn is None:
        raise HTTPException(404)
    return Response(
        drawn,
        media_type="image/svg+xml",
        headers={"Cache-Control": "private, max-age=31536000, immutable"},
    )
