"""Google Analytics 4 by its Data API: a service account's signed claim becomes a token, then a report."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from domain.errors import TabuhError, UsageError
from net.client import Client
from scheduler.connectors.base import DayTotal, clean_address, count, micros, post

#: Sources: developers.google.com, "Using OAuth 2.0 for Server to Server Applications" and Data API v1beta.
SCOPE: Final = "https://www.googleapis.com/auth/analytics.readonly"
GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ADDRESS: Final = "https://analyticsdata.googleapis.com"
_TOKENS: Final = "https://oauth2.googleapis.com/token"
_DIMENSIONS: Final = ("date", "sessionSource", "sessionMedium", "sessionCampaignName")
_METRICS: Final = ("sessions", "engagedSessions", "keyEvents", "totalRevenue")
#: Rows of one answer, and of all: the Data API gives at most 250,000 at a time.
_ROWS: Final = 50_000
_MOST: Final = 500_000
_HOUR: Final = 3600


class GoogleAnalytics:
    """GA4."""

    title = "Google Analytics"
    settings: Mapping[str, bool] = {"property": True, "address": False}

    def check(self, settings: Mapping[str, str], secret: str) -> dict[str, Any]:
        """See `scheduler.connectors.base.Tool`; the secret is the service account's JSON file."""
        number = settings.get("property", "").removeprefix("properties/")
        if not number.isascii() or not number.isdecimal():
            raise UsageError("Give the property by its number, such as 123456789 (Admin, Property details).")
        clean_address(settings.get("address", ""), _ADDRESS)
        try:
            told = json.loads(secret)
            kept = {name: str(told[name]) for name in ("client_email", "private_key")}
        except (ValueError, KeyError, TypeError):
            raise UsageError(
                "This is no key of a service account. Give the JSON file that Google Cloud made for it."
            ) from None
        kept["private_key_id"] = str(told.get("private_key_id", ""))
        kept["token_uri"] = clean_address(str(told.get("token_uri") or _TOKENS))
        _private_key(kept["private_key"])
        return kept

    def days(
        self, http: Client, settings: Mapping[str, str], sealed: Mapping[str, Any], *, first: date,
        last: date, now: datetime,
    ) -> Sequence[DayTotal]:  # fmt: skip
        """See `scheduler.connectors.base.Tool`."""
        token = self._token(http, sealed, now=now)
        base = clean_address(settings.get("address", ""), _ADDRESS)
        number = settings["property"].removeprefix("properties/")
        found: list[DayTotal] = []
        offset, whole = 0, 1
        while offset < min(whole, _MOST):
            answer = post(
                http, f"{base}/v1beta/properties/{number}:runReport", title=self.title,
                headers={"authorization": f"Bearer {token}"},
                body={
                    "dateRanges": [{"startDate": first.isoformat(), "endDate": last.isoformat()}],
                    "dimensions": [{"name": name} for name in _DIMENSIONS],
                    "metrics": [{"name": name} for name in _METRICS],
                    "limit": str(_ROWS), "offset": str(offset), "keepEmptyRows": False,
                },
            )  # fmt: skip
            rows = _rows(answer)
            found += rows
            whole = int(answer.get("rowCount", 0))
            offset += len(rows)
            if not rows:
                break
        return found

    def _token(self, http: Client, sealed: Mapping[str, Any], *, now: datetime) -> str:
        assertion = signed_claim(sealed, now=int(now.timestamp()))
        answer = post(
            http, sealed["token_uri"], title=self.title, form={"grant_type": GRANT, "assertion": assertion}
        )
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token:
            raise TabuhError("Google gave no token for this key. Make a new key for the service account.")
        return token


def signed_claim(sealed: Mapping[str, Any], *, now: int) -> str:
    """The service account's claim as a JWT signed with RS256 (RFC 7515, 7523); valid for an hour."""
    header = {"alg": "RS256", "typ": "JWT"}
    if sealed.get("private_key_id"):
        header["kid"] = sealed["private_key_id"]
    claim = {
        "iss": sealed["client_email"], "scope": SCOPE, "aud": sealed["token_uri"], "iat": now,
        "exp": now + _HOUR,
    }  # fmt: skip
    text = f"{_packed(header)}.{_packed(claim)}"
    key = _private_key(sealed["private_key"])
    signature = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{text}.{_coded(signature)}"


def _private_key(pem: str) -> rsa.RSAPrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UsageError("The file's private key cannot be read. Give the JSON file as Google Cloud made it.")
    return key


def _packed(value: Mapping[str, Any]) -> str:
    return _coded(json.dumps(value, separators=(",", ":")).encode())


def _coded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _rows(answer: Any) -> list[DayTotal]:
    try:
        metrics = [one["name"] for one in answer["metricHeaders"]]
        currency = answer.get("metadata", {}).get("currencyCode")
        rows = answer.get("rows", [])
        if tuple(metrics) != _METRICS:
            raise KeyError
        return [_row(row, currency) for row in rows]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise TabuhError(
            "Google Analytics answered in a form that is not known. Look for a newer Tabuh."
        ) from None


def _row(row: Mapping[str, Any], currency: str | None) -> DayTotal:
    day, came_from, medium, campaign = (one["value"] for one in row["dimensionValues"])
    sessions, engaged, events, revenue = (one["value"] for one in row["metricValues"])
    return DayTotal(
        day=date.fromisoformat(day), came_from=came_from, medium=medium, campaign=campaign,
        sessions=count(sessions), engaged=count(engaged), conversions=count(events),
        revenue=micros(revenue) if currency else None, currency=currency,
    )  # fmt: skip
