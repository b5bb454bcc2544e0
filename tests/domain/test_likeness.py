"""Texts that are nearly the same share a key; others hardly ever do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.likeness import NEARLY, keys, likeness, plain

WORDS = ("kopi", "teh", "susu", "gula", "promo", "hari", "ini", "besok", "gratis", "ongkir")
PROMO = "Selamat pagi! Promo kopi susu gula aren hari ini hanya Rp15.000 sampai jam 12 siang."


@pytest.mark.parametrize(
    "other",
    [
        PROMO,
        f"{PROMO} https://t.ly/abc",
        PROMO.upper(),
        PROMO.replace("!", " —").replace(".", ""),
        PROMO.replace("jam 12", "jam 1"),
        "☕ " + PROMO + " ☕",
    ],
)
def test_a_repeated_text_is_known_again_in_other_clothes(other: str) -> None:
    assert likeness(PROMO, other) >= NEARLY
    assert set(keys(PROMO)) & set(keys(other))


@pytest.mark.parametrize(
    "other",
    ["", "🙂", "Our opening hours: Monday to Friday, 9 to 17.", "Promo teh tarik besok, gratis ongkir!"],
)
def test_other_texts_are_not_alike(other: str) -> None:
    assert likeness(PROMO, other) < NEARLY / 2


def test_a_text_without_letters_has_no_keys() -> None:
    assert keys("🙂 https://example.org/a?b=c !!!") == ()
    assert likeness("…", "…") == 0


@given(st.text(max_size=300))
def test_every_text_with_letters_is_wholly_like_itself_and_its_keys_fit_the_database(text: str) -> None:
    found = keys(text)

    assert likeness(text, text) == (1.0 if plain(text) else 0.0)
    assert bool(found) == bool(plain(text))
    assert all(0 <= key < 2**63 for key in found)


@given(st.lists(st.sampled_from(WORDS), min_size=12))
def test_a_word_more_is_nearly_always_found(words: list[str]) -> None:
    text, more = " ".join(words), " ".join([*words, "lagi"])

    if likeness(text, more) >= 0.9:
        assert set(keys(text)) & set(keys(more))


def test_keys_are_the_same_in_every_release() -> None:
    assert keys("Halo dunia")[0] == 6327937878877143481
