"""What alerts say of rates and stocks, in both languages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

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
