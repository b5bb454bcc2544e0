"""Applications that this installation has registered at platforms; their secrets are never told."""

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import AfterValidator, BaseModel, Field

from scheduler import applications
from scheduler.applications import ApplicationShown
from web.api.base import Body, api_router
from web.auth import MayAdminister
from web.deps import Web
from web.pages.consent import redirect_address
from web.posted import clean

router = api_router("platforms")


class ApplicationTold(BaseModel):
    """The application of one platform."""

    platform: str
    title: str
    #: Null: not set.
    application: str | None
    set_at: datetime | None
    #: Where one is registered; empty where nobody has said.
    console_url: str


class Applications(BaseModel):
    """Every platform that asks for an application."""

    #: To be registered at each of them.
    redirect_address: str
    rows: list[ApplicationTold]


class SetApplication(Body):
    """An application; an absent secret keeps the one that belongs to the same id."""

    id: Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=500)]
    secret: Annotated[str, AfterValidator(clean), Field(max_length=2000)] = ""


@router.get("/applications")
def list_applications(web: Web, me: MayAdminister) -> Applications:
    """Which platforms ask for an application, and what is set."""
    del me
    rows = [_told(one) for one in applications.listed(web.context)]
    return Applications(redirect_address=redirect_address(web), rows=rows)


@router.put("/applications/{platform}")
def put_application(platform: str, body: SetApplication, web: Web, me: MayAdminister) -> ApplicationTold:
    """Set it; the secret is sealed at once."""
    return _told(
        applications.set_application(
            web.context, platform, application_id=body.id, secret=body.secret, actor=me.actor
        )
    )


@router.delete("/applications/{platform}", status_code=204)
def delete_application(platform: str, web: Web, me: MayAdminister) -> Response:
    """Forget it: channels stay until their access ends."""
    applications.unset_application(web.context, platform, actor=me.actor)
    return Response(status_code=204)


def _told(one: ApplicationShown) -> ApplicationTold:
    return ApplicationTold(
        platform=one.platform, title=one.title, application=one.id, set_at=one.set_at,
        console_url=one.console_url,
    )  # fmt: skip
