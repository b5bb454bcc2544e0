"""An article that was renamed is known by what it says; another article never is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.entry import Entry
from feeds.likeness import is_same_article
from tests.world import NOON

#: About 1,200 characters, no two sentences alike.
LONG = " ".join(f"Sentence number {n} of the article says that {n * 7} drums were struck." for n in range(20))
ARTICLE = Entry(guid="1", link=None, title="Drums sound at dawn", text=LONG, published_at=NOON)
NOTE = replace(
    ARTICLE,
    text="The drums were struck this morning, as they have been each year since the village had drums.",
)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Drums sound at dawn again"},
        {"title": "The drums sound at dawn", "text": LONG + " Corrected."},
        {"title": "DRUMS SOUND AT DAWN", "text": LONG.replace("Sentence number 3", "Sentence no. 3")},
        {"published_at": NOON + timedelta(hours=47)},
        {"published_at": NOON - timedelta(hours=47)},
    ],
)
def test_a_corrected_article_is_the_same(changes: dict[str, object]) -> None:
    assert is_same_article(replace(ARTICLE, **changes), ARTICLE)  # type: ignore[arg-type]
    assert is_same_article(ARTICLE, replace(ARTICLE, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Flutes fall silent"},
        {"text": LONG[: len(LONG) // 2]},
        {"text": " ".join(LONG.split()[::-1])},
        {"published_at": NOON + timedelta(hours=49)},
        {"published_at": None},
        {"title": "Drums sound at dawn, day 2"},
        {"text": ""},
    ],
)
def test_another_article_is_another(changes: dict[str, object]) -> None:
    assert not is_same_article(replace(ARTICLE, **changes), ARTICLE)  # type: ignore[arg-type]


def test_a_short_text_must_be_equal() -> None:
    assert is_same_article(replace(NOTE, title="Drums sound at dawn!"), NOTE)
    assert not is_same_article(replace(NOTE, text=NOTE.text + " Again."), NOTE)
    assert not is_same_article(replace(ARTICLE, text="Brief."), replace(ARTICLE, text="Brief."))


@pytest.mark.parametrize(
    ("one", "other"),
    [("Episode 12", "Episode 13"), ("Weather, 1 March", "Weather, 2 March"), ("v1.2 is out", "v1.3 is out")],
)
def test_titles_with_other_numbers_are_other_articles(one: str, other: str) -> None:
    assert not is_same_article(replace(ARTICLE, title=one), replace(ARTICLE, title=other))
    assert is_same_article(replace(ARTICLE, title=one), replace(ARTICLE, title=one + "!"))


def test_texts_without_end_are_compared_in_bounded_time() -> None:
    """Two texts of one word each take quadratic time; only their beginnings are compared."""
    endless = replace(ARTICLE, text="a " * 25_000)
    assert is_same_article(endless, replace(endless, title="Drums sound at dawn!"))
    assert not is_same_article(endless, replace(endless, text="b " * 25_000))
