"""The KPI guide in the reader's language, laid out as reports are: one page of paper for each KPI."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from domain.audit import Severity
from domain.guide import ChangeKind, FieldSource, Guide, GuideChange, Section, frozen
from domain.sentences import say
from web.i18n import LANGUAGES, Voice
from web.i18n import marked as N_
from web.kpi_course import FIELDS
from web.reports import files
from web.reports.alone import alone
from web.reports.guide_words import VERDICTS, answers, field_words, how_to_read, since, stamp
from web.reports.paper import Chapter, Paper, Sheet, Told
from web.reports.pdf import pdf
from web.said import ended, said, upper

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
        Told(f"{one.name} – {ended(upper(said(voice, one.target_sentence)))}", anchor(one))
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
    told = [Told(ended(upper(said(voice, section.target_sentence))))]
    others = [one for one in LANGUAGES if one != voice.language]
    told += [Told(ended(upper(say(section.target_sentence, one))), language=one) for one in others]
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


def _sources(sources: Sequence[FieldSource], voice: Voice) -> Sheet:
    _ = voice.gettext
    rows = tuple(
        (one.platform, said(voice, one.metric), field_words(one.field, voice), since(one, voice))
        for one in sources
    )
    head = (_("Platform"), _("Metric"), _("Field"), _("Valid"))
    return Sheet(_("Sources"), head, rows, is_text=True)


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
