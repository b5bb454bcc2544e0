"""The form of a route: what was typed, and the rules it means."""

from collections.abc import Mapping, Sequence
from typing import Any, Self

from pydantic import Field

from domain.route import UTM_NAMES
from domain.spread import Pace
from domain.wording import Picture, Tags
from scheduler.rules import Rules
from scheduler.templating import DEFAULT_TEMPLATE
from store.tables import Route
from web.i18n import Voice
from web.posted import Mistake
from web.route_rules import RuleRow, groups_of, rows_of
from web.typed import ExistingForm, Typed

#: The answer that leaves to each feed what was chosen when it was added.
AS_ADDED = "as_added"
#: UTM parameters that have a field of their own.
UTM_FIELDS = ("source", "medium", "campaign")
#: Rows for rules that a form offers beside those that are filled.
_BLANK = 2


class RouteForm(ExistingForm):
    """A route to add or to change; names of fields are those of the page."""

    name: Typed = ""
    feed: list[Typed] = Field(default_factory=list)
    channel: Typed = ""
    template: Typed = DEFAULT_TEMPLATE
    prefix: Typed = ""
    suffix: Typed = ""
    tags_instead: Typed = ""
    tags_always: Typed = ""
    tags_most: Typed = ""
    picture: Typed = "entry"
    picture_width: Typed = ""
    picture_instead: Typed = ""
    picture_alt: Typed = ""
    include: Typed = ""
    exclude: Typed = ""
    rule_joint: list[Typed] = Field(default_factory=list)
    rule_field: list[Typed] = Field(default_factory=list)
    rule_how: list[Typed] = Field(default_factory=list)
    rule_value: list[Typed] = Field(default_factory=list)
    utm_source: Typed = ""
    utm_medium: Typed = ""
    utm_campaign: Typed = ""
    shorten: Typed = ""
    timing: Typed = "next_slot"
    per_run: Typed = ""
    per_day: Typed = ""
    gap: Typed = ""
    first: Typed = "oldest"
    approval: Typed = ""
    late: Typed = "send"
    existing: Typed = AS_ADDED
    days: Typed = "30"
    act: Typed = "look"

    @classmethod
    def of(cls, route: Route) -> Self:
        """The form as it stands for a route that is there."""
        rules = Rules.of(route)
        utm: dict[str, Any] = {f"utm_{name}": rules.utm.get(f"utm_{name}", "") for name in UTM_FIELDS}
        rows = rows_of(rules.filters)
        return cls(
            name=route.name,
            channel=str(route.channel_id),
            template=rules.template,
            include="\n".join(rules.include),
            exclude="\n".join(rules.exclude),
            rule_joint=[row.joint for row in rows],
            rule_field=[row.field for row in rows],
            rule_how=[row.how for row in rows],
            rule_value=[row.value for row in rows],
            shorten="on" if rules.shorten else "",
            timing=rules.timing,
            approval="on" if rules.needs_approval else "",
            late=rules.late,
            **utm,
            **_wording(rules),
            **_pace(rules.pace),
        )

    @property
    def feed_ids(self) -> list[int]:
        """The feeds that were ticked; what is no number is passed over."""
        return [int(each) for each in self.feed if _is_id(each)]

    @property
    def channel_id(self) -> int | None:
        """The channel that was chosen; None: none was."""
        return int(self.channel) if _is_id(self.channel) else None

    @property
    def rows(self) -> list[RuleRow]:
        """The rows of rules that were filled, and some that are blank."""
        typed = zip(self.rule_joint, self.rule_field, self.rule_how, self.rule_value, strict=False)
        filled = [row for row in (RuleRow(*parts) for parts in typed) if row.value.strip()]
        return [*filled, *[RuleRow()] * _BLANK]

    def choice(self, voice: Voice) -> str | None:
        """As `ExistingForm.choice`; None too when each feed's own choice shall hold."""
        return None if self.existing == AS_ADDED else super().choice(voice)

    def rules(self, voice: Voice, kept: Rules = Rules()) -> Rules:
        """The rules that were typed, not checked yet; UTM parameters without a field stay as they are.

        Raises:
            Mistake: a field cannot be read.
            UsageError: a rule cannot be read.
        """
        typed = {"source": self.utm_source, "medium": self.utm_medium, "campaign": self.utm_campaign}
        others = {f"utm_{name}" for name in UTM_NAMES if name not in UTM_FIELDS}
        most = _number("tags_most", self.tags_most, voice)
        return Rules(
            template=self.template if self.template.strip() else "",
            prefix=self.prefix,
            suffix=self.suffix,
            tags=Tags(
                _instead(self.tags_instead, voice),
                tuple(self.tags_always.replace(",", " ").split()),
                Tags().most if most is None else most,
            ),
            picture=Picture(
                self.picture,
                _number("picture_width", self.picture_width, voice),
                self.picture_instead,
                self.picture_alt,
            ),
            include=_words(self.include),
            exclude=_words(self.exclude),
            filters=groups_of(self.rows, voice),
            utm={name: text for name, text in kept.utm.items() if name in others} | typed,
            shorten=bool(self.shorten),
            timing=self.timing,
            pace=Pace(
                _number("per_run", self.per_run, voice),
                _number("per_day", self.per_day, voice),
                _number("gap", self.gap, voice) or 0,
                self.first == "newest",
            ),
            needs_approval=bool(self.approval),
            late=self.late,
        )


def _wording(rules: Rules) -> dict[str, Any]:
    tags, picture = rules.tags, rules.picture
    return {
        "prefix": rules.prefix,
        "suffix": rules.suffix,
        "tags_instead": "\n".join(f"{name} = {tag}" for name, tag in tags.instead.items()),
        "tags_always": " ".join(tags.always),
        "tags_most": "" if tags.most == Tags().most else str(tags.most),
        "picture": picture.source,
        "picture_width": str(picture.least_width or ""),
        "picture_instead": picture.fallback or "",
        "picture_alt": picture.alt,
    }


def _pace(pace: Pace) -> dict[str, Any]:
    return {
        "per_run": str(pace.per_run or ""),
        "per_day": str(pace.per_day or ""),
        "gap": str(pace.gap_minutes or ""),
        "first": "newest" if pace.newest_first else "oldest",
    }


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _number(field: str, text: str, voice: Voice) -> int | None:
    """None where nothing was typed."""
    typed = text.strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 9):
        raise Mistake(field, voice.gettext("Write a number, or leave this empty."))
    return int(typed)


def _instead(text: str, voice: Voice) -> Mapping[str, str]:
    """Lines such as ``Web development = #webdev``."""
    found = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, tag = line.rpartition("=")
        if not equals or not name.strip():
            raise Mistake(
                "tags_instead",
                voice.gettext("Write a category, an equals sign and its hashtag, such as: Web = #webdev."),
            )
        found[name.strip()] = tag.strip()
    return found


def _words(text: str) -> Sequence[str]:
    """Words and phrases, one a line or with commas between them."""
    return [part for line in text.splitlines() for part in line.split(",") if part.strip()]
