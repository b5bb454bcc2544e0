"""The title of a post that a route makes: only where its platform has titles, and no longer than it takes."""

from dataclasses import replace

from domain.content import Content
from domain.errors import UsageError
from publishers.text import Limit, fit
from scheduler.context import Context


def titled(context: Context, platform: str, content: Content) -> Content:
    """The content with a title that the platform takes; without one where posts have none there."""
    try:
        most = context.adapter(platform).capabilities.max_title
    except UsageError:  # the package that brought the platform is gone
        most = None
    if most is None or not content.title:
        return replace(content, title=None)
    return replace(content, title=fit(content.title, None, [Limit(most, len)]) or None)
