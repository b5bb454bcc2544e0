"""What platforms say of the calls that are left, each in its dialect."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishers.quota import Left, hear, left, listening
from tests.world import NOON

SOON = NOON + timedelta(minutes=5)
EPOCH = int(SOON.timestamp())


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(EPOCH)}, Left(0, SOON)),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "2026-03-02T12:05:00.000Z"}, Left(3, SOON)),
        ({"ratelimit-remaining": "3", "ratelimit-reset": str(EPOCH)}, Left(3, SOON)),
        ({"ratelimit-remaining": "3", "ratelimit-reset": str(EPOCH * 1000)}, Left(3, SOON)),
        ({"x-ratelimit-remaining": "3.0", "x-ratelimit-reset": "300"}, Left(3, SOON)),
        (
            {"x-ratelimit-remaining": "1", "x-ratelimit-reset": "1", "x-ratelimit-reset-after": "300.0"},
            Left(1, SOON),
        ),
        (
            {
                "x-ratelimit-perhour-remaining": "9", "x-ratelimit-perhour-reset": "60",
                "x-ratelimit-perday-remaining": "2", "x-ratelimit-perday-reset": "300",
            },
            Left(2, SOON),
        ),
        ({"ratelimit": '"default";r=4;t=300'}, Left(4, SOON)),
        ({"ratelimit": "limit=100, remaining=4, reset=300"}, Left(4, SOON)),
        ({"x-ratelimit-remaining": "3"}, None),
        ({"x-ratelimit-remaining": "many", "x-ratelimit-reset": "300"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "0"}, None),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999"}, None),
        ({"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "300"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_each_dialect_is_read(headers: dict[str, str], found: Left | None) -> None:
    assert left(headers, now=NOON) == found


@given(
    st.dictionaries(
        st.sampled_from(
            ["x-ratelimit-remaining", "x-ratelimit-reset", "ratelimit", "x-ratelimit-reset-after"]
        ),
        st.text(max_size=30) | st.integers().map(str) | st.floats().map(str),
    )
)
def test_no_header_breaks_a_call(headers: dict[str, str]) -> None:
    found = left(headers, now=NOON)

    assert found is None or (found.calls >= 0 and NOON < found.until <= NOON + timedelta(hours=25))


def test_only_calls_that_make_something_are_heard_and_only_inside() -> None:
    headers = {"x-ratelimit-remaining": "3", "x-ratelimit-reset": "300"}
    with listening(now=NOON) as heard:
        hear("GET", headers)
        hear("POST", headers)
    hear("POST", headers)

    assert heard == [Left(3, SOON)]
