"""The regular look at an experiment that runs: at its planned end it is judged, and its result is frozen."""

from analytics.trials import assess, planned_end
from domain.experiment import State
from domain.trial import Standing
from scheduler.context import Context
from scheduler.experiments import LOOK_EVERY, close
from scheduler.measuring import supplies
from store import experiments
from store.changes import AUTOMATION, record
from store.due import finish
from store.engine import reading, writing
from store.tables import Experiment


def judge_when_due(context: Context, row: Experiment) -> None:
    """Judge a claimed experiment if every arm has its size or its last day is over; else look again later."""
    now = context.clock()
    with reading(context.engine) as session:
        able = supplies(context, session, row.workspace_id)
        trial = assess(session, row, supplies=able, now=now)
    counted = [one for one in trial.posts if one.standing is Standing.COUNTED]
    counted.sort(key=lambda one: (one.read_at.timestamp() if one.read_at else 0.0, one.id))
    over = planned_end(row, counted, now=now)
    with writing(context.engine) as session:
        if over is None:
            next_at = now + LOOK_EVERY
            if row.ends_at is not None:
                next_at = min(next_at, row.ends_at)
            if finish(session, row, next_at=next_at):
                session.commit()
            return
        fresh = experiments.lock(session, row.workspace_id, row.id)
        if fresh.claim != row.claim or fresh.state != State.RUNNING:
            return
        found = assess(session, fresh, supplies=able, now=now, ended_by=over.by)
        close(session, fresh, found, state=State.ENDED, ended_by=over.by, now=now)
        record(
            session, AUTOMATION, "ended experiment", subject="experiment", subject_id=row.id,
            workspace_id=row.workspace_id, now=now, after={"name": fresh.name, "state": fresh.state},
        )  # fmt: skip
        session.commit()
