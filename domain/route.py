"""A route's own rules: which entries match its words, and how its links are tagged."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from domain.errors import UsageError

#: Most words or phrases in one list, and the longest of them, in characters.
MAX_WORDS: Final = 200
MAX_WORD: Final = 100
#: What may follow ``utm_`` in the name of a parameter.
UTM_NAMES: Final = ("source", "medium", "campaign", "term", "content", "id")
#: First and last character of scripts that put no spaces between words: there, any place is a border.
_UNSPACED: Final = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3040", "\u30ff"),  # Hiragana, Katakana
    ("\u3400", "\u9fff"),  # Han
    ("\U00020000", "\U0003ffff"),  # more Han
)


@dataclass(frozen=True, slots=True)
class Match:
    """Whether an entry passes a route's words; ``reason`` says what stopped it, and is empty if nothing."""

    passes: bool
    reason: str = ""


def match(texts: Iterable[str], *, include: Sequence[str], exclude: Sequence[str]) -> Match:
    """Hold an entry's texts against a route's words.

    Words and phrases count as a whole, in any letter case; a phrase lies within one text.

    Args:
        texts: title, text and categories.
        include: one of these must occur; none given: every entry passes.
        exclude: none of these may occur.
    """
    folded = "\n".join(_folded(text) for text in texts)
    for word in exclude:
        if _occurs(_folded(word), folded):
            return Match(False, f"has the excluded word: {word}")
    if include and not any(_occurs(_folded(word), folded) for word in include):
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
        if trimmed:
            kept.setdefault(_folded(trimmed), trimmed)
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


def hashtag(category: str) -> str:
    """A category as one hashtag such as ``#WebDev``; empty when no platform would take it as one."""
    spaced = "".join(
        character if _in_word(character) else " "
        for character in unicodedata.normalize("NFC", category)
        if character not in "'’"
    )
    words = spaced.split()
    joined = "".join(words if len(words) == 1 else (word[:1].upper() + word[1:] for word in words))
    return f"#{joined}" if any(character.isalpha() for character in joined) else ""


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _occurs(word: str, text: str) -> bool:
    """Whether ``word`` stands in ``text`` with a border on each side; both folded."""
    start = text.find(word) if word else -1
    while start >= 0:
        end = start + len(word)
        if _is_border(text[start - 1 : start], word[0]) and _is_border(text[end : end + 1], word[-1]):
            return True
        start = text.find(word, start + 1)
    return False


def _is_border(outer: str, inner: str) -> bool:
    """Whether a word ends between ``inner``, its last character, and ``outer``, which may be nothing."""
    if not outer or not _in_word(outer) or not _in_word(inner):
        return True
    return any(first <= inner <= last for first, last in _UNSPACED)


def _in_word(character: str) -> bool:
    # Marks count: in Indic scripts vowels are marks, which ``\w`` of `re` leaves out.
    return character == "_" or unicodedata.category(character)[0] in "LNM"
