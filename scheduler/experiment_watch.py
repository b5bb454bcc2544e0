"""Experiments that have ended: told once, with what came of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.alerts import Finding, Rule
from domain.experiment import ALPHA, State
from domain.sentence import Sentence
from domain.sentences import say
from domain.trial import thaw
from store import experiments
from store.tables import Experiment, Workspace

#: So long an end stands among the alerts.
SHOWN: Final = timedelta(days=7)


def found(session: Session, workspace: Workspace, *, now: datetime) -> Iterator[Finding]:
    """The experiments that ended in the last week, or were given up."""
    # To the next second: one that ended in this very moment is among them.
    until = now + timedelta(seconds=1)
    for row in experiments.ended_between(session, workspace.id, start=now - SHOWN, end=until):
        if row.result is not None and row.ended_at is not None:
            yield Finding(
                rule=Rule.EXPERIMENT_ENDED, subject=f"experiment:{row.id}", name=row.name,
                facts=_facts(row, ZoneInfo(workspace.zone)), since=row.ended_at,
                is_good=row.state == State.ENDED,
            )  # fmt: skip


def _facts(row: Experiment, where: ZoneInfo) -> dict[str, Any]:
    verdict = thaw(row.result).verdict
    facts: dict[str, Any] = {
        "experiment_id": row.id, "result": _both(verdict), "alpha": round(100 * ALPHA),
        "cause": f"experiment_{row.ended_by}",
    }  # fmt: skip
    if row.state == State.STOPPED:
        facts["variant"] = "stopped"
    if row.size is not None:
        facts["size"] = row.size
    if row.ends_at is not None:
        facts["day"] = (row.ends_at - timedelta(seconds=1)).astimezone(where).date().isoformat()
    if row.ended_by == "person" and row.reason:
        facts |= {"cause": "experiment_person_why", "reason": row.reason}
    return facts


def _both(verdict: tuple[Sentence, ...]) -> dict[str, str]:
    return {language: " ".join(say(one, language) for one in verdict) for language in ("en", "id")}
