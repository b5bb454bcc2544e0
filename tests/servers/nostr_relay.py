"""A real relay of Nostr, nostr-relay from PyPI, for the tests marked `real`."""

import json
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers.ports import free_port
from tests.servers.python_servers import PythonServer
from tests.servers.running import Running

NOSTR_RELAY = PythonServer("nostr_relay")


class NostrRelay:
    """A running relay, empty at first, as a context manager.

    Args:
        settings: added to its configuration, such as ``{"authentication": …}``.
    """

    def __init__(self, **settings: Any) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tabuh-nostr-"))
        self.host, self.port = "127.0.0.1", free_port()
        self.url = f"ws://{self.host}:{self.port}"
        self.settings = settings
        self._program = [str(NOSTR_RELAY.programs / "nostr-relay"), "-c", str(self._folder / "config.yaml")]
        self._running = Running([*self._program, "serve"], folder=self._folder, ready=self._answers)

    def __enter__(self) -> Self:
        NOSTR_RELAY.check()
        settings = {
            "DEBUG": False,
            "relay_name": "a relay of tests",
            "storage": {
                "sqlalchemy.url": f"sqlite+aiosqlite:///{self._folder / 'relay.db'}",
                "validators": [
                    "nostr_relay.validators.is_not_too_large",
                    "nostr_relay.validators.is_signed",
                    "nostr_relay.validators.is_recent",
                ],
            },
            "gunicorn": {
                "bind": f"{self.host}:{self.port}",
                "workers": 1,
                "loglevel": "warning",
                "graceful_timeout": 1,
            },
            "max_limit": 100,
            **self.settings,
        }
        # JSON is YAML.
        (self._folder / "config.yaml").write_text(json.dumps(settings))
        self._running.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)
        shutil.rmtree(self._folder, ignore_errors=True)

    def give_role(self, author: str, role: str) -> None:
        """Let an author (hex) do what its letters say, where the relay asks who somebody is."""
        command = [*self._program, "role", "set", "--pubkey", author, "--roles", role]
        subprocess.run(command, check=True, cwd=self._folder, capture_output=True)

    def _answers(self) -> bool:
        with socket.create_connection((self.host, self.port), timeout=1):
            return True
