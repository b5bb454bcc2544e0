"""What an alert says, in English and Indonesian: what, how unusual, since when, why, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Formatter
from typing import Any, Final
from zoneinfo import ZoneInfo

from domain.alert_reasons import BY_NATURE, CAUSES, UNKNOWN, UNUSUAL
from domain.alert_templates import ACTIONS, CLOSINGS, RULE_NAMES, WHAT
from domain.alerts import Closing, Rule
from domain.catalogue import CATALOGUE
from domain.placement import moment
from domain.sentence import Unit, Words, day, number


@dataclass(frozen=True, slots=True)
class Told:
    """An alert in one language; what it has nothing to say of is empty."""

    what: str
    unusual: str
    since: str
    cause: str
    action: str
    #: Page of ours where something can be done.
    link: str
    #: What can be typed instead.
    command: str
    #: Why it was closed.
    closing: str

    @property
    def text(self) -> str:
        """All of it, as a mail says it."""
        first = " ".join(filter(None, [self.what, self.unusual, self.since, self.cause]))
        then = " ".join(filter(None, [self.action, f"`{self.command}`" if self.command else ""]))
        return "\n\n".join(filter(None, [first, then, self.closing]))


def rule_name(rule: Rule) -> Words:
    """How people call a rule."""
    return RULE_NAMES[rule]


def told(
    rule: Rule,
    name: str,
    facts: Mapping[str, Any],
    *,
    since: datetime,
    closed: Closing | None = None,
    language: str,
    where: ZoneInfo,
) -> Told:
    """The sentences of an alert.

    Args:
        name: of its subject.
        facts: as `Finding.facts` has them.
        where: the workspace's time zone.
    """
    values = _values(name, facts, language=language, where=where)
    values["since"] = _moment(since, where=where, language=language)

    def filled(words: Words | None) -> str:
        return words.said(language).format(**values) if words is not None else ""

    def reason(*words: Words | None) -> str:
        """The first whose facts are known: alerts of earlier versions have fewer."""
        known = (one for one in words if one is not None and _fields(one) <= values.keys())
        return filled(next(known, None))

    cause = CAUSES.get(str(facts.get("cause", "")))
    action, link, command = ACTIONS[rule]
    return Told(
        what=filled(_variant(WHAT[rule], facts)),
        unusual=reason(_variant(UNUSUAL[rule], facts)),
        since=filled(_SINCE),
        cause=reason(cause, _variant(BY_NATURE[rule], facts) if rule in BY_NATURE else None, UNKNOWN),
        action=filled(action),
        link=link.format(**values),
        command=command.format(**values),
        closing=filled(CLOSINGS.get((rule, closed)) or CLOSINGS.get((None, closed))) if closed else "",
    )


_SINCE: Final = Words("Since {since}.", "Sejak {since}.")


def _fields(words: Words) -> set[str]:
    """The names of what fills the words."""
    return {name for _, name, _, _ in Formatter().parse(words.en) if name}


def _variant(words: Mapping[str, Words], facts: Mapping[str, Any]) -> Words:
    return words.get(str(facts.get("variant", "")), words[""])


#: Facts that are instants, days, shares (0.4 is 40 %) and keys of figures; all others are numbers and texts.
_MOMENTS: Final = frozenset({"at", "ends_at", "last_at", "until", "due_at", "checked_at"})
_DAYS: Final = frozenset({"day", "first_day"})
_SHARES: Final = frozenset({"effect", "share"})
#: Values of a rate, whose unit is another fact.
_RATES: Final = frozenset({"rate", "usual_rate", "actual", "expected"})
#: Changes of a stock, which carry their sign; of other figures they have none below 0.
_CHANGES: Final = frozenset({"value", "usual"})


def _values(name: str, facts: Mapping[str, Any], *, language: str, where: ZoneInfo) -> dict[str, str]:
    values = {"name": name}
    for key, value in facts.items():
        values[key] = _said(key, value, language=language, where=where)
    for key in _RATES & facts.keys():
        percent = "%" if facts.get("unit") == Unit.PERCENT else ""
        values[key] = f"{number(float(facts[key]), language)}{percent}"
    for key in _CHANGES & facts.keys() if facts.get("variant") == "stock" else ():
        values[key] = f"{'+' if facts[key] > 0 else ''}{values[key]}"
    if "effect" in facts:
        up = float(facts["effect"]) >= 0
        values["changed"] = (_ABOVE if up else _BELOW).said(language)
    return values


_ABOVE, _BELOW = Words("more", "lebih banyak"), Words("less", "lebih sedikit")


def _moment(at: datetime, *, where: ZoneInfo, language: str) -> str:
    """With the zone as people there write it: a mail is read elsewhere too."""
    zone = at.astimezone(where).tzname() or ""
    return (
        f"{moment(at, where=where, language=language)} {f'UTC{zone}' if zone[:1] in '+-' else zone}".strip()
    )


def _said(key: str, value: Any, *, language: str, where: ZoneInfo) -> str:
    said = str(value)
    if isinstance(value, Mapping):
        said = Words(value["en"], value["id"]).said(language)
    elif key in _MOMENTS and value:
        said = _moment(datetime.fromisoformat(value), where=where, language=language)
    elif key in _DAYS and value:
        said = day(date.fromisoformat(value), language)
    elif key in _SHARES:
        said = f"{number(float(round(abs(float(value)) * 100)), language)}%"
    elif key == "metric" and value in CATALOGUE:
        said = CATALOGUE[value].name.said(language)
    elif isinstance(value, int | float) and not key.endswith("_id"):
        said = number(value if value == int(value) else round(value, 1), language)
    return said
