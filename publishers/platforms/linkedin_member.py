"""Posts of a member on LinkedIn.

Sources, below learn.microsoft.com/linkedin: consumer/integrations/self-serve/sign-in-with-linkedin-v2
(userinfo), marketing/community-management/shares/posts-api. Listing a member's own posts takes a permission
that LinkedIn gives to few: after a lost answer, a person looks.
"""

from pydantic import Field

from domain.content import DeliveryClass, Identity, Payload, RemotePost
from domain.errors import OutcomeUnknown
from publishers.base import Progress
from publishers.linkedin_rest import LinkedInPublisher, LinkedInSettings, capabilities_of
from publishers.oauth import Flow


class MemberSettings(LinkedInSettings):
    """Who we are there."""

    #: Learned by `LinkedInMember.enrich`.
    member_id: str = Field(default="", json_schema_extra={"learned": True})


class LinkedInMember(LinkedInPublisher):
    """One person."""

    platform = "linkedin_member"
    title = "LinkedIn (member)"
    capabilities = capabilities_of(DeliveryClass.AT_MOST_ONCE)
    needs = "w_member_social"
    Settings = MemberSettings
    settings: MemberSettings
    flow = Flow(
        authorize_url="https://www.linkedin.com/oauth/v2/authorization",
        token_url="https://www.linkedin.com/oauth/v2/accessToken",  # noqa: S106  no secret
        scopes=("openid", "profile", "w_member_social"),
        required=("w_member_social",),
        pkce=False,
        console_url="https://www.linkedin.com/developers/apps",
    )

    def author(self) -> str:
        return f"urn:li:person:{self.settings.member_id or self._me()['sub']}"

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        return self.published(payload, key, progress, find=None)

    def identify(self) -> Identity:
        me = self._me()
        return Identity(str(me.get("name") or me["sub"]), str(me["sub"]))

    def enrich(self) -> MemberSettings | None:
        fresh = self.settings.model_copy(update={"member_id": str(self._me()["sub"])})
        return fresh if fresh != self.settings else None

    def _me(self) -> dict[str, object]:
        me = self.asked("userinfo", root="v2")
        if not me.get("sub"):
            raise OutcomeUnknown("LinkedIn does not say who we are there.")
        return me
