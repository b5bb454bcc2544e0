"""Posts of a business on Google Search and Maps.

Sources: developers.google.com/my-business/reference/rest/v4/accounts.locations.localPosts (create, patch,
delete, list), developers.google.com/my-business/content/posts-data; account and business information APIs
(v1). Access must be applied for. Google keeps no key of ours: a lost post is looked for in the location's
list. The call that told numbers of single posts (reportInsights) is deprecated, so there are none.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import httpx
from pydantic import Field

from domain.content import Capabilities, Content, Counting, DeliveryClass, Identity, Payload, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown, PostGone, PublishError
from domain.media import PictureRules, attachment_from
from publishers.address import opened_by_browsers
from publishers.base import BaseSettings, Progress
from publishers.http import ask, json_object, refusal, said_by, send_once
from publishers.oauth import Flow, OAuthPublisher, Target
from publishers.plain import same_words
from publishers.public_files import public_address, public_address_problems
from publishers.text import Limit, fit

API = "https://mybusiness.googleapis.com/v4"
ACCOUNTS = "https://mybusinessaccountmanagement.googleapis.com/v1/accounts"
LOCATIONS = "https://mybusinessbusinessinformation.googleapis.com/v1"
#: As documented by vendors 2026-08 (gitroomhq/postiz-app), not confirmed by Google's own pages.
MAX_TEXT = 1500
#: One picture by its address; sizes as Google's help pages ask for photos, not confirmed for posts.
PICTURES = PictureRules(most=1, max_bytes=5 * 10**6, kinds=frozenset({"image/jpeg"}), max_alt=0)
_SKEW = timedelta(minutes=5)
_PAGE = 100
#: Pages read at most in one look.
_PAGES = 10


class GoogleBusinessSettings(BaseSettings):
    """The location that was chosen."""

    #: ``accounts/1/locations/2``.
    location: str | None = Field(
        default=None,
        pattern=r"^accounts/\d+/locations/\d+$",
        title="Location",
        json_schema_extra={"learned": True},
    )
    button: Literal["LEARN_MORE", "BOOK", "ORDER", "SHOP", "SIGN_UP"] = Field(
        default="LEARN_MORE", title="Button", description="What stands on the button that opens a post's link"
    )


class GoogleBusiness(OAuthPublisher):
    """A location of a business."""

    platform = "google_business"
    title = "Google Business Profile"
    capabilities = Capabilities(
        delivery=DeliveryClass.LIST_AND_MATCH,
        max_characters=MAX_TEXT,
        counting=Counting.CODE_POINTS,
        can_delete=True,
        can_edit=True,
        pictures=PICTURES,
    )
    Settings = GoogleBusinessSettings
    settings: GoogleBusinessSettings
    flow = Flow(
        authorize_url="https://accounts.google.com/o/oauth2/v2/auth",
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106
        scopes=("https://www.googleapis.com/auth/business.manage",),
        required=("https://www.googleapis.com/auth/business.manage",),
        extra={"access_type": "offline", "prompt": "consent"},
        console_url="https://console.cloud.google.com/apis/credentials",
    )

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        payload: Payload = {
            "topicType": "STANDARD",
            "summary": fit(content.text, None, [Limit(MAX_TEXT, len)]),
        }
        if content.link:
            payload["callToAction"] = {"actionType": self.settings.button, "url": content.link.strip()}
        if content.language:
            payload["languageCode"] = content.language
        if content.media:
            payload["media"] = [one.as_json() for one in content.media]
        return payload

    def length(self, content: Content) -> int:
        return len(content.text.strip())

    def text_of(self, payload: Payload) -> str:
        return str(payload["summary"])

    def problems(self, content: Content) -> list[str]:
        found = super().problems(content)
        found += public_address_problems(self.channel, content.media, title=self.title)
        if self.settings.location is None:
            found.append("No location is chosen. Connect the channel again, and choose one.")
        return found

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        body = {name: value for name, value in payload.items() if name != "media"}
        if payload.get("media"):
            shown = [public_address(self.channel, attachment_from(one)) for one in payload["media"]]
            body["media"] = [{"mediaFormat": "PHOTO", "sourceUrl": one} for one in shown]
        request = self.signed("POST", f"{API}/{self._location}/localPosts", json=body)
        return _remote_post(json_object(send_once(self.http, request, refused=_refused)))

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        for post in self._paged(f"{API}/{self._location}/localPosts", "localPosts", pageSize=_PAGE):
            if _made_at(post) >= since - _SKEW and _is_same(payload, post):
                return _remote_post(post)
        return None

    def identify(self) -> Identity:
        name = self._location
        about = self._get(f"{LOCATIONS}/{_bare(name)}", params={"readMask": "name,title"})
        return Identity(str(about.get("title") or name), remote_id=name)

    def targets(self) -> list[Target]:
        found = []
        for account in self._paged(ACCOUNTS, "accounts", pageSize=20):
            path = f"{LOCATIONS}/{account.get('name')}/locations"
            for one in self._paged(path, "locations", pageSize=_PAGE, readMask="name,title"):
                where = {"location": f"{account.get('name')}/{one.get('name')}"}
                found.append(Target(str(one.get("title") or one.get("name")), where))
        return found

    def delete(self, remote_id: str) -> None:
        with suppress(PostGone):
            send_once(self.http, self.signed("DELETE", f"{API}/{remote_id}"), refused=_refused)

    def edit(self, remote_id: str, payload: Payload) -> None:
        known = [name for name in ("summary", "callToAction", "languageCode") if name in payload]
        request = self.signed(
            "PATCH",
            f"{API}/{remote_id}",
            params={"updateMask": ",".join(known)},
            json={name: payload[name] for name in known},
        )
        send_once(self.http, request, refused=_refused)

    @property
    def _location(self) -> str:
        if self.settings.location is None:
            raise NeedsReconnect("No location is chosen. Connect the channel again, and choose one.")
        return self.settings.location

    def _paged(self, url: str, name: str, **params: Any) -> Iterator[dict[str, Any]]:
        """All that a list holds.

        Raises:
            OutcomeUnknown: it is longer than one look may read.
        """
        for _ in range(_PAGES):
            page = self._get(url, params=params)
            found = page.get(name, [])  # Google leaves an empty list out
            if not isinstance(found, list):
                raise OutcomeUnknown("Google gave an answer that cannot be read.")
            yield from (one for one in found if isinstance(one, dict))
            if not page.get("nextPageToken"):
                return
            params["pageToken"] = page["nextPageToken"]
        raise OutcomeUnknown("Google holds too many posts to find this one.")

    def _get(self, url: str, **options: Any) -> dict[str, Any]:
        return json_object(ask(self.http, self.signed("GET", url, **options), refused=_refused))


def _refused(response: httpx.Response) -> PublishError:
    said = said_by(response)
    match response.status_code:
        case 403:
            return NeedsReconnect(
                f"Google forbids this (403{said}). Check that the application has been granted access to the "
                "Business Profile API and that its owner manages the location; then connect again."
            )
        case 404 if "/localPosts/" in response.request.url.path:
            return PostGone("The post is no longer on Google.")
        case 404:
            return NeedsReconnect(f"The location is gone (404{said}). Connect again, and choose one.")
    return refusal(response)


def _bare(location: str) -> str:
    """``locations/2`` of ``accounts/1/locations/2``, as the newer API names it."""
    return location[location.index("locations/") :]


def _is_same(payload: Payload, post: Mapping[str, Any]) -> bool:
    ours, theirs = payload.get("callToAction") or {}, post.get("callToAction") or {}
    return (
        same_words(str(payload["summary"]), str(post.get("summary") or ""))
        and str(ours.get("url") or "").rstrip("/") == str(theirs.get("url") or "").rstrip("/")
        and len(payload.get("media") or ()) == len(post.get("media") or ())
    )


def _remote_post(post: Mapping[str, Any]) -> RemotePost:
    name = post.get("name")
    if not isinstance(name, str) or "/localPosts/" not in name:
        raise OutcomeUnknown("Google took the post and did not say which one it is.")
    return RemotePost(name, opened_by_browsers(post.get("searchUrl")), _made_at(post))


def _made_at(post: Mapping[str, Any]) -> datetime:
    try:
        made_at = datetime.fromisoformat(str(post["createTime"]))
    except (KeyError, ValueError) as error:
        raise OutcomeUnknown("Google gave a post without a time that can be read.") from error
    return made_at.replace(tzinfo=made_at.tzinfo or UTC).astimezone(UTC)
