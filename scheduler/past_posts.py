"""A channel's past posts from an export, so that learning its week starts at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from domain.learned import LearnedWeek
from domain.schedule import zone
from scheduler.context import Context
from scheduler.learning import keep, learn_week
from store import channels, learning, people
from store.changes import Actor, record
from store.engine import writing
from store.tables import ChannelRow, PastPost

if TYPE_CHECKING:
    from analytics.past.reading import PastPosts, PastRow
    from analytics.past.times import Order

#: Characters of a past post's text that are kept, for people.
_TEXT = 280


@dataclass(frozen=True, slots=True, kw_only=True)
class PastChoices:
    """How a file of past posts is read, and whether it is kept."""

    #: Whose clock the times are by, where they name neither zone nor offset: an IANA name.
    zone: str | None = None
    #: What comes first in 03/04/2026; None: as the file shows.
    order: "Order | None" = None
    #: Columns that a person named: use → head.
    named: Mapping[str, str] = field(default_factory=dict)
    #: Take the right rows also when others are wrong.
    skip_bad: bool = False
    #: Only say what would happen.
    dry_run: bool = False
    #: Bytes of the file when it is unpacked; None: as many as reading takes.
    most_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastImported:
    """What a file of past posts came to."""

    added: int
    #: Posts that an earlier import brought and whose counts have changed since.
    changed: int
    #: Posts that an earlier import brought, or the file tells twice.
    known: int
    #: Posts that Tabuh published itself: it measures them.
    own: int
    first: datetime | None
    last: datetime | None
    dry_run: bool
    week: LearnedWeek


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFile:
    """A file of past posts as it was read, and what it came to."""

    past: "PastPosts"
    #: Rows were wrong, and nobody said to leave them out: nothing was kept.
    refused: bool
    done: PastImported


def import_file(
    context: Context, workspace_id: int, channel_id: int, raw: bytes, *, choices: PastChoices, actor: Actor
) -> PastFile:
    """Read a file of past posts with all its faults, and keep them where none is in the way.

    Raises:
        NotFound: no such channel in this workspace.
        UsageError: the file as a whole cannot be read.
    """
    from analytics.past.reading import MOST_BYTES, read_past

    named = None if choices.zone is None else zone(choices.zone).key
    until = context.clock()
    past = read_past(
        raw, named=choices.named, zone=named, order=choices.order, until=until,
        most=choices.most_bytes or MOST_BYTES,
    )  # fmt: skip
    refused = bool(past.faults) and not choices.skip_bad
    done = import_past(
        context, workspace_id, channel_id, past.rows, dry_run=choices.dry_run or refused, actor=actor
    )
    return PastFile(past=past, refused=refused, done=done)


def import_past(
    context: Context,
    workspace_id: int,
    channel_id: int,
    rows: Sequence["PastRow"],
    *,
    dry_run: bool,
    actor: Actor,
) -> PastImported:
    """Keep past posts of a channel and learn from them at once; the same file adds nothing twice.

    Args:
        rows: as `analytics.past.reading.read_past` gave them, none later than now.

    Raises:
        NotFound: no such channel in this workspace.
    """
    now = context.clock()
    with writing(context.engine) as session:
        people.lock_workspace(session, workspace_id)
        channel = channels.get(session, workspace_id, channel_id)
        by_key = {row.key(): row for row in rows}
        own = learning.own_times(session, channel_id)
        foreign = {
            key: row for key, row in by_key.items() if row.at.replace(second=0, microsecond=0) not in own
        }
        there = learning.known_past(session, channel_id, foreign)
        changed = sum(_has_grown(there[key], row) for key, row in foreign.items() if key in there)
        new = [_past_post(channel, key, row, now=now) for key, row in foreign.items() if key not in there]
        session.add_all(new)
        session.flush()
        done = PastImported(
            added=len(new),
            changed=changed,
            known=len(rows) - len(new) - changed - (len(by_key) - len(foreign)),
            own=len(by_key) - len(foreign),
            first=min((row.at for row in rows), default=None),
            last=max((row.at for row in rows), default=None),
            dry_run=dry_run,
            week=learn_week(session, channel, now=now),
        )
        if dry_run:
            session.rollback()
            return done
        if new or changed:
            told: Mapping[str, int] = {"added": done.added, "changed": done.changed}
            record(
                session, actor, "imported past posts", subject="channel", subject_id=channel.id,
                workspace_id=workspace_id, now=now, after=told,
            )  # fmt: skip
        session.commit()
    keep(context, channel, done.week)
    return done


def _has_grown(kept: PastPost, row: "PastRow") -> bool:
    """Take over the newer counts of a post that is kept already."""
    if row.engagement <= kept.engagement:
        return False
    kept.engagement = row.engagement
    for part in ("reactions", "replies", "shares"):
        setattr(kept, part, row.parts.get(part, getattr(kept, part)))
    return True


def _past_post(channel: ChannelRow, key: str, row: "PastRow", *, now: datetime) -> PastPost:
    return PastPost(
        workspace_id=channel.workspace_id,
        channel_id=channel.id,
        key=key,
        at=row.at,
        kind=row.kind[:64],
        engagement=row.engagement,
        reactions=row.parts.get("reactions"),
        replies=row.parts.get("replies"),
        shares=row.parts.get("shares"),
        text=row.text[:_TEXT],
        remote=row.remote[:512] or None,
        imported_at=now,
    )
