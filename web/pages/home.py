"""The first page after sign-in."""

from fastapi import APIRouter, Request, Response

from store import channels
from web.auth import MaySee
from web.deps import Reading, show

router = APIRouter()


@router.get("/")
def home(request: Request, me: MaySee, session: Reading) -> Response:
    """The workspace's channels."""
    return show(request, "home.html", channels=channels.listed(session, me.workspace.id))
