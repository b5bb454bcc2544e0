"""Networks of data centres as data: who asks from there is hardly a reader with a telephone in hand.

A file names one network a line (``203.0.113.0/24``), with ``#`` before remarks. The one that comes along is
small and dated; `TABUH_DATA_CENTRES_FILE` puts a larger one in its place. Nothing is fetched by itself.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_address, ip_network
from pathlib import Path
from typing import Final

from domain.errors import UsageError

SHIPPED: Final = Path(__file__).parent / "data_centres.txt"
#: Bytes of a file of networks; all published ranges together need less than a hundredth of it.
_LARGEST: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Spans:
    """Networks of one kind that neither touch nor overlap, in order."""

    starts: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()

    def have(self, number: int) -> bool:
        place = bisect_right(self.starts, number) - 1
        return place >= 0 and number <= self.ends[place]


@dataclass(frozen=True, slots=True)
class Networks:
    """A set of networks of both kinds."""

    four: _Spans
    six: _Spans

    def have(self, address: str) -> bool:
        """Whether an address lies in one of them; False for what is no address."""
        try:
            found = ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(found, IPv6Address):
            if found.ipv4_mapped is None:
                return self.six.have(int(found))
            found = found.ipv4_mapped
        return self.four.have(int(found))


def networks(lines: Iterable[str]) -> Networks:
    """The networks that these lines name.

    Raises:
        UsageError: a line is none; the text names it.
    """
    four: list[IPv4Network] = []
    six: list[IPv6Network] = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        try:
            found = ip_network(text, strict=False)
        except ValueError as exc:
            raise UsageError(
                f"Line {number} is no network: {text[:60]!r}. Write one a line, such as 203.0.113.0/24."
            ) from exc
        if isinstance(found, IPv4Network):
            four.append(found)
        else:
            six.append(found)
    return Networks(_spans(collapse_addresses(four)), _spans(collapse_addresses(six)))


def _spans(found: Iterable[IPv4Network | IPv6Network]) -> _Spans:
    ordered = list(found)
    return _Spans(
        tuple(int(one.network_address) for one in ordered),
        tuple(int(one.broadcast_address) for one in ordered),
    )


def networks_in(file: Path) -> Networks:
    """The networks that a file names.

    Raises:
        UsageError: it cannot be read, or holds something else.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise UsageError(f"{file} is too large for a list of networks.")
        return networks(file.read_text(encoding="utf-8-sig").splitlines())
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"{file} cannot be read as a list of networks: {exc}.") from exc
    except UsageError as exc:
        raise UsageError(f"{file}: {exc}") from exc


@cache
def shipped() -> Networks:
    """The networks that come along."""
    return networks_in(SHIPPED)
