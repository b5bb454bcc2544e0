"""What goes with a text, as people write it down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.content import Content, Poll, content_from, content_json
from domain.errors import UsageError
from domain.extras import Extras, extras, extras_of, parts_in, parts_text


def test_parts_stand_between_lines_of_three_hyphens() -> None:
    text = "Second\nwith two lines\n---\nThird -- not --- a line\n  -----  \n\n---\nFourth"

    assert parts_in(text) == ["Second\nwith two lines", "Third -- not --- a line", "Fourth"]
    assert parts_in(parts_text(parts_in(text))) == parts_in(text)


def test_what_is_empty_is_left_out() -> None:
    given_ = extras(title="  ", thread=["", " a "], answers=["", " yes  sir "], first_comment="\n")

    assert given_ == Extras(None, ("a",), Poll(("yes sir",)), None)
    assert extras() == Extras()


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x" * 501},
        {"thread": ["x"] * 100},
        {"answers": [str(number) for number in range(21)]},
        {"answers": ["a", "b"], "minutes": 0},
    ],
)
def test_more_than_any_platform_takes_is_refused_in_words(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"\.$"):
        extras(**wrong)  # type: ignore[arg-type]


signs = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="-")
words = st.text(signs, min_size=1, max_size=20)


@given(
    st.none() | words,
    st.lists(words, max_size=4),
    st.tuples(st.lists(words, max_size=3), st.integers(1, 10_000), st.booleans()),
    st.none() | words,
)
def test_a_row_keeps_them_and_reads_them_as_they_were(
    title: str | None,
    thread: list[str],
    poll: tuple[list[str], int, bool],
    comment: str | None,
) -> None:
    answers, minutes, multiple = poll
    made = extras(
        title=title, thread=thread, answers=answers, minutes=minutes, multiple=multiple, first_comment=comment
    )
    content = made.on(Content("text"))

    assert extras_of(content_from(content_json(content))) == made
