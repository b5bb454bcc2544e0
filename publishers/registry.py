"""Platform name → adapter: the built-in ones by one line each, others by entry points."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from domain.errors import UsageError
from publishers.base import Publisher

#: Loaded on first use, so that a command which needs one platform does not import them all.
BUILT_IN: Mapping[str, str] = {
    "bluesky": "publishers.platforms.bluesky:Bluesky",
    "discord": "publishers.platforms.discord:Discord",
    "discord_webhook": "publishers.platforms.discord_webhook:DiscordWebhook",
    "email": "publishers.platforms.email:Email",
    "facebook": "publishers.platforms.facebook:Facebook",
    "ghost": "publishers.platforms.ghost:Ghost",
    "google_business": "publishers.platforms.google_business:GoogleBusiness",
    "instagram": "publishers.platforms.instagram:Instagram",
    "linkedin": "publishers.platforms.linkedin:LinkedIn",
    "linkedin_member": "publishers.platforms.linkedin_member:LinkedInMember",
    "mastodon": "publishers.platforms.mastodon:Mastodon",
    "matrix": "publishers.platforms.matrix:Matrix",
    "nostr": "publishers.platforms.nostr:Nostr",
    "page": "publishers.platforms.page:Page",
    "pinterest": "publishers.platforms.pinterest:Pinterest",
    "reddit": "publishers.platforms.reddit:Reddit",
    "slack": "publishers.platforms.slack:Slack",
    "slack_webhook": "publishers.platforms.slack_webhook:SlackWebhook",
    "telegram": "publishers.platforms.telegram:Telegram",
    "threads": "publishers.platforms.threads:Threads",
    "tiktok": "publishers.platforms.tiktok:TikTok",
    "tumblr": "publishers.platforms.tumblr:Tumblr",
    "webhook": "publishers.platforms.webhook:Webhook",
    "wordpress": "publishers.platforms.wordpress:WordPress",
    "x": "publishers.platforms.x:X",
    "youtube": "publishers.platforms.youtube:YouTube",
}

#: Packages that add a platform name their adapter class in this entry-point group.
GROUP = "tabuh.publishers"


@cache
def adapter(platform: str) -> type[Publisher]:
    """The adapter class of a platform.

    Raises:
        UsageError: there is none by that name; the text lists those there are.
    """
    if platform in BUILT_IN:
        module, _, name = BUILT_IN[platform].partition(":")
        found: type[Publisher] = getattr(import_module(module), name)
        return found
    for point in entry_points(group=GROUP, name=platform):
        loaded = point.load()
        if isinstance(loaded, type) and issubclass(loaded, Publisher):
            return loaded
    raise UsageError(f"Unknown platform {platform!r}. Known: {', '.join(platforms())}.")


def platforms() -> list[str]:
    """All platform names, sorted."""
    return sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))})
