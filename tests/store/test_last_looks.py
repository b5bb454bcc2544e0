"""The last looks that a standing keeps: what comes of them, and when nobody asks for readings."""

from collections.abc import Callable
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlmodel import Session

from domain.definition import OWN_SOURCE
from domain.metrics import Metric
from store import agreeing, measuring, packing, series
from store.last_looks import Seen, follows, growth, packed, shape, unpacked
from store.measuring import Look, Taken
from store.series import Noted
from store.tables import METADATA, Post
from tests.measured import M, Measured
from tests.world import NOON

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STANDING = METADATA.tables["standing"]
_VALUES = st.integers(-(2**62), 2**62)
_SOURCES = st.sampled_from(["one", "another", OWN_SOURCE])
_LOOKS = st.builds(
    lambda told, checkpoint, at: Seen(
        shape(tuple(told), tuple(source for source, _ in told.values())),
        checkpoint, at, tuple(value for _, value in told.values()),
    ),
    st.dictionaries(st.sampled_from(list(Metric)), st.tuples(_SOURCES, _VALUES), min_size=1),
    st.integers(0, 5),
    st.integers(-2, 2),
)  # fmt: skip


@given(st.lists(_LOOKS, max_size=5))
def test_looks_come_back_from_their_bytes(looks: list[Seen]) -> None:
    assert unpacked(b"".join(map(packed, looks))) == looks


@given(_LOOKS, _LOOKS)
def test_growth_since_the_last_look_is_that_between_the_readings(look: Seen, last: Seen) -> None:
    if not follows(look, last):
        return
    found = dict(zip([look.shape.names[place] for place in look.shape.told], growth(look, last), strict=True))

    for metric, place in look.shape.places.items():
        both = [_noted(one, metric) for one in (last, look)]
        told = [one for one in both if one.source != OWN_SOURCE]
        steps = {one.checkpoint: step for one, step in series.steps(told)}
        assert found.get(metric) == steps.get(look.checkpoint), place


def _noted(look: Seen, metric: str) -> Noted:
    place = look.shape.places[metric]
    at = NOON + timedelta(seconds=look.at)
    return Noted(1, metric, look.checkpoint, at, look.values[place], look.shape.sources[place])


def test_a_look_after_all_others_is_added_and_written_without_a_reading(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - DAY) for _ in range(3)]
    _look(session, posts, 1)
    packing.rebuild(session, channel.id)
    asked = _statements(session, lambda: _look(session, posts, 2))  # all were read for the standings
    packing.pack(session)

    asked += _statements(session, lambda: _look(session, posts, 3))
    asked += _statements(session, lambda: _look(session, posts, 4))
    packed_by = _statements(session, lambda: packing.pack(session))

    assert not [one for one in asked + packed_by if "FROM reading" in one]
    assert _stale(session) == [False] * 3
    assert agreeing.differences(session, world.id) == []


def test_a_look_that_comes_late_or_again_is_made_anew_from_readings(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - DAY)]
    for number in (1, 3):
        _look(session, posts, number)
    packing.rebuild(session, channel.id)

    for number in (4, 2, 4, 5):
        _look(session, posts, number)
        packing.pack(session)
        assert agreeing.differences(session, world.id) == []


def test_what_a_look_no_longer_tells_is_absent_at_it(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    post = world.post(channel, NOON - DAY)
    whole, part = (M.REACTIONS, M.SHARES, M.IMPRESSIONS), (M.REACTIONS,)
    packing.rebuild(session, channel.id)
    for number, metrics in enumerate((whole, whole, part, part, whole, part), start=1):
        taken = [Taken(one, number, "field") for one in metrics]
        measuring.append_looks(session, [Look(post.id, number * HOUR, NOON + number * HOUR, taken)])
        if number != 3:
            packing.pack(session)
            assert agreeing.differences(session, world.id) == []


def test_many_looks_before_columns_are_written_come_to_the_same(session: Session) -> None:
    world = Measured(session)
    channel = world.channel()
    posts = [world.post(channel, NOON - DAY) for _ in range(2)]
    packing.rebuild(session, channel.id)
    for number in range(1, 12):
        _look(session, posts[: 1 + number % 2], number)

    packing.pack(session)

    assert agreeing.differences(session, world.id) == []


def _look(session: Session, posts: list[Post], number: int) -> None:
    taken = [Taken(M.REACTIONS, 10 * number, "favourites_count"), Taken(M.SHARES, number, "reblogs_count")]
    at = NOON + number * HOUR
    measuring.append_looks(session, [Look(post.id, number * HOUR, at, taken) for post in posts])


def _stale(session: Session) -> list[bool]:
    return list(session.connection().execute(select(STANDING.c.stale)).scalars())


def _statements(session: Session, work: Callable[[], object]) -> list[str]:
    """What the database is told meanwhile."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        told.append(statement)

    engine = session.connection().engine
    event.listen(engine, "before_cursor_execute", note)
    work()
    event.remove(engine, "before_cursor_execute", note)
    return told
