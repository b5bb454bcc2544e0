"""What alerts say of rates and stocks, in both languages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from domain.alert_reasons import UNUSUAL
from domain.alert_templates import WHAT
from domain.alert_words import told
from domain.alerts import Rule

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
RATE = {
    "metric": "ctr_impr", "variant": "rate", "unit": "percent", "rate": 1.2, "usual_rate": 3.45, "above": 60,
    "below": 5000, "effect": -0.652, "day": "2026-03-01", "first_day": "2026-02-26", "once": 90,
    "page": "/statistics?sort=ctr_impr",
}  # fmt: skip
STOCK = {
    "metric": "followers", "variant": "stock", "value": -180.0, "usual": 19.5, "level": 12_345.0,
    "effect": -9.2, "day": "2026-03-01", "first_day": "2026-02-26", "once": 400, "page": "/channels/12",
}  # fmt: skip


def what(rule: Rule, facts: dict[str, object], language: str) -> str:
    return told(rule, "Page", facts, since=SINCE, language=language, where=ZoneInfo("UTC")).what


def test_a_rate_says_both_values_and_what_it_was_made_of() -> None:
    said = what(Rule.FIGURE_DAY, RATE, "en")

    assert said.endswith(
        "of Page on 1 March 2026: 1.2%, 65% less than the 3.45% of such a day (60 by 5,000 that day)."
    )
    assert "1,2%, 65% lebih sedikit dari 3,45%" in what(Rule.FIGURE_DAY, RATE, "id")
    assert "since 26 February 2026, 1.2% instead of the 3.45%" in what(Rule.FIGURE_SHIFT, RATE, "en")


def test_a_stock_says_how_it_changed_with_a_sign() -> None:
    assert what(Rule.FIGURE_DAY, STOCK, "en") == (
        "Followers of Page changed by -180 on 1 March 2026, to 12,345; usual on such a day: +19.5."
    )
    assert "-180 per hari sejak 26 Februari 2026, biasanya +19,5" in what(Rule.FIGURE_SHIFT, STOCK, "id")


#: What every sentence could want; what a rule finds of it is tested with the rule (`tests.scheduler`).
FULL: dict[str, object] = {
    "metric": "visits", "value": 16, "usual": 200.5, "effect": -0.92, "day": "2026-03-01", "hour": 15,
    "first_day": "2026-02-26", "once": 90, "rate": 1.2, "usual_rate": 3.45, "above": 60, "below": 5000,
    "unit": "percent", "level": 123.0, "share": 0.42, "actual": 1.5, "expected": 5.0, "days": 3.0,
    "weekly": 7.0, "entries": 60, "longest_hours": 25.5, "times": 3, "reason": "It answers 500.",
    "gap_hours": 24.0, "ago_hours": 96.0, "lasts_hours": 20, "posts": 2, "due": 3, "hours": 5.0,
    "last_at": SINCE.isoformat(),
    "until": SINCE.isoformat(), "due_at": SINCE.isoformat(), "ends_at": SINCE.isoformat(),
    "source": "favourites", "before": "likes", "page": "/statistics", "kpi_id": 1, "feed_id": 2,
    "channel_id": 3, "post_id": 4, "experiment_id": 5, "alpha": 5,
    "result": {"en": "No difference was shown.", "id": "Belum terbukti ada perbedaan."},
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize(("rule", "variant"), [(rule, one) for rule, all_ in WHAT.items() for one in all_])
def test_every_alert_says_what_how_unusual_since_when_why_and_what_to_do(
    rule: Rule, variant: str, language: str
) -> None:
    said = told(
        rule, "Page", {**FULL, "variant": variant}, since=SINCE, language=language, where=ZoneInfo("UTC")
    )

    assert all([said.what, said.unusual, said.since, said.cause, said.action, said.link, said.command])
    assert "{" not in said.text
    assert said.text.count(said.cause) == 1


@pytest.mark.parametrize("rule", list(Rule))
def test_an_alert_of_an_earlier_version_is_told_without_what_it_did_not_keep(rule: Rule) -> None:
    needed = {name: value for name, value in FULL.items() if name not in ("once", "entries", "longest_hours",
              "gap_hours", "ago_hours", "lasts_hours", "due", "actual", "expected")}  # fmt: skip

    said = told(rule, "Page", needed, since=SINCE, language="en", where=ZoneInfo("UTC"))

    assert said.what
    assert said.cause
    assert set(UNUSUAL) == set(Rule)
