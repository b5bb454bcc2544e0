"""Facts about the installation itself: whose key sealed it, when it last lived, what a copy of it holds."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import CursorResult, Engine, delete, update
from sqlmodel import Session, col, select

from domain.errors import WrongKey
from domain.post import PostState
from store.due import next_due_at
from store.engine import reading
from store.tables import ChannelRow, Due, Feed, Installation, Kpi, Measurement, Post
from store.upsert import insert_or_change, insert_or_leave

#: Tells keys apart and gives nothing away (`store.seal.key_fingerprint`).
FINGERPRINT = "secret_key_fingerprint"
#: True once the first start has made owner, workspace and page.
SET_UP = "set_up"
#: When a daemon last lived or published, in whole milliseconds since 1970.
BEAT = "beat"
#: Where the daemon that was started last is reached: the ``public`` and the ``private`` address.
SERVED = "served"
#: Only in backups: when it was made, in whole seconds since 1970.
BACKUP_MADE = "backup_made_at"

#: Every kind of row that a machine looks at by itself.
KINDS: Mapping[str, type[Due]] = {
    "post": Post,
    "feed": Feed,
    "measurement": Measurement,
    "channel": ChannelRow,
    "kpi": Kpi,
}

#: Any number, the same in every release.
_SET_UP_LOCK = 7_286_511_005
_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def fact(session: Session, name: str) -> Any:
    """The value by that name; None when there is none."""
    row = session.get(Installation, name, populate_existing=True)
    return None if row is None else row.value


def set_fact(session: Session, name: str, value: Any) -> None:
    """Write a value, whatever it was before."""
    insert_or_change(
        session, Installation, {"name": name, "value": value}, keys=["name"], changes={"value": value}
    )


def forget_fact(session: Session, name: str) -> None:
    """Remove a value, if it is there."""
    session.connection().execute(delete(Installation).where(col(Installation.name) == name))


def is_current(engine: Engine) -> bool:
    """Whether the schema is this release's newest, told without loading the migrations.

    A migration's file is named after its revision, and their names sort in their order. Any
    doubt is answered with False: `store.migrate.upgrade` then looks closely.
    """
    newest = max(path.stem for path in _VERSIONS.glob("m[0-9]*.py")).removeprefix("m")
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return False
        found = connection.scalars(sa.text("SELECT version_num FROM alembic_version")).all()
    return list(found) == [newest]


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[None]:
    """Let one machine do this while others wait; on SQLite there is one machine, and nobody waits."""
    if engine.dialect.name != "postgresql":
        yield
        return
    with engine.connect() as guard:
        guard.execute(sa.text("SELECT pg_advisory_lock(:key)"), {"key": _SET_UP_LOCK})
        try:
            yield
        finally:
            guard.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": _SET_UP_LOCK})


def check_key(session: Session, fingerprint: str) -> None:
    """Hold a key against the one this database was sealed with; the first key ever seen is kept.

    Raises:
        WrongKey: it is another one.
    """
    insert_or_leave(session, Installation, [{"name": FINGERPRINT, "value": fingerprint}])
    known = fact(session, FINGERPRINT)
    if known != fingerprint:
        raise WrongKey(
            f"The secret key (fingerprint {fingerprint}) is not the one this database was sealed with "
            f"(fingerprint {known}). Set TABUH_SECRET_KEY or TABUH_SECRET_KEY_FILE to that one."
        )


def last_beat(session: Session) -> datetime | None:
    """When a daemon last wrote that it lives (UTC, to the millisecond); None: never."""
    beat = fact(session, BEAT)
    return None if beat is None else instant_of(beat)


def beat(session: Session, *, now: datetime) -> int:
    """Write that a daemon lives; each beat is later than the one before, whatever the clock does.

    Returns:
        What was written, in milliseconds since 1970.
    """
    before = fact(session, BEAT) or 0
    milliseconds = max(round(now.timestamp() * 1000), before + 1)
    set_fact(session, BEAT, milliseconds)
    return milliseconds


def instant_of(beat: int) -> datetime:
    """When a beat was written (UTC)."""
    return datetime.fromtimestamp(beat / 1000, UTC)


def platforms_in_use(session: Session) -> Sequence[str]:
    """The platforms of all channels, sorted."""
    return session.scalars(select(col(ChannelRow.platform)).distinct().order_by(ChannelRow.platform)).all()


def doubt_due_posts(
    session: Session,
    platform: str,
    *,
    now: datetime,
    next_at: datetime | None,
    reason: str,
) -> int:
    """Make every post of a platform that a lost time may have published *uncertain*.

    Those being published, and those queued whose hour or next look has come, in all workspaces;
    posts that were uncertain already are marked too, so that none goes out again without a person.

    Args:
        next_at: when they are looked for or sent again with their key; None: a person decides.

    Returns:
        How many turned from queued or publishing to uncertain.
    """
    of_platform = col(Post.channel_id).in_(select(ChannelRow.id).where(col(ChannelRow.platform) == platform))
    # Also by its hour: a queued post that waits for a paused channel is looked at later, but the
    # lost time may have seen the channel resumed.
    has_come = sa.or_(col(Post.next_at) <= now, col(Post.planned_at) <= now)
    queued = sa.and_(col(Post.state) == PostState.QUEUED, has_come)
    doubtful = [of_platform, sa.or_(queued, col(Post.state) == PostState.PUBLISHING)]
    mark = update(Post).where(of_platform, col(Post.state) == PostState.UNCERTAIN).values(restored_at=now)
    session.connection().execute(mark)
    turned = session.connection().execute(
        update(Post)
        .where(*doubtful)
        .values(
            state=PostState.UNCERTAIN,
            reason=reason,
            restored_at=now,
            next_at=next_at,
            looks=0,
            claim=col(Post.claim) + 1,
        )
    )
    assert isinstance(turned, CursorResult)
    return turned.rowcount


def look_before_sending(session: Session, platform: str, *, now: datetime) -> None:
    """Mark the posts of a platform whose hour is still to come: the lost time may have moved it forward."""
    of_platform = col(Post.channel_id).in_(select(ChannelRow.id).where(col(ChannelRow.platform) == platform))
    session.connection().execute(
        update(Post).where(of_platform, col(Post.state) == PostState.QUEUED).values(restored_at=now)
    )


def ask_before_posting(session: Session) -> int:
    """Let what the next poll of each feed finds wait for a person; returns how many feeds there are."""
    asked = session.connection().execute(update(Feed).values(ask=True))
    assert isinstance(asked, CursorResult)
    return asked.rowcount


def oldest_due(engine: Engine, *, now: datetime) -> dict[str, datetime | None]:
    """For each kind of due row, when the one that waits longest became due; None: nothing waits."""
    with reading(engine) as session:
        found = {name: next_due_at(session, table) for name, table in KINDS.items()}
    return {name: due if due is not None and due <= now else None for name, due in found.items()}
