"""A route's filters: groups of rules about an entry, which people write and read as short sentences.

``title has python``, ``category is Web dev``, ``language is en, unknown``, ``age under 7 days``,
``length over 200``, ``text matches v\\d+``: a field, how it is compared, and with what.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from domain.errors import UsageError
from domain.words import folded, occurs

#: Most groups on a route, most rules in all of them together, and the longest value, in characters.
MAX_GROUPS: Final = 20
MAX_RULES: Final = 50
MAX_VALUE: Final = 200
#: What stands for an entry whose language nobody states.
UNKNOWN: Final = "unknown"


class Field(StrEnum):
    """What of an entry a rule looks at."""

    #: Title, text and each category.
    ANY = "any"
    TITLE = "title"
    TEXT = "text"
    LINK = "link"
    AUTHOR = "author"
    CATEGORY = "category"
    #: The feed's title and its address.
    FEED = "feed"
    LANGUAGE = "language"
    #: How old the entry was when it was first seen.
    AGE = "age"
    #: Of its text.
    LENGTH = "length"


class How(StrEnum):
    """How a rule compares."""

    #: Whole words, in any letter case.
    HAS = "has"
    #: Also within words.
    CONTAINS = "contains"
    #: The whole of it, in any letter case.
    IS = "is"
    #: A pattern (regular expression).
    MATCHES = "matches"
    UNDER = "under"
    OVER = "over"


class Effect(StrEnum):
    """What a group of rules does."""

    #: Entries that do not meet it are left out.
    ONLY = "only"
    #: Entries that meet it are left out.
    NEVER = "never"


class Need(StrEnum):
    """How many of its rules an entry must meet to meet a group."""

    ANY = "any"
    ALL = "all"


_OF_TEXT: Final = (How.HAS, How.CONTAINS, How.IS, How.MATCHES)
#: How each field can be compared.
HOWS: Final[Mapping[Field, tuple[How, ...]]] = {
    **dict.fromkeys((Field.ANY, Field.TITLE, Field.TEXT, Field.LINK), _OF_TEXT),
    **dict.fromkeys((Field.AUTHOR, Field.CATEGORY, Field.FEED), _OF_TEXT),
    Field.LANGUAGE: (How.IS,),
    Field.AGE: (How.UNDER, How.OVER),
    Field.LENGTH: (How.UNDER, How.OVER),
}
_JOINTS: Final = {Need.ANY: " || ", Need.ALL: " && "}


@dataclass(frozen=True, slots=True)
class Rule:
    """One comparison; its text is what `parse_rule` reads."""

    field: Field
    how: How
    value: str

    def __str__(self) -> str:
        return f"{self.field} {self.how} {self.value}"


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are asked together."""

    act: Effect
    need: Need
    rules: tuple[Rule, ...]

    def __str__(self) -> str:
        return f"{self.act} if {self.text}"

    @property
    def text(self) -> str:
        """The rules as `parse_group` reads them."""
        return _JOINTS[self.need].join(map(str, self.rules))


@dataclass(frozen=True, slots=True)
class Subject:
    """What rules are held against."""

    title: str
    text: str
    link: str
    authors: Sequence[str]
    categories: Sequence[str]
    #: Title and address.
    feed: Sequence[str]
    #: BCP 47, as the entry or else its feed declares it; None: neither does.
    language: str | None
    age: timedelta


@dataclass(frozen=True, slots=True)
class Match:
    """Whether an entry passes; ``reason`` names the rule that stopped it, and is empty if none did."""

    passes: bool
    reason: str = ""


#: Whether a pattern occurs in one of these texts.
Finds = Callable[[str, Iterable[str]], bool]


def judge(subject: Subject, groups: Iterable[Group], *, finds: Finds) -> Match:
    """Hold an entry against a route's groups: those that leave out first, then those that must be met.

    Args:
        finds: looks for a pattern; what it raises comes through.
    """
    for group in sorted(groups, key=lambda group: group.act is Effect.ONLY):
        if group.act is Effect.NEVER:
            if met := _met(subject, group, finds):
                return Match(False, f"stopped by the rule: never if {met}")
        elif missed := _missed(subject, group, finds):
            return Match(False, f"does not meet the rule: only if {missed}{_unstated(subject, group)}")
    return Match(True)


def _met(subject: Subject, group: Group, finds: Finds) -> str:
    """The rule, or the whole group, that the entry meets; empty: none."""
    if group.need is Need.ANY:
        return next((str(rule) for rule in group.rules if _holds(subject, rule, finds)), "")
    return group.text if all(_holds(subject, rule, finds) for rule in group.rules) else ""


def _missed(subject: Subject, group: Group, finds: Finds) -> str:
    """The rule, or the whole group, that the entry does not meet; empty: it meets what it must."""
    if group.need is Need.ALL:
        return next((str(rule) for rule in group.rules if not _holds(subject, rule, finds)), "")
    return "" if any(_holds(subject, rule, finds) for rule in group.rules) else group.text


def _unstated(subject: Subject, group: Group) -> str:
    asked = any(rule.field is Field.LANGUAGE for rule in group.rules)
    return " (its language is not stated)" if asked and not _tag(subject.language) else ""


def _holds(subject: Subject, rule: Rule, finds: Finds) -> bool:
    match rule.field:
        case Field.LANGUAGE:
            return _speaks(subject.language, rule.value)
        case Field.AGE:
            return _compares(rule.how, subject.age, span(rule.value))
        case Field.LENGTH:
            number, unit = length(rule.value)
            return _compares(rule.how, _long(subject.text, unit), number)
    texts = _texts(subject, rule.field)
    if rule.how is How.MATCHES:
        return finds(rule.value, [unicodedata.normalize("NFC", text) for text in texts])
    wanted = folded(rule.value)
    return any(_compared(rule.how, wanted, folded(text)) for text in texts)


def _compared(how: How, wanted: str, text: str) -> bool:
    match how:
        case How.HAS:
            return occurs(wanted, text)
        case How.CONTAINS:
            return wanted in text
    return wanted == text


def _compares(how: How, found: Any, limit: Any) -> bool:
    return bool(found < limit if how is How.UNDER else found > limit)


def _texts(subject: Subject, field: Field) -> Sequence[str]:
    return {
        Field.ANY: (subject.title, subject.text, *subject.categories),
        Field.TITLE: (subject.title,),
        Field.TEXT: (subject.text,),
        Field.LINK: (subject.link,),
        Field.AUTHOR: subject.authors,
        Field.CATEGORY: subject.categories,
        Field.FEED: subject.feed,
    }[field]


def _speaks(language: str | None, wanted: str) -> bool:
    """``en`` stands for ``en-GB`` too, ``en-GB`` for nothing else."""
    tag = _tag(language) or UNKNOWN
    return any(tag == each or tag.startswith(f"{each}-") for each in languages(wanted))


def _tag(language: str | None) -> str:
    tag = (language or "").strip().lower().replace("_", "-")
    return "" if tag == "und" else tag


def _long(text: str, unit: str) -> int:
    return len(text.split()) if unit == "words" else len(unicodedata.normalize("NFC", text))


def parse_group(act: Effect, text: str) -> Group:
    """Rules with ``||`` between them (any will do) or ``&&`` (all must hold).

    Raises:
        UsageError: says what is wrong, and how it is written.
    """
    has_any, has_all = "||" in text, "&&" in text
    if has_any and has_all:
        raise UsageError(f"The rule {text!r} mixes || and &&: write two rules, each with one of them.")
    need = Need.ALL if has_all else Need.ANY
    return Group(act, need, tuple(parse_rule(part) for part in text.split("&&" if has_all else "||")))


def parse_rule(text: str) -> Rule:
    """A rule as people write it, such as ``title has python``.

    Raises:
        UsageError: says what is wrong, and what is known.
    """
    words = text.split(maxsplit=2)
    if len(words) < 3:
        raise UsageError(
            f"Cannot read the rule {text.strip()!r}. Write a field, how to compare and with what, such as "
            "'title has python' or 'age under 7 days'."
        )
    return checked_rule(words[0], words[1], words[2])


def checked_rule(field: str, how: str, value: str) -> Rule:
    """A rule from its three parts. Raises `UsageError` when they do not go together."""
    fields = [known.value for known in Field]
    if field.lower() not in fields:
        raise UsageError(f"Unknown field {field!r} in a rule. Known: {', '.join(fields)}.")
    known = HOWS[Field(field.lower())]
    if how.lower() not in known:
        raise UsageError(
            f"The rule about {field.lower()} cannot say {how!r}. It can say: {', '.join(known)}."
        )
    rule = Rule(Field(field.lower()), How(how.lower()), " ".join(value.split()))
    _check_value(rule, value)
    return Rule(rule.field, rule.how, value.strip()) if rule.how is How.MATCHES else rule


def _check_value(rule: Rule, typed: str) -> None:
    match rule.field:
        case Field.AGE:
            span(rule.value)
        case Field.LENGTH:
            length(rule.value)
        case Field.LANGUAGE:
            languages(rule.value)
        case _ if rule.how is How.MATCHES:
            return  # what a pattern may hold is its reader's to say
        case _:
            if not folded(rule.value):
                raise UsageError(f"The rule about {rule.field} says nothing to compare with: write it.")
            if len(typed) > MAX_VALUE:
                raise UsageError(
                    f"The rule {str(rule)[:40]!r}… is longer than {MAX_VALUE} characters: shorten it."
                )


_SPAN: Final = re.compile(r"(\d{1,4})\s*(min(?:ute)?s?|h(?:ours?)?|d(?:ays?)?|w(?:eeks?)?)", re.ASCII)
_UNITS: Final = {
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def span(text: str) -> timedelta:
    """A length of time such as ``90 min``, ``12 h``, ``7 days`` or ``2 weeks``. Raises `UsageError`."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(f"Cannot read the age {text!r}. Write it as 90 min, 12 h, 7 days or 2 weeks.")
    return int(found[1]) * _UNITS[found[2][0]]


_LENGTH: Final = re.compile(r"(\d{1,7})\s*(characters?|words?)?", re.ASCII)


def length(text: str) -> tuple[int, str]:
    """A number of ``characters`` (if nothing is said) or ``words``. Raises `UsageError`."""
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(f"Cannot read the length {text!r}. Write it as 200, 200 characters or 50 words.")
    return int(found[1]), "words" if (found[2] or "").startswith("w") else "characters"


_LANGUAGE: Final = re.compile(r"[a-z]{2,8}(-[a-z0-9]{1,8})*", re.ASCII)


def languages(text: str) -> list[str]:
    """Language tags with commas between them, in lower case. Raises `UsageError`."""
    tags = [part.strip().lower().replace("_", "-") for part in text.split(",") if part.strip()]
    if not tags or len(tags) > MAX_RULES or not all(_LANGUAGE.fullmatch(tag) for tag in tags):
        raise UsageError(
            f"Cannot read the language {text!r}. Write tags such as en, id or pt-BR, and {UNKNOWN} for "
            "entries that state none."
        )
    return tags


def checked_groups(groups: Sequence[Group], *, check_pattern: Callable[[str], str]) -> tuple[Group, ...]:
    """The groups as a route keeps them; the same group once.

    Args:
        check_pattern: the pattern as it can be stored; raises `UsageError`.

    Raises:
        UsageError: too many, one without rules, or a rule that cannot be.
    """
    kept = tuple(dict.fromkeys(_checked_group(group, check_pattern) for group in groups))
    if len(kept) > MAX_GROUPS or sum(len(group.rules) for group in kept) > MAX_RULES:
        raise UsageError(f"A route takes at most {MAX_RULES} rules in {MAX_GROUPS} groups.")
    return kept


def _checked_group(group: Group, check_pattern: Callable[[str], str]) -> Group:
    if not group.rules:
        raise UsageError("A group of rules is empty: write a rule, or leave the group out.")
    rules = []
    for given in group.rules:
        rule = checked_rule(given.field, given.how, given.value)
        if rule.how is How.MATCHES:
            rule = Rule(rule.field, rule.how, check_pattern(rule.value))
        rules.append(rule)
    return Group(Effect(group.act), Need(group.need), tuple(dict.fromkeys(rules)))


def groups_json(groups: Iterable[Group]) -> list[dict[str, Any]]:
    """The groups as a route's row keeps them."""
    return [
        {
            "act": str(group.act),
            "need": str(group.need),
            "rules": [
                {"field": str(rule.field), "how": str(rule.how), "value": rule.value} for rule in group.rules
            ],
        }
        for group in groups
    ]


def groups_from(stored: Iterable[Mapping[str, Any]]) -> tuple[Group, ...]:
    """The groups that `groups_json` wrote."""
    return tuple(
        Group(
            Effect(group["act"]),
            Need(group["need"]),
            tuple(Rule(Field(one["field"]), How(one["how"]), one["value"]) for one in group["rules"]),
        )
        for group in stored
    )
