"""The secret key: where it comes from, and whether it is the one that sealed the database."""

import os
from pathlib import Path

from sqlalchemy import Engine

from config.settings import Settings
from domain.errors import TabuhError, UsageError, WrongKey
from store import installation
from store.engine import reading, writing
from store.seal import Seal, new_key

#: In the data folder; readable by its owner only.
NAME = "secret.key"


def seal_for(settings: Settings, engine: Engine) -> Seal:
    """The seal of this database. On SQLite the first start makes the key.

    Raises:
        WrongKey: the key is missing though the database was sealed with one, or is another one.
        UsageError: PostgreSQL without a key, which all its machines must share.
    """
    key = _given(settings)
    file = settings.data_dir / NAME
    with reading(engine) as session:
        sealed_with = installation.fact(session, installation.FINGERPRINT)
    if key is None and engine.dialect.name != "sqlite":
        raise UsageError(
            "PostgreSQL needs a secret key that all its machines share. Make one with `tabuh secret new`, "
            "keep a copy in a safe place, and set TABUH_SECRET_KEY or TABUH_SECRET_KEY_FILE."
        )
    if key is None and file.exists():
        key = _read(file)
    if key is None and sealed_with is not None:
        raise WrongKey(
            f"The secret key of this database (fingerprint {sealed_with}) is missing: put {file} back, "
            "or set TABUH_SECRET_KEY."
        )
    seal = Seal([key or _make(file)])
    with writing(engine) as session:
        installation.check_key(session, seal.fingerprint)
        session.commit()
    return seal


def _given(settings: Settings) -> str | None:
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value().strip()
    return _read(settings.secret_key_file) if settings.secret_key_file is not None else None


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise TabuhError(f"The secret key in {file} cannot be read: {exc}.") from exc


def _make(file: Path) -> str:
    """A new key, whole on the disk before anything is sealed with it."""
    key = new_key()
    fresh = file.with_name(f"{file.name}.new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
        opened.write(f"{key}\n")
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)  # the new name, too
    os.close(folder)
    return key
