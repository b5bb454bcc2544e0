"""What a report says of its figures, against sentences written by hand."""

import pytest

from analytics.reports.best import is_telling, reason
from analytics.reports.remarks import why
from domain.catalogue import CATALOGUE
from domain.report import Cause, Part
from domain.sentence import Sentence, Words
from domain.sentences import say


@pytest.mark.parametrize(
    ("before", "after", "effects", "english"),
    [
        (100, 1520, (1453, -33),
         "Engagement of posts published then rose by 1,420 where impressions are told, mostly through "
         "number of posts (+1,453)."),
        (1520, 100, (20, -1440),
         "Engagement of posts published then fell by 1,420 where impressions are told, mostly through "
         "engagement per post (−1,440)."),
    ],
)  # fmt: skip
def test_a_cause_says_the_way_it_went_and_the_sign_of_its_largest_factor(
    before: float, after: float, effects: tuple[float, float], english: str
) -> None:
    names = (Words("Number of posts", "Jumlah pos"), Words("Engagement per post", "Keterlibatan per pos"))
    cause = Cause(
        name=CATALOGUE["engagement"].name,
        group=Sentence("report.group_seen"),
        before=before,
        after=after,
        parts=tuple(Part(name, effect) for name, effect in zip(names, effects, strict=True)),
        method="lmdi",
    )

    [remark] = why([cause])

    assert say(remark.sentence, "en") == english


@pytest.mark.parametrize(
    ("rank", "high", "english"),
    [
        (100.0, True, "Comments above all of this channel's posts of the same age"),
        (99.7, True, "Comments above 99% of this channel's posts of the same age"),
        (0.3, False, "Comments above only 1% of this channel's posts of the same age"),
        (0.0, False, "Comments above none of this channel's posts of the same age"),
    ],
)
def test_only_a_post_above_all_others_is_said_to_be(rank: float, high: bool, english: str) -> None:
    assert say(reason(CATALOGUE["replies"], rank, high=high), "en") == english


def test_reasons_are_counts_of_people_and_no_sums_or_parts_of_other_reasons() -> None:
    telling = {key for key, entry in CATALOGUE.items() if is_telling(entry)}

    assert {"replies", "shares", "clicks"} <= telling
    assert not telling & {"engagement", "clickers", "clicks_bot", "views_unknown"}
