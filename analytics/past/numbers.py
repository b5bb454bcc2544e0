"""When a post was made, from the number that its platform gave it: exports that name only the day hold it."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from domain.errors import UsageError

#: Milliseconds of 2010-11-04T01:42:54.657Z, from which X counts (its announcement of Snowflake, 2010).
_X_EPOCH: Final = 1_288_834_974_657
#: Below the milliseconds of a number lie 22 bits of machine and sequence, on X and on LinkedIn alike.
_LOW_BITS: Final = 22
_X: Final = re.compile(r"//(?:www\.|mobile\.)?(?:x|twitter)\.com/[^\s/]+/status(?:es)?/(\d{15,20})\b")
_LINKEDIN: Final = re.compile(r"(?:urn:li:|-)(?:activity|ugcPost|share)[:-](\d{18,20})\b")
_DAYS: Final = ("%a, %b %d, %Y", "%b %d, %Y", "%Y-%m-%d", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y",
                "%d/%m/%y", "%d.%m.%Y", "%d %b %Y", "%B %d, %Y", "%d %B %Y")  # fmt: skip


def names_only_a_day(text: str) -> bool:
    """Whether a time is a day without its hour."""
    return ":" not in text and bool(_days(text))


def made_at(address: str, day: str) -> datetime | None:
    """The instant (UTC) that the number in a post's address tells; None: it has none that does.

    Args:
        address: of the post on X or LinkedIn, or its LinkedIn name such as ``urn:li:share:7…``.
        day: the day that the row names, on whatever clock.

    Raises:
        UsageError: the number says another day.
    """
    if (found := _X.search(address)) is not None:
        millis = (int(found[1]) >> _LOW_BITS) + _X_EPOCH
    elif (found := _LINKEDIN.search(address)) is not None:
        millis = int(found[1]) >> _LOW_BITS
    else:
        return None
    at = datetime.fromtimestamp(millis / 1000, UTC)
    if not any(abs(at.date() - one) <= timedelta(days=1) for one in _days(day)):
        raise UsageError(f"The row names {day!r}, and the number of the post {at:%Y-%m-%d}. Correct it.")
    return at


def _days(text: str) -> list[date]:
    """Each day that a text may mean."""
    found = []
    for form in _DAYS:
        try:
            found.append(datetime.strptime(text.strip(), form).replace(tzinfo=UTC).date())
        except ValueError:
            continue
    return found
