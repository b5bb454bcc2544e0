"""Our short links, and the clicks on them."""

import secrets
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from domain.ids import new_id
from domain.metrics import Audience
from store.tables import Click, Link
from store.upsert import insert_or_leave

#: Base 58: no 0 and O, no I and l, which people confuse when they type.
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: 58^8 is 1.3e14 codes: nobody guesses one, and a collision is rare.
CODE_LENGTH: Final = 8


def new_link(
    session: Session, *, workspace_id: int, target: str, now: datetime, post_id: int | None = None
) -> Link:
    """A link with a fresh random code; give it its post as soon as that exists."""
    while True:
        link = Link(
            id=new_id(),
            workspace_id=workspace_id,
            code="".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH)),
            target=target,
            post_id=post_id,
            created_at=now,
        )
        if insert_or_leave(session, Link, [link.model_dump()]):
            return session.get_one(Link, link.id)


def short_url(link: Link, *, public_url: str) -> str:
    """Where readers find the link; ``public_url`` has no slash at the end."""
    return f"{public_url}/l/{link.code}"


def by_code(session: Session, code: str) -> Link | None:
    """The link with that code, in whichever workspace; None when there is none."""
    return session.scalar(select(Link).where(col(Link.code) == code))


def link_of(session: Session, post_id: int) -> Link | None:
    """The link that was made with a post; None when its links are not shortened."""
    query = select(Link).where(col(Link.post_id) == post_id).order_by(col(Link.id))
    return session.scalars(query).first()


def record_click(
    session: Session, link: Link, *, at: datetime, audience: Audience, referrer: str | None
) -> None:
    """Note one request for a link; ``referrer`` is the host it came from, without path."""
    session.add(
        Click(link_id=link.id, post_id=link.post_id, at=at, audience=audience, referrer=(referrer or None))
    )
