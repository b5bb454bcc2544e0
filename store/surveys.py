"""Surveys of one question, and how they were answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from domain.errors import NotFound
from domain.ids import new_id
from store.answers import remembered
from store.tables import Answer, Survey, SurveyHour
from store.upsert import insert_or_change, insert_or_leave


def listed(session: Session, workspace_id: int) -> Sequence[Survey]:
    """The workspace's surveys, newest first."""
    query = select(Survey).where(col(Survey.workspace_id) == workspace_id)
    return session.scalars(query.order_by(col(Survey.id).desc())).all()


def named(session: Session, workspace_id: int, name: str) -> Survey:
    """The survey by its name. Raises `NotFound`."""
    query = select(Survey).where(col(Survey.name) == name, col(Survey.workspace_id) == workspace_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no survey {name!r}. `tabuh survey list` shows those there are.")
    return found


def get(session: Session, workspace_id: int, survey_id: int) -> Survey:
    """The survey by its number. Raises `NotFound`."""
    query = select(Survey).where(col(Survey.id) == survey_id, col(Survey.workspace_id) == workspace_id)
    found = session.scalars(query).first()
    if found is None:
        raise NotFound(f"There is no survey {survey_id}.")
    return found


def by_code(session: Session, code: str) -> Survey | None:
    """The survey behind a short link, in whichever workspace."""
    return session.scalars(select(Survey).where(col(Survey.code) == code)).first()


def count_opened(session: Session, survey_id: int, *, now: datetime) -> None:
    """One more person opened the page."""
    session.connection().execute(
        update(Survey).where(col(Survey.id) == survey_id).values(opened=col(Survey.opened) + 1)
    )
    row = {"survey_id": survey_id, "hour": now.replace(minute=0, second=0, microsecond=0), "opened": 1}
    more = {"opened": col(SurveyHour.opened) + 1}
    insert_or_change(session, SurveyHour, row, keys=("survey_id", "hour"), changes=more)


@dataclass(frozen=True, slots=True)
class Asked:
    """How many people opened pages of surveys in a stretch of time, and how many answers came there."""

    opened: int
    answered: int


@remembered
def asked(session: Session, workspace_id: int, kind: str, *, start: datetime, end: datetime) -> Asked:
    """Openings and answers in [start, end) of surveys of a kind; answers from before openings had hours
    are left out."""
    of_kind = (col(Survey.workspace_id) == workspace_id, col(Survey.kind) == kind)
    counted = (
        select_columns(func.coalesce(func.sum(col(SurveyHour.opened)), 0))
        .join(Survey, col(Survey.id) == col(SurveyHour.survey_id))
        .where(*of_kind, col(SurveyHour.hour) >= start, col(SurveyHour.hour) < end)
    )
    first = (
        select_columns(col(SurveyHour.survey_id), func.min(col(SurveyHour.hour)).label("hour"))
        .group_by(col(SurveyHour.survey_id))
        .subquery()
    )
    given = (
        select_columns(func.count())
        .select_from(Answer)
        .join(Survey, col(Survey.id) == col(Answer.survey_id))
        .join(first, first.c.survey_id == col(Survey.id))
        .where(
            *of_kind,
            col(Answer.is_current).is_(True),
            col(Answer.at) >= start,
            col(Answer.at) < end,
            col(Answer.at) >= first.c.hour,
        )
    )
    connection = session.connection()
    return Asked(int(connection.execute(counted).scalar_one()), int(connection.execute(given).scalar_one()))


@remembered
def is_asked(session: Session, workspace_id: int, kind: str) -> bool:
    """Whether a page of a survey of this kind was ever opened, with its hour known."""
    query = (
        select(col(SurveyHour.survey_id))
        .join(Survey, col(Survey.id) == col(SurveyHour.survey_id))
        .where(col(Survey.workspace_id) == workspace_id, col(Survey.kind) == kind)
        .limit(1)
    )
    return session.scalars(query).first() is not None


def keep_answer(session: Session, survey: Survey, *, key: str, score: int, words: str, now: datetime) -> bool:
    """Keep an answer; False: whoever holds this key has answered already."""
    row: dict[str, Any] = {
        "id": new_id(), "workspace_id": survey.workspace_id, "file_id": None, "key": key, "is_current": True,
        "at": now, "source": "tabuh", "read_at": now, "survey_id": survey.id, "kind": survey.kind,
        "score": score, "words": words,
    }  # fmt: skip
    return insert_or_leave(session, Answer, [row]) == 1


def answers(session: Session, survey: Survey, *, limit: int = 200) -> Sequence[Answer]:
    """The newest answers given on the page."""
    query = (
        select(Answer)
        .where(
            col(Answer.workspace_id) == survey.workspace_id,
            col(Answer.survey_id) == survey.id,
            col(Answer.is_current).is_(True),
        )
        .order_by(col(Answer.id).desc())
        .limit(limit)
    )
    return session.scalars(query).all()
