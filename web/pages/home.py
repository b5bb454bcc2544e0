"""The first page after sign-in: what goes out next, what needs a person, and what went out last."""

from fastapi import APIRouter, Request, Response

from domain.catalogue import CATALOGUE
from web.auth import MaySee
from web.deps import Reading, Web, show, voice_of
from web.figures import shown
from web.glance import FIRST_FIGURES, glance
from web.render import Column
from web.said import said

router = APIRouter()


@router.get("/")
def home(request: Request, web: Web, session: Reading, me: MaySee) -> Response:
    """The workspace at a glance; with nothing in it yet, the first steps."""
    voice = voice_of(request)
    seen = glance(web.context, session, me, voice=voice, now=web.context.clock())
    last = [
        (line, {key: shown(line.figures[key], voice) for key in FIRST_FIGURES if key in line.figures})
        for line in seen.last
    ]
    return show(
        request,
        "pages/home.html",
        glance=seen,
        last=last,
        head=[Column(key, said(voice, CATALOGUE[key].name)) for key in FIRST_FIGURES],
        public_url=web.public_url,
    )
