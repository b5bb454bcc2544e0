"""The KPI guide in the reader's language, laid out as reports are: one page of paper for each KPI."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.audit import Severity
from domain.definition import LEVELS, OWN_SOURCE, Direction, Shape, Subject
from domain.guide import AuditSeen, ChangeKind, FieldSource, Guide, GuideChange, Section, frozen
from domain.kpi import TargetKind
from domain.sentence import Words
from domain.sentences import say
from web.figures import amount
from web.i18n import LANGUAGES, Voice
from web.i18n import marked as N_
from web.kpi_course import FIELDS, goal_words
from web.kpi_forms import ALERTS, CADENCES, EVERY
from web.reports import files
from web.reports.alone import alone
from web.reports.paper import Chapter, Paper, Sheet, Told
from web.reports.pdf import pdf
from web.said import ended, said

#: What changed in a section, by key of `domain.guide.SUBSTANCE`.
SUBSTANCE: Mapping[str, str] = {
    "name": N_("Name"),
    "definition": N_("Definition and formula"),
    "scope": N_("Scope"),
    "target": N_("Target"),
    "time": N_("First and last day"),
    "baseline": N_("Baseline"),
    "owner": N_("Owner"),
    "cadence": N_("How often the owner looks at it"),
    "alert_rule": N_("When somebody is told"),
    "why": N_("Why it matters"),
    "sources": N_("Sources"),
}
#: What changes without any person: with a new release, or by the platforms.
_OURS = frozenset({"definition", "sources"})
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


def guide_paper(guide: Guide, voice: Voice) -> Paper:
    """The guide in the language of ``voice``."""
    _ = voice.gettext
    there = Voice(voice.language, guide.head.zone)
    sections = tuple(section_chapter(one, guide, there) for one in guide.sections)
    return Paper(
        title=_(
            "KPI guide, version %(number)s: %(workspace)s",
            number=guide.number,
            workspace=guide.head.workspace,
        ),
        lead=lead(guide, there),
        made=made(guide, there),
        language=voice.language,
        simulated=guide.head.simulated,
        chapters=(contents(guide, there), changed(guide, there), *sections),
    )


def lead(guide: Guide, voice: Voice) -> str:
    """How many KPIs it tells of."""
    return ended(voice.ngettext("%(num)s KPI", "%(num)s KPIs", len(guide.sections)))


def made(guide: Guide, voice: Voice) -> str:
    """When it was frozen, and when its coverage was counted."""
    _, zone = voice.gettext, guide.head.zone
    if guide.frozen_at is None:
        return ""
    frozen = _("Frozen %(time)s; it never changes.", time=stamp(voice, guide.frozen_at, zone))
    if guide.at == guide.frozen_at:
        return frozen
    counted = _("Coverage was counted %(time)s.", time=stamp(voice, guide.at, zone))
    return f"{frozen} {counted}"


def contents(guide: Guide, voice: Voice) -> Chapter:
    """Every KPI with its target sentence."""
    _ = voice.gettext
    told = tuple(
        Told(f"{one.name} – {ended(_upper(said(voice, one.target_sentence)))}", anchor(one))
        for one in guide.sections
    )
    none = (Told(_("No KPI is open.")),)
    return Chapter("contents", _("Contents"), told or none)


def changed(guide: Guide, voice: Voice) -> Chapter:
    """What this version changed."""
    told = tuple(Told(change_words(one, voice, guide.head.zone)) for one in guide.changes)
    return Chapter("changes", voice.gettext("What this version changed"), told)


def change_words(change: GuideChange, voice: Voice, zone: str) -> str:
    """One change of the guide, with who made it, when and why."""
    _ = voice.gettext
    match change.kind:
        case ChangeKind.ADDED:
            what = _("Added: %(name)s", name=change.name)
        case ChangeKind.CLOSED:
            what = _("Closed: %(name)s", name=change.name)
        case ChangeKind.CHANGED:
            fields = ", ".join(_(SUBSTANCE[one]) for one in change.fields if one in SUBSTANCE)
            what = _("Changed: %(name)s (%(fields)s)", name=change.name, fields=fields)
        case ChangeKind.AUDIT:
            what = _audit_change(change, voice)
    pieces = [what]
    if change.who:
        pieces.append(_("by %(name)s", name=change.who))
    elif change.kind is ChangeKind.AUDIT or (change.fields and set(change.fields) <= _OURS):
        pieces.append(_("by Tabuh itself"))
    if change.at is not None:
        pieces.append(stamp(voice, change.at, zone))
    told = ended(", ".join(pieces))
    because = _("Because:")
    return f"{told} {because} {ended(change.because)}" if change.because else told


def _audit_change(change: GuideChange, voice: Voice) -> str:
    _ = voice.gettext
    after = _(VERDICTS[change.after or Severity.FINE])
    if change.before is None:
        return _("First audit of the figures: %(verdict)s", verdict=after)
    return _(
        "Audit of the figures: %(before)s before, %(after)s now",
        before=_(VERDICTS[change.before]),
        after=after,
    )


def anchor(section: Section) -> str:
    """The section's place on the page."""
    return f"kpi-{section.kpi_id}"


def section_chapter(section: Section, guide: Guide, voice: Voice) -> Chapter:
    """One KPI: what is to be reached, why, how it is counted and read, and what became of it."""
    _ = voice.gettext
    told = [Told(ended(_upper(said(voice, section.target_sentence))))]
    others = [one for one in LANGUAGES if one != voice.language]
    told += [Told(ended(_upper(say(section.target_sentence, one))), language=one) for one in others]
    told.append(Told(how_to_read(section, voice)))
    head = (_("Question"), _("Answer"))
    rows = tuple(
        (question, answer) for question, answer in answers(section, guide.head.audit, voice) if answer
    )
    sheets = [Sheet(_("At a glance"), head, rows, is_text=True)]
    if section.sources:
        sheets.append(_sources(section.sources, voice))
    if section.history:
        sheets.append(_history(section, guide.head.zone, voice))
    return Chapter(anchor(section), section.name, tuple(told), tuple(sheets), begins_page=True)


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
        (_("Scope"), _upper(said(voice, section.scope))),
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
    return " ".join([ended(told), *(ended(_upper(said(voice, one))) for one in section.findings)])


def _sources(sources: Sequence[FieldSource], voice: Voice) -> Sheet:
    _ = voice.gettext
    rows = tuple(
        (one.platform, said(voice, one.metric), field_words(one.field, voice), since(one, voice))
        for one in sources
    )
    head = (_("Platform"), _("Metric"), _("Field"), _("Valid"))
    return Sheet(_("Sources"), head, rows, is_text=True)


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


def _history(section: Section, zone: str, voice: Voice) -> Sheet:
    _ = voice.gettext
    rows = tuple(
        (
            stamp(voice, one.at, zone),
            ", ".join(_(FIELDS.get(field, field)) for field in one.fields),
            one.who or _("Tabuh itself"),
            one.because or "–",
        )
        for one in section.history
    )
    return Sheet(_("How it was changed"), (_("When"), _("What"), _("Who"), _("Because")), rows, is_text=True)


def stamp(voice: Voice, at: datetime, zone: str) -> str:
    """An instant with its year: a version is read for years."""
    return f"{voice.date(at, zone)}, {voice.time(at, zone)}"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


#: Format → its media type and the end of its name.
FORMATS: Mapping[str, tuple[str, str]] = {
    kind: files.FORMATS[kind] for kind in ("pdf", "html", "markdown", "json")
}


def as_file(guide: Guide, kind: str, voice: Voice) -> bytes:
    """The guide in one of `FORMATS`, in the language of ``voice``."""
    told = guide_paper(guide, voice)
    match kind:
        case "pdf":
            return pdf(told)
        case "json":
            return json.dumps(document(guide, voice), ensure_ascii=False, indent=1).encode()
        case "html":
            return alone(told).encode()
    return files.markdown(told).encode()


def file_name(guide: Guide, kind: str) -> str:
    """Such as ``kpi-guide-v3.pdf``."""
    return f"kpi-guide-v{guide.number}.{FORMATS[kind][1]}"


def document(guide: Guide, voice: Voice) -> dict[str, Any]:
    """The guide for programs: its words in the reader's language, beside the values they are made of."""
    there = Voice(voice.language, guide.head.zone)
    return {
        "version": guide.number,
        "frozen_at": guide.frozen_at.isoformat() if guide.frozen_at else None,
        "counted_at": guide.at.isoformat(),
        "current": guide.current,
        "language": voice.language,
        "title": guide_paper(guide, voice).title,
        "changes": [change_words(one, there, guide.head.zone) for one in guide.changes],
        "kpis": [
            {
                "id": one.kpi_id,
                "name": one.name,
                "target_sentence": {code: say(one.target_sentence, code) for code in LANGUAGES},
                "how_to_read": how_to_read(one, there),
                "answers": [
                    {"question": question, "answer": answer}
                    for question, answer in answers(one, guide.head.audit, there)
                    if answer
                ],
                "values": frozen(one),
            }
            for one in guide.sections
        ],
    }
