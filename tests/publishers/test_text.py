"""Text counted as platforms count it, and fitted without cutting a link."""

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.content import Counting
from domain.errors import UsageError
from publishers.text import Limit, clip, counter, fit, graphemes, links, with_other_link

LINK = "https://news.example/story?utm_source=tabuh"
FAMILY = "👨‍👩‍👧‍👦"

words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [LINK, "https://other.example/a.", "(https://other.example/b_(c))", "#tag", "@a@b.example"]
    ),
    st.sampled_from([FAMILY, "e\u0301", "कि", "日本語の文章です", "\r\n", "🇮🇩🇮🇩", LINK + "x", "x" * 90, "…"]),
)
texts = st.lists(words, max_size=40).map(" ".join)
units = st.sampled_from(Counting)
tight = st.integers(min_value=60, max_value=400)


@given(texts, st.sampled_from([None, LINK, "http://l.example/a_(b).", "https://l.example/#,"]), units, tight)
@example("x" * 500, LINK, Counting.GRAPHEMES, 60)
@example(LINK + "!" + "z" * 500, LINK, Counting.GRAPHEMES, 60)
def test_a_fitted_text_is_within_its_limit_and_keeps_its_link(
    text: str, link: str | None, unit: Counting, most: int
) -> None:
    limits = [Limit(most, counter(unit))]
    fitted = fit(text, link, limits)

    assert counter(unit)(fitted) <= most
    if link:
        assert link in [fitted[start:end] for start, end in links(fitted, known=link)]
    assert fit(fitted, link, limits) == fitted
    assert fit(text, link, limits) == fitted


@given(texts, tight)
def test_no_other_link_of_a_text_is_ever_cut(text: str, most: int) -> None:
    allowed = {text[start:end] for start, end in links(text)}
    fitted = fit(text, None, [Limit(most, graphemes)])

    assert {fitted[start:end] for start, end in links(fitted)} <= allowed


@given(texts, tight)
def test_a_text_that_fits_is_not_touched(text: str, most: int) -> None:
    assume(graphemes(text) <= most)

    assert fit(text, None, [Limit(most, graphemes)]) == text.strip()


def test_all_limits_hold_together() -> None:
    limits = [Limit(300, graphemes), Limit(3000, counter(Counting.BYTES))]

    fitted = fit(FAMILY * 290, LINK, limits)

    assert len(fitted.encode()) <= 3000
    assert fitted.startswith(FAMILY * 100)
    assert fitted.endswith(LINK)


@pytest.mark.parametrize(
    ("unit", "number"),
    [(Counting.GRAPHEMES, 2), (Counting.CODE_POINTS, 8), (Counting.UTF16, 12), (Counting.BYTES, 26)],
)
def test_each_unit_counts_in_its_own_way(unit: Counting, number: int) -> None:
    assert counter(unit)(FAMILY + "a") == number


def test_a_long_text_ends_at_a_word_with_an_ellipsis() -> None:
    assert clip("The quick brown fox jumps over the lazy dog", 20) == "The quick brown fox…"
    assert clip("The quick brown fox, jumps over the lazy dog", 21) == "The quick brown fox…"
    assert clip("Words " * 3 + "x" * 100, 30) == "Words Words Words…"
    assert clip("Words " + "x" * 100, 50) == f"Words {'x' * 43}…"


def test_a_script_without_spaces_is_cut_between_characters() -> None:
    assert clip("春眠暁を覚えず処処啼鳥を聞く" * 4, 10) == "春眠暁を覚えず処処…"


def test_a_link_goes_behind_the_text_when_the_text_lacks_it() -> None:
    assert fit("News", LINK, [Limit(300, graphemes)]) == f"News\n\n{LINK}"
    assert fit("", LINK, [Limit(300, graphemes)]) == LINK
    assert fit(f"See {LINK}/more", LINK, [Limit(300, graphemes)]) == f"See {LINK}/more\n\n{LINK}"


def test_a_link_stays_where_the_text_has_it_and_the_longer_side_is_shortened() -> None:
    limits = [Limit(70, graphemes)]

    before = fit(f"A very long introduction to this story of ours ({LINK}) #news", LINK, limits)
    after = fit(f"Read: {LINK}, because there is a lot to learn from it", LINK, limits)

    assert before == f"A very long… ({LINK}) #news"
    assert after == f"Read: {LINK}, because there is a…"


def test_an_ellipsis_never_touches_a_link() -> None:
    text = f"a b https://other.example/abc {'c' * 80}"

    assert fit(text, None, [Limit(32, graphemes)]) == "a b https://other.example/abc …"
    assert fit(f"{LINK}!?) {'z' * 80}", LINK, [Limit(60, graphemes)]) == f"{LINK}!?) …"


def test_another_link_that_has_no_room_goes_as_a_whole() -> None:
    assert fit(f"{LINK}/{'z' * 80}", LINK, [Limit(60, graphemes)]) == LINK


def test_a_link_that_is_too_long_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="The link alone is longer than the 30 that fit"):
        fit("News", LINK, [Limit(30, graphemes)])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.example/x.", ["https://a.example/x"]),
        ("(https://a.example/x)", ["https://a.example/x"]),
        ("https://a.example/x_(y), then", ["https://a.example/x_(y)"]),
        ("見て https://a.example/é。次", ["https://a.example/é"]),
        ("HTTP://A.EXAMPLE and ftp://b.example", ["HTTP://A.EXAMPLE"]),
        ("no links: a.example https://", []),
    ],
)
def test_links_are_found_without_the_punctuation_behind_them(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in links(text)] == found


def test_another_link_takes_the_place_of_exactly_this_one() -> None:
    text = "See https://a.example/x, not https://a.example/xy (https://a.example/x)."
    assert with_other_link(text, "https://a.example/x", "https://s.example/l/1") == (
        "See https://s.example/l/1, not https://a.example/xy (https://s.example/l/1)."
    )
