"""Codes that people choose for short links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import LONGEST, RESERVED, chosen_code, looks_of
from domain.errors import UsageError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("sale", "sale"), (" Summer-Sale ", "summer-sale"), ("2027", "2027"), ("a" * 32, "a" * 32)],
)
def test_a_code_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert chosen_code(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a",
        "a" * 33,
        "-a",
        "a-",
        "a--b",
        "a b",
        "a/b",
        "a.b",
        "ä",
        "a_b",
        "../x",
        "a\x00b",
        "ｓale",
        "а" * 4,
    ],
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="code"):
        chosen_code(typed)


@pytest.mark.parametrize("typed", ["admin", "ADMIN", "static", "sign-in", "adm1n", "l0gin", "well-known"])
def test_reserved_words_and_what_looks_like_them_are_refused(typed: str) -> None:
    with pytest.raises(UsageError, match="reserved"):
        chosen_code(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sale", "SALE"),
        ("sale-1", "sale-l"),
        ("so1d", "soid"),
        ("corner", "comer"),
        ("summer-sale", "summersale"),
        ("2020", "zozo"),
        ("vvin", "win"),
    ],
)
def test_codes_that_the_eye_confuses_look_alike(one: str, other: str) -> None:
    assert looks_of(one) == looks_of(other)


@given(st.text(max_size=40))
def test_whatever_is_accepted_is_safe_in_any_address(typed: str) -> None:
    try:
        code = chosen_code(typed)
    except UsageError:
        return
    assert code.isascii()
    assert code.replace("-", "").isalnum()
    assert code == code.lower()
    assert len(code) <= LONGEST
    assert code not in RESERVED
    assert looks_of(code)
