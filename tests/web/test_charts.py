"""Charts: what they draw, say and tabulate, and the store behind their addresses."""

import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest

from domain.breaks import Break
from domain.metrics import Metric
from domain.sentence import Words
from web.chart_breaks import cuts_of
from web.chart_words import Forecast, Usual
from web.charts import Chart, bars, growth, heat, narrowed, path, sparkline
from web.drawing import ChartStore, svg
from web.group_charts import run
from web.i18n import Voice
from web.said import said

EN, ID = Voice("en", "Asia/Jakarta"), Voice("id", "Asia/Jakarta")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
POINTS = [(timedelta(minutes=15), 40.0), (HOUR, 200.0), (DAY, 1240.0)]
USUAL = [Usual(HOUR, 60, 120, 300), Usual(DAY, 600, 900, 1100), Usual(3 * DAY, 700, 1000, 1300)]
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
MONTH = [FIRST + timedelta(days=place) for place in range(30)]


def a_path(voice: Voice, **more: Any) -> Chart:
    expected = [(day, 5000 * (place + 1) / 30) for place, day in enumerate(MONTH)]
    actual = [(day, value * 0.9) for day, value in expected[:10]]
    return path("Visits", actual, expected, 5000, LAST, voice=voice, **more)


def charts(voice: Voice) -> list[Chart]:
    forecast = [Forecast(MONTH[10], 1500, 1600, 1700), Forecast(LAST, 4300, 4700, 5200)]
    return [
        growth("Growth", "Reactions", POINTS, USUAL, voice=voice),
        growth("Growth", "Reactions", POINTS, [], voice=voice),
        a_path(voice, forecast=forecast),
        a_path(voice),
        bars("By day", "Impressions", [(MONTH[0], 10), (MONTH[1], None), (MONTH[2], 0)], voice=voice),
        heat("Week", "Reactions", {(0, 9): 1.5, (6, 23): 4.0}, voice=voice),
        sparkline("Followers", [(MONTH[0], 4500), (MONTH[1], 4512)], voice=voice),
    ]


def test_every_chart_is_drawn_in_both_themes_and_widths() -> None:
    for chart in charts(ID):
        for spec in (chart.spec, narrowed(chart.spec)):
            picture = ET.fromstring(svg(spec, theme="dark", language="id"))
            assert picture.tag.endswith("svg")
            assert not any("style" in (element.tag, *element.attrib) for element in picture.iter())
            assert float(picture.attrib["width"]) == pytest.approx(spec["width"], abs=1)
            assert float(picture.attrib["height"]) == pytest.approx(spec["height"], abs=1)


def test_a_theme_changes_the_colours_and_nothing_else() -> None:
    light = svg(charts(EN)[0].spec, theme="light", language="en")
    dark = svg(charts(EN)[0].spec, theme="dark", language="en")
    assert "#a23a12" in light
    assert "#a23a12" not in dark
    assert "#f59a63" in dark
    assert words(light) == words(dark)


def test_axes_speak_the_language_of_the_reader() -> None:
    pictures = {
        voice.language: words(svg(charts(voice)[0].spec, theme="light", language=voice.language))
        for voice in (EN, ID)
    }
    assert {"1 day", "1.2K"} <= pictures["en"]
    assert {"1 hr", "1,2\N{NO-BREAK SPACE}rb"} <= pictures["id"]
    august = [(date(2026, 8, day), float(day)) for day in (16, 17)]
    assert "17 Agu" in words(svg(bars("x", "y", august, voice=ID).spec, theme="light", language="id"))


def test_the_zone_of_this_process_moves_no_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    drawn = svg(bars("x", "y", [(date(2026, 8, 17), 5.0)], voice=EN).spec, theme="light", language="en")
    assert "17 Aug" in words(drawn)


def test_growth_says_where_the_post_lies_at_its_own_age() -> None:
    assert growth("", "reactions", POINTS, USUAL, voice=EN).gist == (
        "After 1 day: 1,240 reactions. That is more than usual (600 to 1,100)."
    )
    assert "less than usual" in growth("", "reactions", [(HOUR, 50.0)], USUAL, voice=EN).gist
    assert "within the usual range" in growth("", "reactions", [(HOUR, 300.0)], USUAL, voice=EN).gist
    assert "too few" in growth("", "reactions", POINTS, [], voice=EN).gist


def test_the_table_has_every_value_of_the_picture_and_says_what_is_missing() -> None:
    chart = growth("", "Reactions", POINTS, USUAL, voice=ID)
    assert chart.head == ("Usia", "Reactions", "Biasanya: tengah", "Biasanya: dari", "Biasanya: sampai")
    assert chart.rows == (
        ("15 menit", "40", "tidak terukur", "tidak terukur", "tidak terukur"),
        ("1 jam", "200", "120", "60", "300"),
        ("1 hari", "1.240", "900", "600", "1.100"),
        ("3 hari", "tidak terukur", "1.000", "700", "1.300"),
    )


def test_a_day_that_was_not_measured_is_not_zero() -> None:
    chart = bars("", "Impressions", [(MONTH[0], 10), (MONTH[1], None), (MONTH[2], 0)], voice=EN)
    assert [row[1] for row in chart.rows] == ["10", "not measured", "0"]
    assert "most on 1 Nov 2026 (10), least on 3 Nov 2026 (0)" in chart.gist
    drawn = svg(chart.spec, theme="light", language="en")
    assert "×" in words(drawn)
    assert (
        bars("", "Reach", [(MONTH[0], None)], voice=EN).gist == "Reach: nothing was measured in this period."
    )


def test_a_path_says_actual_target_and_what_was_expected() -> None:
    assert a_path(EN).gist == (
        "On 10 Nov 2026: 1,500 of 5,000, which is due by 30 Nov 2026. Expected by then: 1,666.7."
    )
    empty = path("", [], [], 5000, LAST, voice=EN)
    assert empty.gist == "Nothing is measured yet; the target is 5,000 by 30 Nov 2026."
    assert svg(empty.spec, theme="light", language="en")


def test_a_path_shows_the_interval_of_its_forecast() -> None:
    chart = a_path(EN, forecast=[Forecast(LAST, 4300, 4700, 5200)])
    assert chart.rows[-1] == ("30 Nov 2026", "–", "5,000", "4,700 (4,300–5,200)")


def test_a_heat_map_leaves_unknown_hours_empty() -> None:
    chart = heat("", "Reactions", {(0, 9): 1.5, (6, 23): 4.0}, voice=EN)
    assert "highest on Sunday from 23:00 (4). 2 of 168 hours are known." in chart.gist
    assert len(chart.rows) == 7
    assert {len(row) for row in chart.rows} == {25}
    assert chart.rows[0][10] == "1.5"
    assert chart.rows[0][9] == "not measured"


def test_a_title_from_outside_cannot_leave_its_place_in_the_picture() -> None:
    name = "</text><script>alert(1)</script> + '\" \\ {{7*7}}"
    drawn = svg(growth("x", name, POINTS, USUAL, voice=EN).spec, theme="light", language="en")
    assert "<script" not in drawn


def test_the_store_answers_with_what_was_placed_and_forgets_the_oldest() -> None:
    store = ChartStore(capacity=4)
    first = store.place(charts(EN)[0], language="en")
    digest = first.dark.removeprefix("/charts/").removesuffix(".svg")
    assert "#f59a63" in (store.svg(digest) or "")
    assert len({first.light, first.dark, first.narrow_light, first.narrow_dark}) == 4
    assert store.place(charts(EN)[0], language="en") == first

    store.place(charts(EN)[2], language="en")
    assert store.svg(digest) is None


def test_many_requests_at_once_get_their_pictures() -> None:
    store = ChartStore()
    placed = [store.place(chart, language=voice.language) for voice in (EN, ID) for chart in charts(voice)]
    digests = [one.light.removeprefix("/charts/").removesuffix(".svg") for one in placed] * 2
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(store.svg, digests))
    assert all(picture and picture.startswith("<svg") for picture in pictures)


def words(picture: str) -> set[str]:
    """The texts of an SVG."""
    return {
        "".join(element.itertext())
        for element in ET.fromstring(picture).iter()
        if element.tag.endswith("text")
    }


SHORTS = Break(
    platform="youtube", metric=Metric.VIEWS, on=MONTH[5], before="viewCount", after="viewCount",
    what=Words("Every start counts since then.", "Sejak itu setiap awal dihitung."),
)  # fmt: skip


def lines(chart: Chart) -> list[Any]:
    """The values of the layer that is a line."""
    layer = next(one for one in chart.spec["layer"] if "line" in str(one["mark"]))
    assert layer["encoding"]["detail"] == {"field": "part"}
    return list(layer.get("data", chart.spec.get("data"))["values"])


@pytest.mark.parametrize("voice", [EN, ID])
def test_where_a_platform_counts_anew_each_series_is_cut_marked_and_told(voice: Voice) -> None:
    cuts = cuts_of([SHORTS, SHORTS], voice)
    points = [(day, float(place)) for place, day in enumerate(MONTH[:10])]
    made = [
        a_path(voice, cuts=cuts),
        sparkline("Views", points, cuts=cuts, voice=voice),
        run("Views", "Views", points, cuts=cuts, voice=voice),
    ]

    for chart in made:
        # The first series is what was measured; an expected path is drawn in one.
        drawn = [one["part"] for one in lines(chart)]
        assert drawn[:10] == [0] * 5 + [1] * 5
        assert set(drawn[10:]) <= {0}
        assert said(voice, SHORTS.what) in chart.gist
        assert voice.date(SHORTS.on) in chart.gist
        for theme in ("light", "dark"):
            assert svg(chart.spec, theme=theme, language=voice.language)
    for chart in (made[0], made[2]):
        assert voice.gettext("counted anew") in svg(chart.spec, theme="light", language=voice.language)


def test_without_a_change_nothing_is_cut() -> None:
    points = [(day, 1.0) for day in MONTH[:3]]
    for chart in (a_path(EN), sparkline("Views", points, voice=EN), run("Views", "Views", points, voice=EN)):
        assert all("detail" not in layer["encoding"] for layer in chart.spec["layer"])
        assert "counted anew" not in svg(chart.spec, theme="light", language="en")
