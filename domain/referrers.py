"""Which platform a referring host belongs to, as data."""

from collections.abc import Mapping
from typing import Final

#: Platform → hosts; names below them count too.
_HOSTS: Final[Mapping[str, str]] = {
    "bluesky": "bsky.app go.bsky.app xyz.blueskyweb.app",
    "discord": "discord.com discordapp.com",
    "facebook": "facebook.com fb.com fb.me com.facebook.katana com.facebook.lite messenger.com",
    "google": "google.com google.co.id googleapis.com com.google.android.googlequicksearchbox",
    "bing": "bing.com",
    "duckduckgo": "duckduckgo.com",
    "yahoo": "search.yahoo.com",
    "yandex": "yandex.ru yandex.com",
    "baidu": "baidu.com",
    "instagram": "instagram.com com.instagram.android",
    "line": "line.me jp.naver.line.android",
    "linkedin": "linkedin.com lnkd.in com.linkedin.android",
    "mail": "com.google.android.gm mail.google.com outlook.live.com mail.yahoo.com",
    "mastodon": "mastodon.social mastodon.online mstdn.social fosstodon.org hachyderm.io",
    "medium": "medium.com",
    "pinterest": "pinterest.com pin.it com.pinterest",
    "quora": "quora.com",
    "reddit": "reddit.com redd.it com.reddit.frontpage",
    "slack": "slack.com com.slack",
    "telegram": "t.me telegram.org org.telegram.messenger web.telegram.org",
    "threads": "threads.net threads.com com.instagram.barcelona",
    "tiktok": "tiktok.com com.zhiliaoapp.musically",
    "tumblr": "tumblr.com",
    "vk": "vk.com away.vk.com",
    "whatsapp": "whatsapp.com wa.me com.whatsapp",
    "x": "x.com twitter.com t.co com.twitter.android",
    "youtube": "youtube.com youtu.be com.google.android.youtube",
}
_PLATFORM: Final = {host: platform for platform, hosts in _HOSTS.items() for host in hosts.split()}
#: Search engines have an address in each country.
_EVERYWHERE: Final = ("google", "yahoo", "yandex", "bing", "pinterest")


def platform_of(host: str) -> str | None:
    """The platform of a host, lower case and without port; None: none that is known."""
    labels = host.split(".")
    for start in range(len(labels)):
        found = _PLATFORM.get(".".join(labels[start:]))
        if found is not None:
            return found
    for name in _EVERYWHERE:  # google.de, www.google.com.br; never google.evil.example
        if (
            name in labels
            and len(labels) - labels.index(name) <= 3
            and all(len(label) <= 3 for label in labels[labels.index(name) + 1 :])
        ):
            return name
    return None
