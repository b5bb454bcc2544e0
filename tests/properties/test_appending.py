"""Readings come to the same whether looks are written down one by one or many at once."""

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlmodel import Session

from domain.metrics import CHECKPOINTS
from store import measuring, packing
from store.measuring import Look
from store.tables import METADATA
from tests.properties.test_standings import START, Story
from tests.world import emptied

_FEW = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _kept(session: Session, story: Story) -> tuple[list[Any], list[Any]]:
    """All readings and all sums, with the places of rows in the story in place of their ids."""
    of_post = {post.id: place for place, post in enumerate(story.posts)}
    of_scope = {one.id: place for place, one in enumerate((*story.routes, story.feed), start=1)}
    of_channel = {one.id: place for place, one in enumerate(story.channels)}
    read = session.connection().execute(select(METADATA.tables["reading"]))
    readings = [
        (of_post[row.post_id], row.metric, row.checkpoint, row.read_at, row.value, row.source) for row in read
    ]
    summed = session.connection().execute(select(METADATA.tables["rollup"]))
    sums = [
        (of_channel[row.channel_id], of_scope.get(row.scope_id, 0), *row[2:], row.oldest, row.newest)
        for row in summed
    ]
    return sorted(readings), sorted(sums)


def _looks(story: Story) -> list[Look]:
    """Looks of all kinds: most in their order, others late, early or again."""
    found: list[Look] = []
    for _ in range(story.rng.randrange(2, 40)):
        one = story.look() if story.rng.random() < 0.6 else story.next_look()
        if one.checkpoint <= CHECKPOINTS[-1] and story.rng.random() < 0.6:
            at = START + one.checkpoint + timedelta(seconds=len(found))
            one = Look(one.post_id, one.checkpoint, at, one.taken)
        found += [one, story.rng.choice(found)] if found and story.rng.random() < 0.2 else [one]
    return found


@given(seed=st.integers(0, 2**32), at_once=st.sampled_from([1, 2, 5, 100]))
@_FEW
def test_looks_come_to_the_same_however_many_are_written_at_once(
    shared_engine: Engine, seed: int, at_once: int
) -> None:
    found = []
    for number in (1, at_once):
        with Session(emptied(shared_engine), expire_on_commit=False) as session:
            story = Story(session, Random(seed))
            looks = _looks(story)
            new = sum(
                measuring.append_looks(session, looks[first : first + number])
                for first in range(0, len(looks), number)
            )
            found.append((new, *_kept(session, story)))
            for channel_id in packing.unbuilt(session):
                packing.rebuild(session, channel_id)
            found.append((new, *_kept(session, story)))

    assert all(one == found[0] for one in found), "one by one, at once, and made anew from the readings"
