"""Counting text as platforms count it, and fitting it to their limits without ever cutting a link."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import regex

from domain.content import Counting
from domain.errors import UsageError

Count = Callable[[str], int]
#: Start and end in a text, in code points.
Span = tuple[int, int]

ELLIPSIS = "…"
#: Between a text and the link put behind it.
GAP = "\n\n"
#: A word longer than this, in code points, is cut inside: some scripts write no spaces.
_LONGEST_WORD = 30

_GRAPHEME = regex.compile(r"\X")
#: Full-width punctuation ends an address, as a space does.
_LINK = regex.compile(r"https?://[^\s<>\"“”「」『』（）【】、。，！？]+", regex.IGNORECASE)
_CLOSING = ".,;:!?'’…"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
#: Tags and mentions mean something else when their end is missing.
_TAG_OR_MENTION = regex.compile(r"(?<!\S)[#＃@]\S+")
#: What belongs to the link that stands behind it.
_OPENING = regex.compile(r"[\s(\[{\"'“«„‘]+$")
_BEFORE_LINK = regex.compile(r"(?<![A-Za-z0-9_])")
#: Behind a link: the end, a space or a sign of another script, perhaps after closing punctuation.
_AFTER_LINK = regex.compile(r"(?=[.,;:!?'’…\"”»)\]}>]*(?:[^\w!-~]|$))")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` of the units that ``count`` counts."""

    most: int
    count: Count

    def holds(self, text: str) -> bool:
        """Whether the text is within the limit."""
        return self.count(text) <= self.most


def counter(unit: Counting) -> Count:
    """The function that counts a text in this unit."""
    match unit:
        case Counting.GRAPHEMES:
            return graphemes
        case Counting.CODE_POINTS:
            return len
        case Counting.UTF16:
            return lambda text: len(text.encode("utf-16-le", "surrogatepass")) // 2
        case Counting.BYTES:
            return lambda text: len(text.encode("utf-8", "surrogatepass"))


def graphemes(text: str) -> int:
    """How many characters a reader sees: extended grapheme clusters (Unicode, UAX 29)."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def links(text: str, *, known: str | None = None) -> list[Span]:
    """Where the http and https addresses of a text stand, without the punctuation behind them.

    Args:
        known: an address that is taken as it is wherever it stands, odd characters included.
    """
    as_known = list(_occurrences(text, known)) if known else []
    found = list(as_known)
    for match in _LINK.finditer(text):
        span = match.start(), _end_of_link(match[0]) + match.start()
        if not any(start < span[1] and span[0] < end for start, end in as_known):
            found.append(span)
    return sorted(found)


def contains_link(text: str, link: str) -> bool:
    """Whether the text has this address, and not only a longer one that starts like it."""
    return next(_occurrences(text, link), None) is not None


def with_other_link(text: str, link: str, other: str) -> str:
    """The text with another address wherever it has this one."""
    for start, end in reversed(list(_occurrences(text, link))):
        text = f"{text[:start]}{other}{text[end:]}"
    return text


def fit(text: str, link: str | None, limits: Sequence[Limit]) -> str:
    """The text with its link, shortened at a word and with an ellipsis where it must be.

    The link stays where the text has it, else it goes behind the text. No address in the
    text is ever cut: it stays whole, or goes. Pure, and fitting twice changes nothing.

    Raises:
        UsageError: the link alone is over a limit.
    """
    text, link = text.strip(), (link or "").strip()

    def fits(candidate: str) -> bool:
        return all(limit.holds(candidate) for limit in limits)

    if not link:
        return text if fits(text) else _shortened(text, fits)
    if not fits(link):
        most = min(limit.most for limit in limits if not limit.holds(link))
        raise UsageError(f"The link alone is longer than the {most:,} that fit. Use a shorter one.")
    start, end = next(_occurrences(text, link), (None, None))
    if start is None or end is None:
        return _with_link_behind(text, link, fits)
    return _around_link(text[:start], link, text[end:], fits)


def clip(text: str, most: int) -> str:
    """The text in at most ``most`` graphemes."""
    return fit(text, None, [Limit(most, graphemes)])


def _occurrences(text: str, link: str) -> Iterator[Span]:
    """The places of an address; found as text, for a pattern of its own would be compiled for each one."""
    start = text.find(link) if link else -1
    while start >= 0:
        end = start + len(link)
        if _BEFORE_LINK.match(text, start) and _AFTER_LINK.match(text, end):
            yield start, end
            start = text.find(link, end)
        else:
            start = text.find(link, start + 1)


def _end_of_link(found: str) -> int:
    end = len(found)
    while end:
        last = found[end - 1]
        if last in _CLOSING or (
            last in _BRACKETS and found.count(last, 0, end) > found.count(_BRACKETS[last], 0, end)
        ):
            end -= 1
        else:
            break
    return end


def _with_link_behind(text: str, link: str, fits: Callable[[str], bool]) -> str:
    def whole(head: str) -> str:
        return f"{head}{GAP}{link}" if head else link

    if fits(whole(text)):
        return whole(text)
    return whole(_shortened(text, lambda head: fits(whole(head))))


def _around_link(head: str, link: str, tail: str, fits: Callable[[str], bool]) -> str:
    """Shorten the longer side of the link, and the other one only when that is not enough."""
    if fits(head + link + tail):
        return head + link + tail

    def cut_head(tail: str) -> str:
        opening = _OPENING.search(head)
        gap = opening[0] if opening else ""
        text, gap = head.removesuffix(gap), gap if gap[:1].isspace() else f" {gap}"
        short = _shortened(text, lambda short: fits(f"{short}{gap}{link}{tail}"))
        return f"{short}{gap}{link}{tail}" if short else link + tail

    def cut_tail(head: str) -> str:
        before = head + link
        return before + _shortened(tail, lambda short: fits(before + short), before=before)

    if len(head) > len(tail):
        short = cut_head(tail)
        return short if fits(short) else cut_tail("")
    short = cut_tail(head)
    return short if fits(short) else cut_head("")


def _shortened(text: str, fits: Callable[[str], bool], *, before: str = "") -> str:
    """The longest beginning of the text, with an ellipsis, that fits; empty when none does.

    Args:
        before: what stands directly before the text.
    """
    kept_whole = [*links(text), *(match.span() for match in _TAG_OR_MENTION.finditer(text))]
    ends = _ends(text, kept_whole)
    low, high = 0, len(ends)  # the beginnings up to ends[low - 1] fit
    while low < high:
        middle = (low + high + 1) // 2
        if fits(_with_ellipsis(text[: ends[middle - 1]], before)):
            low = middle
        else:
            high = middle - 1
    for end in reversed(ends[:low]):
        short = _with_ellipsis(text[: _at_word(text, end)], before)
        if short and fits(short):
            return short
    return ""


def _ends(text: str, kept_whole: Sequence[Span]) -> list[int]:
    """Where the text may be cut: between graphemes, and not inside what is kept whole."""
    inside = bytearray(len(text) + 1)
    for start, end in kept_whole:
        inside[start + 1 : end] = b"\1" * (end - start - 1)
    return [match.end() for match in _GRAPHEME.finditer(text) if not inside[match.end()]]


def _at_word(text: str, end: int) -> int:
    """``end``, or the end of the word before when ``end`` is inside a word."""
    if end == len(text) or text[end].isspace():
        return end
    start = end
    while start and not text[start - 1].isspace():
        start -= 1
    return start if start and end - start <= _LONGEST_WORD else end


def _with_ellipsis(beginning: str, before: str) -> str:
    """The beginning with an ellipsis that no platform can take for the end of a link."""
    kept = beginning.rstrip()
    last_word = (before + kept).split()[-1:]
    if not kept.strip():
        return ""
    if "://" in last_word[0]:
        return f"{kept} {ELLIPSIS}"
    kept = kept.rstrip(" ,;:.–—-…")
    return f"{kept}{ELLIPSIS}" if kept.strip() else ""
