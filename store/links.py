"""Our short links, and the clicks on them."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Final

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.ids import new_id
from domain.metrics import Audience
from store import rows
from store.chunks import chunks
from store.tables import METADATA, Link, LinkDomain
from store.unsummed import Kept, kept
from store.upsert import insert_or_leave

#: Base 58: no 0 and O, no I and l, which people confuse when they type.
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
#: 58^8 is 1.3e14 codes: nobody guesses one, and a collision is rare.
CODE_LENGTH: Final = 8
#: 58^20 is 2e35 keys: more than a UUID has random ones, in 20 letters.
KEY_LENGTH: Final = 20


def new_link(
    session: Session, *, workspace_id: int, target: str, now: datetime, post_id: int | None = None
) -> Link:
    """A link with a fresh random code; give it its post as soon as that exists."""
    while True:
        link = Link(
            id=new_id(),
            workspace_id=workspace_id,
            code=_random(CODE_LENGTH),
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
        fresh = {_random(CODE_LENGTH) for _ in range(len(targets) - len(codes))}
        for part in chunks(sorted(fresh)):
            fresh -= set(session.scalars(select(col(Link.code)).where(col(Link.code).in_(part))))
        codes |= fresh
    return [
        Link(workspace_id=workspace_id, code=code, target=target, created_at=now)
        for code, target in zip(codes, targets, strict=True)
    ]


def _random(length: int) -> str:
    """So many random letters, from one draw: 128 bits more than they need make all of them equally likely."""
    return _letters(secrets.randbits(6 * length + 128), length)


def _letters(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, letter = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[letter])
    return "".join(letters)


#: Keys of clicks are made from one secret of this process, not from the kernel each time.
_KEY_SECRET: Final = secrets.token_bytes(32)


def key_of(click_id: int) -> str:
    """The random key of a click, in base 58: a keyed hash of its id, as hard to guess as the secret."""
    number = int.from_bytes(blake2b(b"%d" % click_id, key=_KEY_SECRET, digest_size=32).digest(), "big")
    return _letters(number, KEY_LENGTH)


def short_url(link: Link, *, public_url: str, domain: str | None = None) -> str:
    """Where readers find the link.

    Args:
        public_url: without a slash at the end.
        domain: the address of the workspace's own link domain (`store.link_domains.address`), if it has one.
    """
    return f"{domain}/{link.code}" if domain else f"{public_url}/l/{link.code}"


def by_code(session: Session, code: str) -> Link | None:
    """The link with that code, in whichever workspace; None when there is none."""
    return session.scalar(select(Link).where(col(Link.code) == code))


def looks_taken(session: Session, code: str, looks: str) -> Link | None:
    """A link whose code is this one, or looks like it; removed ones keep theirs."""
    query = select(Link).where((col(Link.code) == code) | (col(Link.looks) == looks))
    found = session.scalars(query.limit(1)).first()
    if found is None and len(code) == CODE_LENGTH:  # only then could it be taken for a random one
        found = session.scalars(select(Link).where(func.lower(col(Link.code)) == code).limit(1)).first()
    return found


def get(session: Session, workspace_id: int, link_id: int) -> Link:
    """The link. Raises `NotFound` when the workspace has none by that number."""
    query = select(Link).where(col(Link.id) == link_id, col(Link.workspace_id) == workspace_id)
    found = session.scalar(query)
    if found is None:
        raise NotFound(f"There is no link {link_id}. `tabuh link list` shows those there are.")
    return found


def lock(session: Session, workspace_id: int, link_id: int) -> Link:
    """The link, held against all others until this transaction ends. Raises `NotFound`."""
    query = (
        select(Link)
        .where(col(Link.id) == link_id, col(Link.workspace_id) == workspace_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).first() or get(session, workspace_id, link_id)


def named(session: Session, workspace_id: int, code: str) -> Link:
    """The link with that code. Raises `NotFound` when the workspace has none."""
    wanted = code.strip()
    query = select(Link).where(
        col(Link.code).in_({wanted, wanted.lower()}), col(Link.workspace_id) == workspace_id
    )
    found = {link.code: link for link in session.scalars(query)}
    link = found.get(wanted) or next((one for one in found.values() if one.looks is not None), None)
    if link is None:
        raise NotFound(f"There is no link {wanted[:40]!r}. `tabuh link list` shows those there are.")
    return link


def listed(
    session: Session,
    workspace_id: int,
    *,
    own: bool | None = None,
    words: str = "",
    before: int | None = None,
    limit: int,
) -> Sequence[Link]:
    """Links of a workspace, newest first.

    Args:
        own: True: only those without a post; False: only those of posts.
        words: a part of the code, the note or the target.
        before: the number that the last stretch ended with.
    """
    query = select(Link).where(col(Link.workspace_id) == workspace_id)
    if own is not None:
        query = query.where(col(Link.post_id).is_(None) if own else col(Link.post_id).is_not(None))
    if words:
        parts = (col(Link.code), col(Link.note), col(Link.target))
        query = query.where(
            func.coalesce(parts[0].icontains(words, autoescape=True), False)
            | func.coalesce(parts[1].icontains(words, autoescape=True), False)
            | parts[2].icontains(words, autoescape=True)
        )
    if before is not None:
        query = query.where(col(Link.id) < before)
    return session.scalars(query.order_by(col(Link.id).desc()).limit(limit)).all()


def link_of(session: Session, post_id: int) -> Link | None:
    """The link that was made with a post; None when its links are not shortened."""
    query = select(Link).where(col(Link.post_id) == post_id).order_by(col(Link.id))
    return session.scalars(query).first()


@dataclass(frozen=True, slots=True)
class Leads:
    """Where a code leads, and what a click on it needs to know."""

    link_id: int
    workspace_id: int
    post_id: int | None
    target: str
    zone: str
    #: Whether a person chose the code.
    chosen: bool
    #: Of the workspace's own sites, which are told which click brought a visitor.
    hosts: frozenset[str]


#: As text and with one value, since this is asked for each batch of clicks. A workspace with several sites
#: comes once for each.
_LEADS: Final = """
SELECT l.code, l.id, l.workspace_id, l.post_id, l.target, l.looks, w.zone, s.hosts
FROM link l JOIN workspace w ON w.id = l.workspace_id
LEFT JOIN site s ON s.workspace_id = l.workspace_id AND s.removed_at IS NULL
WHERE l.removed_at IS NULL AND l.code
"""
_AMONG: Final = {"sqlite": "IN (SELECT value FROM json_each(?))", "postgresql": "= ANY(%s)"}


def leads(session: Session, asked: Iterable[tuple[str | None, str]]) -> dict[tuple[str | None, str], Leads]:
    """For each pair of host and code that leads somewhere: where.

    A host of None is an address of the installation's own, where every link is found. Any other is a link
    domain, and knows the links of its workspace. A code that a person chose is found in any case.
    """
    pairs = set(asked)
    owners = domains_of(session, {host for host, _ in pairs if host is not None})
    found = _by_codes(session, {code for _, code in pairs})
    # Only codes that a person chose are in lower case as a whole, so only those can be meant otherwise.
    other = {code.lower() for _, code in pairs if code not in found} - found.keys()
    lower = _by_codes(session, other) if other else {}
    chosen = {code: lead for code, lead in (found | lower).items() if lead.chosen}
    answers: dict[tuple[str | None, str], Leads] = {}
    for host, code in pairs:
        lead = found.get(code) or chosen.get(code.lower())
        if lead is not None and (host is None or owners.get(host) == lead.workspace_id):
            answers[host, code] = lead
    return answers


def _by_codes(session: Session, codes: Iterable[str]) -> dict[str, Leads]:
    connection = session.connection()
    asked = list(codes)
    on_sqlite = connection.dialect.name == "sqlite"
    value = json.dumps(asked) if on_sqlite else asked
    found: dict[str, Leads] = {}
    # Not from the driver itself: what goes wrong is told apart by the toolkit's names (`web.public.batches`).
    there = connection.exec_driver_sql(_LEADS + _AMONG[connection.dialect.name], (value,)).all()
    for code, link_id, workspace_id, post_id, target, looks, zone, hosts in there:
        known = found[code].hosts if code in found else frozenset[str]()
        more = json.loads(hosts) if on_sqlite and hosts else hosts or ()
        found[code] = Leads(
            link_id, workspace_id, post_id, target, zone, looks is not None, known.union(more)
        )
    return found


def domains_of(session: Session, hosts: Iterable[str]) -> Mapping[str, int]:
    """The workspace of each of these hosts that is a link domain."""
    wanted = list(hosts)
    if not wanted:
        return {}
    query = sa.select(col(LinkDomain.host), col(LinkDomain.workspace_id)).where(
        col(LinkDomain.host).in_(wanted)
    )
    found: dict[str, int] = {host: owner for host, owner in session.connection().execute(query)}
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClick:
    """One request for a link, as it will be kept."""

    link_id: int
    post_id: int | None
    at: datetime
    audience: Audience
    #: A key of `domain.audience.REASONS`.
    why: str | None = None
    #: The host it came from, without path.
    referrer: str | None = None
    key: str | None = None
    day_hash: str | None = None
    country: str | None = None
    id: int = field(default_factory=new_id)


def record_clicks(session: Session, clicks: Sequence[NewClick]) -> None:
    """Keep these clicks; the caller commits. Their posts' sums get them later (`store.unsummed`)."""
    if not clicks:
        return
    connection = session.connection()
    on_postgresql = rows.on_postgresql(connection)
    made = [
        (
            one.id, one.link_id, one.post_id,
            rows.stored_instant(one.at.astimezone(UTC), as_text=not on_postgresql), str(one.audience),
            one.referrer or None, one.why, one.key, one.day_hash, one.country,
        )
        for one in clicks
    ]  # fmt: skip
    of_posts = (Kept(one.id, one.post_id, one.audience, one.at) for one in clicks if one.post_id is not None)
    noted = kept(of_posts, mark="%s" if on_postgresql else "?")
    if noted is None:
        rows.insert(connection, _CLICK, _COLUMNS, made)
    else:
        rows.insert_and(connection, _CLICK, _COLUMNS, made, then=noted)


_CLICK: Final = METADATA.tables["click"]
_COLUMNS: Final = (
    "id", "link_id", "post_id", "at", "audience", "referrer", "why", "key", "day_hash", "country",
)  # fmt: skip


def record_click(
    session: Session, link: Link, *, at: datetime, audience: Audience, referrer: str | None
) -> None:
    """Keep one click of which nothing else is known."""
    record_clicks(
        session,
        [NewClick(link_id=link.id, post_id=link.post_id, at=at, audience=audience, referrer=referrer)],
    )
