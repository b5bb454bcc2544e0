"""Answers that are kept while many related questions are asked of one moment, such as a round of KPIs.

Without `kept` nothing is: whoever asks once pays for nothing, and whoever writes between two questions sees
what was written.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar, cast

from sqlmodel import Session

Answer = TypeVar("Answer")

_KEY: Final = "answers"
#: How many are kept; what was not asked for longest goes first.
MOST: Final = 512


@contextmanager
def kept(session: Session) -> Iterator[None]:
    """Within it, a question that `once` knows is answered as it was before.

    For sessions that only read, and for questions of one moment: nothing is forgotten until it ends.
    """
    if _KEY in session.info:
        yield
        return
    session.info[_KEY] = OrderedDict[Hashable, object]()
    try:
        yield
    finally:
        del session.info[_KEY]


def keeping(session: Session) -> bool:
    """Whether answers are kept just now."""
    return _KEY in session.info


def once(session: Session, key: Hashable, make: Callable[[], Answer]) -> Answer:
    """The answer to a question, found out now or, within `kept`, before.

    Args:
        key: everything that the answer depends on beside the database.
    """
    known: OrderedDict[Hashable, object] | None = session.info.get(_KEY)
    if known is None:
        return make()
    if key in known:
        known.move_to_end(key)
        return cast(Answer, known[key])
    found = make()
    known[key] = found
    if len(known) > MOST:
        known.popitem(last=False)
    return found
