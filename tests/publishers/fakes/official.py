"""A platform's own OpenAPI description, in front of its fake: what it does not describe is refused."""

import json
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

from tests.publishers.fake_servers import asked_of

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs"


class _Asked:
    """One of our requests as openapi-core wants it."""

    def __init__(self, request: httpx.Request, body: bytes | None, kind: str) -> None:
        url = asked_of(request)
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(url.params.multi_items()),
            header=Headers(dict(request.headers)),
            cookie={},
        )
        self.method = request.method.lower()
        self.host_url = f"{url.scheme}://{url.host}"
        self.path = url.path
        self.content_type = kind
        self.body = body


class Official:
    """One description; where the reference material is absent, everything passes."""

    def __init__(self, name: str) -> None:
        self._api = _opened(name)

    @property
    def is_here(self) -> bool:
        """Whether the description lies in ../shared."""
        return self._api is not None

    def breach(self, request: httpx.Request, *, json_body: Mapping[str, Any] | None = None) -> str | None:
        """How a request breaks the description; None: it does not.

        Args:
            json_body: what a form with files says in one of its fields, to be held against the same schema.
        """
        if self._api is None:
            return None
        body, kind = request.read() or None, request.headers.get("content-type", "")
        if json_body is not None:
            body, kind = json.dumps(json_body).encode(), "application/json"
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Unsupported scheme type")  # each fake checks its tokens
                self._api.validate_request(_Asked(request, body, kind))
        except OpenAPIError as error:
            return f"{error} {error.__cause__ or ''} {getattr(error.__cause__, 'schema_errors', '')}"[:600]
        return None


@cache
def _opened(name: str) -> OpenAPI | None:
    path = SPECS / name / "openapi.publish-subset.json"
    if not path.exists():
        return None
    described = json.loads(path.read_text())
    for parameter in described["components"].get("parameters", {}).values():
        # Pinterest lists metrics for pictures and for videos, and some in both: one of them is not meant.
        items = parameter.get("schema", {}).get("items", {})
        if "oneOf" in items:
            items["anyOf"] = items.pop("oneOf")
    return OpenAPI.from_dict(described, config=Config(spec_validator_cls=None))
