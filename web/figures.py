"""Figures as pages show them: the number as the reader writes it, or why there is none, and its passport."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain import formula as formulas
from domain.breaks import Break
from domain.catalogue import CATALOGUE
from domain.definition import OWN_SOURCE, Definition
from domain.figure import Absence, Figure, Passport
from domain.sentence import Sentence, Unit
from web.i18n import Voice
from web.i18n import marked as N_
from web.said import said

#: Why there is no number, in a word.
_ABSENT = {
    Absence.NOT_SUPPLIED: N_("not supplied"),
    Absence.NOT_MEASURED: N_("not yet"),
    Absence.UNDEFINED: N_("undefined"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """A passport in the reader's words, as the ``passport`` macro takes it."""

    source: str
    read_at: datetime | None
    formula: str
    version: int
    denominator: str
    coverage: str
    #: Between which bounds a mean lies; empty where there are none.
    interval: str = ""
    #: What changed its meaning within its time.
    breaks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure with its label, ready for the ``stat`` and ``missing`` macros."""

    key: str
    label: str
    #: Empty when there is no value; then ``missing`` says why.
    value: str
    missing: str
    #: The same in a word; empty when there is a value.
    short: str
    facts: Facts
    #: Its 95 % interval in words; empty: it is counted, not estimated.
    interval: str = ""


def shown(figure: Figure, voice: Voice) -> ShownFigure:
    """A figure in the reader's words."""
    definition = CATALOGUE[figure.key]
    return ShownFigure(
        key=figure.key,
        label=said(voice, definition.name),
        value=""
        if figure.value is None
        else amount(figure.value, definition.unit, voice, figure.passport.currency),
        missing=said(voice, figure.reason) if figure.reason else "",
        short=voice.gettext(_ABSENT[figure.absence]) if figure.absence else "",
        facts=facts(figure.passport, definition, voice),
        interval=between(figure, voice),
    )


def between(figure: Figure, voice: Voice) -> str:
    """``38% to 61%``; empty where a figure has no interval."""
    if figure.interval is None or figure.value is None:
        return ""
    unit = CATALOGUE[figure.key].unit
    low, high = (amount(one, unit, voice, figure.passport.currency) for one in figure.interval)
    return voice.gettext("%(low)s to %(high)s", low=low, high=high)


def all_shown(figures: Mapping[str, Figure], voice: Voice) -> list[ShownFigure]:
    """These figures in the catalogue's order."""
    return [shown(figures[key], voice) for key in CATALOGUE if key in figures]


def amount(value: float, unit: Unit, voice: Voice, currency: str | None = None) -> str:
    """A number with its unit: ``1,240``, ``2.5%``, ``0.8``, ``12.50 USD``; counts are whole."""
    match unit:
        case Unit.COUNT:
            return voice.number(round(value))
        case Unit.PERCENT:
            return voice.percent(value / 100, 2)
        case Unit.MONEY:
            return f"{voice.number(value, 2)} {currency or ''}".rstrip()
    return voice.number(value, 2)


def facts(passport: Passport, definition: Definition, voice: Voice) -> Facts:
    """Where a figure comes from, in the reader's words."""
    return Facts(
        source=", ".join(_source(name, voice) for name in passport.sources),
        read_at=passport.read_newest,
        formula=formula(definition, voice),
        version=passport.version,
        denominator=below(definition, voice),
        coverage=coverage(passport, definition, voice),
        interval=_interval(passport, definition, voice),
        breaks=[_changed(one, voice) for one in passport.breaks],
    )


def _interval(passport: Passport, definition: Definition, voice: Voice) -> str:
    if passport.interval is None:
        return ""
    return voice.gettext(
        "%(low)s to %(high)s, in %(level)s of all cases",
        low=amount(passport.interval.low, definition.unit, voice),
        high=amount(passport.interval.high, definition.unit, voice),
        level=voice.percent(passport.interval.level, 0),
    )


def _changed(one: Break, voice: Voice) -> str:
    return voice.gettext("From %(day)s on: %(what)s", day=voice.date(one.on), what=said(voice, one.what))


def _source(name: str, voice: Voice) -> str:
    return voice.gettext("counted by Tabuh") if name == OWN_SOURCE else name


def formula(definition: Definition, voice: Voice) -> str:
    """``100 × (reactions + replies + shares) ÷ impressions``, with the names that the reader knows."""
    return said(voice, formulas.formula(definition))


def below(definition: Definition, voice: Voice) -> str:
    """What a rate is divided by; empty for what is not divided."""
    found = formulas.below(definition)
    return said(voice, found) if found else ""


def coverage(passport: Passport, definition: Definition, voice: Voice) -> str:
    """``3 of 5 posts measured``, and how many never can be."""
    covered = passport.coverage
    told = said(
        voice,
        Sentence(
            f"coverage.{definition.covers}", {"measured": covered.measured, "in_scope": covered.in_scope}
        ),
    )
    if not covered.not_supplied:
        return told
    return told + voice.gettext(
        "; of %(number)s the platform does not supply it", number=voice.number(covered.not_supplied)
    )
