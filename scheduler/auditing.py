"""Audits of the figures: on demand, every day by themselves, and making anew what is only derived."""

from datetime import timedelta
from typing import Final

import structlog

from analytics.audit.asking import Asked
from analytics.audit.making import make_audit
from domain.audit import check_days
from scheduler import guiding, settling
from scheduler.context import Context
from scheduler.measuring import supplies
from store import audits, channels, packing, workspaces
from store.changes import AUTOMATION, Actor, record
from store.engine import reading, writing
from store.tables import AuditRow

log = structlog.get_logger()

#: How often it is looked whether a workspace is owed its daily audit.
LOOK_EVERY: Final = timedelta(hours=1)
#: An audit comes by itself when the last one is so old.
DAILY: Final = timedelta(hours=23, minutes=30)
#: Days that it looks back.
DAYS: Final = 30
#: Audits are kept for so long.
KEPT: Final = timedelta(days=400)


def audit_now(context: Context, workspace_id: int, *, days: int = DAYS, actor: Actor) -> AuditRow:
    """Audit a workspace and keep the audit with its date.

    Raises:
        UsageError: it cannot look back so many days.
    """
    check_days(days)
    now = context.clock()
    with reading(context.engine) as session:
        workspace = workspaces.get(session, workspace_id)
        able = supplies(context, session, workspace_id)
        audit = make_audit(Asked(session, workspace, able, now, days))
    with writing(context.engine) as session:
        row = audits.keep(session, workspace_id, audit, made_by=actor.person_id)
        if actor != AUTOMATION:
            record(
                session, actor, "audited the figures", subject="audit", subject_id=row.id,
                workspace_id=workspace_id, now=now,
            )  # fmt: skip
        session.commit()
    guiding.follow(context, workspace_id)
    return row


def rebuild(context: Context, workspace_id: int, *, actor: Actor) -> int:
    """Make standings and sums of all channels of a workspace anew from readings, clicks and views.

    In short transactions: meanwhile figures come from readings, as they do before standings are built.

    Returns:
        How many channels that were.
    """
    with reading(context.engine) as session:
        ids = [row.id for row in channels.listed(session, workspace_id)]
    for channel_id in ids:
        with writing(context.engine) as session:
            packing.forget(session, channel_id)
            session.commit()
        settling.build(context, channel_id)
    with writing(context.engine) as session:
        record(
            session, actor, "made standings and sums anew", subject="workspace", subject_id=workspace_id,
            workspace_id=workspace_id, now=context.clock(),
        )  # fmt: skip
        session.commit()
    return len(ids)


def daily(context: Context) -> None:
    """Audit each workspace whose last audit is a day old, and forget audits that are very old.

    One workspace's failure stops no other.
    """
    now = context.clock()
    with reading(context.engine) as session:
        owed = audits.owed(session, before=now - DAILY)
    for workspace_id in owed:
        try:
            row = audit_now(context, workspace_id, actor=AUTOMATION)
        except Exception:
            log.exception("audit_failed", workspace_id=workspace_id)
            continue
        # What is in order stands in the dated log of audits; a terminal is told only of what is not.
        if row.wrong:
            log.warning("audit_found_faults", workspace_id=workspace_id, wrong=row.wrong, look=row.look)
    with writing(context.engine) as session:
        audits.forget_old(session, before=now - KEPT)
        session.commit()
