"""Platforms that outside packages bring, installed for one test as pip would leave them."""

import secrets
from pathlib import Path

import pytest

from publishers.registry import GROUP, adapter
from tests.servers.oauth import OAuthServer


def install_drumhub(server: OAuthServer, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry know ``drumhub``, the platform behind this server."""
    _install(
        folder,
        monkeypatch,
        "drumhub = {module}:Drumhub",
        "from tests.servers.flow_platform import platform_of\n"
        "from tests.servers.oauth import OAuthServer\n"
        f"Drumhub = platform_of(OAuthServer(url={server.url!r}, pkce={server.pkce}, basic={server.basic}))\n",
    )


_PAID = """
from datetime import date
from dataclasses import replace
from domain.content import Call, Price
from publishers.platforms.webhook import Webhook

SINCE = date(2026, 1, 1)

class Paid(Webhook):
    platform = "paid"
    title = "Paidhub"
    capabilities = replace(
        Webhook.capabilities,
        prices=(Price(Call.POST, 15_000, "USD", SINCE), Price(Call.POST_WITH_LINK, 200_000, "USD", SINCE)),
    )
"""


def install_paidhub(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry know ``paid``, a webhook that takes money."""
    _install(folder, monkeypatch, "paid = {module}:Paid", _PAID)


def _install(folder: Path, monkeypatch: pytest.MonkeyPatch, point: str, source: str) -> None:
    module = f"outside_{secrets.token_hex(6)}"
    about = folder / "site" / f"{module}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "entry_points.txt").write_text(f"[{GROUP}]\n{point.format(module=module)}\n")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about.parent / f"{module}.py").write_text(source)
    monkeypatch.syspath_prepend(str(about.parent))
    adapter.cache_clear()
