"""Google Analytics, Plausible and Matomo as their APIs answer: keys are checked, and days may change."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.servers.loopback import Answer, Loopback

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"


def _json(value: Any, status: int = 200, **headers: str) -> Answer:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(value).encode()


def _part(text: str) -> Any:
    return json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


class _Fake:
    """A server that runs while it is used."""

    server: Loopback

    def __enter__(self) -> Self:
        self.server.__enter__()
        return self

    def __exit__(self, *ended: Any) -> None:
        self.server.__exit__(*ended)


class FakeGoogle(_Fake):
    """The token endpoint and the Data API, with one service account and one property."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.server = Loopback(self._answer)
        #: (date, source, medium, campaign) → sessions, engaged sessions, key events, revenue.
        self.rows: dict[tuple[str, str, str, str], tuple[int, int, int, float]] = {}
        self.currency = "EUR"
        self.property = "123"
        #: Rows of one answer, at most.
        self.page = 250_000
        self.tokens: set[str] = set()
        self.fails: list[Answer] = []

    def account(self, **changes: Any) -> str:
        """The JSON file of the service account."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        told = {
            "type": "service_account", "client_email": "tabuh@project.iam.gserviceaccount.com",
            "private_key": pem, "private_key_id": "k1", "token_uri": f"{self.server.url}/token",
        }  # fmt: skip
        return json.dumps({**told, **changes})

    def _answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        request = self.server.requests[-1]
        if request.method != "POST":
            return _json({"error": {"message": "POST only"}}, 405)
        if path == "/token":
            return self._token(request.body)
        if self.fails:
            return self.fails.pop(0)
        if headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _json({"error": {"code": 401, "message": "Invalid credentials"}}, 401)
        if path != f"/v1beta/properties/{self.property}:runReport":
            return _json({"error": {"code": 403, "message": "No permission for this property"}}, 403)
        return self._report(json.loads(request.body))

    def _token(self, body: bytes) -> Answer:
        form = parse_qs(body.decode())
        try:
            assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
            header, claim, signature = form["assertion"][0].split(".")
            raw = urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
            told = f"{header}.{claim}".encode()
            self._key.public_key().verify(raw, told, padding.PKCS1v15(), hashes.SHA256())
            said = _part(claim)
            assert _part(header) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
            assert said["iss"] == "tabuh@project.iam.gserviceaccount.com"
            assert (said["scope"], said["aud"]) == (SCOPE, f"{self.server.url}/token")
            assert 0 < said["exp"] - said["iat"] <= 3600
        except (AssertionError, InvalidSignature, KeyError, ValueError):
            return _json({"error": "invalid_grant", "error_description": "Invalid JWT Signature."}, 400)
        self.tokens.add(f"ya29.{len(self.tokens)}")
        return _json(
            {"access_token": f"ya29.{len(self.tokens) - 1}", "expires_in": 3599, "token_type": "Bearer"}
        )

    def _report(self, asked: Mapping[str, Any]) -> Answer:
        [span] = asked["dateRanges"]
        names = [one["name"] for one in asked["dimensions"]]
        assert names == ["date", "sessionSource", "sessionMedium", "sessionCampaignName"]
        metrics = [one["name"] for one in asked["metrics"]]
        assert metrics == ["sessions", "engagedSessions", "keyEvents", "totalRevenue"]
        first, last = (span[end].replace("-", "") for end in ("startDate", "endDate"))
        found = sorted((key, row) for key, row in self.rows.items() if first <= key[0] <= last)
        start = int(asked.get("offset", 0))
        part = found[start : start + min(int(asked["limit"]), self.page)]
        return _json(
            {
                "dimensionHeaders": [{"name": name} for name in names],
                "metricHeaders": [{"name": name, "type": "TYPE_INTEGER"} for name in metrics],
                "rows": [
                    {
                        "dimensionValues": [{"value": text} for text in key],
                        "metricValues": [{"value": str(number)} for number in row],
                    }
                    for key, row in part
                ],
                "rowCount": len(found),
                "metadata": {"currencyCode": self.currency, "timeZone": "Asia/Jakarta"},
                "kind": "analyticsData#runReport",
            }
        )  # fmt: skip


class FakePlausible(_Fake):
    """The Stats API, version 2, with one site."""

    def __init__(self) -> None:
        self.server = Loopback(self._answer)
        self.key, self.site = "plausible-key", "example.com"
        #: (day, source, medium, campaign) → visits.
        self.visits: dict[tuple[str, str, str, str], int] = {}
        #: (day, goal) → events and revenue.
        self.goals: dict[tuple[str, str], tuple[int, float]] = {}

    def _answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        asked = json.loads(self.server.requests[-1].body)
        if headers.get("authorization") != f"Bearer {self.key}" or asked["site_id"] != self.site:
            return _json({"error": "Invalid API key or site ID."}, 401)
        if path != "/api/v2/query":
            return _json({"error": "not found"}, 404)
        first, last = asked["date_range"]
        if asked["dimensions"][0] != "time:day":
            return _json({"error": "Invalid dimensions"}, 400)
        if asked["metrics"] == ["visits"]:
            rows = [
                {"metrics": [number], "dimensions": list(key)}
                for key, number in sorted(self.visits.items()) if first <= key[0] <= last
            ]  # fmt: skip
        else:
            [[_is, _dimension, wanted]] = asked["filters"]
            days: dict[str, list[float]] = {}
            for (day, goal), (events, money) in sorted(self.goals.items()):
                if goal in wanted and first <= day <= last:
                    kept = days.setdefault(day, [0, 0.0])
                    kept[0] += events
                    kept[1] += money
            rows = [
                {
                    "metrics": [
                        events,
                        {"value": money, "currency": "USD", "short": f"${money}", "long": f"${money}"},
                    ],
                    "dimensions": [day],
                }
                for day, (events, money) in days.items()
            ]
        page = asked["pagination"]
        return _json(
            {"results": rows[page["offset"] : page["offset"] + page["limit"]], "meta": {}, "query": asked}
        )


class FakeMatomo(_Fake):
    """The Reporting API, with one site."""

    def __init__(self) -> None:
        self.server = Loopback(self._answer)
        self.key = "matomo-token"
        #: Day → visits, conversions, revenue.
        self.days: dict[str, tuple[int, int, float]] = {}

    def _answer(self, path: str, headers: Mapping[str, str]) -> Answer:
        request = self.server.requests[-1]
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        if path != "/index.php" or request.method != "POST" or form.get("module") != "API":
            return 404, {}, b"no"
        if form.get("token_auth") != self.key or form.get("idSite") != "1":
            return _json(
                {"result": "error", "message": "You can't access this resource: view access needed."}
            )
        if form["method"] == "SitesManager.getSiteFromId":
            return _json({"idsite": "1", "currency": "IDR", "timezone": "Asia/Jakarta"})
        assert (form["period"], form["format"]) == ("day", "JSON")
        first, last = form["date"].split(",")
        days = [day for day in sorted(self.days) if first <= day <= last]
        if form["method"] == "VisitsSummary.get":
            found = {day: {"nb_visits": self.days[day][0]} if self.days[day][0] else [] for day in days}
            return _json(found)
        return _json(
            {day: {"nb_conversions": self.days[day][1], "revenue": self.days[day][2]} for day in days}
        )
