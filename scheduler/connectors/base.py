"""What every connector shares: a day's totals, a call with a deadline, and what its refusals mean."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol
from urllib.parse import urlencode, urlsplit

from domain.errors import BadStatus, TabuhError, UsageError
from net.client import Client, Response, read

#: For one call, and for the whole of a body.
CALL_LIMIT: Final = timedelta(seconds=60)
MOST_BYTES: Final = 32 * 2**20
_MICROS: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotal:
    """What a tool counted on one day for one source, medium and campaign; None: it does not tell."""

    day: date
    came_from: str = ""
    medium: str = ""
    campaign: str = ""
    sessions: int | None = None
    engaged: int | None = None
    conversions: int | None = None
    #: Millionths of the currency's unit.
    revenue: int | None = None
    currency: str | None = None

    def values(self) -> dict[str, Any]:
        """As `scheduler.import_rows.tool_rows` takes it."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.name != "day"}


class Tool(Protocol):
    """Reads one tool."""

    #: How people call it.
    title: str
    #: Names of its settings, and whether each is needed.
    settings: Mapping[str, bool]

    def check(self, settings: Mapping[str, str], secret: str) -> dict[str, Any]:
        """What is to be sealed, made of what a person gave. Raises `UsageError` when it cannot be right."""
        ...

    def days(
        self, http: Client, settings: Mapping[str, str], sealed: Mapping[str, Any], *, first: date,
        last: date, now: datetime,
    ) -> Sequence[DayTotal]:  # fmt: skip
        """The totals of these days. Raises `TabuhError` with what to do."""
        ...


class Refused(TabuhError):
    """The tool refuses the key, or the key may not see what is asked for."""


def post(
    http: Client, url: str, *, title: str, body: Any = None, form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:  # fmt: skip
    """The JSON that a tool answers to a POST.

    Raises:
        Refused: 401 or 403.
        BadStatus: another refusal; with the pause that it asks for.
        FetchError: no answer, or none in time.
        TabuhError: the answer is no JSON.
    """
    raw = json.dumps(body).encode() if form is None else urlencode(form).encode()
    kind = "application/json" if form is None else "application/x-www-form-urlencoded"
    sent = {"content-type": kind, "accept": "application/json", **(headers or {})}
    request = http.build_request("POST", url, content=raw, headers=sent)
    answer = read(http, request, deadline=CALL_LIMIT, max_bytes=MOST_BYTES, max_redirects=None)
    if answer.status in (401, 403):
        raise Refused(f"{title} refuses the key{_why(answer)}. Check that it may see this site.")
    if answer.status != 200:
        raise BadStatus(
            f"{title} answered {answer.status}{_why(answer)}.", url=answer.url, status=answer.status,
            retry_after=_pause(answer),
        )  # fmt: skip
    try:
        return json.loads(answer.body)
    except ValueError:
        raise TabuhError(f"{title} answered something that is no JSON. Check its address.") from None


def _why(answer: Response) -> str:
    """What the tool says itself, in a few words."""
    try:
        told = json.loads(answer.body)
    except ValueError:
        return ""
    found = told.get("error", told.get("message", "")) if isinstance(told, dict) else ""
    text = found.get("message", found.get("status", "")) if isinstance(found, dict) else found
    # RFC 6749, 5.2: what is wrong with a claim stands beside the code of the error.
    more = told.get("error_description") if isinstance(told, dict) else None
    text = f"{text}: {more}" if isinstance(more, str) and more and isinstance(text, str) and text else text
    text = " ".join(str(text).split())[:160].rstrip(".")
    return f" ({text})" if text else ""


def _pause(answer: Response) -> timedelta | None:
    seconds = answer.headers.get("retry-after", "")
    return timedelta(seconds=min(int(seconds), 86_400)) if seconds.isascii() and seconds.isdecimal() else None


def count(value: Any) -> int:
    """A count as tools write it, such as ``"12"`` or ``12.0``.

    Raises:
        TabuhError: it is none.
    """
    number = _decimal(value)
    if number < 0:
        raise TabuhError("The tool counted less than nothing. Look at it there.")
    return int(number.to_integral_value())


def micros(value: Any) -> int:
    """An amount in millionths. Raises `TabuhError` where it is none."""
    return int((_decimal(value) * _MICROS).to_integral_value())


def _decimal(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise TabuhError("The tool answered something else than a number. Check its version.") from None
    if not number.is_finite() or abs(number) > 10**12:
        raise TabuhError("The tool answered a number that cannot be. Look at it there.")
    return number


def clean_address(text: str, usual: str = "") -> str:
    """A tool's address without a slash at the end.

    Raises:
        UsageError: it is none, or would send the key in clear to another machine.
    """
    given = (text or usual).strip().rstrip("/")
    parts = urlsplit(given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise UsageError("Give the tool's address, such as https://matomo.example.com.")
    if parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise UsageError("The key would travel unprotected: give an address that begins with https://.")
    return given
