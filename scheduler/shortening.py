"""Our own link in place of the one that a person gave with a post, so that its clicks can be counted."""

from dataclasses import replace
from datetime import datetime

from sqlmodel import Session

from domain.content import Content
from domain.labels import Labels, campaign_link
from publishers.text import with_other_link
from scheduler.context import Context
from scheduler.links import addresses
from store import links
from store.tables import ChannelRow, Link


def shortened(
    context: Context, session: Session, content: Content, *, workspace_id: int, now: datetime
) -> tuple[Content, Link | None]:
    """The content with a short link, also where its text has the address; no link where strangers
    could not open it, or where there is none to shorten."""
    if not content.link or not context.shortens_links:
        return content, None
    link = links.new_link(session, workspace_id=workspace_id, target=content.link, now=now)
    short = addresses(context, session, workspace_id).of(link)
    return with_link(content, content.link, short), link


def with_campaign(content: Content, labels: Labels, channel: ChannelRow) -> Content:
    """The content whose link says which campaign it belongs to, also where it stands in the text."""
    if not content.link or labels.campaign is None:
        return content
    link = campaign_link(content.link, labels.campaign, platform=channel.platform)
    return with_link(content, content.link, link)


def with_link(content: Content, link: str, other: str) -> Content:
    """The content with another address wherever it has this one, its thread and first comment included."""
    return replace(
        content,
        text=with_other_link(content.text, link, other),
        link=other,
        thread=tuple(with_other_link(part, link, other) for part in content.thread),
        first_comment=content.first_comment and with_other_link(content.first_comment, link, other),
    )
