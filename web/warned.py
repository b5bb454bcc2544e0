"""Warnings about posts in the reader's language: texts that repeat, hours that break a rule."""

from datetime import datetime

from sqlmodel import Session

from domain.errors import UsageError
from domain.schedule import parse_when, zone
from domain.warning import Warning
from scheduler import warnings
from store.tables import ChannelRow, Post
from web.i18n import Voice


def of_writing(
    session: Session,
    row: ChannelRow,
    text: str,
    *,
    when: str = "",
    voice: Voice,
    now: datetime,
    without: int | None = None,
) -> list[str]:
    """What to look at before this text is queued; ``when`` as `parse_when` reads it, else no hour."""
    found = warnings.of_text(session, row, text, now=now, without=without)
    try:
        at, _, _ = parse_when(when, channel_zone=row.zone)
    except UsageError:  # next slot, at once, or not yet a time: no hour to look at
        return _said(found, row, voice)
    return _said(found + warnings.of_hour(session, row, at, now=now), row, voice)


def of_post(session: Session, row: ChannelRow, post: Post, *, voice: Voice, now: datetime) -> list[str]:
    """What to look at in a post that has not gone out; the hour where a person chose it."""
    return _said(warnings.of_post(session, row, post, now=now), row, voice)


def _said(found: list[Warning], row: ChannelRow, voice: Voice) -> list[str]:
    return [one.said(where=zone(row.zone), language=voice.language) for one in found]
