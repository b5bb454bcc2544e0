"""Is what we show recent: looks that are due, channels, connected tools, imported files, checkpoints."""

from datetime import datetime, timedelta
from typing import Final

from analytics.audit.asking import Asked, Found, Sample, at
from domain.audit import Finding, Place, PlaceKind, Severity
from domain.definition import AT_LINKS
from domain.metrics import CHECKPOINTS
from domain.sentence import Amount, Sentence, Unit, Value
from store import audit, connectors
from store.audit import AuditedPost
from store.tables import ChannelRow

#: A look may be so late before it is told.
LATE: Final = timedelta(hours=1)
#: From then on figures are missing.
FAR_TOO_LATE: Final = timedelta(days=1)
#: Channels and connected tools are read daily; files come monthly.
CHANNEL_OLD: Final = timedelta(days=3)
IMPORT_OLD: Final = timedelta(days=45)
#: Failures in a row that are told.
FAILURES: Final = 3
#: Below these shares of checkpoints a channel is looked at, and its curves are wrong.
COVERED, HARDLY = 0.95, 0.5


def freshness(asked: Asked, drawn: Sample, found: Found) -> None:
    """All checks of this file."""
    _looks(asked, drawn, found)
    _failing(drawn, found)
    _channels(asked, drawn, found)
    _connectors(asked, found)
    _imports(asked, found)
    _gaps(asked, drawn, found)


def _looks(asked: Asked, drawn: Sample, found: Found) -> None:
    session, workspace_id = asked.session, asked.workspace.id
    found.looked("looks_overdue", audit.under_way(session, workspace_id))
    late = audit.overdue(session, workspace_id, before=asked.now - LATE)
    for channel in drawn.channels:
        if channel.id not in late or channel.state != "active":
            continue
        count, since, example = late[channel.id]
        worse = asked.now - since > FAR_TOO_LATE
        found.add(
            Finding(
                rule="looks_overdue",
                severity=Severity.WRONG if worse else Severity.LOOK,
                what=Sentence("audit.looks_overdue", {"count": count}),
                action=Sentence("audit.do_looks_overdue"),
                where=at(channel),
                count=count,
                examples=(drawn.place(example),),
                since=since,
            )
        )


def _failing(drawn: Sample, found: Found) -> None:
    found.looked("looks_failing", len(drawn.posts), drawn.all_there)
    for channel in drawn.channels:
        ids = [post.id for post in drawn.of(channel) if post.deleted_at is None]
        rows = [drawn.measurements[one] for one in ids if one in drawn.measurements]
        bad = [row for row in rows if row.failures >= FAILURES]
        if bad:
            seen = min(row.last_read_at or row.published_at for row in bad)
            reason = bad[0].last_error or "–"
            found.add(
                Finding(
                    rule="looks_failing",
                    severity=Severity.LOOK,
                    what=Sentence("audit.looks_failing", {"count": len(bad), "reason": reason}),
                    action=Sentence("audit.do_looks_failing"),
                    where=at(channel),
                    count=len(bad),
                    examples=drawn.places([row.post_id for row in bad]),
                    since=seen,
                )
            )


def _channels(asked: Asked, drawn: Sample, found: Found) -> None:
    found.looked("channel_old", len(drawn.channels))
    read = audit.last_channel_readings(asked.session, [row.id for row in drawn.channels])
    for channel in drawn.channels:
        told = _channel_told(asked, channel, read.get(channel.id))
        if told is None:
            continue
        severity, key, since, do = told
        found.add(
            Finding(
                rule="channel_old",
                severity=severity,
                what=Sentence(key, {"days": (asked.now - since).days}),
                action=Sentence(do),
                where=at(channel),
                since=since,
            )
        )


def _channel_told(
    asked: Asked, channel: ChannelRow, last: datetime | None
) -> tuple[Severity, str, datetime, str] | None:
    seen = max(filter(None, (last, channel.tested_at)), default=None)
    since = seen or channel.created_at
    if channel.state == "needs_reconnect":
        return Severity.WRONG, "audit.channel_refused", since, "audit.do_channel_refused"
    if channel.state == "paused" or asked.now - since <= CHANNEL_OLD:
        return None
    key = "audit.channel_old" if seen else "audit.channel_never"
    return Severity.LOOK, key, since, "audit.do_channel_old"


def _connectors(asked: Asked, found: Found) -> None:
    rows = connectors.listed(asked.session, asked.workspace.id)
    found.looked("connector_old", len(rows))
    for row in rows:
        since = row.last_read_at or row.created_at
        old, failing = asked.now - since > CHANNEL_OLD, row.failures >= FAILURES
        if not old and not failing:
            continue
        what = Sentence("audit.connector_old", {"days": (asked.now - since).days})
        if failing:
            told: dict[str, Value] = {"count": row.failures, "reason": row.last_error or "–"}
            what = Sentence("audit.connector_failing", told)
        found.add(
            Finding(
                rule="connector_old",
                severity=Severity.LOOK,
                what=what,
                action=Sentence("audit.do_connector_old"),
                where=Place(PlaceKind.CONNECTOR, row.id, row.name),
                count=row.failures or 1,
                since=since,
            )
        )


def _imports(asked: Asked, found: Found) -> None:
    newest = audit.newest_imports(asked.session, asked.workspace.id)
    found.looked("imports_old", len(newest))
    for kind, last in sorted(newest.items()):
        if asked.now - last > IMPORT_OLD:
            days = (asked.now - last).days
            found.add(
                Finding(
                    rule="imports_old",
                    severity=Severity.LOOK,
                    what=Sentence("audit.imports_old", {"what": kind, "days": days}),
                    action=Sentence("audit.do_imports_old"),
                    where=Place(PlaceKind.IMPORTS, 0, kind),
                    since=last,
                )
            )


def _gaps(asked: Asked, drawn: Sample, found: Found) -> None:
    looked = 0
    for channel in drawn.channels:
        supply = asked.supplies.by_platform.get(channel.platform)
        if supply is None or supply.local or not supply.metrics - AT_LINKS:
            continue  # nothing is read there: views and clicks are counted as they happen
        due = read = 0
        with_gaps: list[AuditedPost] = []
        for post in drawn.of(channel):
            wanted = _due(asked, drawn, post)
            there = {one.checkpoint for one in drawn.readings.get(post.id, ()) if one.metric not in AT_LINKS}
            due += len(wanted)
            read += len(wanted & there)
            if wanted - there:
                with_gaps.append(post)
        looked += due
        if due and read / due < COVERED:
            found.add(_gap(channel, drawn, with_gaps, read=read, due=due))
    found.looked("gaps", looked)


def _due(asked: Asked, drawn: Sample, post: AuditedPost) -> set[int]:
    """Ages in seconds at which a post should have been read; those that a budget left out are not due."""
    row = drawn.measurements.get(post.id)
    if row is None:
        return set()
    ends = min(asked.now - LATE, post.deleted_at or asked.now)
    ages = {
        int(age.total_seconds()) for age in CHECKPOINTS if post.created_at <= post.published_at + age <= ends
    }
    return ages - set(row.thinned or ())


def _gap(channel: ChannelRow, drawn: Sample, posts: list[AuditedPost], *, read: int, due: int) -> Finding:
    covered = Amount(float(round(100 * read / due)), Unit.PERCENT)
    return Finding(
        rule="gaps",
        severity=Severity.WRONG if read / due < HARDLY else Severity.LOOK,
        what=Sentence("audit.gaps", {"read": read, "due": due, "coverage": covered, "count": len(posts)}),
        action=Sentence("audit.do_gaps"),
        where=at(channel),
        count=due - read,
        examples=drawn.places([post.id for post in posts]),
        since=min(post.published_at for post in posts),
    )
