"""What servers that we poll have asked of us, shared by all feeds on them."""

from datetime import datetime

from sqlmodel import Session, col, select

from store.tables import Host
from store.upsert import insert_or_change


def quiet_until(session: Session, host: str, *, now: datetime) -> datetime | None:
    """Until when this server wants no request; None when it may be asked."""
    until = session.scalar(select(col(Host.quiet_until)).where(col(Host.name) == host))
    return until if until is not None and until > now else None


def keep_quiet(session: Session, host: str, until: datetime) -> None:
    """No request to this server before ``until``."""
    insert_or_change(
        session,
        Host,
        {"name": host, "quiet_until": until},
        keys=["name"],
        changes={"quiet_until": until},
    )
