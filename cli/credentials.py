"""What a channel must be told: settings from the command line, secrets from anywhere but there."""

import os
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from domain.errors import UsageError

if TYPE_CHECKING:
    from publishers.base import Publisher

#: ``TABUH_CREDENTIAL_TOKEN`` and so on.
PREFIX = "TABUH_CREDENTIAL_"


def split(kind: "type[Publisher]", given: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """``NAME=VALUE`` pairs of the command line, as settings and as credentials that are no secrets.

    Raises:
        UsageError: unreadable, unknown, or a secret, which other users of the machine could see there.
    """
    settings: dict[str, str] = {}
    credentials: dict[str, str] = {}
    for part in given:
        name, equals, value = part.partition("=")
        if not equals:
            raise UsageError(f"Cannot read --set {part!r}. Write it as NAME=VALUE.")
        if name in asked(kind.Settings):
            settings[name] = value
        elif name in secrets_of(kind):
            raise UsageError(
                f"{name} is a secret, and command lines can be seen by others. Leave it out to be asked for "
                f"it, or use --secret {name}=- (standard input), --secret-file, or {PREFIX}{name.upper()}."
            )
        elif name in asked(kind.Credentials):
            credentials[name] = value
        else:
            known = [*asked(kind.Settings), *asked(kind.Credentials)]
            raise UsageError(f"{kind.platform} has no {name!r}. It takes: {', '.join(known) or 'nothing'}.")
    return settings, credentials


def asked(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields that a person fills in; the adapter learns the others, or a consent page grants them."""
    return {name: field for name, field in model.model_fields.items() if not _is_learned(field)}


def _is_learned(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("learned") or extra.get("granted"))


def secrets_of(kind: "type[Publisher]") -> list[str]:
    """The names of a platform's credentials that are secret, of those that a person fills in."""
    fields = asked(kind.Credentials).items()
    return [name for name, field in fields if SecretStr in (field.annotation, *get_args(field.annotation))]


def collect(
    kind: "type[Publisher]",
    given: Mapping[str, str],
    *,
    secret: Sequence[str],
    file: Path | None,
    ask: bool = True,
) -> dict[str, Any]:
    """A platform's credentials, each from the first that has it.

    In this order: what was given, ``--secret NAME=-`` (standard input), ``--secret-file``, the
    environment, and a question where somebody sits at the terminal.

    Args:
        secret: ``NAME=-``, at most one.
        file: TOML, one ``name = "value"`` a line.
        ask: ask for what is required and nobody has said.
    """
    fields = asked(kind.Credentials)
    found: dict[str, Any] = {**_from_environment(fields), **_from_file(file, fields, kind.platform)}
    found |= _from_input(secret, fields, kind.platform) | dict(given)
    missing = [name for name, field in fields.items() if field.is_required() and not found.get(name)]
    for name in missing if ask and sys.stdin.isatty() else []:
        found[name] = _ask(name, fields[name], hidden=name in secrets_of(kind))
    return found


def _from_environment(fields: Mapping[str, FieldInfo]) -> dict[str, str]:
    told = {name: os.environ.get(f"{PREFIX}{name}".upper()) for name in fields}
    return {name: value for name, value in told.items() if value}


def _from_file(file: Path | None, fields: Mapping[str, FieldInfo], platform: str) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        told = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise UsageError(
            f'The secret file {file} cannot be read: {exc}. It holds one name = "value" a line.'
        ) from exc
    return {_known(name, fields, platform): value for name, value in told.items()}


def _from_input(secret: Sequence[str], fields: Mapping[str, FieldInfo], platform: str) -> dict[str, str]:
    if len(secret) > 1:
        raise UsageError("Only one --secret can be read from standard input. Use --secret-file for several.")
    found = {}
    for part in secret:
        name, _, value = part.partition("=")
        if value != "-":
            raise UsageError(
                f"Command lines can be seen by others: write --secret {name}=- and give it on standard input."
            )
        found[_known(name, fields, platform)] = sys.stdin.readline().rstrip("\r\n")
    return found


def _known(name: str, fields: Mapping[str, FieldInfo], platform: str) -> str:
    if name not in fields:
        raise UsageError(f"{platform} has no credential {name!r}. Known: {', '.join(fields) or 'none'}.")
    return name


def _ask(name: str, field: FieldInfo, *, hidden: bool) -> str:
    title = field.title or name.replace("_", " ").capitalize()
    about = f" ({field.description})" if field.description else ""
    answer: str = typer.prompt(f"{title}{about}", hide_input=hidden, err=True)
    return answer
