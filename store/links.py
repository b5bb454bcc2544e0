"""Our short links, and the clicks on them."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from domain.ids import new_id
from domain.metrics import Audience
from store.standings import Clicked, count_clicks
from store.tables import Click, Link
from store.upsert import insert_or_leave

#: Base 58: no 0 and O, no I and l, which people confuse when they type.
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: 58^8 is 1.3e14 codes: nobody guesses one, and a collision is rare.
CODE_LENGTH: Final = 8
#: Values in one ``IN``: SQLite takes 32,766 in a statement.
_AT_A_TIME: Final = 5_000


def new_link(
    session: Session, *, workspace_id: int, target: str, now: datetime, post_id: int | None = None
) -> Link:
    """A link with a fresh random code; give it its post as soon as that exists."""
    while True:
        link = Link(
            id=new_id(),
            workspace_id=workspace_id,
            code=_code(),
            target=target,
            post_id=post_id,
            created_at=now,
        )
        if insert_or_leave(session, Link, [link.model_dump()]):
            return session.get_one(Link, link.id)


def made_links(session: Session, *, workspace_id: int, targets: Sequence[str], now: datetime) -> list[Link]:
    """A link for each target, in their order; the caller gives them their posts and adds them."""
    codes: set[str] = set()
    while len(codes) < len(targets):
        fresh = {_code() for _ in range(len(targets) - len(codes))}
        for start in range(0, len(fresh), _AT_A_TIME):
            part = list(fresh)[start : start + _AT_A_TIME]
            fresh -= set(session.scalars(select(col(Link.code)).where(col(Link.code).in_(part))))
        codes |= fresh
    return [
        Link(workspace_id=workspace_id, code=code, target=target, created_at=now)
        for code, target in zip(codes, targets, strict=True)
    ]


def _code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


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
    click = Clicked(link.post_id, audience, at)
    session.add(
        Click(link_id=link.id, post_id=link.post_id, at=at, audience=audience, referrer=(referrer or None))
    )
    count_clicks(session, [click])
