"""What a person sets on a route besides its feeds and its channel."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Self

from domain.errors import UsageError
from domain.route import clean_words
from scheduler.templating import DEFAULT_TEMPLATE, check_template, clean_utm
from store.tables import Route

#: When a post goes out, and what happens to one that a down-time made late.
TIMINGS: Final = ("next_slot", "at_once")
LATE: Final = ("send", "skip", "ask")


@dataclass(frozen=True, slots=True)
class Rules:
    """Template, words, links, timing and approval of a route."""

    template: str = DEFAULT_TEMPLATE
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    #: Such as ``{"source": "{{ platform }}", "medium": "social"}``.
    utm: Mapping[str, str] = field(default_factory=dict)
    shorten: bool = True
    timing: str = "next_slot"
    needs_approval: bool = False
    late: str = "send"

    @classmethod
    def of(cls, route: Route) -> Self:
        """The rules of a route that is stored."""
        return cls(
            template=route.template,
            include=tuple(route.include),
            exclude=tuple(route.exclude),
            utm=dict(route.utm),
            shorten=route.shorten,
            timing=route.timing,
            needs_approval=route.needs_approval,
            late=route.late,
        )

    def checked(self) -> Self:
        """The rules as they can be stored.

        Raises:
            UsageError: says what is wrong, and what is possible instead.
        """
        check_template(self.template)
        _one_of("timing", self.timing, TIMINGS)
        _one_of("late", self.late, LATE)
        return replace(
            self,
            include=clean_words(self.include),
            exclude=clean_words(self.exclude),
            utm=clean_utm(self.utm),
        )

    def columns(self) -> dict[str, Any]:
        """As the columns of a route's row."""
        values = asdict(self)
        return values | {"include": list(self.include), "exclude": list(self.exclude), "utm": dict(self.utm)}


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"Unknown {name} {value!r}. Known: {', '.join(known)}.")
