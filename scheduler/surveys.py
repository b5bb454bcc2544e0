"""Asking one question behind a short link: CSAT or NPS, one answer for each link or each person and day."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session

from analytics.intervals import Estimate, net_promoter_score, wilson
from domain.errors import NotFound, UsageError
from domain.ids import new_id
from domain.period import Span
from domain.schedule import zone
from scheduler.context import Context
from scheduler.following import day_hash
from scheduler.imports import workspace_secret
from store import brought, salts, surveys, workspaces
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import Answer, Survey
from store.upsert import save_unique

#: Kind → the lowest and the highest answer.
SCORES: Final[Mapping[str, tuple[int, int]]] = {"csat": (1, 5), "nps": (0, 10)}
LONGEST_WORDS: Final = 1_000
LONGEST_QUESTION: Final = 300
#: Links that are made at once.
MOST_LINKS: Final = 1_000
#: Base 58: no 0 and O, no I and l.
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_CODE, _NONCE, _SIGN = 8, 10, 16
CLOSED: Final = "This survey is closed. Thank you all the same."


@dataclass(frozen=True, slots=True)
class Tally:
    """How a survey stands."""

    survey: Survey
    #: Answer → how often it was given.
    scores: Mapping[int, int]

    @property
    def answered(self) -> int:
        """Answers given on the page."""
        return sum(self.scores.values())

    @property
    def rate(self) -> float | None:
        """Answers for each page that a person opened, at most 1; None: nobody opened it."""
        return min(1.0, self.answered / self.survey.opened) if self.survey.opened else None

    @property
    def score(self) -> Estimate | None:
        """CSAT in percent, or NPS in points, with its interval; None: nobody answered."""
        if not self.answered:
            return None
        if self.survey.kind == "csat":
            found = wilson(self.scores.get(4, 0) + self.scores.get(5, 0), self.answered)
            return Estimate(100 * found.value, 100 * found.lower, 100 * found.upper)
        up = self.scores.get(9, 0) + self.scores.get(10, 0)
        down = sum(number for score, number in self.scores.items() if score <= 6)
        return net_promoter_score(up, self.answered - up - down, down)


def add_survey(
    context: Context, workspace_id: int, *, name: str, kind: str, question: str = "",
    closes_on: date | None = None, actor: Actor,
) -> Survey:  # fmt: skip
    """Ask a question; ``closes_on`` is the last day on which it can be answered, on the workspace's clock.

    Raises:
        UsageError: no such kind, a name that is taken, or a last day that is over.
    """
    now = context.clock()
    clean = " ".join(name.split())
    if not 1 <= len(clean) <= 80:
        raise UsageError("Give the survey a name of 1 to 80 characters.")
    if kind not in SCORES:
        raise UsageError("A survey asks for csat (1 to 5) or nps (0 to 10).")
    if len(question) > LONGEST_QUESTION:
        raise UsageError(f"A question has at most {LONGEST_QUESTION} characters.")
    with writing(context.engine) as session:
        ends = _end(closes_on, workspaces.get(session, workspace_id).zone)
        if ends is not None and ends <= now:
            raise UsageError("The last day is over: name one that lies ahead.")
        row = Survey(
            id=new_id(), workspace_id=workspace_id, name=clean, code=_drawn(_CODE), kind=kind,
            question=" ".join(question.split()), closes_at=ends, created_at=now,
        )  # fmt: skip
        save_unique(
            session, row, otherwise=f"There is a survey called {clean!r} already: choose another name."
        )
        _note(session, row, "added", actor, now=now)
        session.commit()
    return row


def _end(last: date | None, zone_name: str) -> datetime | None:
    return None if last is None else Span(last, last + timedelta(days=1)).bounds(zone(zone_name))[1]


def close_survey(context: Context, workspace_id: int, survey_id: int, *, actor: Actor) -> Survey:
    """Take no more answers; those given stay.

    Raises:
        NotFound: there is no such survey.
        UsageError: it is closed already.
    """
    now = context.clock()
    with writing(context.engine) as session:
        row = surveys.get(session, workspace_id, survey_id)
        if row.closed_at is not None:
            raise UsageError(f"The survey {row.name!r} is closed already.")
        row.closed_at = now
        session.add(row)
        _note(session, row, "closed", actor, now=now)
        session.commit()
    return row


def tally(context: Context, workspace_id: int, survey_id: int) -> Tally:
    """How a survey stands. Raises `NotFound`."""
    with reading(context.engine) as session:
        row = surveys.get(session, workspace_id, survey_id)
        found = brought.spread(
            session, Answer, workspace_id, "score", start=None, end=None, equal={"survey_id": row.id}
        )
    return Tally(row, {int(score): number for score, number in found.items()})


def address(context: Context, row: Survey) -> str:
    """Where people answer."""
    return f"{context.public_url}/s/{row.code}"


def personal_links(context: Context, row: Survey, number: int) -> list[str]:
    """Addresses that each take one answer, for a mailing or a receipt; nothing of them is stored.

    Raises:
        UsageError: none, or more than `MOST_LINKS`.
    """
    if not 1 <= number <= MOST_LINKS:
        raise UsageError(f"Ask for 1 to {MOST_LINKS:,} links at a time.")
    secret = workspace_secret(context, row.workspace_id)
    nonces = [_drawn(_NONCE) for _ in range(number)]
    return [f"{address(context, row)}?t={nonce}{_sign(secret, row, nonce)}" for nonce in nonces]


def _sign(secret: bytes, row: Survey, nonce: str) -> str:
    return hmac.new(secret, f"survey {row.id} {nonce}".encode(), hashlib.sha256).hexdigest()[:_SIGN]


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def open_survey(context: Context, code: str) -> Survey:
    """The survey behind a short link, open or not. Raises `NotFound`."""
    with reading(context.engine) as session:
        row = surveys.by_code(session, code)
    if row is None:
        raise NotFound("This link leads to no survey. It may be mistyped.")
    return row


def is_open(row: Survey, now: datetime) -> bool:
    """Whether it can be answered."""
    return row.closed_at is None and (row.closes_at is None or now < row.closes_at)


def note_opened(context: Context, row: Survey) -> None:
    """One more person opened the page."""
    with writing(context.engine) as session:
        surveys.count_opened(session, row.id, now=context.clock())
        session.commit()


def answer(
    context: Context, row: Survey, *, score: str, words: str, token: str, caller: str, agent: str
) -> bool:
    """Take an answer; False: it was given already, by this link or by this person today.

    Args:
        context: as ever.
        row: of the survey.
        score: as the form sent it.
        words: what was written beside it; may be empty.
        token: of a personal link; empty: the link that all have.
        caller: address of whoever answers; only a hash that dies with the day is made of it.
        agent: the browser's name, likewise.

    Raises:
        UsageError: closed, no such score, or a personal link that was not made here.
    """
    now = context.clock()
    if not is_open(row, now):
        raise UsageError(CLOSED)
    least, most = SCORES[row.kind]
    if not (score.isascii() and score.isdecimal() and len(score) < 3 and least <= int(score) <= most):
        raise UsageError(f"Choose an answer from {least} to {most}.")
    secret = workspace_secret(context, row.workspace_id)
    nonce = token[:-_SIGN]
    if token and not hmac.compare_digest(token[-_SIGN:].encode(), _sign(secret, row, nonce).encode()):
        raise UsageError("This personal link is damaged. Open it again from where you got it.")
    with writing(context.engine) as session:
        if token:
            who = f"link {nonce}"
        else:
            where = workspaces.get(session, row.workspace_id).zone
            day = salts.day_of(now, where)
            salt = salts.of_days(session, [(row.workspace_id, where, day)], now=now)[row.workspace_id, day]
            of_survey = hmac.new(salt, f"survey {row.id}".encode(), hashlib.sha256).digest()
            who = f"day {day} {day_hash(of_survey, caller, agent)}"
        key = hashlib.sha256(f"{row.id} {who}".encode()).hexdigest()
        is_new = surveys.keep_answer(
            session, row, key=key, score=int(score), words=words.strip()[:LONGEST_WORDS], now=now
        )
        session.commit()
    return is_new


def _note(session: Session, row: Survey, what: str, actor: Actor, *, now: datetime) -> None:
    record(
        session, actor, what, subject="survey", subject_id=row.id, workspace_id=row.workspace_id, now=now,
        after={"name": row.name, "kind": row.kind},
    )  # fmt: skip
