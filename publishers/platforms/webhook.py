"""A signed request to any address: the Standard Webhooks scheme, version 1.

Source: standard-webhooks/standard-webhooks, spec/standard-webhooks.md. The receiver can drop repeated
calls by their ``webhook-id``, but nobody can be asked whether one arrived.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from datetime import datetime
from typing import Annotated, Any

import httpx
from pydantic import AfterValidator, Field, SecretStr

from domain.content import Capabilities, Content, DeliveryClass, Payload, RemotePost
from domain.media import VIDEOS, Attachment, PictureRules, VideoRules, media_path
from publishers.address import opened_by_browsers, web_address
from publishers.base import BaseCredentials, BaseSettings, Progress, Publisher
from publishers.http import SECRETS, send_once

_PREFIX = "whsec_"
#: Bytes of a signing secret, by the specification.
_SECRET_BYTES = range(24, 65)


def new_secret() -> str:
    """A fresh signing secret, 32 random bytes, as the receiver's library takes it."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def _signing_secret(secret: SecretStr) -> SecretStr:
    try:
        size = len(_key(secret))
    except ValueError:
        size = 0
    if size not in _SECRET_BYTES:
        raise ValueError(f"This is no signing secret. Write {_PREFIX} and 24 to 64 random bytes in base64.")
    return secret


class WebhookSettings(BaseSettings):
    """Where the posts are sent."""

    url: Annotated[str, AfterValidator(web_address)] = Field(
        title="Address", description="It gets each post as JSON, such as https://example.org/hook"
    )


class WebhookCredentials(BaseCredentials):
    """What the receiver checks the signature with."""

    secret: Annotated[SecretStr, AfterValidator(_signing_secret)] = Field(
        title="Signing secret", description="whsec_ and 24 to 64 random bytes in base64"
    )


class Webhook(Publisher):
    """A post is published when the receiver says 2xx."""

    platform = "webhook"
    title = "Webhook"
    capabilities = Capabilities(
        delivery=DeliveryClass.AT_MOST_ONCE,
        pictures=PictureRules(most=20, max_bytes=20 * 2**20),
        shows_pictures=True,
        # A receiver fetches them from our address, as it does pictures.
        videos=VideoRules(most=5, max_bytes=2**40, kinds=VIDEOS, max_alt=None, with_pictures=True),
    )
    Credentials = WebhookCredentials
    Settings = WebhookSettings
    credentials: WebhookCredentials
    settings: WebhookSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        card = content.card
        media = {"media": [self._told(one) for one in content.media]} if content.media else {}
        return {
            **media,
            "type": "post.published",
            "timestamp": created_at.isoformat(),
            "channel": self.channel.name,
            "text": content.text,
            "link": content.link,
            "title": card.title if card else "",
            "description": card.description if card else "",
            "image": card.image_url if card else None,
            "image_alt": card.image_alt if card else "",
            "language": content.language,
            "created_at": created_at.isoformat(),
        }

    def _told(self, attachment: Attachment) -> dict[str, Any]:
        """A picture, with the address where the receiver gets it."""
        known = attachment.as_json()
        return {**known, "url": attachment.url or f"{self.channel.public_url}{media_path(attachment)}"}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        now = self.clock()
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        headers = signed_headers(body, secret=self.credentials.secret, id=f"msg_{key}", now=now)
        request = self.http.build_request(
            "POST",
            self.settings.url,
            content=body,
            headers=headers,
            extensions={SECRETS: self.credentials.secrets()},
        )
        said = _object(send_once(self.http, request))
        # Our own id: a receiver may answer every call with the same one, such as {"id": "ok"}.
        where = opened_by_browsers(said.get("url"))
        return RemotePost(id=headers["webhook-id"], url=where, published_at=now)


def signed_headers(body: bytes, *, secret: SecretStr, id: str, now: datetime) -> dict[str, str]:
    """The headers that let a receiver check who sent ``body``, and when.

    Args:
        id: without a full stop; the same for every try.
    """
    timestamp = str(int(now.timestamp()))
    signed = b".".join((id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }


def _key(secret: SecretStr) -> bytes:
    text = secret.get_secret_value().strip()
    if not text.startswith(_PREFIX):
        raise ValueError(f"A signing secret starts with {_PREFIX}.")
    try:
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise ValueError("The signing secret is not written in base64.") from error


def _object(response: httpx.Response) -> dict[str, Any]:
    """What the receiver says; many say nothing, or not in JSON."""
    try:
        said = response.json()
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
