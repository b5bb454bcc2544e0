"""Posts in a Reddit community.

Sources: www.reddit.com/dev/api (api/submit, api/editusertext, api/del, api/info, user/{username}/submitted,
api/v1/me), github.com/reddit-archive/reddit/wiki (OAuth2; API rules: a User-Agent that names application and
owner). Access is by approval. The limits of 300 and 40,000 characters are as documented 2026-06, not
confirmed. Reddit keeps no key of ours: a lost post is looked for among our newest.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import httpx
from pydantic import AfterValidator, Field

from domain.content import (
    Budget,
    Call,
    Capabilities,
    Content,
    Counting,
    DeliveryClass,
    Identity,
    Payload,
    RemotePost,
)
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError, Rejected
from domain.metrics import Metric
from publishers.base import BaseSettings, Measured, Progress
from publishers.http import ask, json_object, refusal, said_by, send_once
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow, OAuthPublisher
from publishers.plain import same_words
from publishers.reddit_text import escaped, read_back, refusal_of
from publishers.text import Limit, fit

API = "https://oauth.reddit.com"
SITE = "https://www.reddit.com"
MAX_TITLE, MAX_TEXT = 300, 40_000
_SKEW = timedelta(minutes=5)
_PAGE = 100
#: Pages read at most in one look; Reddit lists no more than 1,000 posts.
_PAGES = 10
_METRICS = (
    Mapped("score", Metric.REACTIONS, note="votes up less votes down, blurred by Reddit; never below 0"),
    Mapped("num_comments", Metric.REPLIES),
    Mapped("num_crossposts", Metric.SHARES),
)
_OF_CHANNEL = (Mapped("subscribers", Metric.FOLLOWERS, note="of the community", word="members"),)


def _community(text: str) -> str:
    name = text.strip().removeprefix(SITE).strip("/").removeprefix("r/")
    if not 2 <= len(name.removeprefix("u_")) <= 21 or not name.replace("_", "").replace("-", "").isalnum():
        raise ValueError("This is no community. Write its name, such as r/drums.")
    return name


class RedditSettings(BaseSettings):
    """The community, and how posts arrive there."""

    community: Annotated[str, AfterValidator(_community)] = Field(
        title="Community", description="Its name, such as r/drums"
    )
    kind: Literal["auto", "link", "text"] = Field(
        default="auto",
        title="Kind of post",
        description="auto: a link where the title says it all, else a text that has the link in it",
    )
    flair_id: str | None = Field(
        default=None, max_length=36, title="Flair", description="The number of its template"
    )
    flair_text: str | None = Field(
        default=None, max_length=64, title="Flair's text", description="Where one may be written"
    )
    contact: str | None = Field(
        default=None,
        pattern=r"^[\w-]{3,20}$",
        title="Your name on Reddit",
        description="Reddit asks programs to say whose they are",
    )
    markup: bool = Field(default=False, title="Markdown", description="Texts are written in Markdown already")


class Reddit(OAuthPublisher):
    """A community in which the granted access may post."""

    platform = "reddit"
    title = "Reddit"
    post_map, channel_map = _METRICS, _OF_CHANNEL
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        max_characters=MAX_TEXT,
        counting=Counting.CODE_POINTS,
        post_metrics=supplied(_METRICS),
        channel_metrics=supplied(_OF_CHANNEL),
        can_delete=True,
        can_edit=True,
        max_title=MAX_TITLE,
        budgets=(Budget(Call.READ, 100, timedelta(minutes=1), shared=True),),
    )
    Settings = RedditSettings
    settings: RedditSettings
    flow = Flow(
        authorize_url=f"{SITE}/api/v1/authorize",
        token_url=f"{SITE}/api/v1/access_token",
        scopes=("identity", "submit", "read", "edit", "history", "flair"),
        required=("identity", "submit", "history"),
        pkce=False,
        basic=True,
        extra={"duration": "permanent"},
        console_url=f"{SITE}/prefs/apps",
    )

    def signed(self, method: str, url: str, *, token: str | None = None, **options: Any) -> httpx.Request:
        """As the shared one, with the User-Agent that Reddit asks for."""
        return self._introduced(super().signed(method, url, token=token, **options))

    def token_request(self, form: Mapping[str, str]) -> httpx.Request:
        """As the shared one, with the User-Agent that Reddit asks for."""
        return self._introduced(super().token_request(form))

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        title, rest = self._title_and_rest(content)
        payload: Payload = {"sr": self.settings.community, "title": title}
        link = (content.link or "").strip()
        if link and (self.settings.kind == "link" or (self.settings.kind == "auto" and not rest)):
            payload |= {"kind": "link", "url": link}
        else:
            payload |= {"kind": "self", "text": self._written(rest, link or None)}
        for name in ("flair_id", "flair_text"):
            if said := getattr(self.settings, name):
                payload[name] = said
        return payload

    def length(self, content: Content) -> int:
        return len(self._marked(fit(content.text, content.link, []), content.link))

    def text_of(self, payload: Payload) -> str:
        text = str(payload.get("text", ""))
        return "\n\n".join(
            filter(None, (payload["title"], text if self.settings.markup else read_back(text)))
        )

    def check_fit(self, content: Content) -> None:
        self.render(content, created_at=self.clock())

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        if not content.text.strip() and not (content.title or "").strip() and not content.card:
            found.append("Reddit needs a title. Give one.")
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        form = {**payload, "api_type": "json", "resubmit": "false", "sendreplies": "true"}
        made = self._do("/api/submit", form).get("data")
        made = made if isinstance(made, dict) else {}
        return _remote_post(made.get("name"), made.get("url"), self.clock())

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        for post in self._own_posts(since - _SKEW):
            if _is_same(payload, post):
                return _remote_post(post.get("name"), post.get("permalink"), _made_at(post))
        return None

    def identify(self) -> Identity:
        name = self._name()
        community = self.settings.community
        return Identity(f"u/{name} in r/{community}", name, f"{SITE}/r/{community}/")

    def metrics(self, remote_id: str) -> list[Measured]:
        return measured(_METRICS, self._post(remote_id), on=self.clock().date())

    def channel_metrics(self) -> list[Measured]:
        about = self._get(f"/r/{self.settings.community}/about").get("data")
        return measured(_OF_CHANNEL, about if isinstance(about, dict) else {}, on=self.clock().date())

    def delete(self, remote_id: str) -> None:
        send_once(self.http, self.signed("POST", f"{API}/api/del", data={"id": remote_id}), refused=_refused)

    def edit(self, remote_id: str, payload: Payload) -> None:
        if payload["kind"] != "self":
            raise Rejected("Reddit lets nobody change a link, or a title. Delete the post, and make another.")
        if not same_words(str(self._post(remote_id).get("title") or ""), str(payload["title"])):
            raise Rejected("Reddit lets nobody change a title. Keep it, or delete the post and make another.")
        self._do("/api/editusertext", {"api_type": "json", "thing_id": remote_id, "text": payload["text"]})

    def _title_and_rest(self, content: Content) -> tuple[str, str]:
        """The title, and what of the text it does not say."""
        text, own = content.text.strip(), (content.title or "").strip()
        if own:
            return fit(own, None, [Limit(MAX_TITLE, len)]), "" if same_words(own, text) else text
        card_title = content.card.title.strip() if content.card else ""
        if not text:
            return fit(card_title or (content.link or ""), None, [Limit(MAX_TITLE, len)]), ""
        first, _, after = text.partition("\n")
        title = fit(first, None, [Limit(MAX_TITLE, len)])
        return title, after.strip() if title == first.strip() else text

    def _written(self, text: str, link: str | None) -> str:
        whole = fit(text, link, [Limit(MAX_TEXT, lambda one: len(self._marked(one, link)))])
        return self._marked(whole, link)

    def _marked(self, text: str, link: str | None) -> str:
        return text if self.settings.markup else escaped(text, link=(link or "").strip() or None)

    def _introduced(self, request: httpx.Request) -> httpx.Request:
        """Reddit slows programs down that do not say what and whose they are."""
        whose = (
            f"by /u/{self.settings.contact}"
            if self.settings.contact
            else self.channel.public_url or "self-hosted"
        )
        request.headers["User-Agent"] = f"server:tabuh:v1 ({whose})"
        return request

    def _own_posts(self, back_to: datetime) -> Iterator[dict[str, Any]]:
        """Our posts made since then, newest first.

        Raises:
            OutcomeUnknown: there are more than one look may read.
        """
        options: dict[str, str | int] = {"sort": "new", "limit": _PAGE, "raw_json": 1}
        path = f"/user/{self._name()}/submitted"
        for _ in range(_PAGES):
            listing = self._get(path, params=options).get("data")
            found = listing.get("children") if isinstance(listing, dict) else None
            if not isinstance(listing, dict) or not isinstance(found, list):
                raise OutcomeUnknown("Reddit gave an answer that cannot be read.")
            for one in found:
                post = one.get("data") or {}
                # A pinned post stands first, however old it is.
                if _made_at(post) >= back_to:
                    yield post
                elif not post.get("pinned"):
                    return
            if not listing.get("after"):
                return
            options["after"] = str(listing["after"])
        raise OutcomeUnknown("Reddit lists too many newer posts to find this one.")

    def _post(self, remote_id: str) -> dict[str, Any]:
        listing = self._get("/api/info", params={"id": remote_id, "raw_json": 1}).get("data")
        children = listing.get("children") if isinstance(listing, dict) else None
        post = children[0].get("data") if children else None
        if not isinstance(post, dict) or post.get("author") == "[deleted]":
            raise PostGone("The post is no longer on Reddit.")
        return post

    def _name(self) -> str:
        name = self._get("/api/v1/me").get("name")
        if not isinstance(name, str) or not name:
            raise OutcomeUnknown("Reddit does not say who we are.")
        return name

    def _do(self, path: str, form: Mapping[str, Any]) -> dict[str, Any]:
        request = self.signed("POST", f"{API}{path}", data=dict(form))
        answer = json_object(send_once(self.http, request, refused=_refused)).get("json")
        if not isinstance(answer, dict):
            raise OutcomeUnknown("Reddit gave an answer that cannot be read.")
        if answer.get("errors"):
            raise refusal_of(answer["errors"])
        return answer

    def _get(self, path: str, **options: Any) -> dict[str, Any]:
        return json_object(ask(self.http, self.signed("GET", f"{API}{path}", **options), refused=_refused))


def _refused(response: httpx.Response) -> PublishError:
    if response.status_code == 403:
        return NeedsReconnect(
            f"Reddit forbids this (403{said_by(response)}). Check that you may post in that community and "
            "that the application was approved; then connect again."
        )
    return refusal(response)


def _is_same(payload: Payload, post: Mapping[str, Any]) -> bool:
    """Whether a post is what became of a payload."""
    if str(post.get("subreddit") or "").casefold() != str(payload["sr"]).casefold():
        return False
    if not same_words(str(payload["title"]), str(post.get("title") or "")):
        return False
    if payload["kind"] == "self":
        return same_words(str(payload["text"]), str(post.get("selftext") or ""))
    return same_words(str(payload["url"]), str(post.get("url") or ""))


def _remote_post(name: Any, where: Any, at: datetime) -> RemotePost:
    if not isinstance(name, str) or not name.startswith("t3_"):
        raise OutcomeUnknown("Reddit took the post and did not say which one it is.")
    path = str(where or "").removeprefix(SITE)
    return RemotePost(
        name, f"{SITE}{path}" if path.startswith("/r/") or path.startswith("/user/") else None, at
    )


def _made_at(post: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromtimestamp(int(post["created_utc"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        raise OutcomeUnknown("Reddit gave a post without a time that can be read.") from error
