"""Credit for conversions, against worked examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.attribution import (
    Journey,
    first_touch,
    last_touch,
    linear,
    markov,
    shapley,
    time_decay,
    u_shaped,
)


def journey(path: str, converted: float, lost: float = 0) -> Journey:
    return Journey(tuple(path.split(">")), converted, lost)


SHOP = [
    journey("ig>email>search", 4, 6),
    journey("search", 10, 30),
    journey("ig>search", 6, 14),
    journey("fb>ig>email", 3, 12),
    journey("fb", 2, 20),
    journey("email", 5, 5),
]


def test_three_short_journeys() -> None:
    found = markov([journey("c1>c2>c3", 1), journey("c1", 0, 1), journey("c2>c3", 0, 1)])

    assert found.probability == pytest.approx(1 / 3)
    assert found.removal == pytest.approx({"c1": 0.5, "c2": 1.0, "c3": 1.0})
    assert found.credit == pytest.approx({"c1": 0.2, "c2": 0.4, "c3": 0.4})


def test_a_published_example() -> None:
    journeys = [journey("g", 2), journey("m", 1), journey("g>m", 1), journey("g", 0, 1)]
    found = markov(journeys)

    assert found.probability == pytest.approx(0.8)
    assert found.removal == pytest.approx({"g": 0.75, "m": 0.5})
    assert found.credit == pytest.approx({"g": 2.4, "m": 1.6})
    assert shapley(journeys) == pytest.approx({"g": 2.5, "m": 1.5})


def test_a_channel_that_follows_itself() -> None:
    found = markov([journey("A>B>A>B>B>A", 1), journey("A>B>B>A>A", 1), journey("A>A", 1)])

    assert found.credit == pytest.approx({"A": 2, "B": 1})


def test_a_shop_by_every_rule() -> None:
    found = markov(SHOP)

    assert round(found.probability, 7) == 0.2564103
    rounded = {name: round(credit, 5) for name, credit in found.credit.items()}
    assert rounded == {"search": 11.80723, "ig": 7.95181, "email": 6.40964, "fb": 3.83133}
    assert shapley(SHOP) == pytest.approx({"search": 43 / 3, "email": 22 / 3, "ig": 16 / 3, "fb": 3})
    assert first_touch(SHOP) == {"ig": 10, "search": 10, "fb": 5, "email": 5}
    assert last_touch(SHOP) == {"search": 20, "email": 8, "fb": 2, "ig": 0}
    assert linear(SHOP) == pytest.approx(shapley(SHOP))
    assert u_shaped(SHOP) == pytest.approx({"search": 14.6, "email": 7, "ig": 5.2, "fb": 3.2})


def test_older_touches_are_worth_less() -> None:
    assert time_decay(("a", "b", "c"), (14, 7, 0)) == pytest.approx({"a": 1 / 7, "b": 2 / 7, "c": 4 / 7})


def test_without_conversions_nobody_gets_anything() -> None:
    assert set(markov([journey("a>b", 0, 3)]).credit.values()) == {0.0}


journeys = st.lists(
    st.builds(
        Journey,
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=5).map(tuple),
        st.integers(0, 5).map(float),
        st.integers(1, 5).map(float),
    ),
    min_size=1,
    max_size=8,
)


@given(journeys)
def test_every_rule_gives_away_exactly_the_conversions(found: list[Journey]) -> None:
    conversions = sum(one.converted for one in found)

    for rule in (first_touch, last_touch, linear, u_shaped, shapley):
        assert sum(rule(found).values()) == pytest.approx(conversions)
    assert sum(markov(found).credit.values()) == pytest.approx(conversions)
    assert 0 <= markov(found).probability <= 1
