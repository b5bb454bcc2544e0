"""What an experiment is: a question, arms that are compared by one figure, and how it is looked at."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from domain.errors import UsageError
from domain.sentence import Words


class State(StrEnum):
    """How an experiment is."""

    RUNNING = "running"
    #: Judged; its result is frozen.
    ENDED = "ended"
    #: Given up: its figures are frozen, and nothing is concluded from them.
    STOPPED = "stopped"


class Method(StrEnum):
    """How the difference is tested; chosen at the start, never changed."""

    #: May be looked at after every post, and ended whenever: the error stays what it is.
    ALWAYS = "always"
    #: Judged once, at the planned size or on the planned day; needs fewer posts.
    FIXED = "fixed"


METHODS: Mapping[str, Words] = {
    Method.ALWAYS: Words("May be looked at any day", "Boleh dilihat setiap hari"),
    Method.FIXED: Words("Judged once, at the planned end", "Dinilai sekali, pada akhir yang direncanakan"),
}
#: Of all comparisons without a difference, so many at most are told as one.
ALPHA: Final = 0.05
#: Chance with which the planned size finds the effect that is looked for.
POWER: Final = 0.8
FEWEST_ARMS, MOST_ARMS = 2, 4
#: With fewer posts in an arm nothing is said.
FEWEST_POSTS: Final = 5
#: Posts of one experiment, all arms together.
MOST_POSTS: Final = 2_000
#: Posts an arm that can be planned, and the effect that can be looked for, in percent.
MOST_PLANNED: Final = MOST_POSTS // FEWEST_ARMS
LEAST_EFFECT, MOST_EFFECT = 1.0, 1_000.0
LONGEST_NAME, LONGEST_ARM, LONGEST_QUESTION = 80, 40, 500
#: How arms are called where nobody names them.
LETTERS: Final = "ABCD"


def clean_name(text: str) -> str:
    """A name without spaces to spare. Raises `UsageError`: it is empty or too long."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UsageError(f"Give the experiment a name of 1 to {LONGEST_NAME} characters.")
    return name


def clean_question(text: str) -> str:
    """What is to be found out, without spaces to spare. Raises `UsageError`: it is too long."""
    question = " ".join(text.split())
    if len(question) > LONGEST_QUESTION:
        raise UsageError(f"A question has at most {LONGEST_QUESTION} characters.")
    return question


def clean_arms(names: Sequence[str]) -> list[str]:
    """The names of the arms, the first of which the others are compared with.

    Raises:
        UsageError: too few or too many, two alike, or one that is too long.
    """
    arms = [" ".join(name.split()) for name in names]
    arms = [name for name in arms if name]
    if not FEWEST_ARMS <= len(arms) <= MOST_ARMS:
        raise UsageError(f"Name {FEWEST_ARMS} to {MOST_ARMS} arms: the things that are compared.")
    if long := [name for name in arms if len(name) > LONGEST_ARM]:
        raise UsageError(
            f"The name of an arm has at most {LONGEST_ARM} characters: {long[0][:60]!r} has more."
        )
    if len({name.casefold() for name in arms}) < len(arms):
        raise UsageError("Two arms have the same name: name them apart.")
    return arms


def arm_number(arms: Sequence[str], wanted: str) -> int:
    """The number of an arm, from 1, by its name in any case, its number, or its letter.

    Raises:
        UsageError: there is none.
    """
    said = " ".join(wanted.split()).casefold()
    for number, name in enumerate(arms, start=1):
        if said == name.casefold():
            return number
    for number in range(1, len(arms) + 1):
        if said in (str(number), LETTERS[number - 1].casefold()):
            return number
    raise UsageError(f"There is no arm {wanted!r}. Its arms: {', '.join(arms)}.")
