"""What people do with evergreens: make, change, pause, resume and end them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from domain.content import Content, content_from, content_json
from domain.errors import UsageError
from domain.evergreen import Rules, check_rules, check_variants, season_text
from domain.labels import labels
from domain.sheet import read_sheet
from publishers.address import opened_by_browsers
from publishers.text import with_other_link
from scheduler.context import Context
from scheduler.slots import has_slots
from store import channels, evergreens, links, posts
from store.changes import Actor, record
from store.engine import reading, writing
from store.tables import ChannelRow, Evergreen


def add_evergreen(
    context: Context,
    workspace_id: int,
    *,
    name: str,
    channel_id: int,
    variants: Sequence[Content],
    rules: Rules,
    campaign: str | None = None,
    actor: Actor,
) -> Evergreen:
    """Make an evergreen; its first cycle takes the first slot that would stay empty.

    Raises:
        UsageError: texts or rules will not do, or the channel has no posting schedule.
    """
    now = context.clock()
    named = _name(name)
    tagged = labels(campaign).campaign
    with writing(context.engine) as session:
        channel = channels.get(session, workspace_id, channel_id)
        if not has_slots(session, channel):
            raise UsageError(
                f"Channel {channel.name!r} has no posting schedule, so there are no empty slots to fill. "
                "Give it one first."
            )
        row = Evergreen(
            workspace_id=workspace_id,
            name=named,
            channel_id=channel.id,
            campaign=tagged,
            cooldown_days=1,
            created_at=now,
            created_by=actor.person_id,
            next_at=now,
        )
        _set(context, row, channel, variants, rules)
        session.add(row)
        session.flush()
        _note(session, actor, "made evergreen", row, now=now)
        session.commit()
    return row


def change_evergreen(
    context: Context,
    workspace_id: int,
    evergreen_id: int,
    *,
    variants: Sequence[Content] | None = None,
    rules: Rules | None = None,
    actor: Actor,
) -> Evergreen:
    """Give an evergreen other texts or rules; what is queued already stays. Raises `UsageError`."""

    def change(session: Session, row: Evergreen, now: datetime) -> None:
        channel = channels.get(session, workspace_id, row.channel_id)
        texts = evergreens.variants_of(row) if variants is None else variants
        _set(context, row, channel, texts, rules or evergreens.rules_of(row))
        row.next_variant = min(row.next_variant, len(texts) - 1)
        if row.paused_at is None and row.ended_at is None:
            row.next_at = now

    return _changed(context, workspace_id, evergreen_id, "changed evergreen", change, actor)


def _name(name: str) -> str:
    trimmed = " ".join(name.split())
    if not 1 <= len(trimmed) <= 80:
        raise UsageError("An evergreen needs a name of 1 to 80 characters.")
    return trimmed


def _set(
    context: Context,
    row: Evergreen,
    channel: ChannelRow,
    variants: Sequence[Content],
    rules: Rules,
) -> None:
    check_rules(rules)
    publisher = context.publisher(channel)
    check_variants([one.text for one in variants], rules, refuses_repeats=publisher.limits().refuses_repeats)
    for one in variants:
        if one.link and opened_by_browsers(one.link) is None:
            raise UsageError("This is no web address. Write it whole, such as https://example.org/news.")
        if problems := publisher.problems(one):
            raise UsageError(" ".join(problems))
    written = season_text(rules.season)
    row.variants = [content_json(one) for one in variants]
    row.cooldown_days = rules.cooldown.days
    row.max_cycles = rules.max_cycles
    row.season_from, row.season_to = (written[:5], written[7:]) if written else (None, None)
    row.last_day = rules.last_day.isoformat() if rules.last_day else None
    row.fill_days = rules.fill.days


def pause_evergreen(context: Context, workspace_id: int, evergreen_id: int, *, actor: Actor) -> Evergreen:
    """Take no further slot until it is resumed; what is queued already goes out."""

    def change(_: Session, row: Evergreen, now: datetime) -> None:
        if row.paused_at is None:
            row.paused_at, row.next_at, row.reason = now, None, None

    return _changed(context, workspace_id, evergreen_id, "paused evergreen", change, actor)


def resume_evergreen(context: Context, workspace_id: int, evergreen_id: int, *, actor: Actor) -> Evergreen:
    """Let a paused evergreen go on; its cooldown ran meanwhile."""

    def change(_: Session, row: Evergreen, now: datetime) -> None:
        row.paused_at, row.next_at = None, now

    return _changed(context, workspace_id, evergreen_id, "resumed evergreen", change, actor)


def end_evergreen(context: Context, workspace_id: int, evergreen_id: int, *, actor: Actor) -> Evergreen:
    """No further cycle, for good; what is queued already goes out."""

    def change(_: Session, row: Evergreen, now: datetime) -> None:
        row.ended_at, row.next_at, row.reason = row.ended_at or now, None, None

    return _changed(context, workspace_id, evergreen_id, "ended evergreen", change, actor)


def _changed(  # noqa: PLR0917 - one line for each caller
    context: Context,
    workspace_id: int,
    evergreen_id: int,
    what: str,
    change: Callable[[Session, Evergreen, datetime], None],
    actor: Actor,
) -> Evergreen:
    now = context.clock()
    with writing(context.engine) as session:
        row = evergreens.lock(session, workspace_id, evergreen_id)
        if row.ended_at is not None:
            raise UsageError("This evergreen has ended for good. Make a new one.")
        change(session, row, now)
        row.claim += 1  # a worker that looks after it right now writes nothing
        session.add(row)
        _note(session, actor, what, row, now=now)
        session.commit()
    return row


def _note(session: Session, actor: Actor, what: str, row: Evergreen, *, now: datetime) -> None:
    record(
        session, actor, what, subject="evergreen", subject_id=row.id, workspace_id=row.workspace_id, now=now,
        after={"name": row.name, "cooldown_days": row.cooldown_days, "max_cycles": row.max_cycles,
               "texts": len(row.variants)},
    )  # fmt: skip


def variant_of(context: Context, workspace_id: int, post_id: int) -> Content:
    """Text and link of a post, to be taken as a variant: with its own target in place of our short link."""
    with reading(context.engine) as session:
        post = posts.get(session, workspace_id, post_id)
        content = content_from(post.content)
        link = links.link_of(session, post_id)
    if link is None or content.link is None:
        return content
    text = with_other_link(content.text, content.link, link.target)
    return replace(content, text=text, link=link.target)


def variants_in(raw: bytes) -> list[Content]:
    """The variants that a CSV file holds, in the columns text and link. Raises `UsageError`."""
    sheet = read_sheet(raw)
    if sheet.problems:
        raise UsageError(f"Row {sheet.problems[0].row}: {sheet.problems[0].sentence}")
    return [
        Content(row["text"], link=row["link"] or None, language=row["language"] or None) for row in sheet.rows
    ]
