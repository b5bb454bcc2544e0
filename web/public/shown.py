"""A post of a page channel as readers see it: which of its links are ours, and its text as safe HTML."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import structlog
from markupsafe import Markup, escape

from domain.media import Attachment, attachment_from
from domain.targets import is_web_address
from store import links, pages
from store.engine import reading, writing
from store.tables import Post
from web.deps import WebContext

log = structlog.get_logger()

_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+", re.IGNORECASE)
#: Below the public address, or at the root of a link domain.
_SHORT = re.compile(r"(?:/l)?/([0-9A-Za-z-]{1,32})")
_LONGEST_TITLE = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPost:
    """One post, ready for page and feeds."""

    key: str
    #: Without the link at its end, which is shown below the text.
    text: str
    published_at: datetime
    language: str | None
    #: Where the post points to, as its author meant it: not by way of our short link.
    target: str | None
    #: What the linked page says of itself.
    card_title: str
    card_description: str
    #: Addresses in the text → our short link's code.
    codes: Mapping[str, str]
    pictures: tuple[Attachment, ...] = ()

    @property
    def title(self) -> str:
        """What the linked page is called, else how the text begins; never empty."""
        words = self.card_title or self.text.strip().partition("\n")[0] or self.target or self.key
        return words if len(words) <= _LONGEST_TITLE else words[: _LONGEST_TITLE - 1].rstrip() + "…"

    @property
    def host(self) -> str:
        """The host that the post points to, for people."""
        return (urlsplit(self.target or "").hostname or "").removeprefix("www.")

    def href(self, base: str = "") -> str:
        """The address of the post's link, our short link below ``base`` if there is one; empty: no link."""
        return self._through(self.target or "", base)

    def html(self, base: str = "") -> Markup:
        """The text, escaped, with its web addresses as links; line breaks are left as they are."""
        parts, end = [], 0
        for found in _WEB_ADDRESS.finditer(self.text):
            address = _without_punctuation(found.group())
            parts.append(escape(self.text[end : found.start()]))
            link = Markup('<a href="{}" rel="nofollow noopener">{}</a>')
            parts.append(link.format(self._through(address, base), address))
            end = found.start() + len(address)
        parts.append(escape(self.text[end:]))
        return Markup().join(parts)

    def _through(self, address: str, base: str) -> str:
        code = self.codes.get(address)
        return f"{base}/l/{code}" if code else address


def _without_punctuation(address: str) -> str:
    """The sentence's own punctuation after an address is no part of it, a closing bracket it opened is."""
    while address:
        last = address[-1]
        if last in ".,;:!?…" or (last in ")]}" and address.count(last) > address.count(_OPENING[last])):
            address = address[:-1]
        else:
            break
    return address


_OPENING = {")": "(", "]": "[", "}": "{"}


def shown(web: WebContext, posts: Sequence[Post]) -> list[ShownPost]:
    """Posts as readers see them. A link that is not ours yet becomes ours here, so that its clicks count."""
    with reading(web.context.engine) as session:
        codes = pages.links_by_post(session, posts)
    unlinked = [post for post in posts if _foreign_target(post, codes[post.id])]
    if unlinked:
        _link(web, unlinked, codes)
    return [_shown(post, codes[post.id]) for post in posts]


def _foreign_target(post: Post, codes: Mapping[str, str]) -> str | None:
    target: str | None = (post.payload or {}).get("link")
    if not target or not is_web_address(target) or target in codes:
        return None
    short = _SHORT.fullmatch(urlsplit(target).path)
    return None if short and short.group(1) in codes.values() else target


def _link(web: WebContext, posts: Sequence[Post], codes: dict[int, dict[str, str]]) -> None:
    try:
        with writing(web.context.engine) as session:
            for post in posts:
                target = str(post.payload["link"])
                made = links.new_link(
                    session,
                    workspace_id=post.workspace_id,
                    target=target,
                    post_id=post.id,
                    now=web.context.clock(),
                )
                codes[post.id][target] = made.code
            session.commit()
    except Exception:  # readers get the page all the same, with plain links
        for post in posts:
            codes[post.id].pop(str(post.payload["link"]), None)
        log.exception("page_links_failed")


def _shown(post: Post, codes: Mapping[str, str]) -> ShownPost:
    payload = post.payload or {}
    assert post.remote_id is not None
    assert post.published_at is not None
    link: str | None = payload.get("link")
    targets = {code: target for target, code in codes.items()}
    by_address = dict(codes)
    for address in (link or "", *map(_without_punctuation, _WEB_ADDRESS.findall(payload.get("text", "")))):
        short = _SHORT.fullmatch(urlsplit(address).path) if is_web_address(address) else None
        if short and short.group(1) in targets:
            by_address[address] = short.group(1)
    target = targets.get(by_address.get(link, ""), link) if link else None
    return ShownPost(
        key=post.remote_id,
        text=_without_link(str(payload.get("text", "")), link),
        published_at=post.published_at,
        language=payload.get("language"),
        target=target if target and is_web_address(target) else None,
        card_title=payload.get("title") or "",
        card_description=payload.get("description") or "",
        codes=by_address,
        pictures=tuple(one for one in map(attachment_from, payload.get("media") or ()) if one.sha256),
    )


def _without_link(text: str, link: str | None) -> str:
    bare = text.strip()
    return bare.removesuffix(link).rstrip() if link and bare != link else bare
