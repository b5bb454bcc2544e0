"""What a request's body says, for fakes: JSON, a form, or a form with files."""

import json
from email import message_from_bytes
from typing import Any
from urllib.parse import parse_qsl

import httpx


def fields(request: httpx.Request) -> dict[str, Any]:
    """The fields of the body; a file's are its bytes."""
    kind = request.headers.get("content-type", "")
    body = request.read()
    if kind.startswith("multipart/form-data"):
        parts = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body).get_payload()
        assert isinstance(parts, list)
        named: list[Any] = parts
        return {str(part.get_param("name", header="content-disposition")): _value(part) for part in named}
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    said = json.loads(body) if body else {}
    return said if isinstance(said, dict) else {"": said}


def _value(part: Any) -> Any:
    raw = part.get_payload(decode=True)
    return raw if part.get_filename() else raw.decode()
