"""Answers that are kept while many related questions are asked of one moment, such as a round of KPIs.

Without `kept` nothing is: whoever asks once pays for nothing, and whoever writes between two questions sees
what was written.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from inspect import unwrap
from typing import Concatenate, Final, ParamSpec, TypeVar, cast

from sqlmodel import Session

Answer = TypeVar("Answer")
Given = ParamSpec("Given")

_KEY, _SMALL = "answers", "small answers"
#: How many are kept; what was not asked for longest goes first.
MOST: Final = 512
#: And of those that take next to no room.
MOST_SMALL: Final = 20_000
_Kept = OrderedDict[Hashable, object]


@contextmanager
def kept(session: Session) -> Iterator[None]:
    """Within it, a question that `once` knows is answered as it was before.

    For sessions that only read, and for questions of one moment: nothing is forgotten until it ends.
    """
    if _KEY in session.info:
        yield
        return
    session.info |= {_KEY: _Kept(), _SMALL: _Kept()}
    try:
        yield
    finally:
        del session.info[_KEY], session.info[_SMALL]


def keeping(session: Session) -> bool:
    """Whether answers are kept just now."""
    return _KEY in session.info


def once(session: Session, key: Hashable, make: Callable[[], Answer]) -> Answer:
    """The answer to a question, found out now or, within `kept`, before.

    Args:
        key: everything that the answer depends on beside the database.
    """
    return _once(session.info.get(_KEY), key, make, MOST)


def _once(known: _Kept | None, key: Hashable, make: Callable[[], Answer], most: int) -> Answer:
    if known is None:
        return make()
    if key in known:
        known.move_to_end(key)
        return cast(Answer, known[key])
    found = make()
    known[key] = found
    if len(known) > most:
        known.popitem(last=False)
    return found


def remembered(
    ask: Callable[Concatenate[Session, Given], Answer],
) -> Callable[Concatenate[Session, Given], Answer]:
    """A question whose answer is small, such as a number: `once` for the same values.

    Whoever gets an answer must not change it.
    """

    def asked(session: Session, /, *values: Given.args, **named: Given.kwargs) -> Answer:
        known: _Kept | None = session.info.get(_SMALL)
        if known is None:
            return ask(session, *values, **named)
        return _once(known, _key_of(ask, values, named), lambda: ask(session, *values, **named), MOST_SMALL)

    return wraps(ask)(asked)


def tell(session: Session, ask: Callable[..., Answer], *values: object, answer: Answer) -> None:
    """The answer to a question that is `remembered`, found out with those to others like it.

    Args:
        values: as they are passed when it is asked.
    """
    known: _Kept | None = session.info.get(_SMALL)
    if known is not None:
        _once(known, _key_of(unwrap(ask), values, {}), lambda: answer, MOST_SMALL)


def _key_of(ask: object, values: tuple[object, ...], named: Mapping[str, object]) -> Hashable:
    return (ask, _fixed(values), _fixed(named))


def _fixed(value: object) -> Hashable:
    """As part of a key."""
    if isinstance(value, Mapping):
        return frozenset((name, _fixed(own)) for name, own in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_fixed, value))
    return frozenset(value) if isinstance(value, set) else value


def forget(session: Session, key: Hashable) -> None:
    """Find out an answer anew when it is asked for next."""
    session.info.get(_KEY, {}).pop(key, None)
