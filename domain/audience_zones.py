"""Where a channel's audience lives: shares of time zones, as people write them."""

import re
from collections.abc import Mapping, Sequence
from functools import cache

from domain.errors import UsageError
from domain.schedule import zone_names

#: Zones of the audience with their shares in percent, the largest first; empty: the channel's own zone.
Audience = tuple[tuple[str, int], ...]

#: More would only blur the week.
MOST_ZONES = 12
_ZONE = r"[A-Za-z][\w+\-/]*"
_SHARE = re.compile(
    rf"(?P<zone>{_ZONE})\s*[:=]?\s*(?P<percent>\d{{1,3}})\s*%?|(?P<first>\d{{1,3}})\s*%\s*(?P<later>{_ZONE})"
)
_SHORT = {"wib": "Asia/Jakarta", "wita": "Asia/Makassar", "wit": "Asia/Jayapura"}


def audience_from(parts: Sequence[str]) -> Audience:
    """The audience that texts such as ``Asia/Jakarta 60%`` mean.

    Raises:
        UsageError: a part cannot be read, a zone is unknown or there twice, or the shares do not make 100 %.
    """
    shares: dict[str, int] = {}
    for part in parts:
        found = _SHARE.fullmatch(part)
        if found is None:
            raise UsageError(
                f"Cannot read {part!r} as a share of the audience. Write 'Asia/Jakarta 60%, Europe/Amsterdam "
                "40%'."
            )
        name = _zone(found["zone"] or found["later"])
        if name in shares:
            raise UsageError(f"The zone {name} is in the audience twice. Add its shares up.")
        shares[name] = int(found["percent"] or found["first"])
    if len(shares) > MOST_ZONES:
        raise UsageError(f"An audience has at most {MOST_ZONES} zones; got {len(shares)}. Name the largest.")
    whole = sum(shares.values())
    if shares and (whole != 100 or 0 in shares.values()):
        raise UsageError(
            f"The shares of the audience add up to {whole} %. They are whole numbers above 0 that make 100 %."
        )
    return tuple(sorted(shares.items(), key=lambda share: (-share[1], share[0])))


def audience_text(audience: Audience) -> str:
    """As `audience_from` reads it again; empty for the channel's own zone."""
    return ", ".join(f"{name} {percent}%" for name, percent in audience)


def _zone(given: str) -> str:
    known = _known_zones()
    name = known.get(_SHORT.get(given.lower(), given).lower())
    if name is None:
        raise UsageError(
            f"Unknown time zone {given!r}. Use an IANA name such as Asia/Jakarta, Europe/Berlin or UTC."
        )
    return name


@cache
def _known_zones() -> Mapping[str, str]:
    return {name.lower(): name for name in sorted(zone_names())}
