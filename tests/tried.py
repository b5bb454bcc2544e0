"""Published posts with what they had at one age, written straight into the tables, for experiments."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Engine

from domain.ids import new_id
from domain.metrics import Metric
from store.engine import writing
from store.tables import ChannelRow, Post, Reading

DAY = timedelta(days=1)


def published(
    engine: Engine,
    channel: ChannelRow,
    at: datetime,
    values: Mapping[Metric, int] | None = None,
    *,
    age: timedelta = DAY,
    late: timedelta = timedelta(),
    text: str = "hi",
) -> Post:
    """A post that went out at a time; with its readings at ``age``, where values are given."""
    key = f"{new_id():032x}"
    with writing(engine) as session:
        post = Post(
            workspace_id=channel.workspace_id, channel_id=channel.id, story_id=new_id(), state="published",
            content={"text": text}, payload={"text": text, "link": None, "title": ""}, delivery_key=key,
            remote_id=key, published_at=at, created_at=at,
        )  # fmt: skip
        session.add(post)
        session.flush()
        session.commit()
    read(engine, post, values or {}, age=age, late=late)
    return post


def read(
    engine: Engine,
    post: Post,
    values: Mapping[Metric, int],
    *,
    age: timedelta = DAY,
    late: timedelta = timedelta(),
) -> None:
    """Readings of a post at an age."""
    assert post.published_at is not None
    with writing(engine) as session:
        for metric, value in values.items():
            session.add(
                Reading(
                    post_id=post.id,
                    metric=metric,
                    checkpoint=int(age.total_seconds()),
                    read_at=post.published_at + age + late,
                    value=value,
                    source="tabuh",
                )
            )
        session.commit()
