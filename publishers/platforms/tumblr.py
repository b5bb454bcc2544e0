"""Posts on a Tumblr blog, in the Neue Post Format.

Sources: github.com/tumblr/docs (api.md: /posts, /posts/{post-id}, /post/delete, /notes, /user/info, rate
limits; npf-spec.md). Tumblr keeps no key of ours: a lost post is looked for among the blog's newest.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import Field

from domain.content import Budget, Call, Capabilities, Content, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError, RateLimited, Rejected
from domain.media import PictureRules, VideoRules, attachment_from
from domain.metrics import Metric
from publishers.base import BaseSettings, Measured, Progress
from publishers.http import DEADLINE, UPLOAD_DEADLINE, ask, json_object, refusal, send_once, wait_asked
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow, OAuthPublisher, Target
from publishers.plain import same_words
from publishers.tumblr_blocks import MAX_BLOCK, MAX_POST, blocks, tags, words
from publishers.uploads import opened, upload_deadline

API = "https://api.tumblr.com/v2"
PICTURES = PictureRules(
    most=30,
    max_bytes=10 * 10**6,
    kinds=frozenset({"image/jpeg", "image/png", "image/gif"}),
    max_alt=4096,
)
VIDEOS = VideoRules(most=1, max_bytes=500 * 10**6, max_seconds=600, with_pictures=True)
#: Bytes of all pictures of one request.
_MAX_REQUEST = 60 * 10**6
_SKEW = timedelta(minutes=5)
_PAGE = 20
#: Pages read at most in one look.
_PAGES = 25
_METRICS = (
    Mapped("total_likes", Metric.REACTIONS, note="api.md, /notes in the mode conversation"),
    Mapped("total_reblogs", Metric.SHARES, note="api.md, /notes in the mode conversation"),
)
_OF_CHANNEL = (Mapped("followers", Metric.FOLLOWERS),)
#: Blocks of files, which an edit keeps.
_FILES = ("image", "video", "audio")
#: The blog's posts, pictures or videos of the day are used up (api.md, error subcodes).
_DAY_IS_FULL = (8004, 8011, 8023)


class TumblrSettings(BaseSettings):
    """The blog that was chosen."""

    blog: str | None = Field(
        default=None, pattern=r"^[a-z0-9-]+$", title="Blog", json_schema_extra={"learned": True}
    )


class Tumblr(OAuthPublisher):
    """A blog for which the granted access may write."""

    platform = "tumblr"
    title = "Tumblr"
    post_map, channel_map = _METRICS, _OF_CHANNEL
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        post_metrics=supplied(_METRICS),
        channel_metrics=supplied(_OF_CHANNEL),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        videos=VIDEOS,
        max_title=MAX_BLOCK,
        budgets=(
            Budget(Call.POST, 250, timedelta(days=1)),
            Budget(Call.READ, 1000, timedelta(hours=1), shared=True),
            Budget(Call.READ, 5000, timedelta(days=1), shared=True),
        ),
    )
    Settings = TumblrSettings
    settings: TumblrSettings
    flow = Flow(
        authorize_url="https://www.tumblr.com/oauth2/authorize",
        token_url=f"{API}/oauth2/token",
        scopes=("basic", "write", "offline_access"),
        required=("write",),
        pkce=False,
        console_url="https://www.tumblr.com/oauth/apps",
    )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload: Payload = {"content": blocks(content), "state": "published"}
        if found := tags(content.text):
            payload["tags"] = found
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        return payload

    def text_of(self, payload: Payload) -> str:
        return words(payload["content"])

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        if content.link and len(content.link.strip()) > MAX_BLOCK:
            found.append(f"Tumblr takes links of at most {MAX_BLOCK:,} characters. Use a shorter one.")
        if len(content.text) > MAX_POST:
            found.append(f"Tumblr takes posts of at most about {MAX_POST:,} characters. Shorten it.")
        if self.settings.blog is None:
            found.append("No blog is chosen. Connect the channel again, and choose one.")
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        with ExitStack() as files:
            options, deadline = self._body(payload, files)
            request = self.signed("POST", f"{self._blog}/posts", **options)
            made = _answer(send_once(self.http, request, refused=_refused, deadline=deadline))
        return self._remote_post(made.get("id"), self.clock())

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        for post in self._posts_since(since - _SKEW):
            if _is_same(payload, post.get("content") or []):
                return self._remote_post(post.get("id_string") or post.get("id"), _made_at(post))
        return None

    def identify(self) -> Identity:
        about = self._get(f"{self._blog}/info").get("blog")
        about = about if isinstance(about, dict) else {}
        name = str(about.get("name") or self.settings.blog)
        return Identity(str(about.get("title") or name), name, f"https://www.tumblr.com/{name}")

    def targets(self) -> list[Target]:
        blogs = [one for one in self._blogs() if one.get("name")]
        return [Target(str(one.get("title") or one["name"]), {"blog": str(one["name"])}) for one in blogs]

    def metrics(self, remote_id: str) -> list[Measured]:
        notes = self._get(f"{self._blog}/notes", params={"id": remote_id, "mode": "conversation"})
        return measured(_METRICS, notes, on=self.clock().date())

    def channel_metrics(self) -> list[Measured]:
        own = next((one for one in self._blogs() if one.get("name") == self.settings.blog), {})
        return measured(_OF_CHANNEL, own, on=self.clock().date())

    def delete(self, remote_id: str) -> None:
        request = self.signed("POST", f"{self._blog}/post/delete", data={"id": remote_id})
        with suppress(PostGone):
            send_once(self.http, request, refused=_refused)

    def edit(self, remote_id: str, payload: Payload) -> None:
        there = self._get(f"{self._blog}/posts/{remote_id}").get("content") or []
        kept = [one for one in there if isinstance(one, dict) and one.get("type") in _FILES]
        body: dict[str, Any] = {name: payload[name] for name in ("state", "tags") if name in payload}
        body["content"] = [*payload["content"], *kept]
        request = self.signed("PUT", f"{self._blog}/posts/{remote_id}", json=body)
        send_once(self.http, request, refused=_refused)

    @property
    def _blog(self) -> str:
        if self.settings.blog is None:
            raise NeedsReconnect("No blog is chosen. Connect the channel again, and choose one.")
        return f"{API}/blog/{self.settings.blog}.tumblr.com"

    def _body(self, payload: Payload, files: ExitStack) -> tuple[dict[str, Any], timedelta]:
        """How a post goes into a request, and how long that may take: files stand beside its JSON."""
        body = {name: value for name, value in payload.items() if name != "media"}
        media = [attachment_from(one) for one in payload.get("media") or ()]
        if not media:
            return {"json": body}, DEADLINE
        shown: list[dict[str, Any]] = []
        parts: dict[str, Any] = {}
        deadline = UPLOAD_DEADLINE
        rules = replace(PICTURES, max_bytes=min(PICTURES.max_bytes, _MAX_REQUEST // len(media)))
        for number, one in enumerate(media):
            name = f"file{number}"
            if one.is_video:
                size = {"width": one.width, "height": one.height} if one.width and one.height else {}
                place = {"type": one.media_type, "identifier": name, **size}
                shown.append({"type": "video", "media": place})
                parts[name] = (name, files.enter_context(opened(self.files, one)), one.media_type)
                deadline = max(deadline, upload_deadline(one.size))
                continue
            picture = self.picture(one, rules=rules)
            size = {"width": picture.width, "height": picture.height}
            block = {"type": "image", "media": [{"type": picture.kind, "identifier": name, **size}]}
            shown.append(block | ({"alt_text": one.alt} if one.alt else {}))
            parts[name] = (name, picture.body, picture.kind)
        body["content"] = [*body["content"], *shown]
        form = {"json": (None, json.dumps(body), "application/json"), **parts}
        return {"files": form}, deadline

    def _posts_since(self, back_to: datetime) -> Iterator[dict[str, Any]]:
        """The blog's posts made since then, newest first.

        Raises:
            OutcomeUnknown: there are more than one look may read.
        """
        for page in range(_PAGES):
            options = {"npf": "true", "limit": _PAGE, "offset": page * _PAGE}
            found = self._get(f"{self._blog}/posts", params=options).get("posts")
            if not isinstance(found, list):
                raise OutcomeUnknown("Tumblr gave an answer that cannot be read.")
            for post in found:
                # A pinned post stands first, however old it is.
                if _made_at(post) >= back_to:
                    yield post
                elif not post.get("is_pinned"):
                    return
            if len(found) < _PAGE:
                return
        raise OutcomeUnknown("The blog holds too many newer posts to find this one.")

    def _blogs(self) -> Sequence[dict[str, Any]]:
        user = self._get(f"{API}/user/info").get("user")
        found = user.get("blogs") if isinstance(user, dict) else None
        return [one for one in found or () if isinstance(one, dict)]

    def _remote_post(self, id: Any, at: datetime) -> RemotePost:
        if not str(id or "").isdecimal():
            raise OutcomeUnknown("Tumblr took the post and did not say which one it is.")
        return RemotePost(str(id), f"https://www.tumblr.com/{self.settings.blog}/{id}", at)

    def _get(self, url: str, **options: Any) -> dict[str, Any]:
        return _answer(ask(self.http, self.signed("GET", url, **options), refused=_refused))


def _answer(response: httpx.Response) -> dict[str, Any]:
    """What stands inside the envelope of a success."""
    answer = json_object(response).get("response")
    if not isinstance(answer, dict):
        raise OutcomeUnknown("Tumblr gave an answer that cannot be read.")
    return answer


def _refused(response: httpx.Response) -> PublishError:
    codes, said = _errors(response)
    if response.status_code == 429 or any(code in _DAY_IS_FULL for code in codes):
        wait = _wait(response)
        return RateLimited(f"Tumblr asks us to wait {int(wait.total_seconds())} s.", retry_after=wait)
    match response.status_code:
        case 403:
            return NeedsReconnect(f"Tumblr forbids this (403{said}). Connect the channel again.")
        case 404 if response.request.url.path.endswith(("/posts", "/info")):
            return NeedsReconnect(f"The blog is gone (404{said}). Connect again, and choose one.")
        case 404:
            return PostGone("The post is no longer on Tumblr.")
        case 400 | 422 if said:
            return Rejected(f"Tumblr refuses this post ({response.status_code}{said}).")
    return refusal(response)


def _wait(response: httpx.Response) -> timedelta:
    """Until the window that is used up begins anew: Tumblr tells of an hour's and of a day's."""
    headers = response.headers
    for name in ("perday", "perhour"):
        left, reset = (
            headers.get(f"x-ratelimit-{name}-remaining"),
            headers.get(f"x-ratelimit-{name}-reset", ""),
        )
        if left == "0" and reset.isdecimal():
            return timedelta(seconds=max(1, min(int(reset), 24 * 3600)))
    if response.status_code != 429:
        return timedelta(hours=1)
    return wait_asked(headers, now=datetime.now(UTC))


def _errors(response: httpx.Response) -> tuple[list[Any], str]:
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        return [], ""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    found = [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []
    told = " ".join(str(one.get("detail") or one.get("title") or "") for one in found).split()
    return [one.get("code") for one in found], f": {' '.join(told)[:200].rstrip('.')}" if told else ""


def _is_same(payload: Payload, content: list[Any]) -> bool:
    """Whether the blocks are what became of a payload; addresses may lead through Tumblr meanwhile."""
    kinds = [one.get("type") for one in content if isinstance(one, dict)]
    ours = [one["type"] for one in payload["content"]]
    files = sum(kinds.count(kind) for kind in _FILES)
    return (
        files == len(payload.get("media") or ())
        and kinds.count("link") == ours.count("link")
        and same_words(words(payload["content"]), words(content))
        and same_words(_headings(payload["content"]), _headings(content))
    )


def _headings(content: list[Any]) -> str:
    """What the words leave out: the heading, and the titles of links."""
    shown = (one for one in content if isinstance(one, dict))
    texts = (one.get("text") for one in shown if one.get("subtype") == "heading1")
    return " ".join(map(str, texts))


def _made_at(post: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(int(post["timestamp"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise OutcomeUnknown("Tumblr gave a post without a time that can be read.") from error
