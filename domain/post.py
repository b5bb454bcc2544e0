"""The states of a post and the moves between them."""

from collections.abc import Mapping
from enum import StrEnum

from domain.errors import IllegalMove


class PostState(StrEnum):
    """Where a post stands; DESIGN draws the picture."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    PUBLISHING = "publishing"
    PUBLISHED = "published"
    UNCERTAIN = "uncertain"
    FAILED = "failed"
    SKIPPED = "skipped"


S = PostState
MOVES: Mapping[PostState, frozenset[PostState]] = {
    S.DRAFT: frozenset({S.AWAITING_APPROVAL, S.QUEUED, S.SKIPPED}),
    S.AWAITING_APPROVAL: frozenset({S.QUEUED, S.DRAFT, S.SKIPPED}),
    S.QUEUED: frozenset({S.PUBLISHING, S.DRAFT, S.AWAITING_APPROVAL, S.SKIPPED, S.FAILED, S.UNCERTAIN}),
    S.PUBLISHING: frozenset({S.PUBLISHED, S.QUEUED, S.FAILED, S.UNCERTAIN}),
    S.UNCERTAIN: frozenset({S.PUBLISHED, S.QUEUED, S.SKIPPED, S.FAILED}),
    S.FAILED: frozenset({S.QUEUED, S.DRAFT, S.AWAITING_APPROVAL, S.SKIPPED}),
    S.SKIPPED: frozenset({S.DRAFT, S.AWAITING_APPROVAL, S.QUEUED, S.UNCERTAIN}),
    S.PUBLISHED: frozenset(),
}

#: States with work for a machine; in every other state ``next_at`` is NULL.
WORKED = frozenset({S.QUEUED, S.PUBLISHING, S.UNCERTAIN})

#: States in which a post holds its slot; in every other state ``slot_at`` is NULL.
HOLDS_SLOT = frozenset(
    {S.DRAFT, S.AWAITING_APPROVAL, S.QUEUED, S.PUBLISHING, S.UNCERTAIN, S.PUBLISHED, S.FAILED}
)

#: States from which a person may take a post out, and those that one may edit.
SKIPPABLE = frozenset(state for state, moves in MOVES.items() if S.SKIPPED in moves)
EDITABLE = frozenset({S.DRAFT, S.AWAITING_APPROVAL, S.QUEUED, S.FAILED})


class Sender(StrEnum):
    """Who put a post on its platform."""

    TABUH = "tabuh"
    #: Written there; Tabuh only measures it.
    NATIVE = "native"


class PlacedBy(StrEnum):
    """Whose word a planned time is; automation never moves a person's."""

    PERSON = "person"
    AUTOMATION = "automation"


class AttemptOutcome(StrEnum):
    """How one publish call ended; NULL in the row while nobody knows."""

    PUBLISHED = "published"
    NOT_SENT = "not_sent"
    RATE_LIMITED = "rate_limited"
    NEEDS_RECONNECT = "needs_reconnect"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    #: Later calls of a post that is out, made by people.
    DELETED = "deleted"
    EDITED = "edited"


class Fate(StrEnum):
    """What became of an entry on a route; every entry has exactly one."""

    POSTED = "posted"
    QUEUED = "queued"
    HELD = "held"
    FILTERED = "filtered"
    DUPLICATE = "duplicate"
    SKIPPED = "skipped"
    FAILED = "failed"


#: The fate of an entry whose post is in this state.
FATE_OF: Mapping[PostState, Fate] = {
    S.DRAFT: Fate.HELD,
    S.AWAITING_APPROVAL: Fate.HELD,
    S.QUEUED: Fate.QUEUED,
    S.PUBLISHING: Fate.QUEUED,
    S.UNCERTAIN: Fate.QUEUED,
    S.PUBLISHED: Fate.POSTED,
    S.FAILED: Fate.FAILED,
    S.SKIPPED: Fate.SKIPPED,
}


def check_move(old: PostState, new: PostState) -> None:
    """Raise `IllegalMove` unless a post may go from ``old`` to ``new``."""
    if new not in MOVES[old]:
        raise IllegalMove(f"A post that is {words(old)} cannot become {words(new)}.")


def check_persons_move(old: PostState, new: PostState) -> None:
    """As `check_move`, for a person's word: it never interrupts a publish call."""
    if old == PostState.PUBLISHING:
        raise IllegalMove("The post is being published right now. Wait a moment, and look how it ended.")
    check_move(old, new)


def words(state: PostState) -> str:
    """The state as people read it."""
    return state.value.replace("_", " ")
