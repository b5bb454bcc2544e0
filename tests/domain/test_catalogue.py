"""The catalogue, its words, and what is said with them."""

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.catalogue import CATALOGUE, definition, of_posts
from domain.definition import FOLLOWERS, LEVELS, POSTS, Shape, Supplies, Supply
from domain.errors import UsageError
from domain.figure import Absence, Basis, Coverage, Figure, Passport
from domain.formula import below, formula
from domain.metrics import Metric
from domain.sentence import Amount, Sentence, Unit, Value, Words, number
from domain.sentences import TEMPLATES, say
from domain.windowed_figures import BASES, LONGEST, key_within


def test_every_metric_has_an_entry_of_its_own() -> None:
    assert {str(metric) for metric in Metric} <= set(CATALOGUE)


def test_every_entry_is_named_and_defined_in_both_languages() -> None:
    for entry in CATALOGUE.values():
        for words in (entry.name, entry.definition):
            assert words.en.strip()
            assert words.id.strip()
            assert words.said("id-ID") == words.id
            assert words.said("en") == words.en
        assert entry.name.en != entry.name.id


def test_formulas_with_different_denominators_have_different_keys_and_names() -> None:
    made = {
        (entry.numerator, entry.denominator, entry.factor, entry.shape, entry.stated)
        for entry in CATALOGUE.values()
    }

    assert len(made) == len(CATALOGUE)
    assert len({entry.name.en for entry in CATALOGUE.values()}) == len(CATALOGUE)


def test_only_rates_are_divided_and_none_of_them_may_be_added_up() -> None:
    for entry in CATALOGUE.values():
        assert (entry.shape in (Shape.RATE, Shape.MEAN)) == (entry.denominator is not None)
        assert not (entry.shape in (*LEVELS, Shape.GROWTH_RATE, Shape.UNIQUE, Shape.STOCK) and entry.additive)


def test_a_rate_is_computed_from_its_sums_and_undefined_over_zero() -> None:
    rate = definition("er_impr")

    assert rate.value(12, 600) == 2.0
    assert rate.value(12, 0) is None
    assert definition("clicks_per_1000_followers").value(3, 150) == 20.0
    assert definition("engagement").value(12) == 12


def test_an_entry_says_what_it_needs() -> None:
    assert definition("er_followers").needs[-1] is Metric.FOLLOWERS
    assert definition("er_impr").needs[-1] is Metric.IMPRESSIONS
    assert definition("engagement_per_post").needs == definition("engagement").needs
    assert definition("er_followers").denominator == FOLLOWERS
    assert all(entry.denominator != POSTS for entry in of_posts())


def test_what_a_figure_is_divided_by_has_a_name_in_both_languages() -> None:
    for entry in CATALOGUE.values():
        under = below(entry)

        assert (under is None) == (entry.denominator is None)
        assert under is None or (under.en and under.id)
        assert formula(entry).en
        assert formula(entry).id


def test_an_unknown_metric_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"Unknown metric 'fame'. Known: impressions, .*er_impr"):
        definition("fame")


def test_clicks_are_supplied_where_links_are_ours_and_on_pages_that_we_serve() -> None:
    platforms = {
        "square": Supply("square", "Square", frozenset({Metric.REACTIONS})),
        "page": Supply("page", "Page", frozenset({Metric.VIEWS}), local=True),
    }
    public, private = Supplies(platforms, own_links=True), Supplies(platforms, own_links=False)

    assert public.gives("square", Metric.CLICKS)
    assert not private.gives("square", Metric.CLICKS)
    assert private.gives("page", Metric.CLICKS_BOT)
    assert private.lacking("square", definition("engagement")) == (Metric.REPLIES, Metric.SHARES)
    assert not public.gives("gone", Metric.REACTIONS)


def test_a_figure_without_a_value_must_say_why() -> None:
    stamp = Passport("clicks", "clicks", 1, None, Basis.ACTIVITY, coverage=Coverage(0, 1))

    with pytest.raises(ValueError, match="either a value or a reason"):
        Figure(None, stamp)
    with pytest.raises(ValueError, match="either a value or a reason"):
        Figure(0.0, stamp, Absence.NOT_MEASURED)


def test_both_languages_of_a_template_are_filled_with_the_same_values() -> None:
    for key, words in TEMPLATES.items():
        fields = [sorted(re.findall(r"{(\w+)}", text)) for text in (words.en, words.id)]
        assert fields[0] == fields[1], key


@pytest.mark.parametrize(
    ("value", "en", "id_"),
    [
        (5000, "5,000", "5.000"),
        (2.5, "2.5", "2,5"),
        (0.1234, "0.12", "0,12"),
        (1234.56, "1,234.6", "1.234,6"),
        (-3, "-3", "-3"),
    ],
)
def test_numbers_are_written_as_each_language_writes_them(value: float, en: str, id_: str) -> None:
    assert (number(value, "en"), number(value, "id")) == (en, id_)


def test_a_sentence_writes_dates_amounts_and_inner_sentences_in_its_language() -> None:
    inner = Sentence("scope.channel", {"name": "Main"})
    values: dict[str, Value] = {
        "metric": Words("Visits", "Kunjungan"),
        "target": Amount(2.5, Unit.PERCENT),
        "every": Sentence("every.month"),
        "scope": inner,
        "when": Sentence("when.from", {"start": date(2027, 5, 1)}),
    }

    assert say(Sentence("target.at_least", values), "en") == (
        "Visits: at least 2.5% a month on channel Main, from 1 May 2027 on."
    )
    assert say(Sentence("target.at_least", values), "id") == (
        "Kunjungan: sedikitnya 2,5% per bulan di kanal Main, mulai 1 Mei 2027."
    )


@pytest.mark.parametrize("base", sorted(BASES))
@settings(deadline=None)
@given(days=st.integers(1, LONGEST))
def test_a_window_of_any_length_has_a_key_that_no_other_has_and_says_so(base: str, days: int) -> None:
    key = key_within(base, days)
    entry = definition(key)

    assert (entry.key, entry.window) == (key, days)
    assert key_within(key, days) == key
    assert key in CATALOGUE
    assert f"{days} days" in entry.name.en
    assert f"{days} hari" in entry.name.id


@pytest.mark.parametrize(
    "key",
    ["conversion_rate_0", "conversion_rate_366", "conversion_rate_30", "conversion_rate_045",
     "conversion_rate_", "conversion_rate_٤", "visits_45", "conversion_rate_visits_45", "revenue_45"],
)  # fmt: skip
def test_what_is_no_window_is_no_key(key: str) -> None:
    assert key not in CATALOGUE
    assert CATALOGUE.get(key) is None
    with pytest.raises(UsageError):
        definition(key)


@pytest.mark.parametrize(("key", "days"), [("visits", 45), ("conversion_rate", 0), ("revenue_first", 366)])
def test_a_window_that_cannot_be_is_refused(key: str, days: int) -> None:
    with pytest.raises(UsageError):
        key_within(key, days)
