"""WordPress posts, on any site with the REST API of version 5.6 or newer.

Sources: developer.wordpress.org/rest-api (reference/posts, media, categories, tags, comments, users;
using-the-rest-api/authentication, discovery). A second post with the same slug is taken and gets ``-2``
behind it: a lost answer is settled by the slug, which is ours alone, and each try looks before it sends.
"""

import html
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import Capabilities, Content, DeliveryClass, Identity, Payload, Proof, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, Rejected
from domain.media import Attachment, PictureRules, attachment_from
from domain.metrics import Metric
from publishers.address import opened_by_browsers, site_address
from publishers.article import article, article_there, card_html, file_key, names, paragraphs, slug
from publishers.base import BaseCredentials, BaseSettings, Measured, Progress, Publisher, Reaction, TextThere
from publishers.http import (
    SECRETS,
    UPLOAD_DEADLINE,
    ask,
    harmless,
    json_object,
    json_objects,
    send_once,
)
from publishers.wordpress_api import Absent, NoBin, TermExists, api_root, comments_since, refused
from publishers.wordpress_blocks import block, gallery

#: PHP takes files of 2 MB unless the host allows more; WordPress itself shrinks pictures beyond 2,560 pixels.
PICTURES = PictureRules(most=20, max_bytes=2_000_000, max_side=2560)
#: States of a post in which it counts as there: a person who moved ours to the bin does not want another one.
_ANY = "publish,future,draft,pending,private,trash"


class WordPressSettings(BaseSettings):
    """The site, and where posts are put there."""

    site: Annotated[str, AfterValidator(partial(site_address, without="/wp-admin"))] = Field(
        title="Site", description="Its address, such as https://blog.example"
    )
    categories: Annotated[str, AfterValidator(names)] = Field(
        default="", title="Categories", description="Names with commas between them; new ones are made"
    )
    tags: Annotated[str, AfterValidator(names)] = Field(
        default="", title="Tags", description="Names with commas between them; new ones are made"
    )
    #: Learned by `WordPress.enrich`: where the site has its API, when it has addresses in words.
    api: str | None = Field(default=None, json_schema_extra={"learned": True})


class WordPressCredentials(BaseCredentials):
    """A user of the site with an application password."""

    username: str = Field(min_length=1, title="User name", description="Of a user who may publish posts")
    application_password: SecretStr = Field(
        min_length=1,
        title="Application password",
        description="From the site's Users, Profile, Application Passwords",
    )


class WordPress(Publisher):
    """A channel on a WordPress site."""

    platform = "wordpress"
    title = "WordPress"
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        post_metrics=frozenset({Metric.REPLIES}),
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
        max_title=200,  # ours: WordPress has no limit, and themes show no longer ones
        proof=Proof.REAL_SERVER,
    )
    Credentials = WordPressCredentials
    Settings = WordPressSettings
    credentials: WordPressCredentials
    settings: WordPressSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        shown = article(content, max_title=self.capabilities.max_title or 0)
        blocks = [block("paragraph", f"<p>{one}</p>") for one in paragraphs(shown.text, known=content.link)]
        if shown.link:
            quoted = f'<blockquote class="wp-block-quote">{card_html(shown.link, shown.card)}</blockquote>'
            blocks.append(block("quote", quoted))
        payload: Payload = {
            "title": shown.title,
            "content": "\n\n".join(blocks),
            "excerpt": shown.excerpt,
            "text": shown.whole,
        }
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        return payload

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        address = slug(payload["title"], key)
        if (found := self._by_slug(address)) is not None:
            return found
        body = self._body(payload, address, progress)
        request = self._request("POST", "/wp/v2/posts", json={**body, "slug": address, "status": "publish"})
        made = json_object(send_once(self.http, request, refused=refused))
        if made.get("slug") != address and (first := self._by_slug(address)) is not None:
            self.delete(str(made.get("id")))  # another try was quicker; this one is its double
            return first
        return _remote_post(made)

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return self._by_slug(slug(payload["title"], key))

    def edit(self, remote_id: str, payload: Payload) -> None:
        known = self._post(remote_id)
        request = self._request(
            "POST", f"/wp/v2/posts/{remote_id}", json=self._body(payload, str(known["slug"]), None)
        )
        harmless(self.http, request, refused=refused)

    def delete(self, remote_id: str) -> None:
        try:
            self._delete(remote_id)
        except Absent:
            return
        except NoBin:
            self._delete(remote_id, force="true")

    def identify(self) -> Identity:
        me = self._get("/wp/v2/users/me", context="edit")
        if "id" not in me or "name" not in me:
            raise OutcomeUnknown(f"{self.settings.site} does not answer as a WordPress site does.")
        may = me.get("capabilities")
        if isinstance(may, Mapping) and not may.get("publish_posts"):
            raise NeedsReconnect(
                f"{me['name']} may not publish on {self.settings.site}. Give that user the role of an author."
            )
        return Identity(
            name=f"{me['name']} · {urlsplit(self.settings.site).hostname}",
            remote_id=str(me["id"]),
            url=opened_by_browsers(me.get("link")),
        )

    def enrich(self) -> WordPressSettings | None:
        found = api_root(self.http, self.settings.site)
        return None if found == self.settings.api else self.settings.model_copy(update={"api": found})

    def metrics(self, remote_id: str) -> list[Measured]:
        try:
            status = self._post(remote_id).get("status")
        except Absent as error:
            raise PostGone(f"{self.settings.site} no longer has this post.") from error
        if status == "trash":
            raise PostGone(f"{self.settings.site} has this post in its bin.")
        try:
            found = self._ask("/wp/v2/comments", post=remote_id, per_page="1", _fields="id")
        except (NeedsReconnect, Rejected):  # the credentials are good: the site shows no comments to programs
            return []
        total = found.headers.get("x-wp-total", "")
        return [Measured(Metric.REPLIES, int(total), source="X-WP-Total")] if total.isdecimal() else []

    def reactions(self, remote_id: str, since: datetime) -> list[Reaction]:
        return comments_since(
            lambda **more: json_objects(self._ask("/wp/v2/comments", post=remote_id, **more)), since
        )

    def text_there(self, remote_id: str, payload: Payload) -> TextThere:
        try:
            post = self._get(f"/wp/v2/posts/{remote_id}", context="edit", _fields="id,title,content")
        except Absent as error:
            raise PostGone(f"{self.settings.site} no longer has this post.") from error
        ours = (html.escape(payload["title"], quote=False), payload["content"])
        title, content = (str((post.get(name) or {}).get("raw", "")) for name in ("title", "content"))
        return article_there(ours, (title, content))

    def _delete(self, remote_id: str, **options: str) -> None:
        request = self._request("DELETE", f"/wp/v2/posts/{remote_id}", params=options)
        harmless(self.http, request, refused=refused)

    def _post(self, remote_id: str) -> dict[str, Any]:
        return self._get(f"/wp/v2/posts/{remote_id}", context="edit", _fields="id,slug,status")

    def _by_slug(self, address: str) -> RemotePost | None:
        """Our own post, in the bin or not; None only when the site has none by that slug."""
        listed = json_objects(
            self._ask("/wp/v2/posts", slug=f"{address},{address}__trashed", status=_ANY, context="edit")
        )
        for one in listed:
            if str(one.get("slug", "")).removesuffix("__trashed") == address:
                return _remote_post(one)
        if listed:
            raise OutcomeUnknown(f"{self.settings.site} lists posts that nobody asked for.")
        return None

    def _body(self, payload: Payload, address: str, progress: Progress | None) -> dict[str, Any]:
        """What is sent of a post, with the pictures and names that it needs there first."""
        media = self._uploaded(payload.get("media") or (), address, progress)
        pictures = [gallery(media)] if len(media) > 1 else []
        return {
            "title": html.escape(payload["title"], quote=False),
            "content": "\n\n".join([payload["content"], *pictures]),
            "excerpt": html.escape(payload["excerpt"], quote=False),
            "featured_media": int(media[0]["id"]) if media else 0,
            **{
                kind: list(self._terms(kind, wanted))
                for kind, wanted in (("categories", self.settings.categories), ("tags", self.settings.tags))
                if wanted
            },
        }

    def _terms(self, kind: str, wanted: str) -> Iterator[int]:
        """The site's numbers of these names; a name that it does not have yet is made."""
        for name in wanted.split(", "):
            listed = json_objects(self._ask(f"/wp/v2/{kind}", search=name, per_page="100"))
            same = [one for one in listed if html.unescape(str(one.get("name"))).lower() == name.lower()]
            if not same:
                same = [self._made(kind, name)]
            yield int(same[0]["id"])

    def _made(self, kind: str, name: str) -> dict[str, Any]:
        request = self._request("POST", f"/wp/v2/{kind}", json={"name": name})
        try:
            return json_object(harmless(self.http, request, refused=refused))
        except TermExists as error:
            return {"id": error.number}

    def _uploaded(
        self, media: Sequence[Mapping[str, Any]], address: str, progress: Progress | None
    ) -> list[dict[str, Any]]:
        """The pictures in the site's library; each has a slug of its own, so none is there twice."""
        done: list[dict[str, Any]] = []
        for attachment in map(attachment_from, media):
            name = f"{address}-{file_key(attachment)}"
            listed = json_objects(self._ask("/wp/v2/media", slug=name, context="edit"))
            found = next((one for one in listed if one.get("slug") == name), None)
            done.append(self._upload(attachment, name) if found is None else self._named(found, attachment))
            if progress is not None:
                progress.save({"media": [one["id"] for one in done]})
        return done

    def _named(self, found: dict[str, Any], attachment: Attachment) -> dict[str, Any]:
        """A picture that is there already, with the description that it has now."""
        if found.get("alt_text") == attachment.alt:
            return found
        request = self._request("POST", f"/wp/v2/media/{found['id']}", json={"alt_text": attachment.alt})
        return json_object(harmless(self.http, request, refused=refused))

    def _upload(self, attachment: Attachment, name: str) -> dict[str, Any]:
        picture = self.picture(attachment)
        suffix = picture.kind.removeprefix("image/")
        request = self._request(
            "POST",
            "/wp/v2/media",
            files={"file": (f"{name}.{suffix}", picture.body, picture.kind)},
            data={"slug": name, "alt_text": attachment.alt},
        )
        return json_object(harmless(self.http, request, refused=refused, deadline=UPLOAD_DEADLINE))

    def _get(self, path: str, **parameters: str) -> dict[str, Any]:
        return json_object(self._ask(path, **parameters))

    def _ask(self, path: str, **parameters: str) -> httpx.Response:
        return ask(self.http, self._request("GET", path, params=parameters), refused=refused)

    def _request(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Request:
        """A signed request; without known addresses in words, the path goes into the query."""
        known = self.credentials
        if self.settings.api:
            url, query = f"{self.settings.api.rstrip('/')}{path}", dict(params or {})
        else:
            url, query = f"{self.settings.site}/", {"rest_route": path, **(params or {})}
        signed = httpx.BasicAuth(known.username, known.application_password.get_secret_value())
        request = self.http.build_request(
            method, url, params=query, extensions={SECRETS: known.secrets()}, **options
        )
        return next(signed.auth_flow(request))


def _remote_post(post: Mapping[str, Any]) -> RemotePost:
    if not isinstance(post.get("id"), int):
        raise OutcomeUnknown("The site took the post and did not say which one it is.")
    try:
        made_at = datetime.fromisoformat(str(post["date_gmt"]))
    except (KeyError, ValueError) as error:
        raise OutcomeUnknown("The site gave a post without a time that can be read.") from error
    return RemotePost(
        id=str(post["id"]),
        url=opened_by_browsers(post.get("link")),
        published_at=made_at.replace(tzinfo=made_at.tzinfo or UTC).astimezone(UTC),
    )
