"""Where sites of known kinds keep their feeds."""

import pytest

from feeds.sites import feeds_of_site

CHANNEL = "UC" + "x" * 22
VIDEOS = "https://www.youtube.com/feeds/videos.xml"
BOTH = [f"{VIDEOS}?channel_id={CHANNEL}", f"{VIDEOS}?playlist_id=UULF{'x' * 22}"]


def urls(url: str, text: str = "") -> list[str]:
    return [candidate.url for candidate in feeds_of_site(url, text)]


@pytest.mark.parametrize(
    ("url", "text", "feeds"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}/videos", "", BOTH),
        ("https://m.youtube.com/@someone", f'{{"externalId":"{CHANNEL}"}}', BOTH),
        ("https://youtu.be/abc", f'"channelId":"{CHANNEL}"', BOTH),
        ("https://www.youtube.com/@someone", "", []),
        ("https://www.youtube.com/watch?v=x&list=PL12", "", [f"{VIDEOS}?playlist_id=PL12"]),
        ("https://www.youtube.com/watch?v=x&list=PL%26a", "", []),
        (
            "https://github.com/a/b",
            "",
            [f"https://github.com/a/b/{name}.atom" for name in ("releases", "commits", "tags")],
        ),
        ("https://github.com/a", "", ["https://github.com/a.atom"]),
        ("https://github.com/a/b/commits/main/", "", ["https://github.com/a/b/commits/main.atom"]),
        ("https://github.com/", "", []),
        ("https://gist.github.com/a/b", "", []),
        ("https://old.reddit.com/r/python/", "", ["https://www.reddit.com/r/python/.rss"]),
        ("https://reddit.com/user/x/submitted", "", ["https://www.reddit.com/user/x/submitted/.rss"]),
        ("https://notreddit.com/r/python", "", []),
        ("https://medium.com/@a.b", "", ["https://medium.com/feed/@a.b"]),
        ("https://blog.medium.com/x", "", ["https://blog.medium.com/feed"]),
        ("https://bsky.app/profile/a.example/post/1", "", ["https://bsky.app/profile/a.example/rss"]),
        ("https://a.substack.com/p/x", "", ["https://a.substack.com/feed"]),
        ("https://www.substack.com/", "", []),
        ("https://a.tumblr.com", "", ["https://a.tumblr.com/rss"]),
        ("https://social.example/@me/", "<script>Mastodon", ["https://social.example/@me.rss"]),
        ("https://social.example/@me", "another site", []),
        ("https://social.example/@me/1", "Mastodon", []),
        ("https://[broken", "Mastodon", []),
    ],
)
def test_feeds_follow_from_the_address_of_a_page(url: str, text: str, feeds: list[str]) -> None:
    assert urls(url, text) == feeds


def test_each_feed_of_a_choice_has_a_name() -> None:
    for url in (f"https://www.youtube.com/channel/{CHANNEL}", "https://github.com/a/b"):
        titles = [candidate.title for candidate in feeds_of_site(url)]
        assert all(titles)
        assert len(set(titles)) == len(titles)
