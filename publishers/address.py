"""Addresses that a person types into a connect form, checked before anything is sent there."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

#: Control characters, and halves of surrogate pairs.
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

#: Names that lead to one's own machine or network; there, plain http is usual.
_OWN = (".localhost", ".local", ".internal", ".lan", ".home.arpa", ".test")


def server_address(text: str) -> str:
    """A server's address without a path, such as ``https://mastodon.example``.

    A bare name is taken as https. Plain http, which shows credentials to everybody on the way, is for
    one's own network only; whether that may be reached is the guarded client's decision.

    Raises:
        ValueError: it is something else; the text says what to write.
    """
    address = text.strip()
    address = (address if "://" in address else f"https://{address}").removesuffix("/")
    _check(address, example="https://mastodon.example")
    parts = urlsplit(address)
    if parts.path or parts.query or parts.fragment:
        raise ValueError(f"The address has a path. Write the server alone, such as https://{parts.hostname}.")
    return address


def site_address(text: str, *, without: str = "") -> str:
    """A site's address, with a path where it lives in one; as `server_address` otherwise.

    Args:
        without: the path of its own pages for writers, which people copy along.

    Raises:
        ValueError: it is something else; the text says what to write.
    """
    address = text.strip()
    address = (address if "://" in address else f"https://{address}").rstrip("/").removesuffix(without)
    _check(address, example="https://blog.example")
    if "?" in address or "#" in address:
        raise ValueError(
            "The address has a query. Write the site's front page, such as https://blog.example."
        )
    return address


def host_name(text: str) -> str:
    """The name or address of a server, without anything around it.

    Raises:
        ValueError: it is something else; the text says what to write.
    """
    host = text.strip().lower().rstrip(".")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:]*:[0-9a-f:.]*", host):
        raise ValueError("This is no server's name. Write one such as mail.example.org.")
    return host


def web_address(text: str) -> str:
    """A full https address, with path and query as given; http as for `server_address`.

    Raises:
        ValueError: it is something else; the text says what to write.
    """
    address = text.strip()
    _check(address, example="https://example.org/hook")
    return address


def opened_by_browsers(address: object) -> str | None:
    """The address that a platform or a person gave for a post, if a browser may be sent there; else None."""
    if not isinstance(address, str) or _UNREADABLE.search(address):
        return None
    try:
        parts = urlsplit(address)
        return address if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def served_to_others(public_url: str) -> bool:
    """Whether an address of ours can be opened on another machine, judged by its spelling alone."""
    host = urlsplit(public_url).hostname or ""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return bool(host) and host != "localhost" and not host.endswith(".localhost")


def _check(address: str, *, example: str) -> None:
    try:
        parts = urlsplit(address)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or any(sign.isspace() for sign in address):
        raise ValueError(f"This is no web address. Write one such as {example}.")
    if parts.username or parts.password:
        raise ValueError("The address holds a user name or password. Write it without.")
    if parts.scheme == "http" and not _is_own(host):
        raise ValueError("The address is not encrypted. Write it with https://.")


def _is_own(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(_OWN) or "." not in host


def on_the_internet(address: str) -> bool:
    """Whether a platform's own servers can open this address, judged by its spelling alone."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(host) and not _is_own(host or "")
