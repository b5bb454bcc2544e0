"""The form of a route: what was typed, the rules it means, and a route's rules in words."""

from collections.abc import Sequence
from typing import Self

from pydantic import Field

from domain.route import UTM_NAMES
from scheduler.rules import Rules
from scheduler.templating import DEFAULT_TEMPLATE
from store.tables import Route
from web.i18n import Voice
from web.i18n import marked as N_
from web.typed import ExistingForm, Typed

#: The answer that leaves to each feed what was chosen when it was added.
AS_ADDED = "as_added"
#: UTM parameters that have a field of their own.
UTM_FIELDS = ("source", "medium", "campaign")

TIMINGS = {
    "next_slot": N_("The next free slot of the channel's posting schedule"),
    "at_once": N_("At once"),
}
LATE = {
    "send": N_("Send it late, and say why"),
    "skip": N_("Skip it"),
    "ask": N_("Ask a person"),
}


class RouteForm(ExistingForm):
    """A route to add or to change; names of fields are those of the page."""

    name: Typed = ""
    feed: list[Typed] = Field(default_factory=list)
    channel: Typed = ""
    template: Typed = DEFAULT_TEMPLATE
    include: Typed = ""
    exclude: Typed = ""
    utm_source: Typed = ""
    utm_medium: Typed = ""
    utm_campaign: Typed = ""
    shorten: Typed = ""
    timing: Typed = "next_slot"
    approval: Typed = ""
    late: Typed = "send"
    existing: Typed = AS_ADDED
    act: Typed = "look"

    @classmethod
    def of(cls, route: Route) -> Self:
        """The form as it stands for a route that is there."""
        utm = {f"utm_{name}": route.utm.get(f"utm_{name}", "") for name in UTM_FIELDS}
        return cls(
            name=route.name,
            channel=str(route.channel_id),
            template=route.template,
            include="\n".join(route.include),
            exclude="\n".join(route.exclude),
            shorten="on" if route.shorten else "",
            timing=route.timing,
            approval="on" if route.needs_approval else "",
            late=route.late,
            **utm,
        )

    @property
    def feed_ids(self) -> list[int]:
        """The feeds that were ticked; what is no number is passed over."""
        return [int(each) for each in self.feed if _is_id(each)]

    @property
    def channel_id(self) -> int | None:
        """The channel that was chosen; None: none was."""
        return int(self.channel) if _is_id(self.channel) else None

    def choice(self, voice: Voice) -> str | None:
        """As `ExistingForm.choice`; None too when each feed's own choice shall hold."""
        return None if self.existing == AS_ADDED else super().choice(voice)

    def rules(self, kept: Rules = Rules()) -> Rules:
        """The rules that were typed, not checked yet; UTM parameters without a field stay as they are."""
        typed = {"source": self.utm_source, "medium": self.utm_medium, "campaign": self.utm_campaign}
        others = {f"utm_{name}" for name in UTM_NAMES if name not in UTM_FIELDS}
        return Rules(
            template=self.template,
            include=_words(self.include),
            exclude=_words(self.exclude),
            utm={name: text for name, text in kept.utm.items() if name in others} | typed,
            shorten=bool(self.shorten),
            timing=self.timing,
            needs_approval=bool(self.approval),
            late=self.late,
        )


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _words(text: str) -> Sequence[str]:
    """Words and phrases, one a line or with commas between them."""
    return [part for line in text.splitlines() for part in line.split(",") if part.strip()]


def rule_words(rules: Rules, voice: Voice) -> list[tuple[str, str]]:
    """What a route does with an entry, as (question, answer); what it does not do is left out."""
    _ = voice.gettext
    told = [
        (_("Only entries with"), ", ".join(rules.include)),
        (_("No entry with"), ", ".join(rules.exclude)),
        (_("When it goes out"), _(TIMINGS[rules.timing])),
        (_("Approval"), _("a person releases each post") if rules.needs_approval else _("none needed")),
        (_("A post that a down-time made late"), _(LATE[rules.late])),
        (_("Links"), _("by our own short links") if rules.shorten else _("as they are")),
        (_("UTM parameters"), ", ".join(f"{name}={value}" for name, value in rules.utm.items())),
    ]
    return [(question, answer) for question, answer in told if answer]
