"""Who is behind a request: a human reader, a program, or nobody can tell."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from domain.agents import AHEAD, AHEAD_WORDS, BEGINNINGS, BROWSERS, PLAIN_BROWSERS, PROGRAMS, TELEPHONES
from domain.metrics import Audience

_BOT = re.compile(r"bot(?![a-z])|bots\b")
#: Longest host name, RFC 1035.
_LONGEST_HOST = 253


def audience_of(method: str, headers: Mapping[str, str]) -> Audience:
    """Judge a request by its method and header fields alone; no address is looked at.

    Args:
        method: the HTTP method; only a GET shows anybody anything.
        headers: header fields; names in any case.

    Returns:
        BOT for known programs and for fetching ahead, HUMAN for a browser, UNKNOWN for
        all that says neither, such as a request without a user agent.
    """
    fields = {name.lower(): value.lower() for name, value in headers.items()}
    if method.upper() == "HEAD" or any(_fetches_ahead(fields.get(name, "")) for name in AHEAD):
        return Audience.BOT
    agent = fields.get("user-agent", "").strip()
    if _is_program(agent):
        return Audience.BOT
    return Audience.HUMAN if _is_browser(agent) else Audience.UNKNOWN


def _fetches_ahead(value: str) -> bool:
    return any(word in value for word in AHEAD_WORDS)


def _is_program(agent: str) -> bool:
    for telephone in TELEPHONES:
        agent = agent.replace(telephone, "")
    if _BOT.search(agent) or agent.startswith(BEGINNINGS):
        return True
    return any(pattern in agent for pattern in PROGRAMS)


def _is_browser(agent: str) -> bool:
    if agent.startswith("mozilla/") and any(name in agent for name in BROWSERS):
        return True
    return any(name in agent for name in PLAIN_BROWSERS)


def referrer_host(referrer: str | None) -> str | None:
    """The host that a Referer field names, lower case and without port; None when it names none.

    Android apps send ``android-app://com.example.app/``: the app's name is the host then.
    """
    try:
        host = urlsplit((referrer or "").strip()).hostname
    except ValueError:
        return None
    return host if host and len(host) <= _LONGEST_HOST else None


def came_from_outside(referrer: str | None, own_hosts: frozenset[str]) -> bool:
    """Whether a page view opens a visit: it did not come from another of our own pages."""
    return referrer_host(referrer) not in own_hosts
