"""The five checks of a target, each passed, warned and failed; names that say all; goals and figures."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.catalogue import CATALOGUE, definition
from domain.chances import band, percent, word
from domain.definition import Direction
from domain.figure import Coverage
from domain.goals import GOALS
from domain.kpi import NAME_LENGTH, NewKpi, Scope, ScopeKind, TargetKind
from domain.naming import ACRONYMS, lint, suggested
from domain.period import Every
from domain.sentence import Amount, Sentence, Unit
from domain.sentences import say
from domain.smart import NAMES, Check, Evidence, Letter, Verdict, checks, failed, warnings

TODAY = date(2026, 11, 22)
NEW = NewKpi(
    name="Raise engagement rate by 20% by 31 March 2027 for readers",
    metric="er_impr",
    target=20,
    target_kind=TargetKind.RELATIVE,
    baseline=2.1,
    scope=Scope(ScopeKind.CHANNEL, 1),
    starts_on=date(2027, 1, 1),
    deadline=date(2027, 3, 31),
    owner_id=1,
    goal="community",
    audience="readers",
    cadence="weekly",
)


def judged(new: NewKpi = NEW, **known: Any) -> dict[Letter, Check]:
    usual: dict[str, Any] = {
        "new": new,
        "definition": CATALOGUE.get(new.metric),
        "refusals": (),
        "naming": lint(new.name, new, CATALOGUE.get(new.metric)),
        "coverage": Coverage(40, 44),
        "chance": 0.4,
        "past": (Sentence("attain.few", {"weeks": 9, "needed": 8}),),
        "even": Amount(2.2, Unit.PERCENT),
        "bold": Amount(2.6, Unit.PERCENT),
        "today": TODAY,
    }
    found = checks(Evidence(**(usual | known)))
    assert [one.letter for one in found] == list(Letter)
    return {one.letter: one for one in found}


def test_a_target_that_says_all_passes_all_five() -> None:
    found = judged()

    assert {one.verdict for one in found.values()} == {Verdict.PASSED}
    assert all(one.mend is None for one in found.values())
    assert [NAMES[one].id for one in Letter] == [
        "Spesifik", "Terukur", "Dapat dicapai", "Relevan", "Terikat waktu",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "verdict", "change", "known", "key"),
    [
        ("specific", "warned", {"audience": ""}, {}, "smart.no_audience"),
        ("specific", "warned", {"name": "Better posts"}, {}, "naming.metric"),
        ("specific", "failed", {}, {"refusals": [Sentence("kpi.name")]}, "kpi.name"),
        ("measurable", "warned", {}, {"coverage": Coverage(0, 0)}, "smart.unmeasured"),
        ("measurable", "warned", {}, {"coverage": None}, "smart.unmeasured"),
        ("measurable", "warned", {}, {"coverage": Coverage(30, 44)}, "smart.thin"),
        ("measurable", "failed", {}, {"refusals": [Sentence("kpi.no_own_links")]}, "kpi.no_own_links"),
        ("attainable", "warned", {}, {"chance": 0.1}, "attain.few"),
        ("attainable", "warned", {}, {"chance": 0.97}, "attain.few"),
        ("attainable", "warned", {}, {"chance": None}, "attain.few"),
        (
            "attainable", "failed",
            {"target_kind": TargetKind.ABSOLUTE, "target": 101, "metric": "ctr_impr"}, {"target": 101.0},
            "smart.over_100",
        ),
        ("attainable", "failed", {"metric": "csat"}, {"target": 112.0}, "smart.over_100"),
        ("attainable", "failed", {"metric": "nps"}, {"target": 150.0}, "smart.over"),
        ("attainable", "failed", {"metric": "csat_mean"}, {"target": 5.5}, "smart.over"),
        ("attainable", "failed", {"metric": "share_of_voice"}, {"target": 130.0}, "smart.over_100"),
        ("specific", "warned", {"metric": "cpm"}, {}, "smart.less_is_better"),
        ("specific", "warned", {"metric": "nps", "direction": Direction.DOWN}, {}, "smart.more_is_better"),
        ("relevant", "warned", {"goal": ""}, {}, "smart.no_goal"),
        ("relevant", "warned", {"goal": "own"}, {}, "smart.no_goal"),
        ("relevant", "warned", {"goal": "costs"}, {}, "smart.unfitting"),
        ("relevant", "warned", {"owner_id": None}, {}, "smart.no_owner"),
        ("timely", "warned", {"cadence": ""}, {}, "smart.no_cadence"),
        ("timely", "warned", {"cadence": "monthly", "every": Every.WEEK}, {}, "smart.late_look"),
        ("timely", "warned", {"deadline": date(2027, 1, 3)}, {}, "smart.short"),
        ("timely", "warned", {"deadline": date(2029, 1, 3)}, {}, "smart.long"),
        ("timely", "failed", {}, {"refusals": [Sentence("kpi.no_deadline")]}, "kpi.no_deadline"),
    ],
)  # fmt: skip
def test_each_check_warns_and_fails_with_its_reason_and_what_to_change(
    letter: str, verdict: str, change: dict[str, Any], known: dict[str, Any], key: str
) -> None:
    found = judged(replace(NEW, **change), **known)

    one = found[Letter(letter)]
    assert one.verdict == verdict
    assert key in [reason.key for reason in one.reasons]
    for language in ("en", "id"):
        assert all("{" not in say(reason, language) for reason in one.reasons)
    if verdict == "warned":
        assert one.mend is not None
    assert failed(list(found.values())) is (verdict == "failed")
    assert (one in warnings(list(found.values()))) is (verdict == "warned")


def test_a_goal_in_own_words_is_a_goal() -> None:
    found = judged(replace(NEW, goal="own", goal_words="Parents ask about courses"))

    assert say(found[Letter.RELEVANT].reasons[0]) == "It serves a goal: Parents ask about courses"


def test_every_goal_has_figures_that_speak_of_it_and_every_figure_speaks_of_some_goal() -> None:
    for goal in GOALS.values():
        assert goal.key == "costs" or any(goal.fits(one) for one in CATALOGUE.values()), goal.key
    own = [goal for goal in GOALS.values() if goal.key != "own"]
    engagement = definition("engagement")
    assert [goal.key for goal in own if goal.fits(engagement)] == ["community"]


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("Raise engagement rate by 20% by 31 March 2027, readers", []),
        ("Naikkan tingkat keterlibatan 20% sampai Maret 2027, readers", []),
        ("Engagement rate: +20% by 31 March 2027, readers", []),
        ("Better posts", ["metric", "direction", "amount", "date", "audience"]),
        ("Raise engagement by 20% in 2027 for readers and CTR", ["acronym"]),
        ("Raise engagement by 20% in 2027 for readers and click-through rate (CTR)", []),
        ("Raise engagement by 20% in 2027 for readers of QXZ", ["unknown_acronym"]),
        ("Raise engagement in 2027 for readers", ["amount"]),
        ("Raise engagement by 20% for readers", ["date"]),
    ],
)
def test_a_name_is_told_what_it_leaves_out(name: str, keys: list[str]) -> None:
    found = lint(name, NEW, definition("er_impr"))

    assert [one.key.removeprefix("naming.") for one in found] == keys
    assert all("{" not in say(one, language) for one in found for language in ("en", "id"))


def test_every_acronym_is_spelled_out_in_both_languages() -> None:
    for acronym, words in ACRONYMS.items():
        assert words.en != acronym
        assert words.id != acronym
        assert lint(f"Raise {acronym} by 5% in 2027 for readers", NEW, None)[-1].key == "naming.acronym"


def test_a_name_is_made_of_the_target_in_both_languages() -> None:
    entry = definition("er_impr")

    assert suggested(NEW, entry, scope_name="Instagram") == (
        "Engagement rate (ER/impressions), Instagram, readers: +20% by 31 March 2027"
    )
    assert suggested(NEW, entry, scope_name="Instagram", language="id") == (
        "Tingkat keterlibatan (ER/tayangan), Instagram, readers: +20% sampai 31 Maret 2027"
    )
    monthly = replace(
        NEW, metric="visits", target=5000, target_kind=TargetKind.ABSOLUTE, every=Every.MONTH, deadline=None,
        audience="",
    )  # fmt: skip
    assert suggested(monthly, definition("visits")) == "Visits: at least 5,000 a month"
    fewer = replace(monthly, direction=Direction.DOWN)
    assert suggested(fewer, definition("visits"), language="id") == "Kunjungan: paling banyak 5.000 per bulan"


@given(st.text(max_size=300), st.text(max_size=200), st.sampled_from(sorted(CATALOGUE)))
def test_a_made_name_fits_and_leaves_nothing_out(scope: str, audience: str, metric: str) -> None:
    new = replace(NEW, audience=audience, metric=metric)
    name = suggested(new, definition(metric), scope_name=scope)

    assert 1 <= len(name) <= NAME_LENGTH
    kinds = {one.key for one in lint(name, replace(new, audience=""), definition(metric))}
    assert not {"naming.direction", "naming.amount", "naming.date", "naming.metric"} & kinds


def test_chances_are_said_in_a_word_and_never_as_certain() -> None:
    assert [word(one).key for one in (0.95, 0.8, 0.5, 0.2, 0.01)] == [
        "chance.sure", "chance.likely", "chance.open", "chance.unlikely", "chance.remote",
    ]  # fmt: skip
    assert (percent(0.0001).value, percent(0.9999).value) == (1, 99)
    assert [band(one) for one in (0.05, 0.1, 0.69, 0.7, 0.99)] == [
        (0, 10), (10, 30), (30, 70), (70, 90), (90, 100),
    ]  # fmt: skip
