"""Plausible by its Stats API, version 2: one address that answers every question."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from domain.errors import TabuhError, UsageError
from net.client import Client
from scheduler.connectors.base import DayTotal, clean_address, count, micros, post

#: Source: plausible.io/docs/stats-api-v2.
_ADDRESS: Final = "https://plausible.io"
_ROWS: Final = 10_000
_MOST: Final = 500_000
_NONE: Final = frozenset({"(not set)", "(none)"})


class Plausible:
    """Plausible, hosted by its makers or by anybody."""

    title = "Plausible"
    settings: Mapping[str, bool] = {"site": True, "address": False, "goals": False}

    def check(self, settings: Mapping[str, str], secret: str) -> dict[str, Any]:
        """See `scheduler.connectors.base.Tool`; the secret is an API key for stats."""
        if not settings.get("site", "").strip():
            raise UsageError("Give the site as Plausible calls it, such as example.com.")
        clean_address(settings.get("address", ""), _ADDRESS)
        if not secret.strip() or not secret.strip().isascii():
            raise UsageError("Give an API key of Plausible (Settings, API keys, for the Stats API).")
        return {"key": secret.strip()}

    def days(
        self, http: Client, settings: Mapping[str, str], sealed: Mapping[str, Any], *, first: date,
        last: date, now: datetime,
    ) -> Sequence[DayTotal]:  # fmt: skip
        """See `scheduler.connectors.base.Tool`. Goals are conversions, and those with money revenue."""
        asked = _Asked(http, settings, sealed, first, last)
        found = [
            DayTotal(day=day, came_from=came_from, medium=medium, campaign=campaign, sessions=count(visits))
            for (day, came_from, medium, campaign), (visits,) in asked.results(
                ["visits"], ["time:day", "visit:source", "visit:utm_medium", "visit:utm_campaign"]
            )
        ]
        goals = [goal.strip() for goal in settings.get("goals", "").split(",") if goal.strip()]
        if goals:
            found += _goals(asked, goals)
        return found


def _goals(asked: "_Asked", goals: Sequence[str]) -> list[DayTotal]:
    made = []
    only = [["is", "event:goal", list(goals)]]
    for (day,), (events, revenue) in asked.results(["events", "total_revenue"], ["time:day"], filters=only):
        money = revenue if isinstance(revenue, dict) else None
        made.append(
            DayTotal(
                day=day, conversions=count(events),
                revenue=micros(money["value"]) if money else None,
                currency=money["currency"] if money else None,
            )
        )  # fmt: skip
    return made


class _Asked:
    """One site over some days."""

    def __init__(
        self, http: Client, settings: Mapping[str, str], sealed: Mapping[str, Any], first: date, last: date
    ) -> None:
        self._http, self._key = http, sealed["key"]
        self._url = clean_address(settings.get("address", ""), _ADDRESS) + "/api/v2/query"
        self._asks = {"site_id": settings["site"], "date_range": [first.isoformat(), last.isoformat()]}

    def results(
        self, metrics: Sequence[str], dimensions: Sequence[str], *, filters: Sequence[Any] = ()
    ) -> Iterator[tuple[list[Any], list[Any]]]:
        """Dimensions (the day first) and metrics of each row."""
        offset = 0
        while offset < _MOST:
            body: dict[str, Any] = {
                **self._asks, "metrics": list(metrics), "dimensions": list(dimensions),
                "pagination": {"limit": _ROWS, "offset": offset},
            }  # fmt: skip
            if filters:
                body["filters"] = list(filters)
            answer = post(
                self._http, self._url, title="Plausible", body=body,
                headers={"authorization": f"Bearer {self._key}"},
            )  # fmt: skip
            rows = _checked(answer, len(metrics), len(dimensions))
            for row in rows:
                named = ["" if text in _NONE else str(text) for text in row["dimensions"][1:]]
                yield [_day(row["dimensions"][0]), *named], row["metrics"]
            if len(rows) < _ROWS:
                return
            offset += len(rows)


def _day(text: Any) -> date:
    try:
        return date.fromisoformat(str(text)[:10])
    except ValueError:
        raise TabuhError("Plausible answered a day that cannot be read. Look for a newer Tabuh.") from None


def _checked(answer: Any, metrics: int, dimensions: int) -> list[Any]:
    rows = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or any(
        not isinstance(row, dict) or len(row.get("metrics", ())) != metrics
        or len(row.get("dimensions", ())) != dimensions
        for row in rows
    ):  # fmt: skip
        raise TabuhError("Plausible answered in a form that is not known. Look for a newer Tabuh.")
    return rows
