"""The rules of routes: words that match, UTM parameters, hashtags."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.route import clean_words, match, utm_name, with_utm
from domain.wording import hashtag


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("python", "Learn PYTHON today"),
        ("python", "(python)"),
        ("new york", "In New\n  York"),
        ("c++", "why C++ wins"),
        (".net", "about .NET, again"),
        ("straße", "Die STRASSE"),
        ("カメラ", "新しいカメラです"),  # no spaces between words
        ("हिन्दी", "आज हिन्दी दिवस"),
        ("gratis", "Kopi gratis!"),
        ("ﬁle", "a file"),  # a ligature
    ],
)
def test_a_word_is_found_in_any_case_and_script(word: str, text: str) -> None:
    assert match([text], include=[word], exclude=[]).passes


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("java", "javascript"),
        ("art", "start"),
        ("ग", "गया"),
        ("हिन्द", "हिन्दी"),  # a vowel sign belongs to the word
        ("new york", "new jersey, york"),
        ("c++", "c"),
    ],
)
def test_a_part_of_a_word_is_not_the_word(word: str, text: str) -> None:
    assert not match([text], include=[word], exclude=[]).passes


def test_the_reason_names_the_words() -> None:
    assert match(["Go news"], include=["python", "rust"], exclude=[]).reason == "has none of: python, rust"
    refused = match(["A sponsored post"], include=[], exclude=["ad", "sponsored"])
    assert refused.reason == "has the excluded word: sponsored"
    assert match(["anything"], include=[], exclude=[]) == match(["more"], include=["more"], exclude=["x"])


def test_an_excluded_word_wins_over_an_included_one() -> None:
    assert not match(["python, sponsored"], include=["python"], exclude=["sponsored"]).passes


def test_a_phrase_lies_within_one_text() -> None:
    assert not match(["new", "york"], include=["new york"], exclude=[]).passes


@given(st.text(), st.text(min_size=1, max_size=50))
def test_a_word_that_stands_alone_is_always_found(around: str, word: str) -> None:
    [kept] = clean_words([word]) or ["x"]
    assert match([around, f"… {kept} …"], include=[kept], exclude=[]).passes


def test_words_are_kept_trimmed_and_once() -> None:
    assert clean_words([" Python ", "python", "", "New   York"]) == ["Python", "New York"]
    with pytest.raises(UsageError, match="longer than 100"):
        clean_words(["x" * 101])
    with pytest.raises(UsageError, match="at most 200"):
        clean_words(str(number) for number in range(201))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.test/a", "https://x.test/a?utm_source=page"),
        ("https://x.test/a?b=1&c=%20#part", "https://x.test/a?b=1&c=%20&utm_source=page#part"),
        ("https://x.test/?utm_source=feed&z=2", "https://x.test/?z=2&utm_source=page"),
        ("https://x.test/?UTM_Source=feed&utm_medium=rss", "https://x.test/?utm_medium=rss&utm_source=page"),
    ],
)
def test_utm_replaces_its_own_names_and_nothing_else(url: str, expected: str) -> None:
    assert with_utm(url, {"utm_source": "page", "utm_campaign": ""}) == expected


def test_utm_values_are_quoted_and_names_are_known() -> None:
    assert with_utm("https://x.test/", {"utm_campaign": "a b&c"}) == "https://x.test/?utm_campaign=a%20b%26c"
    assert utm_name("Source") == utm_name("utm_source") == "utm_source"
    with pytest.raises(UsageError, match="Known: source, medium"):
        utm_name("colour")


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("python", "#python"),
        ("web dev", "#WebDev"),
        ("AI & ethics", "#AIEthics"),
        ("rock 'n' roll", "#RockNRoll"),
        ("हिन्दी", "#हिन्दी"),
        ("2026", ""),
        ("!!!", ""),
    ],
)
def test_a_category_becomes_a_hashtag(category: str, expected: str) -> None:
    assert hashtag(category) == expected
