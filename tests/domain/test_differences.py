"""What differs between two texts."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.differences import Kept, Piece, differences

TEXT = st.text(alphabet="ab .,\n<é", max_size=60)


def test_what_was_replaced_stands_beside_what_came_in_its_place() -> None:
    assert differences("Drums at nine, come early", "Gongs at nine, come late") == [
        Piece(Kept.GONE, "Drums"),
        Piece(Kept.NEW, "Gongs"),
        Piece(Kept.BOTH, " at nine, come "),
        Piece(Kept.GONE, "early"),
        Piece(Kept.NEW, "late"),
    ]
    assert differences("", "") == []
    assert differences("a", "") == [Piece(Kept.GONE, "a")]


@given(first=TEXT, second=TEXT)
def test_both_texts_can_be_made_from_what_differs_and_neighbours_are_of_different_kinds(
    first: str, second: str
) -> None:
    found = differences(first, second)

    assert "".join(one.text for one in found if one.kept is not Kept.NEW) == first
    assert "".join(one.text for one in found if one.kept is not Kept.GONE) == second
    assert all(one.kept is not other.kept for one, other in pairwise(found))
    assert (first == second) == all(one.kept is Kept.BOTH for one in found)


def test_long_texts_are_compared_by_lines_and_endless_ones_as_a_whole() -> None:
    lines = [f"line {number} of many words here\n" for number in range(1_500)]
    found = differences("".join(["one\n", *lines, "two"]), "".join(["three\n", *lines, "four"]))
    assert [one.text for one in found if one.kept is Kept.BOTH] == ["".join(lines)]

    found = differences("x" + "\n" * 50_000 + "y", "z" + "\na" * 50_000 + "w")
    assert [one.kept for one in found] == [Kept.GONE, Kept.NEW]
    assert differences("a " * 50_000, "a " * 50_000 + "b")[-1] == Piece(Kept.NEW, "b")
