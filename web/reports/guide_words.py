"""What the KPI guide answers about one KPI, in the reader's words."""

from collections.abc import Mapping
from datetime import datetime

from domain.audit import Severity
from domain.definition import LEVELS, OWN_SOURCE, Direction, Shape, Subject
from domain.guide import AuditSeen, FieldSource, Section
from domain.kpi import TargetKind
from domain.sentence import Words
from web.figures import amount
from web.i18n import Voice
from web.i18n import marked as N_
from web.kpi_course import goal_words
from web.kpi_forms import ALERTS, CADENCES, EVERY
from web.said import ended, said, upper

#: What an audit came to, by the worst that it found.
VERDICTS: Mapping[Severity, str] = {
    Severity.FINE: N_("nothing to mend"),
    Severity.LOOK: N_("something to look at"),
    Severity.WRONG: N_("something is wrong"),
}
#: Where figures come from that are not counted of posts.
_OUTSIDE: Mapping[Subject, Words] = {
    Subject.SITES: Words("Tabuh's script on your site", "skrip Tabuh di situs Anda"),
    Subject.ADS: Words("imported: spend on advertisements", "diimpor: belanja iklan"),
    Subject.CLICKERS: Words("counted by Tabuh at its links", "dihitung Tabuh pada tautannya"),
    Subject.ORDERS: Words("imported or reported orders", "pesanan yang diimpor atau dilaporkan"),
    Subject.CUSTOMERS: Words("imported customers and orders", "pelanggan dan pesanan yang diimpor"),
    Subject.ANSWERS: Words("answers to surveys", "jawaban survei"),
    Subject.TESTIMONIALS: Words("testimonials", "testimoni"),
    Subject.MENTIONS: Words("mentions that were found or imported", "sebutan yang ditemukan atau diimpor"),
    Subject.TOOLS: Words("another analytics tool", "alat analitik lain"),
}


def answers(section: Section, audit: AuditSeen | None, voice: Voice) -> list[tuple[str, str]]:
    """What is asked of a KPI, and the answers; empty where there is none."""
    _ = voice.gettext
    other = section.metric.en if voice.language == "id" else section.metric.id
    name, version = said(voice, section.metric), _("version %(version)s", version=section.version)
    return [
        (_("Metric"), name if name == other else f"{name} ({other})"),
        (_("What it means"), said(voice, section.definition)),
        (
            _("Formula"),
            f"{said(voice, section.formula)} ({version})",
        ),
        (
            _("Denominator"),
            said(voice, section.denominator) if section.denominator else _("none: it is not divided"),
        ),
        (_("Scope"), upper(said(voice, section.scope))),
        (_("Source"), source_words(section, voice)),
        (_("Changes of the numbers' meaning"), "; ".join(breaks(section, voice))),
        (_("How much is measured"), coverage(section, voice)),
        (_("Why it matters"), section.why),
        (_("Business goal"), goal_words(section.goal, section.goal_words, voice)),
        (_("Audience"), section.audience),
        (_("Owner"), section.owner or _("nobody")),
        (
            _("How often the owner looks at it"),
            _(CADENCES[section.cadence]) if section.cadence in CADENCES else _("not said"),
        ),
        (_("How often"), _(EVERY[section.every])),
        (_("First day"), voice.date(section.starts_on)),
        (_("Last day"), voice.date(section.deadline) if section.deadline else _("none: it goes on")),
        (_("Baseline"), baseline(section, voice)),
        (_("When somebody is told"), _(ALERTS[section.alert_rule])),
        (_("Last audit"), audit_words(section, audit, voice)),
        (_("Comments"), voice.number(section.comments)),
    ]


def how_to_read(section: Section, voice: Voice) -> str:
    """How the number is to be read: how it behaves over time, and which way is better."""
    _ = voice.gettext
    match section.shape:
        case Shape.FLOW | Shape.POSTS | Shape.GROWTH:
            how = _(
                "It adds up day by day: read it against what should be there by now, not against the whole "
                "target."
            )
        case Shape.STOCK:
            how = _("It is what is the case on a day: days are never added up.")
        case Shape.UNIQUE:
            how = _("It counts different people: values are never added up.")
        case Shape.GROWTH_RATE:
            how = _("It is a change in percent of where the period began: it is not added up.")
        case Shape.LARGEST:
            how = _("It is the largest single post: one post decides.")
        case Shape.MEAN:
            how = _("It is the mean of the posts' own ratios: every post weighs the same.")
        case _other:
            how = _(
                "It is a ratio of two sums, so a large post weighs more than a small one; periods are never "
                "averaged."
            )
    if section.shape in LEVELS:
        how += " " + _("Half a period is worth as much as the whole: no pace leads to it.")
    better = _("More is better.") if section.direction is Direction.UP else _("Less is better.")
    return _("How to read it:") + f" {how} {better}"


def source_words(section: Section, voice: Voice) -> str:
    """Where the number comes from, in a line; the fields stand in a table of their own."""
    if section.subject in _OUTSIDE:
        return said(voice, _OUTSIDE[section.subject])
    if section.shape is Shape.POSTS:
        return voice.gettext("counted by Tabuh")
    if not section.sources:
        return voice.gettext("no channel supplies it")
    return ", ".join(dict.fromkeys(one.platform for one in section.sources))


def breaks(section: Section, voice: Voice) -> list[str]:
    """Days on which a platform's number changed its meaning."""
    return [f"{voice.date(one.on)}: {ended(said(voice, one.what))}" for one in section.breaks]


def coverage(section: Section, voice: Voice) -> str:
    """How much was behind the figure, and when that was counted."""
    _ = voice.gettext
    seen = section.covered
    if seen is None:
        return _("not counted: what it looks at is gone")
    told = said(voice, seen.said)
    if seen.not_supplied:
        told += _("; of %(number)s the platform does not supply it", number=voice.number(seen.not_supplied))
    return f"{told} ({stamp(voice, seen.at, section.zone)})"


def baseline(section: Section, voice: Voice) -> str:
    """From where a change is counted."""
    _ = voice.gettext
    if section.baseline is None:
        return _("none: it is a value to reach")
    value = amount(section.baseline, section.unit, voice, section.currency)
    if section.baseline_from and section.baseline_to:
        return _(
            "%(value)s, from own data of %(first)s to %(last)s",
            value=value, first=voice.date(section.baseline_from), last=voice.date(section.baseline_to),
        )  # fmt: skip
    if section.baseline_source:
        return _("%(value)s, from: %(source)s", value=value, source=section.baseline_source)
    return _("%(value)s, given by hand", value=value) if section.target_kind == TargetKind.RELATIVE else value


def audit_words(section: Section, audit: AuditSeen | None, voice: Voice) -> str:
    """When the figures were audited last, what was found, and what of that is about this KPI."""
    _ = voice.gettext
    if audit is None:
        return _("not audited yet")
    counts = _(
        "%(wrong)s wrong, %(look)s to look at, %(fine)s good to know",
        wrong=voice.number(audit.wrong), look=voice.number(audit.look), fine=voice.number(audit.fine),
    )  # fmt: skip
    told = f"{voice.date(audit.at, section.zone)}: {_(VERDICTS[audit.verdict])} ({counts})"
    return " ".join([ended(told), *(ended(upper(said(voice, one))) for one in section.findings)])


def field_words(field: str | None, voice: Voice) -> str:
    """A platform's field as people read it."""
    if field is None:
        return voice.gettext("counted from what the platform lists")
    return voice.gettext("counted by Tabuh") if field == OWN_SOURCE else field


def since(source: FieldSource, voice: Voice) -> str:
    """From when to when a field is given."""
    _ = voice.gettext
    if source.since and source.until:
        return _(
            "%(first)s until before %(last)s", first=voice.date(source.since), last=voice.date(source.until)
        )
    if source.since:
        return _("from %(day)s on", day=voice.date(source.since))
    if source.until:
        return _("until before %(day)s", day=voice.date(source.until))
    return _("always")


def stamp(voice: Voice, at: datetime, zone: str) -> str:
    """An instant with its year: a version is read for years."""
    return f"{voice.date(at, zone)}, {voice.time(at, zone)}"
