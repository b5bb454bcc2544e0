"""A platform that an outside package brings, installed for one test as pip would leave it."""

import secrets
from pathlib import Path
from typing import Any

import pytest

from publishers.registry import GROUP, adapter
from tests.servers.oauth import OAuthServer


def install_drumhub(
    server: OAuthServer, folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any
) -> None:
    """Let the registry know ``drumhub``, the platform behind this server."""
    module = f"drumhub_{secrets.token_hex(6)}"
    about = folder / "site" / f"{module}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "entry_points.txt").write_text(f"[{GROUP}]\ndrumhub = {module}:Drumhub\n")
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
    (about.parent / f"{module}.py").write_text(
        "from tests.servers.flow_platform import platform_of\n"
        "from tests.servers.oauth import OAuthServer\n"
        f"Drumhub = platform_of(OAuthServer(url={server.url!r}, pkce={server.pkce}, basic={server.basic}))\n"
    )
    monkeypatch.syspath_prepend(str(about.parent))
    adapter.cache_clear()
