"""The chapters of a quarter: what was tried, the mix of what was published, and the competitors."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session

from domain.ids import new_id
from domain.period import Every
from domain.report import Report, Tone, thawed
from domain.sentences import say
from store.tables import Brand, ChannelRow, Evergreen, Kpi, KpiVersion, MentionDay
from tests.analytics.reports.test_making import DAY, report
from tests.measured import Measured
from web.i18n import Voice
from web.reports.files import as_file, table_of
from web.reports.paper import paper

#: Reports are about the last quarter of 2026 as far as it is over, beside the third.
NOW, BEFORE = datetime(2026, 10, 5, tzinfo=UTC), datetime(2026, 7, 6, tzinfo=UTC)
ENGLISH, INDONESIAN = Voice("en", "UTC"), Voice("id", "UTC")


def quarter(world: Measured) -> Report:
    return report(world, every=Every.QUARTER)


def said(remarks: Any, language: str = "en") -> list[str]:
    return [say(one.sentence, language) for one in remarks]


def posts(
    world: Measured,
    channel: ChannelRow,
    start: datetime,
    many: int,
    each: int,
    *,
    campaign: str | None = None,
) -> None:
    for number in range(many):
        post = world.post(channel, start + number * DAY)
        post.campaign = campaign
        world.session.add(post)
        world.engaged(post, DAY / 2, each)


def mentions(world: Measured, brand: Brand, at: datetime, number: int, source: str = "talk") -> None:
    world.session.add(
        MentionDay(
            workspace_id=world.id, key=str(new_id()), at=at, read_at=at, source=source, brand_id=brand.id,
            number=number,
        )
    )  # fmt: skip
    world.session.flush()


def brand(world: Measured, name: str, *, own: bool = False) -> Brand:
    row = Brand(workspace_id=world.id, name=name, is_own=own, created_at=BEFORE)
    world.session.add(row)
    world.session.flush()
    return row


def test_the_mix_tells_what_a_post_of_each_campaign_earned(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    posts(world, channel, BEFORE, 8, 10, campaign="spring")
    posts(world, channel, BEFORE, 2, 4, campaign="autumn")
    posts(world, channel, NOW, 5, 20, campaign="spring")
    posts(world, channel, NOW, 15, 2, campaign="autumn")

    found = quarter(world)

    by_name = {mix.by: mix for mix in found.mixes}
    lines = {line.key: line for line in by_name["campaign"].lines}
    assert (lines["spring"].posts, lines["spring"].share, lines["spring"].share_before) == (5, 25, 80)
    assert (lines["spring"].per_post, lines["spring"].per_post_before) == (20, 10)
    assert (lines["autumn"].value, lines["autumn"].per_post_before) == (30, 4)
    told = said(found.mix_told)
    assert "Campaign: spring earned most a post (Engagement: 20), autumn least (2)." in told
    assert {
        "spring: 25% of the posts, after 80% in the period before.",
        "autumn: 75% of the posts, after 20% in the period before.",
    } & set(told)


def test_groups_with_few_posts_are_not_called_the_best(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    posts(world, channel, NOW, 4, 900, campaign="lucky")
    posts(world, channel, NOW, 6, 10, campaign="steady")

    assert not any(one.rule == "mix_earns" for one in quarter(world).mix_told)


def test_competitors_stand_beside_the_own_brand_with_an_interval(session: Session) -> None:
    world = Measured(session)
    own, other = brand(world, "Sari", own=True), brand(world, "Budi")
    for at, mine, theirs in ((BEFORE, 10, 90), (NOW, 60, 40)):
        mentions(world, own, at, mine)
        mentions(world, other, at, theirs)
    mentions(world, other, NOW, 500, source="only of Budi")

    found = quarter(world)

    first, second = found.brands
    assert (first.mentions, first.mentions_before) == (60, 10)
    assert first.share == pytest.approx(60)
    assert first.share_before == pytest.approx(10)
    assert first.low is not None
    assert first.high is not None
    assert first.low < 60 < first.high
    assert second.mentions == 540
    assert second.share == pytest.approx(40)
    assert found.brand_sources == ("talk",)
    assert said(found.brands_told)[0].startswith("Share of voice of Sari: 60% (95 % interval: ")
    assert found.brands_told[0].tone is Tone.GOOD
    assert "Budi was mentioned most: 540 times." in said(found.brands_told)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "No brand is tracked"),
        ((("Sari", True),), "No competitor is tracked"),
        ((("Budi", False),), "Your own brand is not tracked"),
        ((("Sari", True), ("Budi", False)), "No source counts every tracked brand"),
    ],
)
def test_an_empty_chapter_of_competitors_says_what_would_fill_it(
    session: Session, names: tuple[tuple[str, bool], ...], words: str
) -> None:
    world = Measured(session)
    for name, own in names:
        brand(world, name, own=own)

    assert any(words in one for one in said(quarter(world).brands_told))


def test_an_empty_quarter_says_what_would_fill_its_chapters_in_both_languages(session: Session) -> None:
    found = quarter(Measured(session))

    for voice in (ENGLISH, INDONESIAN):
        chapters = {chapter.anchor: chapter for chapter in paper(found, voice).chapters}
        assert all(chapters[name].told for name in ("learned", "mix", "brands"))
    assert "There is no mix to tell yet" in said(found.mix_told)[0]
    assert said(found.learned, "id")[0].startswith("Tidak ada percobaan yang berakhir")


def test_what_was_tried_and_ended_is_told(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    row = Evergreen(
        workspace_id=world.id, name="Tips", channel_id=channel.id, cooldown_days=1, cycles=7,
        created_at=BEFORE, ended_at=NOW, next_at=None,
    )  # fmt: skip
    kpi = Kpi(
        workspace_id=world.id, name="More", metric="engagement", target=10, period="month",
        starts_on=BEFORE.date(), created_at=BEFORE,
    )  # fmt: skip
    session.add_all([row, kpi])
    session.flush()
    session.add(KpiVersion(kpi_id=kpi.id, version=2, at=NOW, because="spring was {too} easy", changed={}))
    session.flush()

    told = said(quarter(world).learned)

    assert "The evergreen Tips ended after 7 cycles." in told
    assert "More was set anew on 5 October 2026: spring was {too} easy" in told


def test_a_target_that_was_missed_says_why_its_figure_changed(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    posts(world, channel, BEFORE, 10, 10)
    posts(world, channel, NOW, 5, 10)
    session.add(
        Kpi(
            workspace_id=world.id, name="Ninety", metric="engagement", target=90, period="once",
            starts_on=NOW.date(), deadline=(NOW + 20 * DAY).date(), created_at=BEFORE,
        )
    )  # fmt: skip
    session.flush()

    found = quarter(world)

    told = said(found.learned)
    assert "Ninety: missed, 50 of 90." in told
    place = told.index("Ninety: missed, 50 of 90.")
    assert told[place + 1].startswith("Engagement: ")
    assert all(one.about == f"kpi-{found.kpis[0].id}" for one in found.learned[place : place + 2])


def test_a_week_has_none_of_these_chapters_and_a_month_tells_what_was_tried(session: Session) -> None:
    world = Measured(session)

    week, month = report(world), report(world, every=Every.MONTH)

    assert (week.learned, week.mix_told, week.brands_told) == ((), (), ())
    assert (len(month.learned), month.mix_told, month.brands_told) == (1, (), ())


def test_each_file_tells_the_same_chapters(session: Session) -> None:
    world = Measured(session)
    channel = world.channel("square")
    posts(world, channel, NOW, 6, 20, campaign="=spring")
    posts(world, channel, NOW, 6, 2, campaign="autumn")
    own, other = brand(world, "Sari", own=True), brand(world, "Budi")
    mentions(world, own, NOW, 3)
    mentions(world, other, NOW, 1)

    found = quarter(world)

    assert thawed(found.frozen()) == found
    for language, mix, rivals in ((ENGLISH, "The mix", "Competitors"), (INDONESIAN, "Bauran", "Pesaing")):
        text = as_file(found, "markdown", language).decode()
        assert f"## {mix}" in text
        assert f"## {rivals}" in text
        assert "autumn" in text
        assert mix in as_file(found, "html", language).decode()
        assert "Budi" in as_file(found, "json", language).decode()
        assert as_file(found, "pdf", language).startswith(b"%PDF")
    rows = list(csv.DictReader(io.StringIO(table_of(found))))
    by_key = {row["key"]: row for row in rows}
    assert {row["kind"] for row in rows} >= {"figure", "mix", "brand", "said"}
    assert (by_key["campaign:autumn"]["value"], by_key["campaign:autumn"]["denominator"]) == ("2.0", "posts")
    assert by_key[f"share_of_voice:{own.id}"]["value"] == "75.0"
    assert not any(cell.startswith("=") for row in rows for cell in row.values() if cell)


def test_a_report_that_was_frozen_before_these_chapters_reads_on(session: Session) -> None:
    found = report(Measured(session))
    frozen = found.frozen()
    for name in ("mixes", "mix_told", "brands", "brand_sources", "brands_told"):
        del frozen[name]

    assert thawed(frozen) == replace(
        found, mixes=(), mix_told=(), brands=(), brand_sources=(), brands_told=()
    )
