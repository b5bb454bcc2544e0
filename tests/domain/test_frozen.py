"""What is frozen comes back as it was."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.frozen import Freezer
from domain.report import thawed
from domain.sentence import Amount, Sentence, Unit, Words


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Thing:
    """Something with a later field."""

    name: str
    parts: tuple[Any, ...] = ()
    later: int = 7


FREEZER = Freezer((Colour, Thing))
plain = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
values = st.recursive(
    plain
    | st.dates()
    | st.datetimes(timezones=st.just(UTC))
    | st.just(Colour.RED)
    | st.builds(Words, st.text(), st.text())
    | st.builds(Amount, st.floats(allow_nan=False), st.sampled_from(Unit)),
    lambda inner: (
        st.lists(inner).map(tuple)
        | st.builds(Thing, st.text(), st.lists(inner).map(tuple))
        | st.builds(Sentence, st.text(), st.dictionaries(st.text(), inner))
    ),
    max_leaves=12,
)


@given(values)
def test_what_is_frozen_comes_back(value: Any) -> None:
    again = FREEZER.thaw(FREEZER.freeze(value))

    assert again == value
    assert type(again) is type(value)


def test_fields_of_another_version_are_passed_over_or_keep_their_defaults() -> None:
    frozen = {"$": "Thing", "name": "a", "parts": [], "gone": 1}

    assert FREEZER.thaw(frozen) == Thing("a", (), 7)


def test_other_kinds_are_refused() -> None:
    with pytest.raises(TypeError, match="set is not frozen"):
        FREEZER.freeze({1})
    with pytest.raises(ValueError, match="no report"):
        thawed({"$": "Nothing"})
    with pytest.raises(ValueError, match="no report"):
        thawed([])


def test_days_and_instants_stay_apart() -> None:
    day, instant = date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC)

    assert FREEZER.thaw(FREEZER.freeze([day, instant])) == (day, instant)
