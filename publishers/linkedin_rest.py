"""LinkedIn's versioned REST API, as organisations and members share it.

Sources, below learn.microsoft.com/linkedin: marketing/community-management/shares (posts-api, poll-post-api,
multiimage-post-api, comments-api), marketing/versioning, shared/authentication/authorization-code-flow.
"""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote

import httpx
from pydantic import Field

from domain.content import Capabilities, Content, Counting, DeliveryClass, Payload, PollRules, RemotePost
from domain.errors import (
    NeedsReconnect,
    OutcomeUnknown,
    PostGone,
    PublishError,
    RateLimited,
    Rejected,
    UsageError,
)
from domain.media import PictureRules, VideoRules
from publishers.base import BaseSettings, Progress
from publishers.http import ask, json_object, refusal, said_by, send_once
from publishers.linkedin_files import files_sent, thumbnail
from publishers.linkedin_text import MAX_CHARACTERS, length, little
from publishers.oauth import OAuthPublisher
from publishers.parts import Find, Part, Sent, parts, send_parts
from publishers.text import Limit, clip, fit

API = "https://api.linkedin.com"
#: The newest seen in 2026-08; each lives for a year.
VERSION = "202607"

_LIMIT = Limit(MAX_CHARACTERS, length)
_QUESTION = 140
_DURATIONS = ((1, "ONE_DAY"), (3, "THREE_DAYS"), (7, "SEVEN_DAYS"), (14, "FOURTEEN_DAYS"))
_DAY = 24 * 60
#: Calls are counted by the day, in UTC; no header says how many are left.
_USED_UP = timedelta(hours=1)
_TITLE, _DESCRIPTION = 400, 4_000


class LinkedInSettings(BaseSettings):
    """Which version of the API answers."""

    api_version: str = Field(
        default=VERSION,
        pattern=r"^20\d{4}$",
        title="API version",
        description="Year and month; LinkedIn ends each after a year",
        json_schema_extra={"expert": True},
    )


def capabilities_of(delivery: DeliveryClass, **more: Any) -> Capabilities:
    """What both kinds of channel can do, and how a lost answer is settled."""
    return Capabilities(
        delivery=delivery,
        max_characters=MAX_CHARACTERS,
        counting=Counting.CODE_POINTS,
        can_delete=True,
        can_edit=True,
        pictures=PictureRules(
            most=20,
            max_bytes=8 * 10**6,
            kinds=frozenset({"image/jpeg", "image/png", "image/gif"}),
            max_side=6012,
            max_alt=4086,
        ),
        videos=VideoRules(most=1, max_bytes=500 * 10**6, max_seconds=30 * 60, min_seconds=3, max_alt=4086),
        shows_pictures=True,
        polls=PollRules(most=4, max_option=30, min_minutes=_DAY, max_minutes=14 * _DAY),
        first_comment=True,
        **more,
    )


class LinkedInPublisher(OAuthPublisher):
    """One author on LinkedIn."""

    settings: LinkedInSettings
    #: For the sentence about missing permissions.
    needs: ClassVar[str]

    @abstractmethod
    def author(self) -> str:
        """The URN of who posts."""

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        has_card = bool(content.link and not content.media and not content.poll)
        text = fit(content.text, None if has_card else content.link, [_LIMIT])
        payload: Payload = {"text": text, "commentary": little(text)}
        if has_card and content.link:
            payload["article"] = _article(content, content.link)
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        if content.poll:
            options = [{"text": one.strip()} for one in content.poll.options]
            payload["poll"] = {
                "question": (content.title or content.text).strip(),
                "options": options,
                "settings": {"duration": _duration(content.poll.minutes)},
            }
        if content.first_comment:
            payload["first_comment"] = content.first_comment
        return payload

    def text_of(self, payload: Payload) -> str:
        return "\n\n".join(filter(None, (payload["text"], (payload.get("article") or {}).get("source"))))

    def length(self, content: Content) -> int:
        return length(fit(content.text, content.link, []))

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        if content.poll and len((content.title or content.text).strip()) > _QUESTION:
            found.append(
                f"LinkedIn takes questions of at most {_QUESTION} characters. Shorten the text, or give the "
                "question as title."
            )
        try:
            fit("", content.link, [_LIMIT])
        except UsageError as error:
            found.append(str(error))
        return found

    def published(self, payload: Payload, key: str, progress: Progress, *, find: Find | None) -> RemotePost:
        """Send the post, then its comment; each exactly once."""
        media = payload.get("media") or ()
        files = files_sent(self, media, progress)
        body = self._body(payload, files, progress)

        def send(part: Part, before: Sequence[Sent]) -> Sent:
            if before:
                return self._commented(before[0].id, part.body)
            request = self.called("POST", "posts", json=body)
            answer = send_once(self.http, request, refused=self.refused)
            return self.sent(answer.headers.get("x-restli-id"), None)

        pieces = parts(key, payload["commentary"], (), payload.get("first_comment"))
        return send_parts(pieces, send, progress=progress, now=self.clock(), find=find)

    def edit(self, remote_id: str, payload: Payload) -> None:
        change = {"patch": {"$set": {"commentary": payload["commentary"]}}}
        request = self.called(
            "POST", f"posts/{self.escaped(remote_id)}", method="PARTIAL_UPDATE", json=change
        )
        send_once(self.http, request, refused=self.refused)

    def delete(self, remote_id: str) -> None:
        request = self.called("DELETE", f"posts/{self.escaped(remote_id)}", method="DELETE")
        try:
            send_once(self.http, request, refused=self.refused)
        except PostGone:
            return

    def sent(self, urn: Any, at: datetime | None) -> Sent:
        """A post or comment that is out."""
        if not isinstance(urn, str) or not urn:
            raise OutcomeUnknown("LinkedIn took the post and did not say which one it is.")
        return Sent(urn, f"https://www.linkedin.com/feed/update/{urn}/", at or self.clock())

    def called(
        self, verb: str, path: str, *, method: str | None = None, root: str = "rest", **options: Any
    ) -> httpx.Request:
        """A request in the version that the channel's settings name.

        Args:
            method: what LinkedIn calls it where the verb says too little, such as ``FINDER``.
        """
        headers = {"LinkedIn-Version": self.settings.api_version, "X-Restli-Protocol-Version": "2.0.0"}
        if method:
            headers["X-RestLi-Method"] = method
        return self.signed(verb, f"{API}/{root}/{path}", headers=headers, **options)

    def asked(self, path: str, *, method: str | None = None, root: str = "rest") -> dict[str, Any]:
        """The answer to a question; the path holds its parameters, as LinkedIn spells lists."""
        request = self.called("GET", path, method=method, root=root)
        return json_object(ask(self.http, request, refused=self.refused))

    def escaped(self, urn: str) -> str:
        """A URN as part of an address."""
        return quote(urn, safe="")

    def refused(self, response: httpx.Response) -> PublishError:
        """What an answer of LinkedIn that is no success means."""
        said = said_by(response)
        match response.status_code:
            case 426:
                return NeedsReconnect(
                    f"LinkedIn no longer answers version {self.settings.api_version} of its API (426{said}). "
                    "Set a newer one at the channel, such as the month before last."
                )
            case 403:
                return NeedsReconnect(
                    f"LinkedIn does not let us do this (403{said}). "
                    f"Connect the channel again with {self.needs}."
                )
            case 404 | 410:
                return PostGone(f"LinkedIn no longer has it ({response.status_code}{said}).")
            case 429 if "retry-after" not in response.headers:
                return RateLimited(f"LinkedIn takes no more calls for now (429{said}).", retry_after=_USED_UP)
            case 400 | 409 | 422 if "duplicate" in said.lower():
                return Rejected(f"LinkedIn refuses a text that was posted before (422{said}). Change it.")
        return refusal(response)

    def _body(self, payload: Payload, files: Sequence[str], progress: Progress) -> dict[str, Any]:
        body: dict[str, Any] = {
            "author": self.author(),
            "commentary": payload["commentary"],
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        if content := self._content(payload, files, progress):
            body["content"] = content
        return body

    def _content(self, payload: Payload, files: Sequence[str], progress: Progress) -> dict[str, Any]:
        shown = [
            {"id": urn, **({"altText": one["alt"]} if one.get("alt") else {})}
            for urn, one in zip(files, payload.get("media") or (), strict=True)
        ]
        if len(shown) == 1:
            return {"media": shown[0]}
        if shown:
            return {"multiImage": {"images": shown}}
        if "poll" in payload:
            return {"poll": payload["poll"]}
        if "article" not in payload:
            return {}
        article = dict(payload["article"])
        name = thumbnail(self, article.pop("picture", None), progress)
        return {"article": {**article, "thumbnail": name} if name else article}

    def _commented(self, urn: str, words: str) -> Sent:
        said = {"actor": self.author(), "object": urn, "message": {"text": words}}
        request = self.called("POST", f"socialActions/{self.escaped(urn)}/comments", json=said)
        answer = send_once(self.http, request, refused=self.refused)
        return self.sent(answer.headers.get("x-restli-id"), None)


def _article(content: Content, link: str) -> dict[str, Any]:
    card = content.card
    title = (card.title if card else "") or content.title or httpx.URL(link).host or link
    article = {"source": link, "title": clip(title, _TITLE)}
    if card and card.description:
        article["description"] = clip(card.description, _DESCRIPTION)
    if card and card.image_url:
        article["picture"] = card.image_url
    return article


def _duration(minutes: int) -> str:
    return next((name for days, name in _DURATIONS if minutes <= days * _DAY), _DURATIONS[-1][1])


def epoch(milliseconds: Any) -> datetime | None:
    """A time of LinkedIn in UTC; None when there is none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
