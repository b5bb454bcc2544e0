"""Conversions on the workspace's sites, and what was given back of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from domain.currencies import written
from domain.errors import NotFound, UsageError
from domain.ids import new_id
from domain.metrics import Audience
from domain.web_site import MOST_NAMES, SiteSettings
from store.conversion_visits import FOUND, link
from store.tables import Conversion, Site

SCRIPT: Final = "script"
SERVER: Final = "server"
SHEET: Final = "sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConversion:
    """A conversion, or what is given back of one, as it was told."""

    #: The same key twice is one conversion.
    key: str
    name: str
    at: datetime
    source: str
    #: Minor units of the currency, at least 0; None: no value was told.
    minor: int | None = None
    currency: str | None = None
    order_ref: str | None = None
    visitor: str | None = None
    view_key: str | None = None
    click_key: str | None = None
    audience: str = str(Audience.HUMAN)

    @property
    def told_hash(self) -> str:
        """Of all that was told; where it came from and by whom is not in it."""
        told = {name: value for name, value in asdict(self).items() if name not in _ASIDE}
        return _hash(told)


_OTHER: Final = (
    "The {kind} {name} was told with other values before. Use a new key for another conversion, and a refund "
    "for what was given back."
)
_ASIDE: Final = ("source", "audience", "view_key")


def _hash(told: Mapping[str, Any]) -> str:
    return sha256(repr(sorted((name, str(value)) for name, value in told.items())).encode()).hexdigest()


def add(session: Session, site: Site, new: NewConversion, *, now: datetime) -> tuple[Conversion, bool]:
    """The conversion's row, and whether it is new; the caller holds the site.

    One order of a site is one conversion, however often and by whichever way it is told: what a server or
    a sheet says of it replaces what a browser said, since anybody can make a browser say anything.

    Raises:
        UsageError: its key, or its order, was told with other values before.
    """
    before = of_key(session, site.id, new.key)
    if before is not None:
        if before.told_hash != new.told_hash:
            raise UsageError(_OTHER.format(kind="key", name=new.key))
        return before, False
    same = of_order(session, site.id, new.name, new.order_ref) if new.order_ref else None
    if same is not None:
        _again(same, new)
        session.add(same)
        session.flush()
        link(session, site, [same])
        return same, False
    row = Conversion(
        **asdict(new),
        id=new_id(),
        workspace_id=site.workspace_id,
        site_id=site.id,
        told_hash=new.told_hash,
        is_key=_is_key(site, new.name),
        arrived_at=now,
    )
    session.add(row)
    session.flush()
    link(session, site, [row])
    return row, True


def _again(same: Conversion, new: NewConversion) -> None:
    """What is told of an order that is known."""
    if new.source != SCRIPT and same.source == SCRIPT:
        same.key, same.told_hash, same.source = new.key, new.told_hash, new.source
        same.minor, same.currency, same.at = new.minor, new.currency, new.at
    elif new.source != SCRIPT and (new.minor, new.currency) != (same.minor, same.currency):
        raise UsageError(_OTHER.format(kind="order", name=new.order_ref))
    same.visitor = same.visitor or new.visitor
    same.view_key = same.view_key or new.view_key
    same.click_key = same.click_key or new.click_key


def _is_key(site: Site, name: str) -> bool:
    """Whether conversions of this name are key events; an unknown name becomes known, and is none."""
    settings = SiteSettings.stored(site.settings)
    if name in settings.conversions:
        return settings.conversions[name]
    if len(settings.conversions) >= MOST_NAMES:
        raise UsageError(
            f"A site counts at most {MOST_NAMES} kinds of conversions: {name!r} is one too many."
        )
    site.settings = SiteSettings({**settings.conversions, name: False}).column()
    return False


def refund(
    session: Session,
    site: Site,
    original: Conversion,
    *,
    key: str,
    minor: int | None,
    at: datetime,
    source: str,
    now: datetime,
) -> tuple[Conversion, bool]:
    """What is given back of a conversion, as a row of its own, and whether it is new.

    Args:
        minor: how much, in minor units, above 0; None: all that is left.

    Raises:
        UsageError: more than is left, or the key was used for something else.
    """
    told = _hash({"refund_of": original.id, "minor": minor, "at": at, "key": key})
    before = of_key(session, site.id, key)
    if before is not None:
        if before.told_hash != told:
            raise UsageError(_OTHER.format(kind="key", name=key))
        return before, False
    if original.refund_of is not None:
        raise UsageError("This is a refund already. Name the order or the key of what was sold.")
    left = (original.minor or 0) + refunded(session, [original.id]).get(original.id, 0)
    back = left if minor is None else minor
    if not 0 < back <= left:
        raise UsageError(
            "Nothing of this conversion is left to give back."
            if left <= 0
            else f"At most {written(left, original.currency or '')} {original.currency} is left to give back."
        )
    if at < original.at:
        raise UsageError("A refund cannot be earlier than what was sold.")
    copied = ("workspace_id", "site_id", "name", "is_key", "currency", "order_ref", "audience", *FOUND,
              "visitor", "view_key", "click_key")  # fmt: skip
    row = Conversion(
        **{name: getattr(original, name) for name in copied},
        id=new_id(), key=key, told_hash=told, at=at, arrived_at=now, minor=-back, source=source,
        refund_of=original.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, True


def refunded(session: Session, ids: Collection[int]) -> dict[int, int]:
    """What was given back of each of these conversions: minor units, below 0; none is absent."""
    query = (
        select(col(Conversion.refund_of), func.sum(col(Conversion.minor)))
        .where(col(Conversion.refund_of).in_(list(ids)))
        .group_by(col(Conversion.refund_of))
    )
    return {number: int(total or 0) for number, total in session.exec(query) if number is not None}


def of_key(session: Session, site_id: int, key: str) -> Conversion | None:
    """The conversion told under this key."""
    query = select(Conversion).where(col(Conversion.site_id) == site_id, col(Conversion.key) == key)
    return session.scalar(query)


def of_order(session: Session, site_id: int, name: str | None, order: str) -> Conversion | None:
    """The conversion of an order; by its name too, unless None is given."""
    query = select(Conversion).where(
        col(Conversion.site_id) == site_id,
        col(Conversion.order_ref) == order,
        col(Conversion.refund_of).is_(None),
    )
    if name is not None:
        query = query.where(col(Conversion.name) == name)
    return session.scalars(query.order_by(col(Conversion.id))).first()


def named(session: Session, site: Site, what: str) -> Conversion:
    """A conversion by its order, key or number. Raises `NotFound`."""
    found = of_order(session, site.id, None, what) or of_key(session, site.id, what)
    if found is None and what.isascii() and what.isdecimal() and len(what) < 19:
        row = session.get(Conversion, int(what))
        found = row if row is not None and row.site_id == site.id else None
    if found is None:
        raise NotFound(f"The site {site.name} has no conversion with the order or key {what[:100]!r}.")
    return found


def listed(
    session: Session, workspace_id: int, *, site_id: int | None = None, before: int | None = None, limit: int
) -> Sequence[Conversion]:
    """Conversions of a workspace, those that arrived last first."""
    query = select(Conversion).where(col(Conversion.workspace_id) == workspace_id)
    if site_id is not None:
        query = query.where(col(Conversion.site_id) == site_id)
    if before is not None:
        query = query.where(col(Conversion.id) < before)
    return session.scalars(query.order_by(col(Conversion.id).desc()).limit(limit)).all()


def mark_keys(session: Session, site: Site) -> None:
    """Which conversions are key events follows the site's settings, also for earlier ones."""
    keys = SiteSettings.stored(site.settings).key_events
    mine = col(Conversion.site_id) == site.id
    session.connection().execute(
        update(Conversion).where(mine).values(is_key=col(Conversion.name).in_(keys) if keys else False)
    )
