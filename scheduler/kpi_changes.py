"""Changing a KPI: what was changed, by whom and why is kept; what is over stays as it was judged."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from analytics.kpis import asked
from domain.kpi import KpiRefused, NewKpi
from domain.sentence import Sentence
from domain.smart import Verdict
from scheduler import guiding
from scheduler.context import Context
from scheduler.kpis import check_kpi, note, reading_of, standings_due, warned_of
from store import kpis
from store.changes import Actor
from store.engine import reading, writing
from store.tables import Kpi, KpiComment, KpiVersion

#: Fields that may change; metric, scope, period and start make another KPI.
CHANGEABLE = (
    "name", "target", "target_kind", "direction", "baseline", "baseline_from", "baseline_to", "deadline",
    "owner_id", "why", "goal", "goal_words", "audience", "baseline_source", "cadence", "alert_rule",
)  # fmt: skip
#: Those whose change moves what was promised, and so needs a reason.
_PROMISED = frozenset(
    ("target", "target_kind", "direction", "baseline", "baseline_from", "baseline_to", "deadline")
)


def change_kpi(
    context: Context, workspace_id: int, kpi_id: int, new: NewKpi, *, because: str, actor: Actor
) -> Kpi:
    """Change what a KPI asks for; the period under way is judged by it from now on.

    Args:
        context: where it runs.
        workspace_id: whose it is.
        kpi_id: the KPI.
        new: what is asked for from now on; metric, scope, period, start and zone stay as they are.
        because: why, in words; needed where target, baseline or deadline change.
        actor: on whose word.

    Raises:
        NotFound: there is no such KPI.
        KpiRefused: it is closed, nothing changes, there is no reason, or a check fails.
    """
    now = context.clock()
    with reading(context.engine) as session:
        kpi = kpis.get(session, workspace_id, kpi_id)
        changed = _changed(asked(kpi), new)
    _check(kpi, changed, because)
    judged = check_kpi(context, workspace_id, new, kpi_id=kpi_id)
    failures = [check for check in judged.checks if check.verdict is Verdict.FAILED]
    if failures:
        raise KpiRefused([reason for check in failures for reason in check.reasons])
    if "baseline_from" in changed or "baseline_to" in changed or "baseline" in changed:
        changed["baseline"] = (kpi.baseline, judged.baseline)
    with writing(context.engine) as session:
        kpi = kpis.get(session, workspace_id, kpi_id)
        _keep_judgements(context, session, kpi, now=now)
        for name, (_, value) in changed.items():
            setattr(kpi, name, value)
        kpi.warned, kpi.version, kpi.next_at = warned_of(judged), kpi.version + 1, now
        kpi.claim += 1  # beats an evaluation that is under way
        session.add(kpi)
        told = {name: [_plain(before), _plain(after)] for name, (before, after) in changed.items()}
        session.add(
            KpiVersion(
                kpi_id=kpi.id, version=kpi.version, at=now, person_id=actor.person_id,
                because=because.strip()[:2000], changed=told,
            )
        )  # fmt: skip
        befores = {name: pair[0] for name, pair in told.items()}
        note(
            session, kpi, "changed", actor, now=now, before=befores, after={n: p[1] for n, p in told.items()}
        )
        session.commit()
    guiding.follow(context, workspace_id)
    return kpi


def _changed(old: NewKpi, new: NewKpi) -> dict[str, tuple[Any, Any]]:
    """The fields that differ, with their values before and after."""
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in CHANGEABLE}
    pairs["name"] = (old.name, new.name.strip())
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _check(kpi: Kpi, changed: dict[str, tuple[Any, Any]], because: str) -> None:
    if kpi.closed_at is not None:
        raise KpiRefused([Sentence("kpi.closed", {"name": kpi.name})])
    if not changed:
        raise KpiRefused([Sentence("kpi.unchanged")])
    if _PROMISED & set(changed) and not because.strip():
        raise KpiRefused([Sentence("kpi.why_changed")])


def _keep_judgements(context: Context, session: Session, kpi: Kpi, *, now: datetime) -> None:
    """Periods that ended and were not written down yet are judged by what was asked for then."""
    for standing in standings_due(context, session, kpi, now=now):
        session.add(reading_of(standing))
    session.flush()


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    return value.isoformat() if isinstance(value, date) else value


def comment_kpi(context: Context, workspace_id: int, kpi_id: int, text: str, *, actor: Actor) -> KpiComment:
    """Say something about a KPI; it is never changed.

    Raises:
        NotFound: there is no such KPI.
        KpiRefused: it is empty or longer than 2,000 characters.
    """
    now, plain = context.clock(), text.strip()
    if not 1 <= len(plain) <= 2000:
        raise KpiRefused([Sentence("kpi.no_comment")])
    with writing(context.engine) as session:
        kpi = kpis.get(session, workspace_id, kpi_id)
        comment = KpiComment(kpi_id=kpi.id, at=now, person_id=actor.person_id, text=plain)
        session.add(comment)
        note(session, kpi, "commented", actor, now=now)
        session.commit()
    return comment
