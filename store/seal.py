"""Credentials at rest: sealed with the installation's key, opened only to act."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from domain.errors import WrongKey


class Seal:
    """Seals and opens JSON. The first key seals, every key opens: so keys can be rotated.

    The owner's id is sealed with the secret: a sealed value that is copied to another
    channel's row does not open there.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as exc:
            raise WrongKey(
                "TABUH_SECRET_KEY is not a key. It is 44 characters, made by `tabuh secret new`; "
                "copy it whole."
            ) from exc
        self.fingerprint = key_fingerprint(keys[0])

    def __repr__(self) -> str:
        return f"Seal({self.fingerprint})"

    def close(self, owner: int, secret: Mapping[str, Any]) -> bytes:
        """The sealed form of a JSON mapping that belongs to row ``owner``."""
        return self._fernet.encrypt(json.dumps([owner, dict(secret)]).encode())

    def open(self, owner: int, sealed: bytes | None) -> dict[str, Any]:
        """What `close` sealed for this owner; empty for NULL.

        Raises:
            WrongKey: the key is another one, or the value belongs to another row.
        """
        if sealed is None:
            return {}
        try:
            whose, secret = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as exc:
            raise WrongKey(
                "These credentials do not open with this TABUH_SECRET_KEY: set the key they were sealed with."
            ) from exc
        if whose != owner:
            raise WrongKey("These credentials were sealed for another channel. Connect the channel again.")
        assert isinstance(secret, dict)
        return secret


def new_key() -> str:
    """A fresh random key, 44 characters."""
    return Fernet.generate_key().decode()


def key_fingerprint(key: str) -> str:
    """Sixteen hex digits that tell keys apart and give nothing away."""
    return hashlib.sha256(b"tabuh key " + key.encode()).hexdigest()[:16]
