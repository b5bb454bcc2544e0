"""The pages of KPIs: cards in both languages, a form that offers only what can be measured, one KPI whole."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from domain.person import Role
from scheduler.kpis import evaluate_kpi
from store import kpis
from store.engine import reading, writing
from store.tables import ChannelReading, ChannelRow, Kpi, PageCount
from tests.web.reading import in_language, notice, words
from tests.web.setting import NOW, Installation
from web.pages import kpis as pages

MONTH = {
    "name": "Visits in a month",
    "scope": "workspace",
    "metric": "visits",
    "kind": "absolute",
    "target": "5,000",
    "direction": "up",
    "every": "month",
    "starts_on": "2026-11-01",
    "act": "save",
}


class Shop:
    """A page channel with visits on each day of November, and a Mastodon channel with followers."""

    def __init__(self, engine: Engine) -> None:
        self.place = Installation(engine)
        self.page = self.place.page()
        self.mastodon = self.place.page(
            "toot", name="@toko", platform="mastodon", settings={"server": "https://mastodon.example"}
        )
        self.browser = self.place.signed_in()
        post = self.place.post(self.page, "Hello", age=timedelta(days=22))
        with writing(engine) as session:
            for day in range(22):
                session.add(
                    PageCount(
                        channel_id=self.page.id,
                        post_id=post.id,
                        hour=NOW.replace(minute=0) - timedelta(days=day),
                        kind="visits",
                        audience="human",
                        shown=100,
                    )
                )
            for days, count in ((30, 1000), (1, 1300)):
                at = NOW - timedelta(days=days)
                session.add(
                    ChannelReading(
                        channel_id=self.mastodon.id, metric="followers", at=at, value=count, source="f"
                    )
                )
            session.commit()

    def add(self, **more: str) -> Any:
        """Send the form with these changes."""
        return self.browser.post("/kpis/new", data={**MONTH, **more})

    def stored(self) -> list[Kpi]:
        with reading(self.place.engine) as session:
            return list(kpis.listed(session, self.place.workspace.id, closed=True))


@pytest.fixture
def shop(engine: Engine) -> Shop:
    return Shop(engine)


def test_a_card_says_target_pace_forecast_and_coverage_in_both_languages(shop: Shop) -> None:
    assert "Added the KPI Visits in a month." in notice(shop.browser, shop.add())

    said = words(shop.browser.get("/kpis"))

    assert "Visits: at least 5,000 a month in the whole workspace, from 1 November 2026 on." in said
    assert "Kunjungan: sedikitnya 5.000 per bulan di seluruh ruang kerja, mulai 1 November 2026." in said
    assert "Behind 2,200 of 5,000 visits expected by now: 3,844" in said
    assert "At this pace 2,862 on 30 November 2026." in said
    assert "1 Nov 2026 – 30 Nov 2026 · 1 of 1 posts measured" in said
    assert 'lang="id">Kunjungan' in shop.browser.get("/kpis").text


def test_many_kpis_come_on_several_pages(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "CARDS", 2)
    for number in range(1, 6):
        shop.add(name=f"KPI number {number}")

    first = shop.browser.get("/kpis")
    second = shop.browser.get("/kpis?closed=1&page=2")
    last = shop.browser.get("/kpis?page=3")
    behind = shop.browser.get("/kpis?page=4")

    pattern = r'<h2 class="kpi-name"><a[^>]*>([^<]*)'
    shown = [re.findall(pattern, one.text) for one in (first, second, last, behind)]
    assert shown == [["KPI number 1", "KPI number 2"], ["KPI number 3", "KPI number 4"], ["KPI number 5"], []]
    assert 'rel="next" href="/kpis?page=2"' in first.text
    assert 'rel="prev"' not in first.text
    assert 'rel="prev" href="/kpis?closed=1"' in second.text
    assert 'rel="next" href="/kpis?closed=1&amp;page=3"' in second.text
    assert 'rel="next"' not in last.text
    assert "This page is behind the last one." in words(behind)


def test_the_same_card_in_indonesian(shop: Shop) -> None:
    shop.add()

    said = words(in_language(shop.browser, "id").get("/kpis"))

    assert "Tertinggal 2.200 dari 5.000 kunjungan" in said
    assert "Dengan laju ini 2.862 pada 30 November 2026." in said


def test_with_too_little_time_gone_there_is_no_forecast(shop: Shop) -> None:
    shop.add(every="once", starts_on="2026-11-24", deadline="2027-03-31")

    assert "Not enough data for a forecast." in words(shop.browser.get("/kpis"))


def test_one_kpi_shows_its_course_its_definition_and_its_readings(shop: Shop) -> None:
    shop.add(starts_on="2026-10-01", why="Readers come back.")
    [kpi] = shop.stored()
    with writing(shop.place.engine) as session:
        claimed = session.get_one(Kpi, kpi.id)
        claimed.claim += 1
        session.commit()
    evaluate_kpi(shop.place.web.context, claimed)

    answer = shop.browser.get(f"/kpis/{kpi.id}")
    said = words(answer)

    assert "Visits, 1 Nov 2026 to 30 Nov 2026" in said
    assert "24 Nov 2026 2,200 4,000" in said  # the row of today in the chart's table
    assert "Human page views that came from outside the page" in said
    assert "Formula visits (version 1)" in said
    assert "Readers come back." in said
    assert "How earlier periods ended" in said
    assert re.search(r"1 Oct 2026 [\d,]+ 5,000 Missed", said)
    assert re.search(r"/charts/\w+\.svg", answer.text)


def test_only_what_the_scope_can_supply_is_offered_and_the_rest_says_why(shop: Shop) -> None:
    whole = shop.browser.get("/kpis/new?step=all")
    toots = shop.add(act="look", scope=f"channel:{shop.mastodon.id}")

    assert '<option value="impressions"' in whole.text
    assert '<option value="reach"' not in whole.text
    assert "Reach is never added up, so it cannot be a target." in words(whole)
    assert '<option value="impressions"' not in toots.text
    assert '<option value="followers"' in toots.text
    assert "Impressions needs Impressions, which Mastodon does not supply." in words(toots)
    assert 'value="Visits in a month"' in toots.text


def test_a_kpi_that_cannot_be_measured_is_refused_with_the_reason_beside_the_metric(shop: Shop) -> None:
    answer = shop.add(scope=f"channel:{shop.mastodon.id}", metric="visits")

    assert answer.status_code == 422
    assert 'id="e-metric"' in answer.text
    assert "Visits needs Visits, which Mastodon does not supply." in words(answer)
    assert shop.stored() == []


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"name": " "}, "name", "Give the KPI a name of 1 to 120 characters."),
        ({"metric": "joy"}, "metric", "Unknown metric joy."),
        ({"target": "much"}, "target", "Write a number such as 5,000 or 2.5."),
        ({"target": ""}, "target", "Write a number such as 5,000 or 2.5."),
        ({"target": "-5"}, "target", "The target must be a number of 0 or more."),
        ({"target": "0"}, "target", "A target of 0 is reached by doing nothing"),
        ({"every": "once"}, "deadline", "A target that is reached once needs a deadline."),
        ({"deadline": "2026-10-01"}, "deadline", "is before the start"),
        ({"starts_on": "soon"}, "starts_on", "This is no day."),
        ({"kind": "relative", "target": "20"}, "baseline_from", "A relative target needs a baseline"),
        ({"kind": "relative", "target": "20", "baseline": "0"}, "baseline", "The baseline is 0"),
        ({"scope": "channel:77"}, "scope", "There is no such channel here."),
    ],
)
def test_each_mistake_stands_beside_its_field_and_what_was_typed_stays(
    shop: Shop, change: dict[str, str], field: str, sentence: str
) -> None:
    answer = shop.add(why="kept words", **change)

    assert answer.status_code == 422
    beside = re.search(rf'id="e-{field}">(.*?)</p>', answer.text, re.DOTALL)
    assert beside
    assert sentence in re.sub(r"<svg.*?</svg>", "", beside[1], flags=re.DOTALL)
    assert "kept words" in answer.text
    assert shop.stored() == []


def test_all_that_speaks_against_a_kpi_is_said_at_once(shop: Shop) -> None:
    answer = shop.add(name="", target="0", metric="reach", every="once")

    assert "4 things need another look" in words(answer)


def test_numbers_are_read_as_the_readers_language_writes_them(shop: Shop) -> None:
    in_language(shop.browser, "id")
    assert shop.add(target="5.000").status_code == 303
    assert shop.add(name="b", metric="ctr_impr", target="2,5%").status_code == 303
    wrong = shop.add(name="c", target="banyak")

    assert sorted(kpi.target for kpi in shop.stored()) == [2.5, 5000.0]
    assert "Tulis angka seperti 5.000 atau 2,5." in words(wrong)


def test_a_change_in_percent_counts_from_its_baseline(shop: Shop) -> None:
    shop.add(kind="relative", target="20", baseline="1000", name="More visits")
    shop.add(
        name="Followers", metric="followers", scope=f"channel:{shop.mastodon.id}", every="once",
        deadline="2027-03-31", target="2000",
    )  # fmt: skip

    said = words(shop.browser.get("/kpis"))

    assert (
        "Raise visits in the whole workspace by 20% from 1 November 2026 on, from 1,000 to 1,200 a month."
        in said
    )
    assert "Reached 2,200 of 1,200 visits" in said
    assert "On pace 1,300 of 2,000 followers" in said
    [more] = [kpi for kpi in shop.stored() if kpi.name == "More visits"]
    assert "1,000, given by hand" in words(shop.browser.get(f"/kpis/{more.id}"))


def test_what_is_absent_is_not_zero(shop: Shop) -> None:
    with writing(shop.place.engine) as session:
        for row in session.exec(select(ChannelReading)).all():
            session.delete(row)
        session.commit()
    shop.add(name="F", metric="followers", scope=f"channel:{shop.mastodon.id}", target="2000")

    said = words(shop.browser.get("/kpis"))

    assert "Not enough data nothing measured yet of 2,000 followers" in said
    assert "The channel's followers have not been counted yet." in said


def test_a_kpi_is_closed_once_and_stays(shop: Shop) -> None:
    shop.add()
    [kpi] = shop.stored()

    closed = notice(shop.browser, shop.browser.post(f"/kpis/{kpi.id}/close"))
    again = notice(shop.browser, shop.browser.post(f"/kpis/{kpi.id}/close"))

    assert "Closed. Its readings stay." in closed
    assert "is closed already" in again
    assert "No KPI yet" in words(shop.browser.get("/kpis"))
    assert "Visits in a month" in words(shop.browser.get("/kpis?closed=1"))


def test_a_reader_sees_kpis_and_changes_none(shop: Shop) -> None:
    shop.add()
    [kpi] = shop.stored()
    guest = shop.place.signed_in(shop.place.person("Tamu", Role.READER))

    assert "Visits in a month" in words(guest.get("/kpis"))
    assert "Add a KPI" not in words(guest.get("/kpis"))
    assert 'method="post"' not in guest.get(f"/kpis/{kpi.id}").text.split('id="content"')[1]
    assert guest.get("/kpis/new").status_code == 403
    assert guest.post("/kpis/new", data=MONTH).status_code == 403
    assert guest.post(f"/kpis/{kpi.id}/close").status_code == 403
    assert guest.get("/kpis/77").status_code == 404


def test_a_channel_row_is_what_the_scope_names(shop: Shop) -> None:
    shop.add(scope=f"channel:{shop.page.id}")
    [kpi] = shop.stored()
    with reading(shop.place.engine) as session:
        name = session.get_one(ChannelRow, kpi.scope["channel_id"]).name

    assert f"Scope Channel {name}" in words(shop.browser.get(f"/kpis/{kpi.id}"))
