"""A change is split into its factors exactly, whatever their order."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.variance import shapley, split

BEFORE = {"posts": 20.0, "reach": 1000.0, "rate": 0.05}
AFTER = {"posts": 25.0, "reach": 900.0, "rate": 0.04}


def test_the_known_answer_by_logarithmic_means() -> None:
    found = split(BEFORE, AFTER)

    assert found.method == "lmdi"
    assert [round(effect, 3) for effect in found.effects.values()] == [211.790, -100.000, -211.790]


def test_the_known_answer_by_shapley() -> None:
    effects = shapley(BEFORE, AFTER)

    assert [round(effect, 3) for effect in effects.values()] == [214.167, -100.833, -213.333]


def test_a_factor_of_zero_is_split_by_shapley() -> None:
    found = split({"posts": 4.0, "reach": 100.0}, {"posts": 0.0, "reach": 120.0})

    assert found.method == "shapley"
    assert found.effects == {"posts": -440.0, "reach": 40.0}


factors = st.lists(st.floats(0, 1e6), min_size=1, max_size=5)


@given(st.data(), factors)
def test_the_effects_add_up_to_the_change(data: st.DataObject, old: list[float]) -> None:
    new = data.draw(st.lists(st.floats(0, 1e6), min_size=len(old), max_size=len(old)))
    before = {str(place): value for place, value in enumerate(old)}
    after = {str(place): value for place, value in enumerate(new)}

    found = split(before, after)

    assert found.change == math.prod(new) - math.prod(old)
    size = max(1e-9, math.prod(old), math.prod(new), *map(abs, found.effects.values()))
    assert sum(found.effects.values()) == pytest.approx(found.change, abs=1e-6 * size)


def test_other_names_or_negative_factors_are_refused() -> None:
    with pytest.raises(ValueError, match="same names"):
        split({"a": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="below 0"):
        split({"a": 1.0}, {"a": -1.0})
