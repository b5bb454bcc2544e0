"""Matomo by its Reporting API: visits, goals and revenue of a site, day by day."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from domain.errors import TabuhError, UsageError
from net.client import Client
from scheduler.connectors.base import DayTotal, Refused, clean_address, count, micros, post

#: Source: developer.matomo.org/api-reference/reporting-api. The token goes in the body of a POST: Matomo may
#: refuse it in an address, and addresses end in logs.
_FORM: Final = {"module": "API", "format": "JSON"}


class Matomo:
    """Matomo, hosted by its makers or by anybody."""

    title = "Matomo"
    settings: Mapping[str, bool] = {"site": True, "address": True}

    def check(self, settings: Mapping[str, str], secret: str) -> dict[str, Any]:
        """See `scheduler.connectors.base.Tool`; the secret is an authentication token."""
        site = settings.get("site", "")
        if not site.isascii() or not site.isdecimal():
            raise UsageError("Give the site by its number in Matomo, such as 1.")
        clean_address(settings.get("address", ""))
        if not secret.strip() or not secret.strip().isascii():
            raise UsageError("Give an authentication token of Matomo (Personal, Security).")
        return {"key": secret.strip()}

    def days(
        self, http: Client, settings: Mapping[str, str], sealed: Mapping[str, Any], *, first: date,
        last: date, now: datetime,
    ) -> Sequence[DayTotal]:  # fmt: skip
        """See `scheduler.connectors.base.Tool`. Days follow the site's own zone."""
        form = {
            **_FORM, "idSite": settings["site"], "period": "day", "token_auth": sealed["key"],
            "date": f"{first.isoformat()},{last.isoformat()}",
        }  # fmt: skip
        url = clean_address(settings["address"]) + "/index.php"
        visits = _by_day(_asked(http, url, {**form, "method": "VisitsSummary.get"}))
        goals = _by_day(_asked(http, url, {**form, "method": "Goals.get"}))
        about = _asked(http, url, {**form, "method": "SitesManager.getSiteFromId"})
        site = about[0] if isinstance(about, list) and about else about
        currency = str(site.get("currency", "")) if isinstance(site, dict) else ""
        return [
            DayTotal(
                day=day, sessions=count(seen.get("nb_visits", 0)),
                conversions=count(goals.get(day, {}).get("nb_conversions", 0)),
                revenue=micros(goals.get(day, {}).get("revenue", 0)) if currency else None,
                currency=currency or None,
            )
            for day, seen in visits.items()
        ]  # fmt: skip


def _asked(http: Client, url: str, form: Mapping[str, str]) -> Any:
    answer = post(http, url, title="Matomo", form=form)
    if isinstance(answer, dict) and answer.get("result") == "error":
        text = " ".join(str(answer.get("message", "")).split())[:200].rstrip(".")
        raise Refused(f"Matomo refuses: {text}. Check the token and the number of the site.")
    return answer


def _by_day(answer: Any) -> dict[date, dict[str, Any]]:
    """Each day's numbers; a day without any visit is an empty list."""
    try:
        return {
            date.fromisoformat(day): seen if isinstance(seen, dict) else {} for day, seen in answer.items()
        }
    except (AttributeError, ValueError):
        raise TabuhError("Matomo answered in a form that is not known. Look for a newer Tabuh.") from None
