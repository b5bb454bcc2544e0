"""A route's rules in words, for the pages."""

from collections.abc import Iterator

from domain.filters import Effect
from domain.spread import Pace
from domain.wording import Picture, Tags
from scheduler.rules import Rules
from web.i18n import Voice
from web.i18n import marked as N_
from web.route_rules import group_words

TIMINGS = {
    "next_slot": N_("The next free slot of the channel's posting schedule"),
    "at_once": N_("At once"),
}
LATE = {
    "send": N_("As the channel says; otherwise send it late"),
    "skip": N_("Skip it"),
    "ask": N_("Ask a person"),
}
PICTURES = {
    "entry": N_("The one that the feed gives"),
    "content": N_("The first in the text"),
    "none": N_("None"),
}


def rule_words(rules: Rules, voice: Voice) -> list[tuple[str, str]]:
    """What a route does with an entry, as (question, answer); what it does not do is left out."""
    _ = voice.gettext
    told = [
        (_("Only entries with"), ", ".join(rules.include)),
        (_("No entry with"), ", ".join(rules.exclude)),
        *_groups(rules, voice),
        (_("Text before"), rules.prefix),
        (_("Text after"), rules.suffix),
        (_("Hashtags"), _tags(rules.tags, voice)),
        (_("Picture"), _picture(rules.picture, voice)),
        (_("When it goes out"), _(TIMINGS[rules.timing])),
        (_("At most"), _caps(rules.pace, voice)),
        (_("Apart"), _gap(rules.pace, voice)),
        (_("Approval"), _("a person releases each post") if rules.needs_approval else _("none needed")),
        (_("A post that a down-time made late"), _(LATE[rules.late])),
        (_("Links"), _("by our own short links") if rules.shorten else _("as they are")),
        (_("UTM parameters"), ", ".join(f"{name}={value}" for name, value in rules.utm.items())),
    ]
    return [(question, answer) for question, answer in told if answer]


def _groups(rules: Rules, voice: Voice) -> Iterator[tuple[str, str]]:
    _ = voice.gettext
    for group in rules.filters:
        yield (_("Only if") if group.act is Effect.ONLY else _("Never if")), group_words(group, voice)


def _tags(tags: Tags, voice: Voice) -> str:
    if tags == Tags():
        return ""
    instead = (f"{name} → {tag or '–'}" for name, tag in tags.instead.items())
    most = voice.ngettext("at most %(num)s", "at most %(num)s", tags.most)
    return ", ".join([*tags.always, *instead, most])


def _picture(picture: Picture, voice: Voice) -> str:
    _ = voice.gettext
    if picture == Picture():
        return ""
    parts = [_(PICTURES[picture.source])]
    if picture.least_width:
        parts.append(_("at least %(width)s pixels wide", width=voice.number(picture.least_width)))
    if picture.fallback:
        parts.append(_("else %(address)s", address=picture.fallback))
    return ", ".join(parts)


def _caps(pace: Pace, voice: Voice) -> str:
    _ = voice.gettext
    told = []
    if pace.per_run:
        told.append(_("%(number)s of one poll", number=voice.number(pace.per_run)))
    if pace.per_day:
        told.append(_("%(number)s a day", number=voice.number(pace.per_day)))
    order = _("newest first") if pace.newest_first else _("oldest first")
    return f"{', '.join(told)}, {order}" if told else ""


def _gap(pace: Pace, voice: Voice) -> str:
    if not pace.gap_minutes:
        return ""
    return voice.ngettext("%(num)s minute", "%(num)s minutes", pace.gap_minutes)
