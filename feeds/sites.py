"""Sites of known kinds and where they keep their feeds, told by the address alone or with the page's help."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, parse_qs, quote, urlsplit


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may hold a feed."""

    url: str
    title: str = ""
    #: Media type as the page gives it.
    kind: str = ""


_CHANNEL: Final = re.compile(r'(?:"(?:channelId|externalId)":"|/channel/)(UC[\w-]{22})')
_PLAYLIST: Final = re.compile(r"[\w-]{2,60}")
_ATOM: Final = "application/atom+xml"
_RSS: Final = "application/rss+xml"


def feeds_of_site(url: str, text: str = "") -> Iterator[Candidate]:
    """The feeds of a page on a site of a known kind, the main one first.

    Args:
        text: the page, where it could be read: YouTube tells the number of a channel there, and Mastodon
            that it is Mastodon.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return
    for domain, rule in _RULES.items():
        if host == domain or host.endswith(f".{domain}"):
            yield from rule(parts, text)
            return
    if re.fullmatch(r"/@[\w.-]+/?", parts.path) and re.search("mastodon", text, re.IGNORECASE):
        yield Candidate(f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}.rss", kind=_RSS)


def _youtube(parts: SplitResult, text: str) -> Iterator[Candidate]:
    feed = "https://www.youtube.com/feeds/videos.xml"
    playlist = parse_qs(parts.query).get("list", [""])[0]
    if _PLAYLIST.fullmatch(playlist):
        yield Candidate(f"{feed}?playlist_id={playlist}", "Playlist", _ATOM)
        return
    channel = _CHANNEL.search(parts.path) or _CHANNEL.search(text)
    if channel:
        yield Candidate(f"{feed}?channel_id={channel[1]}", "Everything", _ATOM)
        # YouTube keeps a hidden playlist for each kind of upload, named after the channel.
        yield Candidate(f"{feed}?playlist_id=UULF{channel[1][2:]}", "Videos, without shorts", _ATOM)


def _github(parts: SplitResult, _text: str) -> Iterator[Candidate]:
    if parts.hostname not in ("github.com", "www.github.com"):
        return
    match parts.path.strip("/").split("/"):
        case [owner] if owner:
            yield Candidate(f"https://github.com/{owner}.atom", "Activity", _ATOM)
        case [owner, repository, "commits", *branch] if branch:
            address = f"https://github.com/{owner}/{repository}/commits/{'/'.join(branch)}.atom"
            yield Candidate(address, "Commits", _ATOM)
        case [owner, repository, *_]:
            for name in ("releases", "commits", "tags"):
                yield Candidate(f"https://github.com/{owner}/{repository}/{name}.atom", name.title(), _ATOM)


def _reddit(parts: SplitResult, _text: str) -> Iterator[Candidate]:
    path = parts.path.rstrip("/")
    if not path:
        yield Candidate("https://www.reddit.com/.rss", kind=_ATOM)
    elif re.match(r"/(?:r|u|user)/[^/]+", path):
        yield Candidate(f"https://www.reddit.com{path}/.rss", kind=_ATOM)


def _medium(parts: SplitResult, _text: str) -> Iterator[Candidate]:
    name = parts.path.strip("/").partition("/")[0]
    if parts.hostname not in ("medium.com", "www.medium.com"):
        yield Candidate(f"https://{parts.hostname}/feed", kind=_RSS)
    elif name:
        yield Candidate(f"https://medium.com/feed/{quote(name, safe='@-_.')}", kind=_RSS)


def _bluesky(parts: SplitResult, _text: str) -> Iterator[Candidate]:
    found = re.match(r"/profile/([\w.:-]+)", parts.path)
    if found:
        yield Candidate(f"https://bsky.app/profile/{found[1]}/rss", kind=_RSS)


def _blog(ending: str) -> Callable[[SplitResult, str], Iterator[Candidate]]:
    """For sites that give each blog a name of its own before theirs."""

    def rule(parts: SplitResult, _text: str) -> Iterator[Candidate]:
        host = (parts.hostname or "").removeprefix("www.")
        if host.count(".") > 1:
            yield Candidate(f"https://{host}{ending}", kind=_RSS)

    return rule


_RULES: Final = {
    "youtube.com": _youtube,
    "youtu.be": _youtube,
    "github.com": _github,
    "reddit.com": _reddit,
    "medium.com": _medium,
    "bsky.app": _bluesky,
    "substack.com": _blog("/feed"),
    "tumblr.com": _blog("/rss"),
    "wordpress.com": _blog("/feed/"),
}
