"""Words in texts of any script: when two are the same, and where one ends."""

import unicodedata
from functools import lru_cache
from typing import Final

#: First and last character of scripts that put no spaces between words: there, any place is a border.
_UNSPACED: Final = (
    ("\u0e00", "\u0eff"),  # Thai, Lao
    ("\u1000", "\u109f"),  # Myanmar
    ("\u1780", "\u17ff"),  # Khmer
    ("\u3040", "\u30ff"),  # Hiragana, Katakana
    ("\u3400", "\u9fff"),  # Han
    ("\U00020000", "\U0003ffff"),  # more Han
)
#: Characters that nobody sees or types on purpose: soft hyphen, zero-width signs, Arabic stretching.
_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\u0640"))


@lru_cache(maxsize=64)  # a route with many rules asks for the same texts again and again
def folded(text: str) -> str:
    """The text as words are compared: one form of each character, no letter case, single spaces.

    Source: Unicode 15, section 3.13, compatibility caseless match.
    """
    seen = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).casefold()
    # Folding a capital dotted I leaves a dot of its own behind, which nobody types.
    return " ".join(unicodedata.normalize("NFKC", seen.replace("i\u0307", "i")).split())


def occurs(word: str, text: str) -> bool:
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
    if not outer or not in_word(outer) or not in_word(inner):
        return True
    return any(first <= inner <= last for first, last in _UNSPACED)


def in_word(character: str) -> bool:
    """Whether it is part of words: a letter, a number, or a mark on one."""
    # Marks count: in Indic scripts vowels are marks, which ``\w`` of `re` leaves out.
    return character == "_" or unicodedata.category(character)[0] in "LNM"
