"""Requests whose address is itself the secret, as with webhooks and Telegram's bots.

What logs, errors and exceptions get to see is an address with the secret struck out; the one that is asked
for goes along as httpcore's request target and is read by the transport only.
"""

from typing import Any

import httpx

from publishers.http import SECRETS

#: httpcore's name for what stands in the request line in place of the address (encode.io/httpcore).
TARGET = "target"


def secret_request(
    client: httpx.Client, method: str, address: str, *, secrets: tuple[str, ...], **options: Any
) -> httpx.Request:
    """A request to ``address`` that shows only what is no secret of it.

    Args:
        secrets: parts of the address that must show nowhere.
        options: as `httpx.Client.build_request` takes them.
    """
    asked = httpx.URL(address)
    if params := options.pop("params", None):
        asked = asked.copy_merge_params(params)
    shown = str(asked)
    for secret in secrets:
        shown = shown.replace(secret, "***")
    return client.build_request(
        method, shown, extensions={SECRETS: secrets, TARGET: asked.raw_path}, **options
    )
