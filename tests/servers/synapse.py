"""A real Matrix homeserver, Synapse from PyPI, for the tests marked `real`."""

import hashlib
import hmac
import json
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import httpx

from tests.servers.ports import free_port
from tests.servers.python_servers import PythonServer
from tests.servers.running import Running

SYNAPSE = PythonServer("synapse")

#: Without these a test is soon told to wait.
_GENEROUS = {"per_second": 1000, "burst_count": 1000}


class MatrixUser(NamedTuple):
    """Who may sign in, and with what."""

    #: Whole, such as ``@bot:localhost``.
    id: str
    name: str
    password: str


class Synapse:
    """A running homeserver, empty at first, as a context manager.

    Args:
        settings: added to its configuration, such as ``{"rc_message": …}``.
    """

    def __init__(self, **settings: Any) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="tabuh-synapse-"))
        self._secret = secrets.token_hex(16)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._settings = settings
        config = self._folder / "homeserver.yaml"
        program = [SYNAPSE.programs / "python", "-m", "synapse.app.homeserver", "-c", config]
        self._program = [str(part) for part in program]
        self._running = Running(self._program, folder=self._folder, ready=self._answers)

    def __enter__(self) -> Self:
        SYNAPSE.check()
        self._write_settings()
        made = subprocess.run(
            [*self._program, "--generate-keys"], check=False, capture_output=True, text=True, cwd=self._folder
        )
        if made.returncode != 0:
            raise RuntimeError(f"Synapse made no keys: {made.stderr[-2000:]}")
        self._running.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._running.__exit__(kind, error, trace)
        shutil.rmtree(self._folder, ignore_errors=True)

    def create_user(self, name: str | None = None) -> MatrixUser:
        """Sign somebody up; the name is made up by default."""
        name, password = name or f"u{secrets.token_hex(6)}", secrets.token_urlsafe(12)
        address = f"{self.url}/_synapse/admin/v1/register"
        nonce = httpx.get(address, timeout=30).json()["nonce"]
        signed = "\0".join((nonce, name, password, "notadmin")).encode()
        proof = hmac.new(self._secret.encode(), signed, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "admin": False, "mac": proof}
        made = httpx.post(address, json=body, timeout=30)
        made.raise_for_status()
        return MatrixUser(made.json()["user_id"], name, password)

    def client(self, user: MatrixUser) -> httpx.Client:
        """A client that acts as this user, past the adapter."""
        owner = {"type": "m.id.user", "user": user.name}
        body = {"type": "m.login.password", "identifier": owner, "password": user.password}
        session = httpx.post(f"{self.url}/_matrix/client/v3/login", json=body, timeout=30)
        session.raise_for_status()
        return httpx.Client(
            base_url=f"{self.url}/_matrix/client/v3/",
            headers={"Authorization": f"Bearer {session.json()['access_token']}"},
            timeout=30,
        )

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health").is_success
        except httpx.TransportError:
            return False

    def _write_settings(self) -> None:
        limits = {name: _GENEROUS for name in ("rc_message", "rc_joins", "rc_registration")}
        settings = {
            "server_name": "localhost",
            "pid_file": str(self._folder / "pid"),
            "listeners": [
                {
                    "port": self.port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "resources": [{"names": ["client", "federation"]}],
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": str(self._folder / "homeserver.db")}},
            "media_store_path": str(self._folder / "media"),
            "signing_key_path": str(self._folder / "signing.key"),
            "registration_shared_secret": self._secret,
            "macaroon_secret_key": self._secret,
            "form_secret": self._secret,
            "bcrypt_rounds": 4,  # passwords of nobody
            "report_stats": False,
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "presence": {"enabled": False},
            "rc_login": {"address": _GENEROUS, "account": _GENEROUS, "failed_attempts": _GENEROUS},
            **limits,
            **self._settings,
        }
        # JSON is YAML.
        (self._folder / "homeserver.yaml").write_text(json.dumps(settings))
