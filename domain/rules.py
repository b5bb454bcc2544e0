"""The rules of a channel about when its posts go out, as people write them, and as a route overrides them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from domain.audience_zones import Audience, audience_from, audience_text
from domain.errors import UsageError
from domain.holidays import holiday_set, names_of_sets
from domain.schedule import instant, wall_time, zone


class Kind(StrEnum):
    """What a post is made of, as the content mix counts it."""

    VIDEO = "video"
    IMAGE = "image"
    LINK = "link"
    TEXT = "text"
    POLL = "poll"


#: What happens to a post that a down-time or a pause made late.
LATE = ("send", "skip", "ask")


@dataclass(frozen=True, slots=True, order=True)
class Quiet:
    """Hours of each day in which nothing goes out, in the channel's zone; may span midnight."""

    start: time
    end: time  #: the first minute that is not quiet

    def holds(self, wall: time) -> bool:
        """Whether this time of day is quiet."""
        if self.start < self.end:
            return self.start <= wall < self.end
        return wall >= self.start or wall < self.end


@dataclass(frozen=True, slots=True, order=True)
class Blackout:
    """Whole days on which nothing goes out, first and last included, in the channel's zone."""

    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """When the posts of a channel may go out; the defaults forbid nothing.

    Hand-placed posts obey none of them: they count for the others, and a warning says what they break.
    """

    quiet: tuple[Quiet, ...] = ()
    blackouts: tuple[Blackout, ...] = ()
    #: Named sets of days (`domain.holidays`).
    holidays: tuple[str, ...] = ()
    #: Posts of a local day, and of a local week from Monday to Sunday; None: any number.
    cap_day: int | None = None
    cap_week: int | None = None
    #: Least time between two posts, and between two of one campaign or story.
    gap: timedelta = timedelta(0)
    kin_gap: timedelta = timedelta(0)
    #: Percent of a week's posts that each kind may have; kinds not named: any.
    mix: tuple[tuple[Kind, int], ...] = ()
    late: str = "send"
    #: False: the slots are those of the posting schedule; True: every quarter of an hour, best first.
    best_times: bool = False
    #: Where the audience lives, in percent; empty: in the channel's own zone.
    audience: Audience = ()


#: Words that clear a rule.
_NONE = frozenset({"", "none", "off", "no"})


def rules_from(stored: Mapping[str, Any] | None, overrides: Mapping[str, Any] | None = None) -> Rules:
    """The rules that `texts` wrote; what ``overrides`` name holds in their place.

    Raises:
        UsageError: names the rule that cannot be read.
    """
    return changed(Rules(), {**(stored or {}), **(overrides or {})})


def within(rules: Rules, budget_day: int | None) -> Rules:
    """The rules with no more posts a day than a platform takes."""
    if budget_day is None or (rules.cap_day is not None and rules.cap_day <= budget_day):
        return rules
    return replace(rules, cap_day=budget_day)


def changed(rules: Rules, given: Mapping[str, Any]) -> Rules:
    """The rules with those replaced that are given as texts; an empty text or ``none`` clears one.

    Raises:
        UsageError: names what cannot be read, and how it is written.
    """
    unknown = sorted(set(given) - set(FIELDS))
    if unknown:
        raise UsageError(f"There is no rule {unknown[0]!r}. Rules are {', '.join(FIELDS)}.")
    return replace(
        rules, **{name: _read(name, str(text)) for name, text in given.items() if text is not None}
    )


def _read(name: str, text: str) -> Any:
    said = text.strip().lower()
    if said in _NONE:
        return getattr(Rules(), name)
    return _READERS[name](said)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]


def _all_quiet(text: str) -> tuple[Quiet, ...]:
    return tuple(sorted({_quiet(part) for part in _parts(text)}))


def _quiet(part: str) -> Quiet:
    start, _, end = part.partition("-")
    try:
        found = Quiet(_clock(start), _clock(end))
    except ValueError:
        raise UsageError(f"Cannot read the quiet hours {part!r}. Write them as 22:00-06:00.") from None
    if found.start == found.end:
        raise UsageError(
            f"The quiet hours {part!r} have no length: end them at another time than they start."
        )
    return found


def _clock(text: str) -> time:
    found = re.fullmatch(r"(\d{1,2})[:.](\d{2})", text.strip())
    if found is None:
        raise ValueError(text)
    if (found[1], found[2]) == ("24", "00"):
        return time(0)
    return time(int(found[1]), int(found[2]))


def _all_blackouts(text: str) -> tuple[Blackout, ...]:
    return tuple(sorted({_blackout(part) for part in _parts(text)}))


def _blackout(part: str) -> Blackout:
    first, _, last = part.partition("..")
    try:
        found = Blackout(date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip()))
    except ValueError:
        raise UsageError(
            f"Cannot read the blackout days {part!r}. Write a day as 2026-12-24, or days as "
            "2026-12-24..2026-12-26."
        ) from None
    if found.last < found.first:
        raise UsageError(f"The blackout days {part!r} end before they start.")
    return found


def _all_holidays(text: str) -> tuple[str, ...]:
    return tuple(_holidays(part) for part in dict.fromkeys(_parts(text)))


def _holidays(part: str) -> str:
    if part not in names_of_sets():
        known = ", ".join(names_of_sets())
        raise UsageError(
            f"Unknown holidays {part!r}. Known: {known}. Write days of your own as blackout days."
        )
    return part


def _cap(text: str) -> int:
    if not re.fullmatch(r"\d{1,4}", text) or not int(text):
        raise UsageError(f"Cannot read {text!r} as a number of posts. Write 1 to 9999, or none.")
    return int(text)


_LENGTH = re.compile(r"(?:(\d+)\s*d(?:ays?)?)?\s*(?:(\d+)\s*h(?:ours?)?)?\s*(?:(\d+)\s*m(?:in)?(?:utes?)?)?")


def _length(text: str) -> timedelta:
    found = _LENGTH.fullmatch(text)
    if found is None or not any(found.groups()):
        raise UsageError(f"Cannot read the distance {text!r}. Write it as 90 min, 2 h, 1 h 30 min or 3 d.")
    days, hours, minutes = (int(part[:6]) if part else 0 for part in found.groups())
    length = timedelta(days=min(days, 9999), hours=min(hours, 99_999), minutes=min(minutes, 999_999))
    if length > timedelta(days=366):
        raise UsageError(f"A distance of {text!r} is longer than a year. Write at most 366 d.")
    return length


def _mix(text: str) -> tuple[tuple[Kind, int], ...]:
    shares: dict[Kind, int] = {}
    for part in _parts(text):
        found = re.fullmatch(r"([a-z]+)\s*[:=]?\s*(\d{1,3})\s*%?", part)
        if found is None or found[1] not in [*Kind] or int(found[2]) > 100:
            kinds = ", ".join(Kind)
            raise UsageError(
                f"Cannot read {part!r} as a share of the content mix. Write 'image 40%, link 60%'; kinds are "
                f"{kinds}."
            )
        shares[Kind(found[1])] = int(found[2])
    if sum(shares.values()) > 100:
        raise UsageError(
            f"The shares of the content mix add up to {sum(shares.values())} %, which is over 100 %."
        )
    return tuple(sorted(shares.items()))


def _yes(text: str) -> bool:
    if text in ("yes", "on", "true", "1"):
        return True
    if text in ("false", "0"):
        return False
    raise UsageError(f"Cannot read {text!r}. Write yes or no.")


def _late(text: str) -> str:
    if text not in LATE:
        raise UsageError(f"Cannot read {text!r} as a rule for late posts. Write send, skip or ask.")
    return text


_READERS: Mapping[str, Callable[[str], Any]] = {
    "quiet": _all_quiet,
    "blackouts": _all_blackouts,
    "holidays": _all_holidays,
    "cap_day": _cap,
    "cap_week": _cap,
    "gap": _length,
    "kin_gap": _length,
    "mix": _mix,
    "late": _late,
    "best_times": _yes,
    "audience": lambda text: audience_from(_parts(text)),
}
#: The rules by the names that people use.
FIELDS = tuple(_READERS)


def texts(rules: Rules) -> dict[str, str]:
    """The rules that forbid something, each as the text that `changed` reads."""
    written = {
        "quiet": ", ".join(f"{one.start:%H:%M}-{one.end:%H:%M}" for one in rules.quiet),
        "blackouts": ", ".join(_days_text(one) for one in rules.blackouts),
        "holidays": ", ".join(rules.holidays),
        "cap_day": str(rules.cap_day or ""),
        "cap_week": str(rules.cap_week or ""),
        "gap": length_text(rules.gap),
        "kin_gap": length_text(rules.kin_gap),
        "mix": ", ".join(f"{kind} {share}%" for kind, share in rules.mix),
        "late": "" if rules.late == "send" else rules.late,
        "best_times": "yes" if rules.best_times else "",
        "audience": audience_text(rules.audience),
    }
    return {name: text for name, text in written.items() if text}


def _days_text(days: Blackout) -> str:
    return f"{days.first}" if days.first == days.last else f"{days.first}..{days.last}"


def length_text(length: timedelta) -> str:
    """A distance as people write it, such as ``1 h 30 min``; empty for none."""
    minutes = int(length.total_seconds()) // 60
    parts = ((minutes // 1440, "d"), (minutes % 1440 // 60, "h"), (minutes % 60, "min"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def kind_of(content: Mapping[str, Any]) -> Kind:
    """What a stored content is made of; the most telling part decides."""
    if content.get("poll"):
        return Kind.POLL
    media = content.get("media") or ()
    if any(str(one.get("media_type", "")).startswith("video/") for one in media):
        return Kind.VIDEO
    if media:
        return Kind.IMAGE
    return Kind.LINK if content.get("link") else Kind.TEXT


def shut_at(rules: Rules, wall: datetime) -> str:
    """Why nothing may go out at this wall time: ``quiet``, ``blackout`` or ``holiday``; empty: it may."""
    day = wall.date()
    if any(quiet.holds(wall.time()) for quiet in rules.quiet):
        return "quiet"
    if any(blackout.first <= day <= blackout.last for blackout in rules.blackouts):
        return "blackout"
    return "holiday" if any(day in holiday_set(name).days for name in rules.holidays) else ""


def opening(rules: Rules, zone_name: str, *, now: datetime) -> datetime:
    """The soonest instant from now on at which no rule keeps the channel silent; looks a year ahead."""
    where, at = zone(zone_name), now
    for _ in range(1000):
        wall = wall_time(at, where)
        match shut_at(rules, wall):
            case "":
                return at
            case "quiet":
                ends = [_next(wall, quiet.end) for quiet in rules.quiet if quiet.holds(wall.time())]
                following = instant(min(ends), where)
            case _:
                following = instant(datetime.combine(wall.date() + timedelta(days=1), time(0)), where)
        at = max(following, at + timedelta(minutes=1))
    return at


def _next(wall: datetime, clock: time) -> datetime:
    over = datetime.combine(wall.date(), clock)
    return over if over > wall else over + timedelta(days=1)
