"""Rules of a channel: as people write them, and what they say about an hour."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audience_zones import Audience
from domain.errors import UsageError
from domain.holidays import holiday_set, names_of_sets
from domain.rules import (
    LATE,
    Blackout,
    Kind,
    Quiet,
    Rules,
    changed,
    kind_of,
    opening,
    rules_from,
    shut_at,
    texts,
)
from domain.schedule import zone_names

times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
days = st.dates(date(2000, 1, 1), date(2040, 1, 1))


@st.composite
def audiences(draw: st.DrawFn) -> Audience:
    names = draw(st.lists(st.sampled_from(sorted(zone_names())), max_size=4, unique=True))
    if not names:
        return ()
    cuts = sorted(draw(st.sets(st.integers(1, 99), min_size=len(names) - 1, max_size=len(names) - 1)))
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]
    return tuple(sorted(zip(names, shares, strict=True), key=lambda share: (-share[1], share[0])))


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    quiet = draw(st.sets(st.tuples(times, times).filter(lambda pair: pair[0] != pair[1]), max_size=3))
    spans = draw(st.sets(st.tuples(days, days).map(sorted).map(tuple), max_size=3))
    shares = draw(st.dictionaries(st.sampled_from(Kind), st.integers(0, 20)))
    return Rules(
        quiet=tuple(sorted(Quiet(*pair) for pair in quiet)),
        blackouts=tuple(sorted(Blackout(*pair) for pair in spans)),
        holidays=tuple(draw(st.sets(st.sampled_from(names_of_sets())))),
        cap_day=draw(st.none() | st.integers(1, 9999)),
        cap_week=draw(st.none() | st.integers(1, 9999)),
        gap=timedelta(minutes=draw(st.integers(0, 10_000))),
        kin_gap=timedelta(minutes=draw(st.integers(0, 500_000))),
        mix=tuple(sorted(shares.items())),
        late=draw(st.sampled_from(LATE)),
        best_times=draw(st.booleans()),
        audience=draw(audiences()),
    )


@given(rules())
def test_rules_are_read_back_as_they_were_written(one: Rules) -> None:
    assert rules_from(texts(one)) == one


def test_what_forbids_nothing_is_not_written() -> None:
    assert texts(Rules()) == {}
    assert rules_from(None) == Rules()


@pytest.mark.parametrize(
    "text", ["asia/jakarta 60%, WITA 40", "60% Asia/Jakarta; 40% Asia/Makassar", "WIB: 60, wita = 40%"]
)
def test_an_audience_is_read_however_people_write_its_shares(text: str) -> None:
    assert changed(Rules(), {"audience": text}).audience == (("Asia/Jakarta", 60), ("Asia/Makassar", 40))


def test_a_given_rule_replaces_one_and_an_empty_text_clears_it() -> None:
    first = changed(Rules(), {"quiet": "22:00-06:00", "cap_day": "5"})

    assert changed(first, {"cap_day": "none"}) == Rules(quiet=(Quiet(time(22), time(6)),))
    assert changed(first, {"quiet": ""}) == Rules(cap_day=5)
    assert rules_from(texts(first), {"quiet": "none", "gap": "2 h"}) == Rules(
        cap_day=5, gap=timedelta(hours=2)
    )


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("quiet", "22-6", "22:00-06:00"),
        ("quiet", "25:00-06:00", "22:00-06:00"),
        ("quiet", "08:00-08:00", "no length"),
        ("blackouts", "24.12.2026", "2026-12-24"),
        ("blackouts", "2026-12-26..2026-12-24", "end before they start"),
        ("holidays", "mars", "id-national"),
        ("cap_day", "0", "1 to 9999"),
        ("cap_week", "-3", "1 to 9999"),
        ("cap_day", "five", "1 to 9999"),
        ("gap", "soon", "90 min"),
        ("gap", "400 d", "366 d"),
        ("gap", "99999999999999999999 d", "366 d"),
        ("mix", "image 40%, gif 10%", "kinds are"),
        ("mix", "image 60%, link 60%", "120 %"),
        ("late", "maybe", "send, skip or ask"),
        ("best_times", "perhaps", "yes or no"),
        ("audience", "Asia/Jakarta 60%", "add up to 60 %"),
        ("audience", "Asia/Jakarta 60%, Europe/Amsterdam 50%", "add up to 110 %"),
        ("audience", "Asia/Jakarta 100%, Europe/Amsterdam 0%", "above 0"),
        ("audience", "WIB 50%, Asia/Jakarta 50%", "twice"),
        ("audience", "Moon/Base 100%", "Unknown time zone"),
        ("audience", "mostly Jakarta", "Cannot read"),
        ("colour", "red", "There is no rule"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_write_instead(name: str, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        changed(Rules(), {name: text})


@pytest.mark.parametrize(
    ("wall", "why"),
    [
        (datetime(2026, 12, 1, 21, 59), ""),
        (datetime(2026, 12, 1, 22, 0), "quiet"),
        (datetime(2026, 12, 2, 5, 59), "quiet"),
        (datetime(2026, 12, 2, 6, 0), ""),
        (datetime(2026, 12, 24, 12, 0), "blackout"),
        (datetime(2026, 12, 26, 12, 0), "blackout"),
        (datetime(2026, 12, 27, 12, 0), ""),
        (datetime(2026, 8, 17, 12, 0), "holiday"),
        (datetime(2026, 8, 18, 12, 0), ""),
    ],
)
def test_hours_days_and_holidays_are_silent_from_their_first_minute_to_their_last(
    wall: datetime, why: str
) -> None:
    given_ = {"quiet": "22:00-06:00", "blackouts": "2026-12-24..2026-12-26", "holidays": "id-national"}

    assert shut_at(changed(Rules(), given_), wall) == why


def test_a_channel_opens_again_when_no_rule_keeps_it_silent() -> None:
    rules_ = changed(Rules(), {"quiet": "22:00-06:00", "blackouts": "2026-12-24..2026-12-25"})
    night = datetime(2026, 12, 23, 16, 0, tzinfo=UTC)  # 23:00 in Jakarta, and two silent days follow

    assert opening(rules_, "Asia/Jakarta", now=night) == datetime(2026, 12, 25, 23, 0, tzinfo=UTC)
    noon = datetime(2026, 12, 22, 5, 0, tzinfo=UTC)
    assert opening(rules_, "Asia/Jakarta", now=noon) == noon


def test_silence_that_never_ends_is_left_after_a_search_that_ends() -> None:
    always = changed(Rules(), {"quiet": "00:00-12:00, 12:00-24:00"})
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert opening(always, "UTC", now=now) > now + timedelta(days=365)


def test_every_set_of_holidays_says_where_it_comes_from_and_lies_in_its_years() -> None:
    for key in names_of_sets():
        found = holiday_set(key)
        assert found.source
        assert {day.year for day in found.days} == set(found.years)
    national = holiday_set("id-national")
    assert national.days[date(2026, 8, 17)].en == "Independence Day"
    assert sum(day.year == 2026 for day in national.days) == 17


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"text": "x"}, Kind.TEXT),
        ({"text": "x", "link": "https://example.org"}, Kind.LINK),
        ({"text": "x", "link": "https://example.org", "media": [{"media_type": "image/png"}]}, Kind.IMAGE),
        ({"text": "x", "media": [{"media_type": "video/mp4"}]}, Kind.VIDEO),
        ({"text": "x", "media": [], "poll": {"options": ["a", "b"]}}, Kind.POLL),
    ],
)
def test_the_kind_of_a_post_is_its_most_telling_part(content: dict[str, object], kind: Kind) -> None:
    assert kind_of(content) == kind
