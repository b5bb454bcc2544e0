"""Notices to programs: a signed request to an address that a person named."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from domain.errors import FetchError
from domain.telling import NotTold
from net import webhooks
from net.client import Response
from publishers.http import retry_after
from scheduler.context import Context
from scheduler.endpoints import secrets_of
from store.tables import Endpoint, NoticeRow, Telling

#: Answers that ask for fewer requests, or for patience.
_PASSES: Final = frozenset({429, 502, 503, 504})


class Gone(NotTold):
    """410: the receiver wants no more."""


def send(context: Context, row: Telling, endpoint: Endpoint, notice: NoticeRow, *, now: datetime) -> None:
    """Send it once. The id is the same for every try, so that a receiver may know it again.

    Raises:
        Gone: the receiver wants no more.
        NotTold: no answer, or a refusal.
    """
    opened = secrets_of(context, endpoint, now=now)
    body = json.dumps(document(context, notice), ensure_ascii=False, separators=(",", ":")).encode()
    try:
        answer = webhooks.post(
            context.http, opened.url, body=body, ident=ident(row), at=now, known=opened.signing
        )
    except FetchError as error:
        raise NotTold(f"{_upper(str(error))}.") from error
    if 200 <= answer.status < 300:
        return
    said = f"{endpoint.shown} answered {answer.status}"
    if answer.status == 410:
        raise Gone(f"{said}: it wants no more.", is_final=True)
    if 300 <= answer.status < 400:
        said += ", a redirect, which signed requests do not follow"
    raise NotTold(f"{said}.", retry_after=_wait(answer, now=now))


def ident(row: Telling) -> str:
    """The ``webhook-id`` of a telling."""
    return f"msg_{row.id}"


def document(context: Context, notice: NoticeRow) -> dict[str, Any]:
    """What is sent: ``type``, ``timestamp`` and ``data``."""
    words = {
        language: {"subject": said["subject"], "text": said["text"]}
        for language, said in notice.words.items()
    }
    return {
        "type": notice.kind,
        "timestamp": notice.at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "key": notice.key,
            "workspace_id": str(notice.workspace_id),
            "words": words,
            "facts": notice.facts,
            "url": context.page(notice.link) if notice.link else None,
        },
    }


def _wait(answer: Response, *, now: datetime) -> timedelta | None:
    asked = answer.headers.get("retry-after")
    return retry_after(asked, now=now) if asked and answer.status in _PASSES else None


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")
