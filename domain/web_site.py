"""A web site of one's own: the hosts of its pages, and the conversions that it counts."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from domain.errors import UsageError

#: Hosts of one site, and names of conversions that one site counts.
MOST_HOSTS: Final = 20
MOST_NAMES: Final = 50
#: The conversion that a new site knows.
ORDER: Final = "order"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
#: What `tabuh()` of the script does itself, so that no conversion can have these names.
_TAKEN: Final = ("consent", "click", "visitor")


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What a site's ``settings`` column holds."""

    #: Conversion → whether it is a key event: one that counts as success and keeps a visit from bouncing.
    conversions: Mapping[str, bool] = field(default_factory=lambda: {ORDER: True})

    @classmethod
    def stored(cls, settings: Mapping[str, Any]) -> "SiteSettings":
        """From the column."""
        return cls(dict(settings.get("conversions", {ORDER: True})))

    def column(self) -> dict[str, Any]:
        """For the column."""
        return {"conversions": dict(self.conversions)}

    @property
    def key_events(self) -> tuple[str, ...]:
        """The names that are key events, sorted."""
        return tuple(sorted(name for name, is_key in self.conversions.items() if is_key))


def clean_hosts(typed: Iterable[str]) -> Sequence[str]:
    """Hosts as they are kept, from names or whole addresses, in their order.

    Raises:
        UsageError: one is none, or there are none or too many; the text names all wrong ones.
    """
    words = [word for text in typed for word in re.split(r"[\s,;]+", text) if word]
    found: dict[str, None] = {}
    wrong = []
    for word in words:
        host = _host(word)
        if host is None:
            wrong.append(word[:80])
        else:
            found[host] = None
    if wrong:
        raise UsageError(f"These are no names of hosts: {', '.join(wrong)}. Write shop.example.org.")
    if not 1 <= len(found) <= MOST_HOSTS:
        raise UsageError(f"A site needs 1 to {MOST_HOSTS} hosts, such as example.org and www.example.org.")
    return tuple(found)


def _host(word: str) -> str | None:
    try:
        name = (urlsplit(word if "//" in word else f"//{word}").hostname or "").rstrip(".")
        name = name.encode("idna").decode().lower() if not name.isascii() else name
    except ValueError:
        return None
    if _HOST.fullmatch(name):
        return name
    try:
        return str(ip_address(name))
    except ValueError:
        return None


def clean_site_name(typed: str) -> str:
    """A site's name. Raises `UsageError` unless it has 1 to 80 characters."""
    name = " ".join(typed.split())
    if not 1 <= len(name) <= 80:
        raise UsageError("A site needs a name of 1 to 80 characters.")
    return name


def clean_name(typed: str) -> str:
    """The name of a conversion: lower case. Raises `UsageError` with what it may look like."""
    name = typed.strip().lower()
    if not _NAME.fullmatch(name) or name in _TAKEN:
        raise UsageError(
            f"{typed[:60]!r} cannot name a conversion. Use up to 40 of a-z, 0-9, - and _, such as order; "
            f"{', '.join(_TAKEN)} are taken."
        )
    return name


def clean_conversions(key_events: Iterable[str], others: Iterable[str]) -> SiteSettings:
    """The settings for these names. Raises `UsageError` for a bad name, one in both lists, or too many."""
    keys, rest = [[clean_name(name) for name in names] for names in (key_events, others)]
    both = sorted(set(keys) & set(rest))
    if both:
        raise UsageError(f"{', '.join(both)} cannot be a key event and none at once.")
    if len({*keys, *rest}) > MOST_NAMES:
        raise UsageError(f"A site counts at most {MOST_NAMES} kinds of conversions.")
    return SiteSettings({**dict.fromkeys(keys, True), **dict.fromkeys(rest, False)})
