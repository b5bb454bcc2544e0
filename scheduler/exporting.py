"""The queue as a sheet: what `scheduler.importing` reads, and what people want to read beside it."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from typing import Final, Literal

from sqlmodel import Session

from domain.content import content_from
from domain.extras import parts_text
from domain.media import media_path
from domain.post import PostState
from domain.schedule import instant, wall_time, zone
from domain.sheet import guarded
from scheduler.shortening import with_link
from scheduler.wishes import PRIORITIES
from store import channels, pages, queue
from store.tables import ChannelRow, Post

Separator = Literal[",", ";", "\t"]

COLUMNS: Final = (
    "key", "state", "channel", "time", "zone", "slot", "text", "link", "image", "alt", "campaign", "tags",
    "priority", "earliest", "latest", "language", "title", "thread",
    "poll", "poll minutes", "poll multiple", "first comment", "reason", "published", "published address",
)  # fmt: skip
_WORDS: Final = {number: word for word, number in PRIORITIES.items()}
#: Posts read at a time.
_STRETCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which posts: as the queue page chooses them."""

    #: None given: all states.
    states: Collection[PostState] = ()
    channel_id: int | None = None
    campaign: str | None = None
    #: Only posts whose hour comes before this, and those without one that wait for a person.
    before: datetime | None = None


def export_sheet(
    session: Session,
    workspace_id: int,
    chosen: Chosen,
    *,
    public_url: str,
    separator: Separator = ",",
) -> Iterator[str]:
    """The sheet in pieces: CSV with a byte order mark, so that spreadsheets read it as UTF-8.

    No cell runs as a formula. Times are those of each post's own zone. Importing the sheet into the same
    workspace makes nothing; into another, the same queue.

    Args:
        public_url: where our own pictures are served.
    """
    by_id = {row.id: row for row in channels.listed(session, workspace_id)}
    yield "\ufeff" + _line(COLUMNS, separator)
    for posts in stretches(session, workspace_id, chosen):
        targets = pages.links_by_post(session, posts)
        for post in posts:
            codes = {code: target for target, code in targets[post.id].items()}
            cells = _cells(post, by_id[post.channel_id], codes, public_url=public_url)
            yield _line([guarded(cells.get(column, "")) for column in COLUMNS], separator)


def stretches(session: Session, workspace_id: int, chosen: Chosen) -> Iterator[Sequence[Post]]:
    """The chosen posts by their hour, those without one last."""
    after: queue.Place | None = None
    while True:
        found = queue.by_hour(
            session,
            workspace_id,
            states=chosen.states,
            channel_id=chosen.channel_id,
            campaign=chosen.campaign,
            before=chosen.before,
            after=after,
            limit=_STRETCH,
        )
        if found:
            yield found
        if len(found) < _STRETCH:
            return
        after = queue.Place(found[-1].planned_at, found[-1].id)


def _cells(post: Post, channel: ChannelRow, codes: Mapping[str, str], *, public_url: str) -> dict[str, str]:
    content = content_from(post.content)
    if content.link and (target := codes.get(content.link.rpartition("/")[2])):
        content = with_link(content, content.link, target)
    poll = content.poll
    return {
        "key": f"tabuh-{post.id}",
        "state": post.state.replace("_", " "),
        "channel": channel.name,
        "time": _time(post),
        "zone": post.planned_zone or "",
        "slot": "slot" if post.slot_at else "time" if post.planned_at else "",
        "text": content.text,
        "link": content.link or "",
        "image": "\n".join(one.url or f"{public_url}{media_path(one)}" for one in content.media),
        "alt": "\n".join(" ".join(one.alt.split()) for one in content.media).rstrip("\n"),
        "campaign": post.campaign or "",
        "tags": ", ".join(post.tags or ()),
        "priority": _WORDS.get(post.priority, str(post.priority)) if post.priority else "",
        "earliest": _instant(post.earliest_at, channel),
        "latest": _instant(post.latest_at, channel),
        "language": content.language or "",
        "title": content.title or "",
        "thread": parts_text(content.thread),
        "poll": " | ".join(poll.options) if poll else "",
        "poll multiple": "yes" if poll and poll.multiple else "",
        "poll minutes": str(poll.minutes) if poll else "",
        "first comment": content.first_comment or "",
        "reason": post.late_reason or post.reason or "",
        "published": _local(post.published_at, channel),
        "published address": post.remote_url or "",
    }


def _time(post: Post) -> str:
    """The wall time that was meant; with its offset, where the wall time alone would mean another instant."""
    if post.planned_at is None or post.planned_zone is None:
        return ""
    where = zone(post.planned_zone)
    wall = wall_time(post.planned_at, where)
    meant = datetime.fromisoformat(post.planned_wall) if post.planned_wall else wall
    if instant(meant, where) == post.planned_at:
        return _clock(meant)
    local = post.planned_at.astimezone(where)
    return f"{_clock(wall)}{local:%z}"


def _instant(at: datetime | None, channel: ChannelRow) -> str:
    """With its offset, so that it means the same whatever the zone column says."""
    if at is None:
        return ""
    local = at.astimezone(zone(channel.zone))
    return f"{_clock(local.replace(tzinfo=None))}{local:%z}"


def _clock(wall: datetime) -> str:
    return f"{wall:%Y-%m-%d %H:%M:%S}" if wall.second else f"{wall:%Y-%m-%d %H:%M}"


def _local(at: datetime | None, channel: ChannelRow) -> str:
    return f"{wall_time(at, zone(channel.zone)):%Y-%m-%d %H:%M}" if at else ""


def _line(cells: Sequence[str], separator: str) -> str:
    written = StringIO()
    csv.writer(written, delimiter=separator, lineterminator="\r\n").writerow(cells)
    return written.getvalue()
