"""The protocol on real histories: what is claimed of learned slots where there is something to be had."""

from pathlib import Path

import pytest

from analytics.past.reading import read_past
from analytics.slots.evaluating import evaluate
from analytics.slots.histories import histories
from analytics.slots.prior import prior_of

PAGES = Path(__file__).parents[4] / "shared/data/fb_pages_2016_dev.csv.gz"


@pytest.mark.timeout(600)  # 700 weeks are learned
@pytest.mark.skipif(
    not PAGES.exists(), reason="the histories of public pages lie beside the project, not in it"
)
def test_learned_slots_beat_hour_of_week_means_on_public_pages() -> None:
    rows = read_past(PAGES.read_bytes()).rows
    shipped = prior_of("any").seen_from("UTC", {}, at=rows[-1].at)

    hundred, three_hundred = evaluate(histories(rows), shipped, sizes=(100, 300))

    assert hundred.uplift["learned"].percent()[0] >= 8
    assert three_hundred.uplift["learned"].percent()[0] >= 11
    assert three_hundred.paired.low > 0
    for outcome in (hundred, three_hundred):
        assert outcome.uplift["placebo"].low < 0 < outcome.uplift["placebo"].high
