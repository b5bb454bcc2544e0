"""The page of a KPI says why it stands where it stands, in both languages; benchmarks; and for programs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from domain.person import Role
from store.engine import writing
from store.tables import AlertRow, PageCount
from tests.web.reading import in_language, notice, words
from tests.web.setting import NOW
from tests.web.test_kpi_pages import Shop

FILE = (
    "metric,industry,period,value,q1,median,q3,source,source_date\n"
    "visits,Retail,month,,900,2100,4000,Study of shops,2026-05-31\n"
    "visits,Media,month,3900,,,,Old study,2024-01-31\n"
)


@pytest.fixture
def shop(engine: Engine) -> Shop:
    """Visits of a hundred a day in November and of fifty in the weeks before."""
    made = Shop(engine)
    post = made.place.post(made.page, "Earlier", age=timedelta(days=150))
    with writing(engine) as session:
        for day in range(24, 150):
            session.add(
                PageCount(
                    channel_id=made.page.id,
                    post_id=post.id,
                    hour=NOW.replace(minute=0) - timedelta(days=day), kind="visits", audience="human",
                    shown=50,
                )
            )  # fmt: skip
        session.commit()
    made.add(starts_on="2026-06-01")
    return made


def number(shop: Shop) -> int:
    [kpi] = shop.stored()
    return kpi.id


def test_the_page_says_what_changed_and_where_it_lies(shop: Shop) -> None:
    said = words(shop.browser.get(f"/kpis/{number(shop)}"))

    assert "Why it changed 1 Nov 2026 to 30 Nov 2026 beside 1 Oct 2026 to 31 Oct 2026" in said
    assert "mostly through" in said
    assert "The effects add up to the change exactly" in said
    assert "Trend" in said
    assert "is above 100% of the" in said
    assert "No benchmark of this metric was brought in." in said
    assert "None was sent so far." in said
    assert "Who did what" in said


def test_the_same_in_indonesian(shop: Shop) -> None:
    said = words(in_language(shop.browser, "id").get(f"/kpis/{number(shop)}"))

    assert "Mengapa berubah" in said
    assert "terutama karena" in said
    assert "lebih tinggi dari 100%" in said
    assert "Siapa berbuat apa" in said


@pytest.mark.parametrize(
    "query", ["?against=year&by=kind", "?against=baseline", "?against=x&by=y", "?by=tag"]
)
def test_every_comparison_and_grouping_has_its_page(shop: Shop, query: str) -> None:
    answer = shop.browser.get(f"/kpis/{number(shop)}{query}")

    assert answer.status_code == 200
    if "baseline" in query:
        assert "there are no own days to compare with" in words(answer)


def test_programs_get_the_same_numbers(shop: Shop) -> None:
    answer = shop.browser.get(f"/api/v1/kpis/{number(shop)}/why")
    found: Mapping[str, Any] = answer.json()

    assert answer.status_code == 200, answer.text
    change = found["change"]
    assert sum(one["effect"] for one in change["effects"]) == pytest.approx(change["change"])
    assert sum(one["effect"] for one in change["groups"]) == pytest.approx(change["change"])
    assert change["after"] == 2200
    assert found["past"]["below"] == 1
    assert found["trend"]["weeks"] >= 6
    assert set(found["change"]["said"][0]) == {"en", "id"}
    assert shop.browser.get(f"/api/v1/kpis/{number(shop)}/why?by=nothing").status_code == 422


def test_a_stranger_sees_neither_the_page_nor_the_numbers(shop: Shop) -> None:
    other = shop.place.signed_in(shop.place.person("Elsewhere", None))

    assert other.get(f"/api/v1/kpis/{number(shop)}/why").status_code in (403, 404)


def test_alerts_about_the_kpi_are_on_its_page(shop: Shop) -> None:
    with writing(shop.place.engine) as session:
        for subject in (f"kpi:{number(shop)}", "workspace:visits", "kpi:1"):
            session.add(
                AlertRow(
                    workspace_id=shop.place.workspace.id, rule="kpi.at_risk", subject=subject,
                    name=f"About {subject}",
                    facts={"kpi_id": 1, "period_start": "2026-11-01"}, since=NOW, opened_at=NOW, held_at=NOW,
                )
            )  # fmt: skip
        session.commit()

    said = words(shop.browser.get(f"/kpis/{number(shop)}"))

    assert f"About kpi:{number(shop)}" in said
    assert "About workspace:visits" in said
    assert "About kpi:1 " not in said


def bring(shop: Shop, text: str = FILE) -> Any:
    return shop.browser.post("/business/import/benchmarks", data={"pasted": text, "act": "import"})


def test_benchmarks_come_in_by_the_page_stand_beside_the_kpi_and_go_again(shop: Shop) -> None:
    assert "No benchmark yet" in words(shop.browser.get("/benchmarks"))

    assert bring(shop).status_code == 303

    listed = shop.browser.get("/benchmarks")
    assert "lower quartile 900, median 2,100, upper quartile 4,000" in words(listed)
    assert "Old study, 31 Jan 2024 Older than 18 months" in words(listed)
    beside = words(shop.browser.get(f"/kpis/{number(shop)}"))
    assert "in the last whole month is below the median of 2,100, above the lower quartile" in beside
    [one, two] = shop.browser.get("/api/v1/benchmarks?metric=visits").json()["rows"]
    assert {one["stale"], two["stale"]} == {True, False}
    removed = shop.browser.post(f"/benchmarks/{one['id']}/remove")
    assert "Removed." in notice(shop.browser, removed)
    assert shop.browser.delete(f"/api/v1/benchmarks/{two['id']}").status_code == 204
    assert "No benchmark yet" in words(shop.browser.get("/benchmarks"))


def test_a_wrong_row_is_named_on_the_page_and_for_programs_and_nothing_is_kept(shop: Shop) -> None:
    wrong = FILE + "er_impr,Retail,month,two,,,,,2026-01-31\n"

    page = bring(shop, wrong)
    api = shop.browser.post("/api/v1/imports/benchmarks", json={"csv": wrong})

    assert page.status_code == 422
    assert "The row has no source." in words(page)
    assert api.status_code == 422
    assert [one["where"] for one in api.json()["errors"]] == ["row 4"]
    assert shop.browser.get("/api/v1/benchmarks").json()["rows"] == []


def test_faults_are_told_in_indonesian(shop: Shop) -> None:
    wrong = FILE + "nope,Retail,month,two,,,,Study,2026-01-31\ner_impr,,month,two,,,,Study,2026-01-31\n"
    in_language(shop.browser, "id")

    said = words(bring(shop, wrong))

    assert "bukan kunci katalog" in said
    assert "tidak dihitung per periode" in said
    assert "bukan satu angka" in said


def test_the_file_to_fill_in_is_there_for_all_and_removing_only_for_editors(shop: Shop) -> None:
    bring(shop)
    reader_ = shop.place.signed_in(shop.place.person("Reader", Role.READER))
    [one, _] = shop.browser.get("/api/v1/benchmarks").json()["rows"]

    file = reader_.get("/benchmarks/template.csv")

    assert file.status_code == 200
    assert file.text.startswith("metric,platform,industry")
    assert reader_.post(f"/benchmarks/{one['id']}/remove").status_code == 403
    assert shop.browser.delete("/api/v1/benchmarks/1").status_code == 404
