"""Answers that are kept while many related questions are asked of one moment."""

from collections.abc import Callable

from sqlmodel import Session

from store import answers


def _counting() -> tuple[list[int], Callable[[], int]]:
    made: list[int] = []

    def make() -> int:
        made.append(len(made))
        return made[-1]

    return made, make


def test_a_question_is_answered_anew_each_time_where_nothing_is_kept(session: Session) -> None:
    _, make = _counting()

    assert [answers.once(session, "key", make) for _ in range(3)] == [0, 1, 2]
    assert not answers.keeping(session)


def test_a_question_is_answered_once_while_answers_are_kept(session: Session) -> None:
    made, make = _counting()

    with answers.kept(session), answers.kept(session):
        assert [answers.once(session, "key", make) for _ in range(3)] == [0, 0, 0]
        assert answers.once(session, "other", make) == 1
    assert answers.once(session, "key", make) == 2
    assert made == [0, 1, 2]


def test_the_answer_that_was_not_asked_for_longest_is_forgotten(session: Session) -> None:
    made, make = _counting()

    with answers.kept(session):
        answers.once(session, "first", make)
        for number in range(answers.MOST):
            answers.once(session, "first" if number % 10 == 0 else number, make)
        before = len(made)
        answers.once(session, "first", make)
        assert len(made) == before
        for number in range(answers.MOST + 1):
            answers.once(session, ("more", number), make)
        answers.once(session, "first", make)
        assert len(made) == before + answers.MOST + 2
