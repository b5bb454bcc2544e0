"""Following short links: where a batch of requests leads, and their clicks, in one durable transaction.

No address is stored. What is made of it is a hash with the secret of the day, which is destroyed when the
day is over (`store.salts`), and the country, where a file on this machine tells it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from sqlalchemy import Engine
from sqlmodel import Session

from domain.audience import Judged
from domain.ids import new_id
from domain.metrics import Audience
from domain.targets import host_name, is_web_address, with_key
from store import links, salts
from store.engine import Line, reading
from store.links import Leads, NewClick

_HASH_BYTES: Final = 16
Country = Callable[[str], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for a short link, while it is answered."""

    #: The link domain that was asked; None: an address of the installation's own.
    host: str | None
    code: str
    at: datetime
    judged: Judged
    referrer: str | None
    #: Of whoever asked; empty: unknown, or nothing may be made of it. Never stored.
    address: str
    agent: str
    #: Whether the target is told the click, where that is a site of the workspace.
    is_told: bool
    #: Of the click.
    id: int = field(default_factory=new_id)


class Follower:
    """Follows links for one thread, over a connection that it keeps meanwhile."""

    def __init__(self, engine: Engine, *, country: Country | None) -> None:
        self._line = Line(engine, writes_once=True)
        self._country = country

    def __enter__(self) -> "Follower":
        return self

    def __exit__(self, *_: object) -> None:
        self._line.close()

    def __call__(self, asked: Sequence[Asked]) -> list[str]:
        """Where each of these leads, with their clicks kept; empty: nowhere, and nothing is kept."""
        with self._line.writing() as session:
            targets = _follow(session, asked, country=self._country)
            session.commit()
        return targets


def _follow(session: Session, asked: Sequence[Asked], *, country: Country | None) -> list[str]:
    leads = _leads(session, asked)
    found = [_lead(one, leads) for one in asked]
    hashes = _day_hashes(session, asked, found)
    targets: list[str] = []
    clicks: list[NewClick] = []
    for one, lead, day_hash in zip(asked, found, hashes, strict=True):
        if lead is None:
            targets.append("")
            continue
        key = _key(one, lead)
        targets.append(with_key(lead.target, key) if key else lead.target)
        clicks.append(
            NewClick(
                id=one.id,
                link_id=lead.link_id,
                post_id=lead.post_id,
                at=one.at,
                audience=one.judged.audience,
                why=one.judged.why,
                referrer=one.referrer,
                key=key,
                day_hash=day_hash,
                country=country(one.address) if country and one.address else None,
            )
        )
    links.record_clicks(session, clicks)
    return targets


def look_up(engine: Engine, one: Asked) -> str:
    """Where a request leads, without keeping its click: that waits for its batch."""
    with reading(engine) as session:
        lead = _lead(one, _leads(session, [one]))
        if lead is None:
            return ""
    key = _key(one, lead)
    return with_key(lead.target, key) if key else lead.target


def _key(one: Asked, lead: Leads) -> str | None:
    """What tells the target which click it was; None: it is no site of the workspace, or is not told."""
    return links.key_of(one.id) if one.is_told and _host(lead.target) in lead.hosts else None


def _leads(session: Session, asked: Sequence[Asked]) -> dict[tuple[str | None, str], Leads]:
    return links.leads(session, ((one.host, one.code) for one in asked))


def _lead(one: Asked, leads: dict[tuple[str | None, str], Leads]) -> Leads | None:
    """A target that is no web address leads nowhere, whoever stored it."""
    lead = leads.get((one.host, one.code))
    return lead if lead is not None and _host(lead.target) else None


@lru_cache(maxsize=1_024)
def _host(target: str) -> str:
    """The host of a web address; empty: it is none."""
    try:
        return host_name(target) if is_web_address(target) else ""
    except ValueError:
        return ""


def _day_hashes(session: Session, asked: Sequence[Asked], found: Sequence[Leads | None]) -> list[str | None]:
    """The hash of each request's address and agent with the secret of its day; programs get none."""
    days = [
        (lead.workspace_id, lead.zone, salts.day_of(one.at, lead.zone))
        if lead and one.address and one.judged.audience is not Audience.BOT
        else None
        for one, lead in zip(asked, found, strict=True)
    ]
    now = max((one.at for one in asked), default=None)
    wanted = {day for day in days if day is not None}
    if now is None or not wanted:
        return [None] * len(days)
    secrets = salts.of_days(session, wanted, now=now)
    made: list[str | None] = []
    for one, day in zip(asked, days, strict=True):
        salt = secrets.get((day[0], day[2])) if day else None
        made.append(day_hash(salt, one.address, one.agent) if salt else None)
    return made


def day_hash(salt: bytes, address: str, agent: str) -> str:
    """32 hexadecimal digits: without the salt, nobody can try addresses until one fits."""
    return blake2b(f"{address}\n{agent}".encode(), key=salt, digest_size=_HASH_BYTES).hexdigest()
