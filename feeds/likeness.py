"""Whether an entry that shares no key with another one is all the same that one, edited and renamed.

Publishers whose addresses and ids are made from the title change all three when they correct it.
Thresholds: NewsBlur's.
"""

import re
from datetime import timedelta
from difflib import SequenceMatcher
from typing import Final

from domain.entry import Entry

#: How alike titles (by characters) and texts (by words) must be, from 0 to 1.
_TITLES: Final = 0.75
_TEXTS: Final = 0.98
_DATES: Final = timedelta(days=2)
#: Texts shorter than this, in characters, say too little unless they are equal, and then less than this.
_LONG: Final = 400
_SHORT: Final = 80
#: Characters of each text that are compared: the comparison takes quadratic time.
_COMPARED: Final = 6_000
_NUMBER: Final = re.compile(r"\d+")


def is_same_article(one: Entry, other: Entry) -> bool:
    """Whether title, date and text are so alike that it must be one article.

    Titles that name different numbers are different articles: episodes, days, versions.
    """
    if one.published_at is None or other.published_at is None:
        return False
    if abs(one.published_at - other.published_at) > _DATES:
        return False
    return _same_title(one.title, other.title) and _same_text(one.text, other.text)


def _same_title(one: str, other: str) -> bool:
    if sorted(_NUMBER.findall(one)) != sorted(_NUMBER.findall(other)):
        return False
    return _ratio(one.casefold(), other.casefold(), at_least=_TITLES)


def _same_text(one: str, other: str) -> bool:
    words, others = one[:_COMPARED].split(), other[:_COMPARED].split()
    if words == others and len(one) >= _SHORT:
        return True
    return min(len(one), len(other)) >= _LONG and _ratio(words, others, at_least=_TEXTS)


def _ratio(one: str | list[str], other: str | list[str], *, at_least: float) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return (
        matcher.real_quick_ratio() >= at_least
        and matcher.quick_ratio() >= at_least
        and matcher.ratio() >= at_least
    )
