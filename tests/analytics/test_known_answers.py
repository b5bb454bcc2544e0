"""All 24 KPIs of the two source texts, each with its variants, against answers worked out by hand."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from analytics.sums import Stretch, figure_over
from domain.catalogue import definition
from domain.figure import Absence, Figure
from domain.kpi import Scope
from domain.metrics import Metric
from domain.sentences import say
from scheduler.measuring import supplies
from store import measuring
from store.engine import writing
from store.measuring import Taken
from store.tables import Measurement
from tests.analytics.known_month import END, START, Month
from tests.web.setting import Installation

#: KPI → its keys, each with the answer. The arithmetic stands beside it; two posts, P and Q, see `TOLD`.
ANSWERS: dict[str, dict[str, float]] = {
    "reach": {
        "reach_largest": 1000,  # P 1,000; Q 400
        "reach_per_post": 700,  # (1,000 + 400) / 2
    },
    "impressions": {"impressions": 2500, "impressions_per_post": 1250},  # 2,000 + 500
    "potential reach": {
        # 1,250 follow; sharers have 1,000 + 9,000 followers: 2 % is 200, 5 % is 500.
        "potential_reach_low": 1450,
        "potential_reach_high": 1750,
        "potential_reach_full": 11_250,
        "potential_reach_posts": 1600,  # 1,000 when P went out, 600 when Q did
    },
    "followers": {
        "followers": 1250,
        "follower_growth": 250,  # 1,250 - 1,000
        "follower_growth_rate": 25,
    },
    "mentions": {"mentions": 12, "mentions_tracked": 48},
    "share of voice": {"share_of_voice": 25},  # 12 of 48
    "engagement": {
        "engagement": 105,  # (60 + 20 + 10) + (9 + 4 + 2)
        "engagement_basic": 93,  # without 12 shares
        "engagement_clicks": 112,  # with 7 clicks
        "engagement_per_post": 52.5,
    },
    "comments": {"replies": 24, "replies_per_post": 12},
    "clicks": {
        "clicks": 7,  # A A B - and C C D
        "clicks_bot": 3,
        "clicks_all": 52,  # the platform's: 40 + 12
        "clicks_per_post": 3.5,
        "clicks_per_1000_followers": 4.375,  # 1,000 × 7 / 1,600
    },
    "shares": {"shares": 12},
    "applause rate": {
        "applause_impr": 2.76,  # 100 × 69 / 2,500
        "applause_reach": 100 * 69 / 1400,
        "applause_per_post": 34.5,
        "applause_followers": 43.125,  # 1,000 × 69 / 1,600
        "applause_followers_percent": 4.3125,
    },
    "amplification rate": {
        "amplification_reach": 100 * 12 / 1400,
        "amplification_followers": 7.5,  # 1,000 × 12 / 1,600
        "amplification_followers_percent": 0.75,
        "amplification_per_post": 6,
    },
    "average engagement rate": {
        "er_reach_mean": 6.375,  # (9 + 3.75) / 2
        "er_impr_mean": 3.75,  # (4.5 + 3) / 2
        "er_followers_mean": 5.75,  # (9 + 2.5) / 2
        "er_reach": 7.5,  # 100 × 105 / 1,400
        "er_impr": 4.2,  # 100 × 105 / 2,500
        "er_followers": 6.5625,  # 100 × 105 / 1,600
        "er_basic_impr": 3.72,  # 100 × 93 / 2,500
        "er_basic_followers": 5.8125,  # 100 × 93 / 1,600
    },
    "CTR": {
        "ctr_impr": 0.28,  # 100 × 7 / 2,500
        "ctr_impr_mean": 0.4,  # (0.2 + 0.6) / 2
        "ctr_people": 100 * 5 / 1400,  # A, B, the one without a hash, C and D
    },
    "web traffic": {"web_visits": 4, "visits_clicked": 1, "landings": 1},
    "bounce rate": {
        "bounce_rate_ua": 75,  # three of four saw one page
        "bounce_rate_ga4": 25,  # of these one ordered and one read for 15 s
    },
    "conversion rate": {
        "conversions": 1,
        "conversion_rate": 20,  # one of five clickers
        "conversion_rate_clicks": 100 / 7,
        "conversion_rate_visits": 25,
        "conversion_rate_reach": 100 / 1400,
    },
    "revenue": {
        "revenue": 200_000,
        "revenue_gross": 250_000,
        "revenue_first": 200_000,
        "revenue_linear": 200_000,
        "average_order_value": 250_000,
        "order_revenue": 80_000,  # imported: 100,000 less 20,000
        "order_value": 80_000,
    },
    "CPC": {
        "ad_spend": 100_000,
        "cpc_platform": 2500,  # 100,000 / 40
        "cpc_own": 100_000 / 7,
    },
    "CPM": {"cpm": 12_500},  # 1,000 × 100,000 / 8,000
    "testimonials": {"testimonials": 2},  # of three, one is not positive
    "CSAT": {
        # 5 5 5 5 4 4 4 3 3 1 imported and a 5 on the page: 8 of 11, and 44 / 11.
        "csat": 100 * 8 / 11,
        "csat_mean": 4,
        "csat_response_rate": 25,  # one answer on four pages
    },
    "NPS": {"nps": 20},  # 5 of 10 less 3 of 10
    "CLV": {"clv": 250_000},  # a 300,000 + 80,000, b 120,000
}
#: What the platform does not tell, with what stands in the reason.
REFUSED = {
    "replies_others": "LinkedIn",
    "shares_quotes": "LinkedIn",
    "engagement_saves": "LinkedIn",
    "er_views": "LinkedIn",
    "applause_views": "LinkedIn",
    "ctr_views": "LinkedIn",
    "clicks_platform": "LinkedIn",
}


def asked(month: Month, key: str) -> Figure:
    """The figure of November, with what the program's own adapters say that they supply."""
    place = month.place
    with Session(place.engine) as session:
        return figure_over(
            session, definition(key), Stretch(START, END, place.now), workspace_id=place.workspace.id,
            scope=Scope(), supplies=supplies(place.web.context, session, place.workspace.id),
        )  # fmt: skip


def test_all_24_kpis_are_what_was_worked_out_by_hand(engine: Engine) -> None:
    month = Month(engine)

    assert len(ANSWERS) == 24
    found = {key: asked(month, key) for answers in ANSWERS.values() for key in answers}
    wanted = {key: answer for answers in ANSWERS.values() for key, answer in answers.items()}
    assert {key: figure.value for key, figure in found.items()} == pytest.approx(wanted, rel=1e-9)
    for key, figure in found.items():
        assert figure.passport.key == key
        assert figure.passport.sources, f"{key} does not say where it comes from"
        assert figure.passport.read_newest is not None or definition(key).outside, key


def test_reach_is_never_added_up_and_its_bounds_are_told(engine: Engine) -> None:
    month = Month(engine)

    for key, low, high in (("reach", "1,000", "1,400"), ("clickers", "3", "5")):
        found = asked(month, key)

        assert found.value is None
        assert found.absence is Absence.UNDEFINED
        assert found.reason is not None
        assert low in say(found.reason)
        assert high in say(found.reason)


def test_what_the_platform_does_not_tell_is_absent_and_never_a_target(engine: Engine) -> None:
    month = Month(engine)
    client = month.place.signed_in()

    for key, platform in REFUSED.items():
        found = asked(month, key)
        assert (found.value, found.absence) == (None, Absence.NOT_SUPPLIED), key
        answer = client.post("/api/v1/kpis", json=kpi(key))
        assert answer.status_code == 422, key
        assert platform in answer.text
        assert "does not supply" in answer.text


def kpi(key: str) -> dict[str, object]:
    """A target for each month, as a program asks for it."""
    return {
        "name": f"K {key}", "metric": key, "target": 5, "every": "month", "zone": "UTC",
        "starts_on": "2026-11-01", "direction": definition(key).direction.value,
    }  # fmt: skip


def test_programs_and_files_get_the_same_answers(engine: Engine) -> None:
    month = Month(engine)
    client = month.place.signed_in()
    for answers in ANSWERS.values():
        key, wanted = next(iter(answers.items()))
        made = client.post("/api/v1/kpis", json=kpi(key))
        assert made.status_code == 201, (key, made.text)
        actual = made.json()["actual"]
        assert actual["value"] == pytest.approx(wanted, rel=1e-9), key
        assert actual["passport"]["formula"] == definition(key).formula
        assert actual["passport"]["denominator"] == definition(key).denominator

    columns = [
        "post",
        "impressions",
        "reach",
        "engagement",
        "er_reach",
        "ctr_people",
        "replies_others",
        "views",
    ]
    rows = client.post("/api/v1/statistics/export.json", json={"columns": columns, "sort": "reach"}).json()
    first, second = rows["posts"]
    assert [one["reach"]["value"] for one in (first, second)] == [1000, 400]
    assert [one["er_reach"]["value"] for one in (first, second)] == pytest.approx([9.0, 3.75])
    assert [one["ctr_people"]["value"] for one in (first, second)] == pytest.approx([0.3, 0.5])
    assert first["views"]["value"] is None
    assert first["views"]["absence"] == "not_supplied"
    table = client.post("/api/v1/statistics/export.csv", json={"columns": columns}).text.splitlines()
    assert any(line.split(",")[2:3] == ["500"] or ",500," in line for line in table)


def test_labels_of_rates_say_what_they_are_divided_by() -> None:
    for answers in ANSWERS.values():
        for key in answers:
            entry = definition(key)
            if entry.denominator is None:
                continue
            assert any(sign in entry.name.en for sign in ("/", " per ")), entry.name.en
            assert any(sign in entry.name.id for sign in ("/", " per ")), entry.name.id


def test_absent_not_yet_and_zero_stay_apart_through_store_interface_page_and_file(engine: Engine) -> None:
    place = Installation(engine, public_url="https://links.example.org")
    channel = place.page("firm", platform="linkedin", name="Firm", zone="UTC")
    post = place.post(channel, "Quiet", age=timedelta(days=1))
    with writing(engine) as session:
        row = Measurement(
            workspace_id=place.workspace.id, post_id=post.id, channel_id=channel.id,
            published_at=place.now - timedelta(days=1), not_yet=["impressions"], last_read_at=place.now,
        )  # fmt: skip
        session.add(row)
        taken = [
            Taken(metric, 0, str(metric)) for metric in (Metric.REACTIONS, Metric.REPLIES, Metric.SHARES)
        ]
        measuring.append(session, post.id, checkpoint=timedelta(hours=12), read_at=place.now, taken=taken)
        session.commit()
    client = place.signed_in()
    columns = ["post", "engagement", "impressions", "saves", "er_impr"]

    [told] = client.post("/api/v1/statistics/export.json", json={"columns": columns}).json()["posts"]
    head, line = csv.reader(
        client.post("/api/v1/statistics/export.csv", json={"columns": columns})
        .text.removeprefix("\ufeff")
        .splitlines()[:2]
    )
    shown = "columns=" + ",".join(columns)
    page = client.get(f"/statistics?{shown}").text

    assert {key: (told[key]["value"], told[key].get("absence")) for key in columns[1:]} == {
        "engagement": (0, None),
        "impressions": (None, "not_measured"),
        "saves": (None, "not_supplied"),
        "er_impr": (None, "not_measured"),
    }
    cells = dict(zip(head, line, strict=True))
    assert (cells["Engagement"], cells["Engagement: why it is absent"]) == ("0", "")
    assert (cells["Impressions"], cells["Saves"]) == ("", "")
    assert "has not counted" in cells["Impressions: why it is absent"]
    assert "does not" in cells["Saves: why it is absent"]
    assert "LinkedIn does not" in page
