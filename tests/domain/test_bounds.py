"""What a figure can never leave."""

import math

import pytest

from domain.bounds import bounds
from domain.catalogue import CATALOGUE


@pytest.mark.parametrize(
    "key", ["csat", "conversion_rate", "conversion_rate_7", "conversion_rate_45", "conversion_rate_365"]
)
def test_a_share_ends_at_all_of_it_whatever_window_it_looks_for(key: str) -> None:
    assert bounds(CATALOGUE[key]) == (0.0, 100.0)


def test_scores_keep_to_their_scales() -> None:
    assert bounds(CATALOGUE["nps"]) == (-100.0, 100.0)
    assert bounds(CATALOGUE["csat_mean"]) == (1.0, 5.0)


@pytest.mark.parametrize("key", ["clicks", "conversion_rate_clicks_45", "revenue_first_45"])
def test_what_may_happen_more_than_once_has_no_top(key: str) -> None:
    assert bounds(CATALOGUE[key]) == (-math.inf, math.inf)
