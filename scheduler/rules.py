"""What a person sets on a route besides its feeds and its channel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Self

from domain.errors import UsageError
from domain.filters import Group, checked_groups, groups_from, groups_json
from domain.route import clean_words
from domain.spread import Pace
from domain.wording import Picture, Tags, picture_from, tags_from, wording_json
from scheduler.composing import Wording
from scheduler.patterns import check_pattern
from scheduler.templating import DEFAULT_TEMPLATE, check_template, clean_utm
from store.tables import Route

#: When a post goes out, and what happens to one that a down-time made late.
TIMINGS: Final = ("next_slot", "at_once")
LATE: Final = ("send", "skip", "ask")
#: Longest text before or after the template's, and longest template of a picture's words, in characters.
MAX_FRAME: Final = 500


@dataclass(frozen=True, slots=True)
class Rules:
    """What a route lets through, what it says, and when."""

    #: Empty: the channel's own, or title and link.
    template: str = DEFAULT_TEMPLATE
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    filters: Sequence[Group] = ()
    #: Before and after the template's text; templates themselves.
    prefix: str = ""
    suffix: str = ""
    tags: Tags = field(default_factory=Tags)
    picture: Picture = field(default_factory=Picture)
    #: Such as ``{"source": "{{ platform }}", "medium": "social"}``.
    utm: Mapping[str, str] = field(default_factory=dict)
    shorten: bool = True
    timing: str = "next_slot"
    pace: Pace = field(default_factory=Pace)
    needs_approval: bool = False
    late: str = "send"

    @classmethod
    def of(cls, route: Route) -> Self:
        """The rules of a route that is stored."""
        return cls.read({name: getattr(route, name) for name in _COLUMNS})

    @classmethod
    def read(cls, columns: Mapping[str, Any]) -> Self:
        """The rules of a route's columns, all of which are there."""
        values = {name: columns[name] for name in ("template", "shorten", "timing", "needs_approval", "late")}
        pace = Pace(
            columns["per_run"], columns["per_day"], columns["gap_minutes"] or 0, columns["newest_first"]
        )
        return cls(
            **values,
            include=tuple(columns["include"]),
            exclude=tuple(columns["exclude"]),
            filters=groups_from(columns["filters"] or ()),
            prefix=columns["prefix"] or "",
            suffix=columns["suffix"] or "",
            tags=tags_from(columns["tags"]),
            picture=picture_from(columns["picture"]),
            utm=dict(columns["utm"]),
            pace=pace,
        )

    def checked(self) -> Self:
        """The rules as they can be stored.

        Raises:
            UsageError: says what is wrong, and what is possible instead.
        """
        for name, text in (("text before", self.prefix), ("text after", self.suffix)):
            if len(text) > MAX_FRAME:
                raise UsageError(f"The {name} is longer than {MAX_FRAME} characters: shorten it.")
        if len(self.picture.alt) > MAX_FRAME:
            raise UsageError(f"The words of a picture are longer than {MAX_FRAME} characters: shorten them.")
        for template in (self.template, self.prefix, self.suffix, self.picture.alt):
            check_template(template)
        _one_of("timing", self.timing, TIMINGS)
        _one_of("late", self.late, LATE)
        return replace(
            self,
            include=clean_words(self.include),
            exclude=clean_words(self.exclude),
            filters=checked_groups(self.filters, check_pattern=check_pattern),
            tags=self.tags.checked(),
            picture=self.picture.checked(),
            utm=clean_utm(self.utm),
            pace=self.pace.checked(),
        )

    def columns(self) -> dict[str, Any]:
        """As the columns of a route's row."""
        return {
            "template": self.template,
            "include": list(self.include),
            "exclude": list(self.exclude),
            "filters": groups_json(self.filters) or None,
            "prefix": self.prefix or None,
            "suffix": self.suffix or None,
            "tags": wording_json(self.tags),
            "picture": wording_json(self.picture),
            "utm": dict(self.utm),
            "shorten": self.shorten,
            "timing": self.timing,
            "per_run": self.pace.per_run,
            "per_day": self.pace.per_day,
            "gap_minutes": self.pace.gap_minutes or None,
            "newest_first": self.pace.newest_first,
            "needs_approval": self.needs_approval,
            "late": self.late,
        }

    def wording(self, channels_own: str | None) -> Wording:
        """The route's words; ``channels_own`` is the channel's template, for a route that has none."""
        template = self.template or channels_own or DEFAULT_TEMPLATE
        return Wording(template, self.prefix, self.suffix, self.tags, self.picture)


_COLUMNS: Final = tuple(Rules().columns())


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise UsageError(f"Unknown {name} {value!r}. Known: {', '.join(known)}.")
