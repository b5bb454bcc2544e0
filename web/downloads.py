"""Charts by name and parameters: each page that shows one says here how it is made for a download."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session
from starlette.datastructures import QueryParams

from domain.errors import NotFound
from web.auth import Member
from web.charts import Chart
from web.deps import WebContext
from web.i18n import Voice


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who wants a chart, and with which parameters."""

    web: WebContext
    session: Session
    me: Member
    voice: Voice
    now: datetime
    query: QueryParams

    def number(self, name: str) -> int:
        """A parameter that is a row's number. Raises `NotFound` where it is none."""
        return self.numbers(name)[0]

    def numbers(self, name: str) -> list[int]:
        """Numbers of rows, at least one. Raises `NotFound` where one of them is none."""
        found = self.query.getlist(name)
        if not found or not all(one.isascii() and one.isdecimal() and len(one) < 20 for one in found):
            raise NotFound("There is no such chart.")
        return [min(int(one), 2**63 - 1) for one in found]


Maker = Callable[[Wanted], Chart | None]
#: How charts are made, by name.
MAKERS: dict[str, Maker] = {}


def makes(name: str) -> Callable[[Maker], Maker]:
    """Register the maker of a chart; the name is part of the address of its download."""

    def register(maker: Maker) -> Maker:
        MAKERS[name] = maker
        return maker

    return register
