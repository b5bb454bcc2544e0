"""A platform that outlives the worker: a file to which each publish call appends one line."""

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.content import Capabilities, Content, DeliveryClass, Payload, RemotePost
from publishers.base import BaseSettings, Progress, Publisher


class FileSettings(BaseSettings):
    """Where the platform keeps its posts."""

    path: str


class FilePlatform(Publisher):
    """Counts what it was told to publish; each delivery class keeps its own promise only."""

    platform = "list_and_match"
    title = "File"
    capabilities = Capabilities(delivery=DeliveryClass.LIST_AND_MATCH)
    Settings = FileSettings
    settings: FileSettings

    def render(self, content: Content, *, created_at: datetime) -> Payload:
        return {"text": content.text}

    def publish(self, payload: Payload, *, key: str, progress: Progress) -> RemotePost:
        if self.capabilities.delivery == DeliveryClass.TWO_PHASE:
            progress.save({"container": key})
        same_key_is_a_no_op = self.capabilities.delivery == DeliveryClass.NATIVE_KEY
        if not (same_key_is_a_no_op and key in published(self.settings.path)):
            append(self.settings.path, key)
        return RemotePost(key, None, self.clock())

    def find_existing(
        self, payload: Payload, *, key: str, handle: Mapping[str, Any] | None, since: datetime
    ) -> RemotePost | None:
        return RemotePost(key, None, since) if key in published(self.settings.path) else None


def append(path: str, key: str) -> None:
    """One line in one write: it is there, or it is not."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(file, f"{key}\n".encode())
    finally:
        os.close(file)


def published(path: str) -> list[str]:
    """The keys of all publish calls that reached the platform, in order, repeats included."""
    return Path(path).read_text().split() if Path(path).exists() else []


def _of_class(delivery: DeliveryClass) -> type[FilePlatform]:
    values = {"platform": delivery.value, "capabilities": Capabilities(delivery=delivery)}
    return type(f"File_{delivery.value}", (FilePlatform,), values)


#: One platform for each way to settle a lost answer.
PLATFORMS: Mapping[str, type[Publisher]] = {
    delivery.value: _of_class(delivery) for delivery in DeliveryClass if delivery != DeliveryClass.LOCAL
}

#: The classes after whose crash nothing may stay open.
SETTLED: frozenset[str] = frozenset(PLATFORMS) - {DeliveryClass.AT_MOST_ONCE.value}
