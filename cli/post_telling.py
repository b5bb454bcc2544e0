"""How a post is told in a terminal and as JSON."""

from typing import TYPE_CHECKING, Any

from cli.printing import one_line, pairs, when

if TYPE_CHECKING:
    from cli.opening import Opened
    from domain.money import Money
    from store.tables import Change, ChannelRow, Post


def document(post: "Post", channel: str) -> dict[str, Any]:
    """A post as JSON tells it."""
    from domain.content import content_from
    from domain.extras import extras_json

    shown = (
        "id", "channel_id", "story_id", "route_id", "entry_id", "state", "reason", "planned_at",
        "planned_wall", "planned_zone", "placed_by", "tries", "late_reason", "remote_id", "remote_url",
        "published_at", "created_at", "edited_at", "campaign", "needs_approval", "evergreen_id",
        "evergreen_cycle", "priority", "earliest_at", "latest_at", "deleted_at", "changed_there_at",
    )  # fmt: skip
    return {
        **{name: getattr(post, name) for name in shown},
        "channel": channel,
        "text": post.content["text"],
        "link": post.content.get("link"),
        "language": post.content.get("language"),
        "tags": post.tags or [],
        "media": post.content.get("media") or [],
        **extras_json(content_from(post.content)),
    }


def about(post: "Post", row: "ChannelRow") -> str:
    """The lines of one post, with all that was said of it."""
    return pairs(
        [
            ("Post", post.id),
            ("Channel", row.name),
            ("State", state_text(post)),
            ("Hour", hour(post, row)),
            ("Priority", _priority(post)),
            ("Not before", when(post.earliest_at, row.zone)),
            ("Not after", when(post.latest_at, row.zone)),
            ("Meant as", f"{post.planned_wall} {post.planned_zone}" if post.planned_wall else ""),
            ("Published", when(post.published_at, row.zone)),
            ("Late because", post.late_reason),
            ("Address", post.remote_url),
            ("Link", post.content.get("link")),
            ("Campaign", post.campaign),
            ("Tags", ", ".join(post.tags or [])),
            ("Text", post.content["text"]),
            *_extras(post),
        ]
    )


def _extras(post: "Post") -> list[tuple[str, str]]:
    from domain.content import content_from

    content = content_from(post.content)
    found = [("Title", content.title)] if content.title else []
    found += [(f"Part {number}", part) for number, part in enumerate(content.thread, start=2)]
    if content.poll:
        several = ", several may be chosen" if content.poll.multiple else ""
        options = " / ".join(content.poll.options)
        found.append(("Poll", f"{options} ({content.poll.minutes:,} minutes{several})"))
    return [*found, ("First comment", content.first_comment)] if content.first_comment else found


def outcome(post: "Post", row: "ChannelRow") -> str:
    """What has become of a post, in a sentence."""
    due = hour(post, row)
    going = f", {due}" if due and post.state == "queued" else ""
    return f"Post {post.id} on {row.name}: {state_text(post)}{going}."


def state_text(post: "Post") -> str:
    """Its state, with what happened to it on its platform and why."""
    from domain.post import PostState, words

    told = words(PostState(post.state))
    if post.deleted_at is not None:
        told += ", gone from its platform"
    elif post.changed_there_at is not None:
        told += ", changed on its platform"
    return f"{told}: {post.reason}".removesuffix(".") if post.reason else told


def hour(post: "Post", row: "ChannelRow") -> str:
    """When it is planned, in the zone of its channel; empty while it is not."""
    return when(post.planned_at, row.zone)


def _priority(post: "Post") -> str:
    from scheduler.wishes import priority_word

    return priority_word(post.priority) if post.priority else ""


def why(placement: dict[str, Any], zone_name: str) -> str:
    """Why it has the hour that it has."""
    from domain.placement import explained, placement_from
    from domain.schedule import zone

    return explained(placement_from(placement), where=zone(zone_name), language="en")


def by(change: "Change") -> str:
    """Who changed it; of a reviewer, the name that was given, and the comment."""
    after = change.after or {}
    comment = f": {one_line(after['comment'])}" if after.get("comment") else ""
    return f"{after.get('reviewer') or change.actor}{comment}"


def price(tabuh: "Opened", post: "Post", row: "ChannelRow") -> "Money | None":
    """What publishing will cost; None where it costs nothing."""
    from scheduler.spending import price_of_post

    return price_of_post(tabuh.context, row, post, now=tabuh.context.clock())


def costs_words(price: "Money | None") -> list[str]:
    """What publishing will cost, as a line below; nothing where it costs nothing."""
    return [f"  Costs {price}."] if price is not None else []


def warned(tabuh: "Opened", post: "Post", row: "ChannelRow") -> list[str]:
    """What a person should know of it before it goes out, in sentences."""
    from domain.schedule import zone
    from scheduler import warnings
    from store.engine import reading

    with reading(tabuh.engine) as session:
        found = warnings.of_post(session, row, post, now=tabuh.context.clock())
    return [one.said(where=zone(row.zone), language="en") for one in found]


def channel_of(tabuh: "Opened", post: "Post") -> "ChannelRow":
    """The channel of a post."""
    from store import channels
    from store.engine import reading

    with reading(tabuh.engine) as session:
        return channels.get(session, tabuh.workspace.id, post.channel_id)
