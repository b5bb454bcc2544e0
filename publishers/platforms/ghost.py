"""Ghost posts, by a custom integration's Admin API key.

Sources: docs.ghost.org/admin-api (posts, images, token authentication); seen on Ghost 6.65: a second post
with the same slug is taken and gets ``-2`` behind it, and an edit needs the ``updated_at`` that was read.
"""

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import Capabilities, Content, DeliveryClass, Identity, Payload, Proof, RemotePost
from domain.errors import OutcomeUnknown, PostGone
from domain.media import PictureRules, attachment_from
from domain.metrics import Metric
from publishers.address import opened_by_browsers, site_address
from publishers.article import article, article_there, bookmark_html, names, paragraphs, slug
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher, TextThere
from publishers.ghost_api import Absent, Collision, refused, token
from publishers.http import SECRETS, UPLOAD_DEADLINE, ask, harmless, json_object, send_once
from publishers.metric_map import Mapped, measured, supplied

#: 191: width of the column that keeps the description.
PICTURES = PictureRules(most=20, max_bytes=5_000_000, max_side=2560, max_alt=191)
_VERSION = "v6.0"
_MAX_TITLE, _MAX_EXCERPT = 255, 300

#: Counted for mails only: a post that went out as no newsletter has none of them.
_METRICS = (
    Mapped("count.clicks", Metric.CLICKS, note="members who followed a link of the mail"),
    Mapped("count.positive_feedback", Metric.REACTIONS, note="members who said: more like this"),
)
_OF_CHANNEL = (Mapped("pagination.total", Metric.FOLLOWERS, note="members of the site"),)


def _admin_key(secret: SecretStr) -> SecretStr:
    number, _, key = secret.get_secret_value().strip().partition(":")
    try:
        right = bool(number) and number.isalnum() and len(bytes.fromhex(key)) == 32
    except ValueError:
        right = False
    if not right:
        raise ValueError("This is no Admin API key. Copy it whole: an id, a colon, and 64 further signs.")
    return SecretStr(f"{number}:{key}")


class GhostSettings(BaseSettings):
    """The site, and how posts appear there."""

    site: Annotated[str, AfterValidator(partial(site_address, without="/ghost"))] = Field(
        title="Site", description="The address under which you write there, such as https://blog.example"
    )
    tags: Annotated[str, AfterValidator(names)] = Field(
        default="", title="Tags", description="Names with commas between them; new ones are made"
    )
    newsletter: str = Field(
        default="",
        pattern=r"^[a-z0-9-]*$",
        title="Newsletter",
        description="Its slug, to mail each post to the site's members too; empty: no mail",
    )


class GhostCredentials(BaseCredentials):
    """A custom integration of the site."""

    admin_key: Annotated[SecretStr, AfterValidator(_admin_key)] = Field(
        title="Admin API key", description="From the site's settings, Integrations, Add custom integration"
    )


class Ghost(Publisher):
    """A channel on a Ghost site."""

    platform = "ghost"
    title = "Ghost"
    post_map, channel_map = _METRICS, _OF_CHANNEL
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        post_metrics=supplied(_METRICS),
        channel_metrics=supplied(_OF_CHANNEL),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        max_title=_MAX_TITLE,
        proof=Proof.REAL_SERVER,
    )
    Credentials = GhostCredentials
    Settings = GhostSettings
    credentials: GhostCredentials
    settings: GhostSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        shown = article(content, max_title=_MAX_TITLE, max_excerpt=_MAX_EXCERPT)
        parts = [f"<p>{one}</p>" for one in paragraphs(shown.text, known=content.link)]
        if shown.link:
            parts.append(bookmark_html(shown.link, shown.card))
        payload: Payload = {
            "title": shown.title,
            "html": "\n".join(parts),
            "custom_excerpt": shown.excerpt or None,
            "text": shown.whole,
        }
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        return payload

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        address = slug(payload["title"], key)
        if (found := self._by_slug(address)) is not None:
            return found
        pictures = self._uploaded(payload.get("media") or (), progress)
        post = {**self._body(payload, pictures), "slug": address, "status": "published"}
        mailed = {"newsletter": self.settings.newsletter} if self.settings.newsletter else {}
        request = self._request("POST", "posts/", params={"source": "html", **mailed}, json={"posts": [post]})
        made = _post_of(json_object(send_once(self.http, request, refused=refused)))
        if made.get("slug") != address and (first := self._by_slug(address)) is not None:
            self.delete(str(made.get("id")))  # another try was quicker; this one is its double
            return first
        return _remote_post(made)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return self._by_slug(slug(payload["title"], key))

    def edit(self, remote_id: str, payload: Payload) -> None:
        pictures = self._uploaded(payload.get("media") or (), None)
        try:
            self._change(remote_id, self._body(payload, pictures))
        except Collision:  # somebody saved it in the same moment: their words are the ones to be replaced
            self._change(remote_id, self._body(payload, pictures))

    def delete(self, remote_id: str) -> None:
        try:
            harmless(self.http, self._request("DELETE", f"posts/{remote_id}/"), refused=refused)
        except Absent:
            return

    def identify(self) -> Identity:
        self._get("posts/", limit="1", fields="id")  # the site's own name is told to everybody
        site = self._get("site/").get("site")
        if not isinstance(site, Mapping) or not site.get("title"):
            raise OutcomeUnknown(f"{self.settings.site} does not answer as a Ghost site does.")
        return Identity(
            name=f"{site['title']} · {urlsplit(self.settings.site).hostname}",
            remote_id=str(site.get("site_uuid") or self.settings.site),
            url=opened_by_browsers(site.get("url")),
        )

    def metrics(self, remote_id: str) -> list[Measured]:
        try:
            post = _post_of(
                self._get(f"posts/{remote_id}/", include="count.clicks,count.positive_feedback,email")
            )
        except Absent as error:
            raise PostGone(f"{self.settings.site} no longer has this post.") from error
        return measured(_METRICS, post, on=self.clock().date()) if post.get("email") else []

    def text_there(self, remote_id: str, payload: Payload) -> TextThere:
        try:
            post = _post_of(self._get(f"posts/{remote_id}/", formats="html", fields="id,title,html"))
        except Absent as error:
            raise PostGone(f"{self.settings.site} no longer has this post.") from error
        there = (html.escape(str(post.get("title"))), str(post.get("html") or ""))
        ours = (html.escape(payload["title"]), payload["html"])
        return article_there(ours, there)

    def channel_metrics(self) -> list[Measured]:
        members = self._get("members/", limit="1").get("meta")
        return measured(_OF_CHANNEL, members if isinstance(members, Mapping) else {}, on=self.clock().date())

    def _change(self, remote_id: str, body: Mapping[str, Any]) -> None:
        known = _post_of(self._get(f"posts/{remote_id}/", fields="id,updated_at"))
        request = self._request(
            "PUT",
            f"posts/{remote_id}/",
            params={"source": "html"},
            json={"posts": [{**body, "updated_at": known.get("updated_at")}]},
        )
        harmless(self.http, request, refused=refused)

    def _by_slug(self, address: str) -> RemotePost | None:
        """Our own post, published or not; None only when the site has none by that slug."""
        listed = self._get("posts/", filter=f"slug:'{address}'", limit="5").get("posts")
        if not isinstance(listed, list):
            raise OutcomeUnknown(f"{self.settings.site} gave a list that cannot be read.")
        for one in listed:
            if isinstance(one, Mapping) and one.get("slug") == address:
                return _remote_post(one)
        if listed:
            raise OutcomeUnknown(f"{self.settings.site} lists posts that nobody asked for.")
        return None

    def _body(self, payload: Payload, pictures: Sequence[Mapping[str, str]]) -> dict[str, Any]:
        """The first picture stands above the post, the others in it."""
        first = pictures[0] if pictures else {}
        figures = [
            f'<figure><img src="{html.escape(one["url"])}" alt="{html.escape(one["alt"])}"></figure>'
            for one in pictures[1:]
        ]
        tags = [{"name": name} for name in filter(None, self.settings.tags.split(", "))]
        return {
            "title": payload["title"],
            "html": "\n".join([payload["html"], *figures]),
            "custom_excerpt": payload["custom_excerpt"],
            "feature_image": first.get("url"),
            "feature_image_alt": first.get("alt") or None,
            **({"tags": tags} if tags else {}),
        }

    def _uploaded(
        self, media: Sequence[Mapping[str, Any]], progress: Progress | None
    ) -> list[dict[str, str]]:
        """Addresses and descriptions of the pictures; those of an earlier try are used again."""
        kept = (progress.handle or {}) if progress is not None else {}
        done: list[str] = list(kept.get("images", ()))
        found = []
        for number, attachment in enumerate(map(attachment_from, media)):
            if number >= len(done):
                picture = self.picture(attachment)
                suffix = picture.kind.removeprefix("image/")
                name = f"{attachment.sha256[:16] or 'picture'}.{suffix}"
                request = self._request(
                    "POST", "images/upload/", files={"file": (name, picture.body, picture.kind)}
                )
                answer = harmless(self.http, request, refused=refused, deadline=UPLOAD_DEADLINE)
                done.append(_image_of(json_object(answer)))
                if progress is not None:
                    progress.save({"images": done})
            found.append({"url": done[number], "alt": attachment.alt})
        return found

    def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        return json_object(ask(self.http, self._request("GET", path, params=parameters), refused=refused))

    def _request(self, method: str, path: str, **options: Any) -> httpx.Request:
        key = self.credentials.admin_key.get_secret_value()
        return self.http.build_request(
            method,
            f"{self.settings.site}/ghost/api/admin/{path}",
            headers={"Authorization": f"Ghost {token(key, now=self.clock())}", "Accept-Version": _VERSION},
            extensions={SECRETS: self.credentials.secrets()},
            **options,
        )


def _post_of(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    posts = answer.get("posts")
    if isinstance(posts, list) and posts and isinstance(posts[0], Mapping):
        return posts[0]
    raise OutcomeUnknown("The site took the post and did not say which one it is.")


def _image_of(answer: Mapping[str, Any]) -> str:
    images = answer.get("images")
    if isinstance(images, list) and images and isinstance(images[0], Mapping):
        return str(images[0].get("url"))
    raise OutcomeUnknown("The site took a picture and did not say where it is.")


def _remote_post(post: Mapping[str, Any]) -> RemotePost:
    try:
        made_at = datetime.fromisoformat(str(post.get("published_at") or post.get("created_at")))
    except ValueError as error:
        raise OutcomeUnknown("The site gave a post without a time that can be read.") from error
    return RemotePost(
        id=str(post.get("id")),
        url=opened_by_browsers(post.get("url")),
        published_at=made_at.replace(tzinfo=made_at.tzinfo or UTC).astimezone(UTC),
    )
