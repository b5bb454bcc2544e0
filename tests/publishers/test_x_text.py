"""X's counting, against the examples that X published, and a few of our own."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishers.text import Limit, fit, links
from publishers.x_text import MAX_WEIGHT, urls, weight

VECTORS = Path(__file__).parents[2].parent / "shared/specs/twitter-text/conformance-validate.yml"
#: Counted by code point, as version 2 did; the later set has the same texts as version 3 counts them.
EARLIER = {
    "Count a mix of single byte single word, and double word unicode characters",
    "Count unicode emoji chars outside the basic multilingual plane with skin tone modifiers",
}


def vectors(name: str) -> list[dict[str, Any]]:
    yaml = pytest.importorskip("yaml")
    if not VECTORS.exists():
        pytest.skip(f"{VECTORS} is not there: X's own examples lie beside the project")
    found: list[dict[str, Any]] = yaml.safe_load(VECTORS.read_text())["tests"][name]
    return found


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("WeightedTweetsCounterTest", 20),
        ("WeightedTweetsWithDiscountedEmojiCounterTest", 22),
        ("UnicodeDirectionalMarkerCounterTest", None),
    ],
)
def test_every_example_of_x_is_counted_as_x_counts_it(name: str, count: int | None) -> None:
    found = vectors(name)
    earlier = EARLIER if name == "WeightedTweetsCounterTest" else set()
    assert count is None or len(found) == count

    wrong = {
        one["description"]: (weight(one["text"]), one["expected"]["weightedLength"])
        for one in found
        if one["description"] not in earlier and weight(one["text"]) != one["expected"]["weightedLength"]
    }

    assert wrong == {}


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("abc", 3),
        ("日本", 4),
        ("see https://news.example/a now", 30),
        ("see https://news.site.com/" + "a" * 300 + " now", 31),
        ("news.com", 23),
        ("mail@news.com", 13),
        ("-news.com", 9),
        ("日本語.jp", 9),
        ("http://日本語.jp", 23),
        ("http://xn--wgv71a119e.xn--fiqs8s/x", 23),
        ("http://a.com/x(y)z.", 24),
        ("a.com/x?y=1 b.org", 47),
        ("version 1.2.3", 13),
        ("http://no.such-top", 18),
        ("© ® ™", 6),
        ("👩🏽‍🚒🇮🇩1️⃣", 6),
        ("ｅ\u0301", 3),
        ("line\r\nline", 9),
    ],
)
def test_texts_of_our_own(text: str, counted: int) -> None:
    assert weight(text) == counted


@given(st.text(max_size=60), st.sampled_from(["", " https://n.site.com/" + "x" * 200]))
def test_a_fitted_text_is_within_the_limit_and_keeps_its_link_whole(text: str, link: str) -> None:
    fitted = fit(text * 9, link.strip() or None, [Limit(MAX_WEIGHT, weight)])

    assert weight(fitted) <= MAX_WEIGHT
    assert link.strip() in fitted
    assert all(fitted[start:end] in text * 9 + link for start, end in links(fitted))


@given(st.text(alphabet=st.sampled_from("a.-_/:()h日é#@ \u200e"), max_size=60))
def test_addresses_do_not_overlap(text: str) -> None:
    found = list(urls(text))

    assert all(one[1] <= other[0] for one, other in pairwise(found))
    assert all(start < end <= len(text) for start, end in found)
