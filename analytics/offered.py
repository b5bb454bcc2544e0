"""What a scope can be measured by, what not and why, and what a figure was lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from analytics import outside
from analytics.scopes import channels_in
from analytics.sums import Stretch, figure_over
from domain.catalogue import CATALOGUE
from domain.definition import Definition, Supplies
from domain.figure import Figure
from domain.goals import GOALS, OWN
from domain.kpi import NewKpi, Scope, check
from domain.period import Every
from domain.sentence import Sentence

#: Over which days a figure is shown before a target is set.
LATELY = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class Offered:
    """The catalogue, split by what the channels in a scope supply."""

    #: Those that speak of the goal first.
    able: Sequence[Definition]
    #: How many of `able` speak of the goal.
    fitting: int
    unable: Sequence[tuple[Definition, Sequence[Sentence]]]


def offered(
    session: Session, workspace_id: int, scope: Scope, *, supplies: Supplies, now: datetime, goal: str = ""
) -> Offered:
    """What can be measured in a scope. Raises `NotFound` for a scope elsewhere."""
    platforms = [row.platform for row in channels_in(session, workspace_id, scope)]
    able, unable = [], []
    for key, definition in CATALOGUE.items():
        trial = NewKpi(name="x", metric=key, target=1, scope=scope, every=Every.MONTH, starts_on=now.date())
        reasons = check(trial, platforms=platforms, supplies=supplies, today=now.date())
        lacking = outside.lacking(session, definition, workspace_id=workspace_id, scope=scope)
        reasons += [lacking] if lacking is not None else []
        if reasons:
            unable.append((definition, tuple(reasons)))
        else:
            able.append(definition)
    wanted = GOALS.get(goal)
    if wanted is None or wanted.key == OWN:
        return Offered(able, 0, unable)
    fitting = [one for one in able if wanted.fits(one)]
    return Offered([*fitting, *(one for one in able if one not in fitting)], len(fitting), unable)


def lately(
    session: Session,
    workspace_id: int,
    definition: Definition,
    scope: Scope,
    *,
    supplies: Supplies,
    now: datetime,
) -> Figure:
    """The figure over the last four weeks."""
    stretch = Stretch(now - LATELY, now, now)
    return figure_over(
        session, definition, stretch, workspace_id=workspace_id, scope=scope, supplies=supplies
    )
