"""Posts of an organisation on LinkedIn.

Sources, below learn.microsoft.com/linkedin/marketing/community-management: shares/posts-api (finder by
author), shares/comments-api, organizations/organization-access-control-by-role,
organizations/share-statistics, organizations/organization-lookup-api (networkSizes). LinkedIn keeps no key of
a call: a lost answer is settled by reading the posts.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field

from domain.content import DeliveryClass, Identity, NativePost, Payload, RemotePost
from domain.errors import NeedsReconnect, OutcomeUnknown
from domain.metrics import Metric
from publishers.base import Measured, Progress
from publishers.linkedin_rest import LinkedInPublisher, LinkedInSettings, capabilities_of, epoch
from publishers.linkedin_text import plain
from publishers.metric_map import Mapped, measured, supplied
from publishers.oauth import Flow, Target
from publishers.parts import Part, Sent, find_parts, parts
from publishers.plain import same_words

_POST_METRICS = (
    Mapped("impressionCount", Metric.IMPRESSIONS),
    Mapped("uniqueImpressionsCount", Metric.REACH),
    Mapped("likeCount", Metric.REACTIONS, note="all reactions; may be negative, then it is left out"),
    Mapped("commentCount", Metric.REPLIES),
    Mapped("shareCount", Metric.SHARES, word="reposts"),
    Mapped("clickCount", Metric.CLICKS_ALL, note="on the link, the organisation, or anything else"),
)
_COUNTS = (Mapped("firstDegreeSize", Metric.FOLLOWERS),)

#: How far our clock and LinkedIn's may be apart.
_SKEW = timedelta(minutes=5)
_PAGE = 25
_PAGES = 8
_ROLES = frozenset(
    {"ADMINISTRATOR", "CONTENT_ADMINISTRATOR", "CONTENT_ADMIN", "DIRECT_SPONSORED_CONTENT_POSTER"}
)


class OrganisationSettings(LinkedInSettings):
    """The organisation that is posted for."""

    #: Chosen of what `LinkedIn.targets` offers.
    organization_id: str = Field(
        default="", pattern=r"^\d{0,20}$", title="Organisation", json_schema_extra={"learned": True}
    )


class LinkedIn(LinkedInPublisher):
    """One organisation's page."""

    platform = "linkedin"
    title = "LinkedIn"
    post_map, channel_map = _POST_METRICS, _COUNTS
    capabilities = capabilities_of(
        DeliveryClass.LIST_AND_MATCH,
        post_metrics=supplied(_POST_METRICS),
        channel_metrics=supplied(_COUNTS),
    )
    needs = "w_organization_social and r_organization_social, as an administrator of the page"
    Settings = OrganisationSettings
    settings: OrganisationSettings
    flow = Flow(
        authorize_url="https://www.linkedin.com/oauth/v2/authorization",
        token_url="https://www.linkedin.com/oauth/v2/accessToken",  # noqa: S106  no secret
        scopes=("r_organization_social", "w_organization_social", "rw_organization_admin"),
        pkce=False,
        console_url="https://www.linkedin.com/developers/apps",
    )

    def author(self) -> str:
        if not self.settings.organization_id:
            raise NeedsReconnect("No organisation was chosen. Connect the channel again, and choose one.")
        return f"urn:li:organization:{self.settings.organization_id}"

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        return self.published(payload, key, progress, find=self._finder(payload))

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        pieces = parts(key, payload["commentary"], (), payload.get("first_comment"))
        return find_parts(pieces, handle=handle, since=since, find=self._finder(payload))

    def targets(self) -> list[Target]:
        answer = self.asked("organizationAcls?q=roleAssignee&state=APPROVED&count=100", method="FINDER")
        urns = {
            str(one.get("organization"))
            for one in answer.get("elements") or ()
            if one.get("state") == "APPROVED" and one.get("role") in _ROLES
        }
        numbers = sorted(urn.rsplit(":", 1)[-1] for urn in urns if urn.startswith("urn:li:organization:"))
        if not numbers:
            raise NeedsReconnect(
                "LinkedIn names no organisation that you may post for. Ask its administrator."
            )
        return [Target(self._name(number), {"organization_id": number}) for number in numbers]

    def identify(self) -> Identity:
        number = self.author().rsplit(":", 1)[-1]
        return Identity(self._name(number), number, f"https://www.linkedin.com/company/{number}/")

    def metrics(self, remote_id: str) -> list[Measured]:
        post = self.asked(f"posts/{self.escaped(remote_id)}")
        kind = "ugcPosts" if ":ugcPost:" in str(post.get("id", remote_id)) else "shares"
        answer = self.asked(
            f"organizationalEntityShareStatistics?q=organizationalEntity"
            f"&organizationalEntity={self.escaped(self.author())}&{kind}=List({self.escaped(remote_id)})",
            method="FINDER",
        )
        for element in answer.get("elements") or ():
            if remote_id in (element.get("share"), element.get("ugcPost")):
                numbers = element.get("totalShareStatistics") or {}
                return measured(_POST_METRICS, numbers, on=self.clock().date())
        # Nobody has seen it yet: LinkedIn leaves such a post out.
        return [Measured(one.metric, None, source=one.field) for one in _POST_METRICS]

    def native_posts(self, since: datetime) -> list[NativePost]:
        found = []
        for post in self._own_posts(since):
            made_at, number = epoch(post.get("createdAt")), str(post.get("id") or "")
            if number and made_at is not None and post.get("lifecycleState", "PUBLISHED") == "PUBLISHED":
                article = (post.get("content") or {}).get("article") or {}
                text = plain(str(post.get("commentary") or ""))
                sent = self.sent(number, made_at)
                found.append(NativePost(number, sent.url, made_at, text, article.get("source")))
        return found

    def channel_metrics(self) -> list[Measured]:
        path = f"networkSizes/{self.escaped(self.author())}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
        return measured(_COUNTS, self.asked(path), on=self.clock().date())

    def _name(self, number: str) -> str:
        return str(self.asked(f"organizations/{number}").get("localizedName") or number)

    def _finder(self, payload: Payload) -> Any:
        source = (payload.get("article") or {}).get("source")

        def find(part: Part, before: Sequence[Sent], since: datetime) -> Sent | None:
            if before:
                return self._comment(before[0].id, part.body, since - _SKEW)
            for post in self._own_posts(since - _SKEW):
                shown = ((post.get("content") or {}).get("article") or {}).get("source")
                if shown == source and same_words(payload["text"], plain(str(post.get("commentary") or ""))):
                    return self.sent(post.get("id"), epoch(post.get("createdAt")))
            return None

        return find

    def _comment(self, urn: str, words: str, back_to: datetime) -> Sent | None:
        answer = self.asked(f"socialActions/{self.escaped(urn)}/comments?start=0&count=50")
        for one in answer.get("elements") or ():
            made_at = epoch((one.get("created") or {}).get("time"))
            said = str((one.get("message") or {}).get("text") or "")
            if (
                one.get("actor") == self.author()
                and made_at
                and made_at >= back_to
                and same_words(words, said)
            ):
                return self.sent(str(one.get("id")), made_at)
        return None

    def _own_posts(self, back_to: datetime) -> Iterator[dict[str, Any]]:
        """The organisation's posts made since then, newest first.

        Raises:
            OutcomeUnknown: there are more than one look may read.
        """
        for page in range(_PAGES):
            path = (
                f"posts?author={self.escaped(self.author())}&q=author"
                f"&start={page * _PAGE}&count={_PAGE}&sortBy=CREATED"
            )
            elements = self.asked(path, method="FINDER").get("elements")
            if not isinstance(elements, list):
                raise OutcomeUnknown("LinkedIn does not show the organisation's posts.")
            for post in elements:
                made_at = epoch(post.get("createdAt"))
                if made_at is not None and made_at < back_to:
                    return
                yield post
            if len(elements) < _PAGE:
                return
        raise OutcomeUnknown("LinkedIn holds too many newer posts to find this one.")
