"""Figures that are not counted of posts: one provider for each subject."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlmodel import Session

from analytics.imported_figures import Imported
from analytics.site_figures import SiteFigures
from domain.definition import Definition, Subject
from domain.figure import Figure
from domain.kpi import Scope
from domain.sentence import Sentence

if TYPE_CHECKING:
    from analytics.sums import Stretch


class Outside(Protocol):
    """Counts the figures of one subject."""

    def figure(
        self, session: Session, definition: Definition, stretch: "Stretch", *, workspace_id: int, scope: Scope
    ) -> Figure:
        """The figure over a stretch of time, with its passport, or why it is absent."""
        ...

    def slices(
        self,
        session: Session,
        definition: Definition,
        *,
        workspace_id: int,
        scope: Scope,
        start: datetime,
        end: datetime,
    ) -> Sequence[tuple[datetime, float]]:
        """What happened at which instant of [start, end) (UTC), in no order; for figures that add up."""
        ...

    def lacking(
        self, session: Session, definition: Definition, *, workspace_id: int, scope: Scope
    ) -> Sentence | None:
        """Why the figure cannot be had in this scope; None: it can."""
        ...


#: The provider of each subject but posts.
OUTSIDE: Mapping[Subject, Outside] = {
    Subject.SITES: SiteFigures(),
    **dict.fromkeys(
        (
            Subject.ADS,
            Subject.ORDERS,
            Subject.CUSTOMERS,
            Subject.ANSWERS,
            Subject.TESTIMONIALS,
            Subject.MENTIONS,
            Subject.TOOLS,
        ),
        Imported(),
    ),
}


def figure(
    session: Session, definition: Definition, stretch: "Stretch", *, workspace_id: int, scope: Scope
) -> Figure:
    """See `Outside.figure`."""
    return OUTSIDE[definition.subject].figure(
        session, definition, stretch, workspace_id=workspace_id, scope=scope
    )


def slices(
    session: Session,
    definition: Definition,
    *,
    workspace_id: int,
    scope: Scope,
    start: datetime,
    end: datetime,
) -> Sequence[tuple[datetime, float]]:
    """See `Outside.slices`."""
    return OUTSIDE[definition.subject].slices(
        session, definition, workspace_id=workspace_id, scope=scope, start=start, end=end
    )


def lacking(session: Session, definition: Definition, *, workspace_id: int, scope: Scope) -> Sentence | None:
    """See `Outside.lacking`; None for figures of posts."""
    if not definition.outside:
        return None
    return OUTSIDE[definition.subject].lacking(session, definition, workspace_id=workspace_id, scope=scope)
