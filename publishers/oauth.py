"""OAuth 2 as platforms use it: what a flow is, what it gives, and who may be posted for.

Sources: RFC 6749 (authorization code, refresh), RFC 7636 (PKCE, S256), RFC 9700 (rotation of refresh tokens).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import Field, SecretStr

from publishers.base import BaseCredentials

#: Marks fields that no person types: the flow fills them.
GRANTED: dict[str, Any] = {"granted": True}


@dataclass(frozen=True, slots=True)
class Flow:
    """How a platform grants access to somebody's channel."""

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...]
    #: Whether the platform takes a proof key (S256).
    pkce: bool = True
    #: Whether the application's id and secret go into an Authorization header (HTTP Basic), not the form.
    basic: bool = False
    #: What the platform calls the application's id.
    id_name: str = "client_id"
    #: Between scopes.
    separator: str = " "
    #: Further parameters of the first page, such as ``access_type=offline``.
    extra: Mapping[str, str] = field(default_factory=dict)
    #: Where an application is registered, for the person who connects.
    console_url: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """What identifies this installation to a platform; sealed at rest, set once by `tabuh platform set`."""

    id: str
    secret: SecretStr


class OAuthCredentials(BaseCredentials):
    """What a granted flow leaves."""

    access_token: SecretStr = Field(min_length=1, title="Access token", json_schema_extra=GRANTED)
    refresh_token: SecretStr | None = Field(default=None, title="Refresh token", json_schema_extra=GRANTED)
    #: UTC; None: the token has no end of its own.
    expires_at: datetime | None = Field(default=None, json_schema_extra=GRANTED)
    #: UTC, of the refresh token; None: unknown or none.
    refresh_expires_at: datetime | None = Field(default=None, json_schema_extra=GRANTED)


@dataclass(frozen=True, slots=True)
class Target:
    """One page, organisation, board or blog that the granted access can post for."""

    name: str
    #: Added to the channel's settings when it is chosen, such as ``{"page_id": "17"}``.
    settings: Mapping[str, Any]
    #: A token of the target's own, as Facebook's pages have; None: the granted one.
    credentials: OAuthCredentials | None = None
