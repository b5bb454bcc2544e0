"""Who is behind a request: a human reader, a program, or nobody can tell; and by what it was told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from domain.agents import AHEAD, AHEAD_WORDS, BROWSERS, KINDS, PLAIN_BROWSERS, TELEPHONES
from domain.metrics import Audience
from domain.sentence import Words

_BOT = re.compile(r"bot(?![a-z])|bots\b")
#: Longest host name, RFC 1035.
_LONGEST_HOST = 253
#: Agents whose class is remembered; an agent is no person.
_REMEMBERED: Final = 4_096


@dataclass(frozen=True, slots=True)
class Judged:
    """The class of a request, and the key of its reason in `REASONS`."""

    audience: Audience
    why: str


#: Every reason that a click keeps, in words.
REASONS: Mapping[str, Words] = {
    "browser": Words("a browser opened it", "dibuka sebuah peramban"),
    "head": Words("only the head was asked for (HEAD)", "hanya kepalanya yang diminta (HEAD)"),
    "ahead": Words("fetched ahead of a click", "diambil sebelum diklik"),
    "part": Words(
        "asked for as a part of a page, not followed", "diminta sebagai bagian halaman, bukan diikuti"
    ),
    "preview": Words("a platform's link preview", "pratinjau tautan sebuah platform"),
    "scanner": Words("a security scanner", "pemindai keamanan"),
    "monitor": Words("a monitoring service or page tester", "layanan pemantau atau penguji halaman"),
    "feed_reader": Words("a feed reader", "pembaca feed"),
    "browser_driven": Words("a browser that a program drives", "peramban yang dijalankan program"),
    "library": Words("a programming library or tool", "pustaka pemrograman atau alat"),
    "crawler": Words("a crawler", "perayap"),
    "bot": Words("calls itself a bot", "menyebut dirinya bot"),
    "data_centre": Words("came from a data centre", "datang dari pusat data"),
    "repeat": Words("the same again within a second", "yang sama lagi dalam satu detik"),
    "too_fast": Words("too many in ten seconds", "terlalu banyak dalam sepuluh detik"),
    "no_agent": Words("did not say what it is", "tidak menyebut apa dirinya"),
    "odd_agent": Words("says nothing that tells", "tidak menyebut sesuatu yang jelas"),
}


def audience_of(method: str, headers: Mapping[str, str]) -> Audience:
    """The class alone; as `judged`."""
    return judged(method, headers).audience


def judged(method: str, headers: Mapping[str, str]) -> Judged:
    """Judge a request by its method and header fields alone; no address is looked at.

    Args:
        method: the HTTP method; only a GET shows anybody anything.
        headers: header fields; names in any case.

    Returns:
        BOT for known programs and for fetching ahead, HUMAN for a browser, UNKNOWN for
        all that says neither, such as a request without a user agent.
    """
    fields = {name.lower(): value.lower() for name, value in headers.items()}
    if method.upper() == "HEAD":
        return Judged(Audience.BOT, "head")
    if any(_fetches_ahead(fields.get(name, "")) for name in AHEAD):
        return Judged(Audience.BOT, "ahead")
    found = _by_agent(fields.get("user-agent", "").strip()[:2_048])
    # Browsers say what they want an address for (Fetch Metadata); a picture or a script is no click.
    mode = fields.get("sec-fetch-mode", "navigate")
    if found.audience is Audience.HUMAN and mode != "navigate":
        return Judged(Audience.UNKNOWN, "part")
    return found


def _fetches_ahead(value: str) -> bool:
    return any(word in value for word in AHEAD_WORDS)


@lru_cache(maxsize=_REMEMBERED)
def _by_agent(agent: str) -> Judged:
    if not agent:
        return Judged(Audience.UNKNOWN, "no_agent")
    for telephone in TELEPHONES:
        agent = agent.replace(telephone, "")
    for kind in KINDS:
        if agent.startswith(kind.beginnings) or any(pattern in agent for pattern in kind.patterns):
            return Judged(Audience.BOT, kind.why)
    if _BOT.search(agent):
        return Judged(Audience.BOT, "bot")
    if _is_browser(agent):
        return Judged(Audience.HUMAN, "browser")
    return Judged(Audience.UNKNOWN, "odd_agent")


def _is_browser(agent: str) -> bool:
    if agent.startswith("mozilla/") and any(name in agent for name in BROWSERS):
        return True
    return any(name in agent for name in PLAIN_BROWSERS)


def asks_not_to_be_followed(headers: Mapping[str, str]) -> bool:
    """Whether the reader's browser sends Do-Not-Track or Global Privacy Control; names in lower case."""
    return headers.get("dnt", "").strip() == "1" or headers.get("sec-gpc", "").strip() == "1"


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
