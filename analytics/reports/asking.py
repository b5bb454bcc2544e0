"""What a report asks about: whose, which period, and what the platforms can give."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from domain.definition import Supplies
from domain.period import Every, Span
from domain.schedule import zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One period of one workspace, seen at ``now`` (UTC), which is after its end or within it."""

    session: Session
    workspace_id: int
    every: Every
    span: Span
    before: Span
    zone_name: str
    supplies: Supplies
    now: datetime

    @property
    def where(self) -> ZoneInfo:
        return zone(self.zone_name)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """The instants (UTC) between which the period lies, the second excluded."""
        return self.span.bounds(self.where)
