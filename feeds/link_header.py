"""The HTTP ``Link`` header. Format: RFC 8288, section 3."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from feeds.clean import resolve

#: Longest header that is read, in characters.
_LONGEST: Final = 10_000
_LINK: Final = re.compile(r"<([^<>]{1,2000})>((?:[^,<\"]|\"[^\"]{0,500}\")*+)")
_PARAMETER: Final = re.compile(r";\s*([\w*-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))")


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a header."""

    #: Absolute.
    url: str
    #: In lower case.
    rels: frozenset[str]
    #: Media type without its parameters, in lower case; empty when the link names none.
    kind: str


def links(header: str, *, base: str) -> Iterator[Link]:
    """The links of a header that lead to web addresses, in its order.

    Args:
        header: raw; several headers joined by commas.
        base: the address that answered.
    """
    for target, parameters in _LINK.findall(header[:_LONGEST]):
        url = resolve(target, base=base)
        values: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(parameters):
            values.setdefault(name.lower(), (quoted or bare).lower())
        if url and values.get("rel"):
            kind = values.get("type", "").partition(";")[0].strip()
            yield Link(url, frozenset(values["rel"].split()), kind)
