"""What the script on a site tells: page views and conversions, kept in one durable transaction.

No address is stored. Without consent, what joins a day's page views is a hash with the secret of the day,
which is destroyed when the day is over (`store.salts`); it is the same that clicks on our links get.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import NamedTuple

from sqlalchemy import Engine
from sqlmodel import Session

from domain.errors import UsageError
from domain.metrics import Audience
from domain.web_message import Message, Told
from scheduler.following import day_hash
from scheduler.utm import ways
from store import conversion_visits, conversions, salts, sites, visits, workspaces
from store.conversions import SCRIPT, NewConversion
from store.engine import writing
from store.tables import Site
from store.visits import NewView

#: Before the ids of visitors who allowed one, and before hashes of one day.
WITH_CONSENT, OF_ONE_DAY = "v:", "d:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message and who it came from, while it is answered."""

    message: Message
    #: The host of the page that sent it.
    host: str
    at: datetime
    #: Never stored.
    address: str
    agent: str
    audience: Audience
    #: The browser asks not to be followed.
    unfollowed: bool


class Outcome(IntEnum):
    """What becomes of a message, as the status of its answer."""

    KEPT = 204
    NOT_ITS_HOST = 403
    NO_SUCH_SITE = 404
    REFUSED = 422


def take(engine: Engine, heard: Sequence[Heard]) -> list[Outcome]:
    """Keep these messages; none is half kept, and what is told twice counts once."""
    with writing(engine) as session:
        found = sites.locked(session, {one.message.site_key for one in heard})
        outcomes = [_outcome(one, found.get(one.message.site_key)) for one in heard]
        visitors = _visitors(session, heard, outcomes, found)
        by_site: dict[str, list[int]] = defaultdict(list)
        for number, outcome in enumerate(outcomes):
            if outcome is Outcome.KEPT:
                by_site[heard[number].message.site_key].append(number)
        for key, numbers in by_site.items():
            site = found[key]
            _keep_views(session, site, [(heard[number], visitors[number]) for number in numbers])
            for number in numbers:
                if not _keep_conversion(session, site, heard[number], visitors[number].visitor):
                    outcomes[number] = Outcome.REFUSED
        session.commit()
    return outcomes


def _outcome(one: Heard, site: Site | None) -> Outcome:
    if site is None:
        return Outcome.NO_SUCH_SITE
    return Outcome.KEPT if one.host in site.hosts else Outcome.NOT_ITS_HOST


class _Sender(NamedTuple):
    """Who sent a message."""

    #: An id with consent, else a hash of the day; None: nobody may be known.
    visitor: str | None
    #: The hash of the day, of whoever consents.
    before_consent: str | None = None


def _visitors(
    session: Session, heard: Sequence[Heard], outcomes: Sequence[Outcome], found: Mapping[str, Site]
) -> list[_Sender]:
    """Who sent each message."""
    zones = workspaces.zones(session, {site.workspace_id for site in found.values()})
    days = []
    for one, outcome in zip(heard, outcomes, strict=True):
        is_hashed = outcome is Outcome.KEPT and _may_be_joined(one) and bool(one.address)
        owner = found[one.message.site_key].workspace_id if is_hashed else 0
        days.append((owner, zones[owner], salts.day_of(one.at, zones[owner])) if is_hashed else None)
    wanted = {day for day in days if day is not None}
    secrets = salts.of_days(session, wanted, now=max(one.at for one in heard)) if wanted else {}
    named: list[_Sender] = []
    for one, day in zip(heard, days, strict=True):
        salt = secrets.get((day[0], day[2])) if day else None
        hashed = f"{OF_ONE_DAY}{day_hash(salt, one.address, one.agent)}" if salt else None
        if not _may_be_joined(one):
            named.append(_Sender(None))
        elif one.message.visitor:
            named.append(_Sender(f"{WITH_CONSENT}{one.message.visitor}", hashed))
        else:
            named.append(_Sender(hashed))
    return named


def _may_be_joined(one: Heard) -> bool:
    return not one.unfollowed and one.audience is not Audience.BOT


def _keep_views(session: Session, site: Site, heard: Sequence[tuple[Heard, _Sender]]) -> None:
    views = [_view(one, sender) for one, sender in heard]
    known = ways(session, site.workspace_id) if any(any(view.utm) for view in views) else {}
    visits.record(session, site, views, ways=known)
    people = {visitor for _, sender in heard for visitor in sender if visitor is not None}
    conversion_visits.relink(session, site, visitors=people, view_keys={view.key for view in views})


def _view(one: Heard, sender: _Sender) -> NewView:
    told = one.message
    return NewView(
        key=told.view_key,
        visitor=sender.visitor,
        before_consent=sender.before_consent,
        at=one.at - timedelta(seconds=told.age),
        seconds=told.seconds,
        path=told.path,
        audience=str(one.audience),
        unfollowed=one.unfollowed,
        referrer=told.referrer,
        utm=told.utm,
        click_key=told.click_key if not one.unfollowed and told.click_key else None,
    )


def _keep_conversion(session: Session, site: Site, one: Heard, visitor: str | None) -> bool:
    """Whether nothing speaks against it; most messages tell of none."""
    told = one.message.conversion
    if told is None:
        return True
    try:
        conversions.add(session, site, _conversion(one, told, visitor), now=one.at)
    except UsageError:
        return False
    return True


def _conversion(one: Heard, told: Told, visitor: str | None) -> NewConversion:
    return NewConversion(
        key=f"{SCRIPT}:{told.key}",
        name=told.name,
        at=one.at,
        source=SCRIPT,
        minor=told.minor,
        currency=told.currency,
        order_ref=told.order,
        visitor=visitor,
        view_key=one.message.view_key if visitor is not None else None,
        audience=str(one.audience),
    )
