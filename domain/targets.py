"""Where a short link leads: web addresses only, and the click's key for a site of one's own."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from domain.errors import UsageError

LONGEST: Final = 2_048
#: The parameter by which a site is told which click brought its visitor.
KEY_PARAMETER: Final = "tb"
#: Letters of hosts whose ASCII form is not the same in every browser: they are left to it.
_TWO_WAYS: Final = frozenset("ßς\u200c\u200d")
_NEVER: Final = re.compile(r"[\x00-\x20\x7f\\\u0085\u00a0\u2028\u2029]")


def is_web_address(target: str) -> bool:
    """Whether a browser may be sent there."""
    try:
        parts = urlsplit(target)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def host_name(target: str) -> str:
    """The host of an address as machines write it: an umlaut's name in ASCII, without a final dot.

    Raises:
        ValueError: it has none, or none that there can be.
    """
    name = (urlsplit(target).hostname or "").rstrip(".")
    name = name if name.isascii() else name.encode("idna").decode("ascii").lower()
    if not name:
        raise ValueError("no host")
    return name


def as_sent(target: str) -> str:
    """The address with its host in ASCII: not every reader's program knows other letters there."""
    if target.isascii():
        return target
    try:
        parts = urlsplit(target)
        host = parts.hostname or ""
        if host.isascii() or not _TWO_WAYS.isdisjoint(host):
            return target
        port = "" if parts.port is None else f":{parts.port}"
        return urlunsplit(parts._replace(netloc=host_name(target) + port))
    except ValueError:
        return target


def target_address(text: str, *, own: Mapping[str, str]) -> str:
    """The address as a link keeps it.

    Args:
        own: hosts of ours, and how the paths of short links there begin: a link to a link would go round
            in circles.

    Raises:
        UsageError: a browser could not be sent there, or it is a short link itself.
    """
    target = text.strip()
    if not target:
        raise UsageError("Say where the link leads, such as https://example.org/sale.")
    if len(target) > LONGEST:
        raise UsageError(f"The address has more than {LONGEST:,} characters: shorten it.")
    if _NEVER.search(target) or not is_web_address(target):
        raise UsageError(
            f"{target[:80]!r} is no web address: write a whole one such as https://example.org/sale, "
            "without spaces."
        )
    parts = urlsplit(target)
    try:
        host = host_name(target)
    except ValueError as exc:
        raise UsageError(
            f"{(parts.hostname or '')[:80]!r} cannot be the name of a host: correct it."
        ) from exc
    if parts.username is not None or parts.password is not None:
        raise UsageError("The address holds a user name or password, which every reader would see.")
    try:
        _ = parts.port
    except ValueError as exc:
        raise UsageError("The port in the address is no number from 0 to 65535: correct it.") from exc
    beginning = own.get(host)
    if beginning is not None and (parts.path or "/").startswith(beginning):
        raise UsageError("This is a short link itself: name the page that it should lead to.")
    return target


def with_key(target: str, key: str) -> str:
    """The address with the click's key; nothing else of it changes.

    A key that stands there already, as in an address that was copied from a browser, is replaced.
    """
    front, mark, fragment = target.partition("#")
    path, _, query = front.partition("?")
    kept = [part for part in query.split("&") if part.partition("=")[0] != KEY_PARAMETER] if query else []
    return f"{path}?{'&'.join([*kept, f'{KEY_PARAMETER}={key}'])}{mark}{fragment}"
