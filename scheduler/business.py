"""What a workspace's business figures stand on: which were brought in, until when, and with what value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session

from analytics.outside import figure
from analytics.sums import Stretch
from domain.catalogue import CATALOGUE
from domain.definition import Subject
from domain.errors import UsageError
from domain.figure import Figure
from domain.imports import ImportKind
from domain.kpi import Scope
from scheduler.context import Context
from scheduler.import_rows import KEPT_IN
from store import brought, buyers
from store.changes import Actor, record
from store.engine import writing
from store.tables import ValueChoice

#: Subjects in the order in which people meet them.
SUBJECTS: Final = (
    Subject.ADS, Subject.ORDERS, Subject.CUSTOMERS, Subject.ANSWERS, Subject.TESTIMONIALS, Subject.MENTIONS,
    Subject.TOOLS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stock:
    """How much of one kind there is."""

    kind: ImportKind
    rows: int
    #: When the newest of it happened, and when the last of it was brought in; None: nothing was.
    until: datetime | None
    read_at: datetime | None
    sources: tuple[str, ...]


def stocks(session: Session, workspace_id: int) -> Sequence[Stock]:
    """Every kind, with what is there."""
    made = []
    for kind, table in KEPT_IN.items():
        total = brought.total(session, table, workspace_id)
        until = brought.last_of(session, table, workspace_id) if total.rows else None
        made.append(Stock(kind, total.rows, until, total.newest, total.sources))
    return made


def figures(
    session: Session, workspace_id: int, *, start: datetime, end: datetime, now: datetime
) -> Mapping[Subject, Sequence[Figure]]:
    """Each subject's figures over [start, end); of other tools only those that were ever read."""
    stretch = Stretch(start, end, now)
    made: dict[Subject, list[Figure]] = {subject: [] for subject in SUBJECTS}
    for entry in CATALOGUE.values():
        if entry.subject not in made:
            continue
        found = figure(session, entry, stretch, workspace_id=workspace_id, scope=Scope())
        if entry.subject is Subject.TOOLS and found.reason and found.reason.key == "absent.no_tool":
            continue
        made[entry.subject].append(found)
    return made


def choose_value(
    context: Context, workspace_id: int, *, margin: float, discount: float, years: float, actor: Actor
) -> ValueChoice:
    """With which margin (percent), yearly discount (percent) and years ahead a customer's value is computed.

    Raises:
        UsageError: a number that makes no sense.
    """
    if not 0 < margin <= 100:
        raise UsageError("The margin is a percentage above 0, and at most 100.")
    if not 0 <= discount <= 100:
        raise UsageError("The discount is a percentage a year, from 0 to 100.")
    if not 0 < years <= 20:
        raise UsageError("Look ahead by more than 0 and at most 20 years.")
    now = context.clock()
    with writing(context.engine) as session:
        row = buyers.choice(session, workspace_id)
        row.margin, row.discount, row.years = margin, discount, years
        session.add(row)
        record(
            session, actor, "chose a customer's value", subject="value_choice", subject_id=workspace_id,
            workspace_id=workspace_id, now=now,
            after={"margin": margin, "discount": discount, "years": years},
        )  # fmt: skip
        session.commit()
    return row
