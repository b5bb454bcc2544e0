"""Simulated values as rows: every column by name, so that many can be written at once."""

from collections.abc import Iterator
from typing import Any

from domain.content import content_json
from scheduler.demo.arrivals import Arrived
from scheduler.demo.planning import Fated, Planned
from scheduler.demo.reactions import Reacted
from scheduler.demo.stage import Stage
from scheduler.demo.year import Year


def entry_row(arrived: Arrived, stage: Stage) -> dict[str, Any]:
    """A row of `EntryRow`."""
    entry = arrived.entry
    return {
        "id": arrived.id,
        "workspace_id": stage.workspace.id,
        "feed_id": stage.feeds[arrived.feed.key],
        "guid": entry.guid,
        "link": entry.link,
        "title": entry.title,
        "summary_html": entry.summary_html,
        "content_html": "",
        "text": entry.text,
        "authors": list(entry.authors),
        "categories": list(entry.categories),
        "enclosures": [],
        "language": entry.language,
        "image_url": None,
        "published_at": entry.published_at,
        "updated_at": None,
        "first_seen_at": arrived.first_seen_at,
        "position": arrived.position,
        "digest": entry.digest,
        "edits": 0,
        "origin": arrived.origin,
    }


def key_rows(arrived: Arrived, stage: Stage) -> list[dict[str, Any]]:
    """Rows of `EntryKeyRow`."""
    feed = stage.feeds[arrived.feed.key]
    return [
        {"feed_id": feed, "kind": int(key.kind), "key": key.key, "entry_id": arrived.id}
        for key in arrived.entry.keys
    ]


def ledger_row(fated: Fated, stage: Stage) -> dict[str, Any]:
    """A row of `Ledger`."""
    return {
        "entry_id": fated.arrived.id,
        "route_id": stage.routes[fated.route.key],
        "post_id": fated.post.id if fated.post else None,
        "fate": fated.fate,
        "reason": fated.reason,
        "at": fated.at,
    }


def post_row(post: Planned, stage: Stage, payload: dict[str, Any] | None, sent: str | None) -> dict[str, Any]:
    """A row of `Post`; ``payload`` was or will be sent, and ``sent`` is its fingerprint."""
    was_tried = bool(post.attempts)
    return {
        **{name: getattr(post, name) for name in _SHARED},
        "workspace_id": stage.workspace.id,
        "channel_id": stage.channels[post.channel.key].id,
        "route_id": stage.routes[post.route.key] if post.route else None,
        "entry_id": post.arrived.id if post.arrived else None,
        "content": content_json(post.content),
        "payload": payload if was_tried else None,
        "payload_hash": sent if was_tried else None,
        "approved_hash": sent if post.approved else None,
        "created_by": stage.people[post.by] if post.by else None,
        # No machine looks at it again: nothing here may leave.
        "next_at": None,
        "edited_at": None,
        "handle": None,
        "restored_at": None,
    }


#: Columns of a post that have the same name in both.
_SHARED = (
    "id", "story_id", "state", "reason", "planned_at", "planned_wall", "planned_zone", "placed_by", "slot_at",
    "tries", "in_doubt", "looks", "claim", "delivery_key", "remote_id", "remote_url", "published_at",
    "late_reason", "deleted_at", "created_at",
)  # fmt: skip


def attempt_rows(post: Planned, sent: str) -> Iterator[dict[str, Any]]:
    """Rows of `Attempt`."""
    return ({**attempt, "post_id": post.id, "payload_hash": sent} for attempt in post.attempts)


def choice_row(post: Planned, stage: Stage, year: Year) -> dict[str, Any] | None:
    """A row of `SlotChoice`; None where no rule chose."""
    if post.choice is None:
        return None
    return {
        "id": year.new_id(post.choice.at),
        "workspace_id": stage.workspace.id,
        "post_id": post.id,
        "channel_id": stage.channels[post.channel.key].id,
        "at": post.choice.at,
        "chosen_at": post.choice.slot.at,
        "candidates": [at.isoformat() for at in post.choice.candidates],
        "propensity": post.choice.propensity,
        "rule": post.choice.rule,
    }


def change_rows(post: Planned, stage: Stage, year: Year) -> Iterator[dict[str, Any]]:
    """Rows of `Change`: what people did with a post."""
    for at, what, who in post.decisions:
        yield {
            "id": year.new_id(at),
            "workspace_id": stage.workspace.id,
            "at": at,
            "actor": "person",
            "person_id": stage.people[who],
            "subject": "post",
            "subject_id": post.id,
            "what": what,
            "before": None,
            "after": {"text": post.content.text},
        }


def link_row(post: Planned, stage: Stage, year: Year) -> dict[str, Any] | None:
    """A row of `Link`; None where the post has no link of ours."""
    if post.link is None:
        return None
    code, target = post.link
    return {
        "id": year.new_id(post.created_at),
        "workspace_id": stage.workspace.id,
        "code": code,
        "target": target,
        "post_id": post.id,
        "created_at": post.created_at,
    }


def measurement_row(post: Planned, reacted: Reacted, stage: Stage, year: Year) -> dict[str, Any]:
    """A row of `Measurement`."""
    assert post.published_at is not None
    return {
        "id": year.new_id(post.published_at),
        "workspace_id": stage.workspace.id,
        "post_id": post.id,
        "channel_id": stage.channels[post.channel.key].id,
        "published_at": post.published_at,
        "next_at": None,
        "claim": reacted.looks,
        "failures": 0,
        "last_error": reacted.gone,
        "last_read_at": reacted.last_read_at,
    }


def count_rows(post: Planned, reacted: Reacted, channel_id: int) -> Iterator[dict[str, Any]]:
    """Rows of `PageCount`."""
    for (hour, kind, audience), shown in reacted.counts.items():
        yield {
            "channel_id": channel_id,
            "post_id": post.id,
            "hour": hour,
            "kind": kind,
            "audience": audience,
            "shown": shown,
        }
