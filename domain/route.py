"""A route's own rules: which entries match its words, and how its links are tagged."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from domain.errors import UsageError
from domain.filters import Match
from domain.words import folded, occurs

#: Most words or phrases in one list, and the longest of them, in characters.
MAX_WORDS: Final = 200
MAX_WORD: Final = 100
#: What may follow ``utm_`` in the name of a parameter.
UTM_NAMES: Final = ("source", "medium", "campaign", "term", "content", "id")


def match(texts: Iterable[str], *, include: Sequence[str], exclude: Sequence[str]) -> Match:
    """Hold an entry's texts against a route's words.

    Words and phrases count as a whole, in any letter case; a phrase lies within one text.

    Args:
        texts: title, text and categories.
        include: one of these must occur; none given: every entry passes.
        exclude: none of these may occur.
    """
    whole = "\n".join(folded(text) for text in texts)
    for word in exclude:
        if occurs(folded(word), whole):
            return Match(False, f"has the excluded word: {word}")
    if include and not any(occurs(folded(word), whole) for word in include):
        return Match(False, f"has none of: {', '.join(include)}")
    return Match(True)


def clean_words(words: Iterable[str]) -> list[str]:
    """The words as a route keeps them: trimmed, each once, in the order given.

    Raises:
        UsageError: too many, or one too long.
    """
    kept: dict[str, str] = {}
    for word in words:
        trimmed = " ".join(word.split())
        if len(trimmed) > MAX_WORD:
            raise UsageError(f"The word {trimmed[:30]!r}… is longer than {MAX_WORD} characters: shorten it.")
        if folded(trimmed):
            kept.setdefault(folded(trimmed), trimmed)
    if len(kept) > MAX_WORDS:
        raise UsageError(f"A route takes at most {MAX_WORDS} words to include or exclude; got {len(kept)}.")
    return list(kept.values())


def with_utm(url: str, parameters: Mapping[str, str]) -> str:
    """The address with these query parameters; its own query and fragment stay byte for byte.

    A parameter that the address has already is replaced; an empty value is left out.
    """
    given = {name: value for name, value in parameters.items() if value}
    if not given:
        return url
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    kept = [part for part in parts.query.split("&") if part and part.partition("=")[0].lower() not in given]
    added = [f"{name}={quote(value, safe='')}" for name, value in given.items()]
    return urlunsplit(parts._replace(query="&".join([*kept, *added])))


def utm_name(name: str) -> str:
    """The full name of a UTM parameter, given with or without its prefix.

    Raises:
        UsageError: there is no such parameter.
    """
    short = name.strip().lower().removeprefix("utm_")
    if short not in UTM_NAMES:
        raise UsageError(f"Unknown UTM parameter {name!r}. Known: {', '.join(UTM_NAMES)}.")
    return f"utm_{short}"
