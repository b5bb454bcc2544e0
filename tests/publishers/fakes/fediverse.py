"""Servers that speak the Mastodon API and differ from Mastodon.

GoToSocial 0.20 and Hollo 0.6.20 were seen (keys, limits, headers); the HTML is what each is known to write.
"""

import html
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from domain.clock import Clock
from tests.publishers.fake_servers import FakeMastodon

_URL = re.compile(r"https?://[^\s<>\"]+(?<![.,!?)'])")
_MENTION = re.compile(r"(?<!\S)@(\w+)@([\w.-]+\w)")
_TAG = re.compile(r"(?<!\S)#(\w+)")


class GoToSocial(FakeMastodon):
    """Makes a second status of the same key; counts 25 for an address; knows no quotes."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, keeps_keys=False)
        self.instance = {
            "version": "0.20.0",
            "configuration": {
                "statuses": {
                    "max_characters": 5000,
                    "characters_reserved_per_url": 25,
                    "max_media_attachments": 6,
                },
                "media_attachments": {"image_size_limit": 41943040, "description_limit": 1500},
                "polls": {"max_options": 6, "max_characters_per_option": 50},
            },
        }
        #: Statuses until the server asks to wait, with a reset in ISO time and no Retry-After.
        self.left = 300

    def add(self, text: str, at: datetime, media_ids: Sequence[str] = ()) -> dict[str, Any]:
        status = super().add(text, at, media_ids)
        status["content"] = self.html(text)
        status.pop("quotes_count", None)
        return status

    def html(self, text: str) -> str:
        """Whole addresses, mentions without server; a paragraph for every gap."""
        marked = _URL.sub(
            lambda found: (
                f'<a href="{found[0]}" rel="nofollow noreferrer noopener" target="_blank">{found[0]}</a>'
            ),
            html.escape(text, quote=True),
        )
        marked = _MENTION.sub(
            r'<span class="h-card"><a href="https://\2/@\1" class="u-url mention" rel="nofollow">'
            r"@<span>\1</span></a></span>",
            marked,
        )
        marked = _TAG.sub(
            lambda found: (
                f'<a href="https://gts.example/tags/{found[1].lower()}" class="mention hashtag" '
                f'rel="tag nofollow">#<span>{found[1]}</span></a>'
            ),
            marked,
        )
        return "<p>" + "</p><p>".join(re.split(r"\n{2,}", marked)).replace("\n", "<br>") + "</p>"

    def _post(self, request: httpx.Request) -> httpx.Response:
        if self.left <= 0:
            reset = (self.clock() + timedelta(seconds=90)).isoformat().replace("+00:00", "Z")
            headers = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}
            return httpx.Response(429, headers=headers, json={"error": "rate limit reached"})
        self.left -= 1
        return super()._post(request)


class Hollo(GoToSocial):
    """Keeps keys; counts 256 for an address; reads every text as Markdown."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.keeps_keys = True
        self.instance["version"] = "4.2.0 (compatible; Hollo 0.6.20)"
        self.instance["configuration"]["statuses"] |= {
            "max_characters": 10_000,
            "characters_reserved_per_url": 256,
        }

    def html(self, text: str) -> str:
        """As a Markdown renderer shows it: lists, headings, quotes, emphasis, typographic quotes."""
        blocks = []
        for block in re.split(r"\n{2,}", text):
            lines = block.split("\n")
            items = [re.fullmatch(r"(?:[-*]|\d+\.) (.*)", line) for line in lines]
            if all(items):
                blocks.append(
                    "<ul>" + "".join(f"<li>{self._inline(one[1])}</li>" for one in items if one) + "</ul>"
                )
            elif heading := re.fullmatch(r"#{1,6} (.*)", block):
                blocks.append(f"<h2>{self._inline(heading[1])}</h2>")
            elif block.startswith("> "):
                blocks.append(f"<blockquote><p>{self._inline(block[2:])}</p></blockquote>")
            else:
                blocks.append(f"<p>{'<br>'.join(map(self._inline, lines))}</p>")
        return "\n".join(blocks)

    def _inline(self, text: str) -> str:
        whole = super().html(text).removeprefix("<p>").removesuffix("</p>")
        whole = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", whole)
        return re.sub(r"(?<=\s)&quot;(.+?)&quot;", r"“\1”", whole)


class Pleroma(GoToSocial):
    """Line breaks for everything, people with a server of their own in the markup, limits in the old form."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        old = {"version": "2.7.2 (compatible; Akkoma 3.15.2)", "max_toot_chars": 5000}
        self.routes["GET /api/v1/instance"] = lambda request: httpx.Response(200, json=old)
        del self.routes["GET /api/v2/instance"]

    def html(self, text: str) -> str:
        marked = _URL.sub(
            lambda found: f'<a href="{found[0]}" rel="ugc">{found[0]}</a>', html.escape(text, quote=False)
        )
        marked = _MENTION.sub(
            r'<span class="h-card"><a class="u-url mention" data-user="A1" href="https://\2/users/\1">'
            r"@<span>\1@\2</span></a></span>",
            marked,
        )
        marked = _TAG.sub(
            r'<a class="hashtag" data-tag="\1" href="https://pleroma.example/tag/\1" rel="tag ugc">#\1</a>',
            marked,
        )
        return marked.replace("\n", "<br/>")


class Pixelfed(GoToSocial):
    """Takes nothing without a picture."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.instance["version"] = "3.5.3 (compatible; Pixelfed 0.12.5)"

    def html(self, text: str) -> str:
        marked = _URL.sub(
            lambda found: (
                f'<a href="{found[0]}" rel="external nofollow noopener" target="_blank">{found[0]}</a>'
            ),
            html.escape(text, quote=False),
        )
        marked = _MENTION.sub(
            r'<a class="u-url list-slug" href="https://pixelfed.example/i/web/username/@\1@\2" '
            r'rel="external nofollow noopener" target="_blank">@\1@\2</a>',
            marked,
        )
        return _TAG.sub(
            r'<a href="https://pixelfed.example/discover/tags/\1?src=hash" title="#\1" '
            r'class="u-url hashtag" rel="external nofollow noopener">#\1</a>',
            marked,
        ).replace("\n", "<br />\n")

    def _post(self, request: httpx.Request) -> httpx.Response:
        if not json.loads(request.content).get("media_ids"):
            return httpx.Response(422, json={"error": "The media ids field is required."})
        return super()._post(request)
