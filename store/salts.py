"""Secrets that live for one day of a workspace: its clickers can be counted on that day, and not beyond."""

import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from store.tables import DaySalt
from store.upsert import insert_or_leave

_BYTES: Final = 32
#: Overwrites a salt before its row goes, so that the page it stood on does not keep it.
_NOTHING: Final = "0" * (2 * _BYTES)


_MADE: Final = "made_day_salts"
#: Salts of days that are not over, and when they are: a batch of clicks need not ask again.
_known: Final[dict[tuple[int, date], tuple[bytes, datetime]]] = {}


def day_of(at: datetime, zone: str) -> date:
    """The day of a workspace's zone in which an instant lies."""
    return at.astimezone(ZoneInfo(zone)).date()


def of_days(
    session: Session, wanted: Iterable[tuple[int, str, date]], *, now: datetime
) -> dict[tuple[int, date], bytes]:
    """The salts of these days (workspace, its zone, day); one is made where there is none yet.

    A day that is over gets none: what was not counted by then stays uncounted.
    """
    ends = {(workspace_id, day): _end(day, zone) for workspace_id, zone, day in wanted}
    open_days = {key: end for key, end in ends.items() if now < end}
    known = {key: _known[key][0] for key in open_days if key in _known}
    unknown = {key: end for key, end in open_days.items() if key not in known}
    return known | _read(session, unknown, now=now) if unknown else known


def _read(
    session: Session, wanted: dict[tuple[int, date], datetime], *, now: datetime
) -> dict[tuple[int, date], bytes]:
    """The salts of days that this process does not know yet, by the instant at which each is over."""
    found = _kept(session, wanted)
    missing = wanted.keys() - found.keys()
    if missing:
        destroy_ended(session, now=now)
        rows = [
            {
                "workspace_id": key[0],
                "day": key[1],
                "salt": secrets.token_hex(_BYTES),
                "ends_at": wanted[key],
            }
            for key in sorted(missing)
        ]
        insert_or_leave(session, DaySalt, rows)  # another process may be faster
        session.info[_MADE] = True
        return _kept(session, wanted)
    if _MADE not in session.info:  # what this transaction made may still be rolled back
        _known.update({key: (salt, wanted[key]) for key, salt in found.items()})
    return found


def _kept(session: Session, wanted: Iterable[tuple[int, date]]) -> dict[tuple[int, date], bytes]:
    keys = set(wanted)
    query = select(col(DaySalt.workspace_id), col(DaySalt.day), col(DaySalt.salt)).where(
        col(DaySalt.workspace_id).in_({key[0] for key in keys}),
        col(DaySalt.day).in_({key[1] for key in keys}),
    )
    rows = session.connection().execute(query)
    return {(owner, day): bytes.fromhex(salt) for owner, day, salt in rows if (owner, day) in keys}


def destroy_ended(session: Session, *, now: datetime) -> int:
    """Overwrite and remove the salts of days that are over; returns how many."""
    for key in [key for key, (_, end) in list(_known.items()) if end <= now]:
        _known.pop(key, None)
    over = col(DaySalt.ends_at) <= now
    number = len(session.scalars(select(col(DaySalt.day)).where(over)).all())
    if number:
        connection = session.connection()
        connection.execute(update(DaySalt).where(over).values(salt=_NOTHING))
        connection.execute(delete(DaySalt).where(over))
    return number


def _end(day: date, zone: str) -> datetime:
    """The instant at which a day of a zone is over."""
    after = day + timedelta(days=1)
    return datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
