"""Patterns that people write for their routes, run so that none of them can stall a worker.

A pattern such as ``(a+)+$`` takes longer than the age of the universe on some texts, and one with nested
counts fills the memory before it has looked at any text. So counts are bounded when a pattern is saved, and
each search has a time limit, which only the `regex` library offers.
"""

import re
import time
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final

import regex

from domain.errors import UsageError

#: Longest pattern, in characters.
MAX_PATTERN: Final = 500
#: For one entry and pattern, in processor time of the whole program.
LIMIT: Final = timedelta(seconds=0.5)
#: The product of all counts (``{2,5}``) in a pattern; nested ones multiply the memory that it takes.
_MAX_COUNTS: Final = 10_000
_FLAGS: Final = regex.V0 | regex.IGNORECASE
#: Taken out before the rest is looked at: escaped characters and character classes.
_PLAIN: Final = re.compile(r"\\[pPN]\{[\w\s=:^-]{1,60}\}|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_COUNT: Final = re.compile(r"\{(\d{0,6})(?:,(\d{0,6}))?\}")
#: Recursion, calls of groups, conditions, verbs: each can run away in its own way.
_REFUSED: Final = re.compile(r"\(\?(?:R|&|P>|\(|[+-]?\d|\|)|\(\*|\\L<")
#: Texts on which patterns that can run away mostly do.
_PROBES: Final = ("a" * 5_000 + "!", "word " * 1_000 + "!", "1" * 5_000 + "x", "-" * 5_000 + "a")


class SlowPattern(UsageError):
    """The pattern did not finish within its limit on this text; what it would have found is unknown."""


def check_pattern(pattern: str) -> str:
    """The pattern as it can be stored, without white space around it.

    Raises:
        UsageError: says what is wrong with it, and what to write instead.
    """
    text = pattern.strip()
    if not text:
        raise UsageError("The pattern is empty: write what to look for, or leave the rule out.")
    if len(text) > MAX_PATTERN:
        raise UsageError(f"The pattern is longer than {MAX_PATTERN} characters: shorten it, or use several.")
    _check_parts(text)
    try:
        _compiled(text)
    except (regex.error, ValueError, OverflowError, RecursionError) as exc:
        raise UsageError(f"The pattern {text!r} cannot be read: {exc}.") from exc
    try:
        for probe in _PROBES:
            finds(text, [probe])
    except SlowPattern as exc:
        raise UsageError(
            f"The pattern {text!r} takes too long on some texts: avoid repetitions inside repetitions, "
            "such as (a+)+."
        ) from exc
    return text


def finds(pattern: str, texts: Iterable[str], *, limit: timedelta = LIMIT) -> bool:
    """Whether the pattern occurs in one of the texts, in any letter case.

    Args:
        pattern: one that `check_pattern` has let pass.
        limit: for all texts together.

    Raises:
        SlowPattern: it did not finish in time.
    """
    compiled = _compiled(pattern)
    ends_at = time.monotonic() + limit.total_seconds()
    for text in texts:
        left = ends_at - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            # Other threads go on meanwhile, which makes the limit one of processor time.
            if compiled.search(text, timeout=left, concurrent=True):
                return True
        except (TimeoutError, MemoryError) as exc:
            seconds = limit.total_seconds()
            raise SlowPattern(
                f"The pattern {pattern!r} did not finish within {seconds:g} s on this text: simplify it."
            ) from exc
    return False


def _check_parts(text: str) -> None:
    bare = _PLAIN.sub("x", text)
    if _REFUSED.search(bare) or "\\L<" in text:
        raise UsageError(
            f"The pattern {text!r} calls itself or asks conditions, which is not possible here: write it out."
        )
    product = 1
    for low, high in _COUNT.findall(bare):
        product *= max(int(low or 1), int(high or 1), 1)
    if product > _MAX_COUNTS:
        raise UsageError(f"The pattern {text!r} repeats too often: use smaller counts, or + and *.")
    if "{" in _COUNT.sub("", bare):
        raise UsageError(
            f"The pattern {text!r} has a brace that is no count: write \\{{ to look for a brace."
        )


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> Any:
    return regex.compile(pattern, _FLAGS)
