"""What the script of a site sends, read with suspicion: anybody may send anything."""

import json
import math
import re
from dataclasses import dataclass
from typing import Any, Final

from domain.currencies import clean_currency, to_minor
from domain.errors import UsageError
from domain.visits import LONGEST_VIEW
from domain.web_site import clean_name

#: Bytes of one message.
LARGEST: Final = 4_096
LONGEST_PATH: Final = 500
_TOKEN = re.compile(r"[0-9A-Za-z]{8,32}")
_SITE_KEY = re.compile(r"[0-9a-z]{12}")
_HOST = re.compile(r"[a-z0-9_.:\[\]-]{1,253}")
_UNSHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
#: A page that was open longer says nothing about when it was opened.
_OLDEST: Final = 24 * 3600
#: JavaScript's numbers have no more that mean anything.
_DECIMALS: Final = 12


@dataclass(frozen=True, slots=True)
class Told:
    """A conversion as the script tells it."""

    name: str
    #: Random, or the order's number.
    key: str
    order: str | None
    minor: int | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message: a page view as it stands, and perhaps a conversion on it."""

    site_key: str
    view_key: str
    path: str
    #: Host, lower case; empty: none.
    referrer: str
    click_key: str
    utm: tuple[str, str, str]
    #: With consent only; empty: without.
    visitor: str
    #: The browser asks not to be followed.
    unfollowed: bool
    #: Visible so far.
    seconds: int
    #: Seconds since the view began.
    age: float
    conversion: Told | None


def read_message(raw: bytes) -> Message:
    """The message. Raises `UsageError` with what is wrong with it."""
    if len(raw) > LARGEST:
        raise UsageError(f"A message has at most {LARGEST:,} bytes.")
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise UsageError("The message is no JSON.") from None
    if not isinstance(told, dict):
        raise UsageError("The message is no JSON object.")
    utm = told.get("q") or ["", "", ""]
    if not isinstance(utm, list) or len(utm) != 3:
        raise UsageError("q must have three parts.")
    return Message(
        site_key=_matching(told, "k", _SITE_KEY),
        view_key=_matching(told, "v", _TOKEN),
        path=_text(told.get("p"), LONGEST_PATH) or "/",
        referrer=_host(told.get("r")),
        click_key=_optional(told, "c"),
        utm=(_text(utm[0], 100), _text(utm[1], 100), _text(utm[2], 100)),
        visitor=_optional(told, "i"),
        unfollowed=bool(told.get("n")),
        seconds=int(_number(told.get("s"), LONGEST_VIEW)),
        age=_number(told.get("a"), _OLDEST * 1000) / 1000,
        conversion=_conversion(told.get("e")),
    )


def _matching(told: dict[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise UsageError(f"{name} is missing or wrong.")
    return value


def _optional(told: dict[str, Any], name: str) -> str:
    """What looks wrong was not ours: an address may carry any ``tb=``."""
    value = told.get(name)
    return value if isinstance(value, str) and _TOKEN.fullmatch(value) else ""


def _text(value: Any, longest: int) -> str:
    return _UNSHOWN.sub("", value)[:longest].strip() if isinstance(value, str) else ""


def _host(value: Any) -> str:
    host = value.lower().rsplit("@", 1)[-1] if isinstance(value, str) else ""
    name = host if host.startswith("[") else host.split(":")[0]
    return name.rstrip(".") if _HOST.fullmatch(name) else ""


def _number(value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return 0.0 if math.isnan(value) else float(min(max(value, 0), most))


def _conversion(value: Any) -> Told | None:
    if value is None or value == 0:  # JavaScript's way to say that there is none
        return None
    if not isinstance(value, list) or len(value) != 3 or not isinstance(value[0], str):
        raise UsageError("e must have a name, values and a key.")
    name = clean_name(value[0])
    more = value[1] if isinstance(value[1], dict) else {}
    minor, currency = _money(more)
    order = more.get("id")
    known = _text(str(order), 100) if isinstance(order, str | int) and not isinstance(order, bool) else ""
    key = value[2] if isinstance(value[2], str) and _TOKEN.fullmatch(value[2]) else ""
    if not key:
        raise UsageError("The key of e is missing or wrong.")
    return Told(name, key, known or None, minor, currency)


def _money(more: dict[str, Any]) -> tuple[int | None, str | None]:
    value = more.get("value")
    if value is None or value == "":
        return None, None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise UsageError("value must be a number.")
    currency = clean_currency(str(more.get("currency") or ""))
    plain = value if isinstance(value, str) else _plain(value)
    minor = to_minor(plain, currency)
    if minor < 0:
        raise UsageError("value must not be below 0: refunds are told by your server.")
    return minor, currency


def _plain(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{_DECIMALS}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
