"""The settings: one class, filled from flags, the environment, ``tabuh.toml`` and defaults, in this order."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from config.machine import machine_zone
from domain.errors import UsageError
from domain.schedule import zone_names

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

#: Read from the folder in which a command is started.
FILE = Path("tabuh.toml")
PREFIX = "TABUH_"

Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(BaseSettings):
    """What an installation can be told. Immutable; no ``repr`` shows a secret."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(
        Path("data"), description="Folder for the database file, the secret key, media and backups."
    )
    database_url: SecretStr | None = Field(
        None,
        description="`sqlite:///path/tabuh.db` or `postgresql://user:password@host/database`. "
        "Unset: `tabuh.db` in the data folder.",
    )
    public_url: str | None = Field(
        None,
        description="Where readers reach the public pages, such as `https://post.example.org`. Links are "
        "shortened only when it is set to a public address. Unset: the address that is served.",
    )
    host: str = Field("127.0.0.1", description="Address to serve on.")
    port: Port = Field(8420, description="Port to serve on; 0 takes any free one.")
    public_host: str | None = Field(
        None, description="Address of a server of its own for the public pages. Unset: as `host`."
    )
    public_port: Port | None = Field(
        None, description="Port of a server of its own for the public pages. Unset: one server for all."
    )
    secret_key: SecretStr | None = Field(
        None,
        description="Seals credentials; made by `tabuh secret new`. Unset with SQLite: made on the first "
        "start and kept in the data folder as `secret.key`. PostgreSQL needs it set.",
    )
    secret_key_file: Path | None = Field(
        None, description="File that holds the secret key, in place of `secret_key`."
    )
    private_url: str | None = Field(
        None,
        description="Where signed-in people reach the pages, when another server such as a reverse proxy "
        "stands before Tabuh. Unset: the public address where there is one server, else the one served.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Other names under which people may open the signed-in pages, such as `tabuh.lan, "
        "192.168.1.5`; `*` is any name.",
    )
    allowed_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Private networks that feeds and webhooks may reach, such as "
        "`192.168.1.0/24, 10.0.0.7`. None by default.",
    )
    websub: bool = Field(
        False,
        description="Let hubs tell us of news of feeds at once (WebSub), where `public_url` is a public "
        "address that they can reach.",
    )
    zone: str = Field(
        default_factory=machine_zone,
        description="Time zone (IANA name) of a new workspace and its page. Unset: the machine's.",
    )
    keep_texts_days: int = Field(
        365,
        ge=0,
        le=36_500,
        description="For how many days the texts of feed entries are kept; 0 is for ever. What makes an "
        "entry known again is always kept.",
    )
    max_video_mib: int = Field(
        512,
        ge=1,
        le=65_536,
        description="The largest video that can be added, in MiB; platforms take less.",
    )
    country_file: Path | None = Field(
        None,
        description="A file on this machine that tells the country of an address, in MaxMind's format, "
        "such as `GeoLite2-Country.mmdb`. Unset: countries of clicks are not told.",
    )
    data_centres_file: Path | None = Field(
        None,
        description="A list of networks of data centres, one a line, whose requests count as programs. "
        "Unset: the small list that comes along.",
    )
    smtp_host: str | None = Field(
        None,
        description="Mail server that takes notices of alerts and reports, such as `mail.example.org`. "
        "Unset: none are sent by mail.",
    )
    smtp_sender: str | None = Field(
        None, description="Address that these mails come from, such as `tabuh@example.org`."
    )
    smtp_sender_name: str = Field("Tabuh", max_length=100, description="Name before that address.")
    smtp_encryption: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="`starttls`, `tls` from the start, or `none` on your own network."
    )
    smtp_port: Annotated[int, Field(ge=1, le=65535)] | None = Field(
        None, description="Its port. Unset: 587, with `tls` 465, with `none` 25."
    )
    smtp_username: str = Field("", description="User name at the mail server, if it asks for one.")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server.")
    workers: int = Field(16, ge=1, le=256, description="How many publish calls may run at a time.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="`debug`, `info`, `warning` or `error`. Debug also shows where a failure arose."
    )
    log_format: Literal["text", "json"] = Field("text", description="`text` or `json`, one line per event.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - given by name, not wanted
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, environment, file; a ``.env`` file and secret folders are not read."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=FILE)

    @field_validator("allowed_networks", "allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in zone_names():
            raise ValueError("use an IANA time zone such as Asia/Jakarta, Europe/Berlin or UTC")
        return value

    @field_validator("public_url", "private_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("write a whole address such as https://post.example.org")
        return value.rstrip("/") if value else None

    @model_validator(mode="after")
    def _whole_mail_server(self) -> Self:
        if (self.smtp_host is None) != (self.smtp_sender is None):
            raise ValueError("set smtp_host and smtp_sender, or neither")
        if self.smtp_username and self.smtp_password is None:
            raise ValueError("smtp_username needs smtp_password")
        return self

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if self.secret_key is not None and self.secret_key_file is not None:
            raise ValueError("set secret_key or secret_key_file, not both")
        return self

    @property
    def database(self) -> str:
        """The address of the database, password included: for opening it, not for showing."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.data_dir / 'tabuh.db'}"

    @property
    def served_public_url(self) -> str:
        """Where readers reach the public pages, without a slash at the end."""
        if self.public_url is not None:
            return self.public_url
        host = self.public_host if self.public_host is not None else self.host
        return web_address(host, self.public_port if self.public_port is not None else self.port)

    @property
    def served_private_url(self) -> str:
        """Where signed-in people reach the pages, without a slash at the end."""
        if self.private_url is not None:
            return self.private_url
        if self.public_url is not None and not self.own_public_server:
            return self.public_url
        return web_address(self.host, self.port)

    @property
    def own_public_server(self) -> bool:
        """Whether the public pages have a server of their own."""
        return self.public_host is not None or self.public_port is not None


def web_address(host: str, port: int) -> str:
    """The address of a server that listens there, as a browser on the same machine takes it."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host)  # noqa: S104 - read, not bound
    name = name or (f"[{host}]" if ":" in host else host)
    return f"http://{name}" if port == 80 else f"http://{name}:{port}"


def load(flags: Mapping[str, Any] | None = None) -> Settings:
    """The settings as flags, environment and file say.

    Args:
        flags: what the command line said, by field name; None means not said.

    Raises:
        UsageError: one of them is wrong or unknown; the text names where it stands.
    """
    said = {name: value for name, value in (flags or {}).items() if value is not None}
    try:
        return Settings(**said)
    except ValidationError as exc:
        first = exc.errors(include_input=False, include_url=False)[0]
        raise UsageError(_sentence(first, said)) from None
    except tomllib.TOMLDecodeError as exc:
        raise UsageError(
            f"{FILE} cannot be read: {exc}. Mend it; config/example.env names the settings."
        ) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"{FILE} cannot be read: {exc}.") from exc


def _sentence(error: "ErrorDetails", said: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        return f"Unknown setting {name!r} in {FILE}.{_similar(name, Settings.model_fields, cutoff=0.6)}"
    told = error["msg"].removeprefix("Value error, ")
    if not name:
        return f"The settings do not fit together: {told}."
    return f"Wrong setting {_where(name, said)}: {told[0].lower()}{told[1:]}."


def _where(name: str, said: Mapping[str, Any]) -> str:
    if name in said:
        return f"--{name.replace('_', '-')}"
    variable = variable_of(name)
    if any(key.upper() == variable for key in os.environ):
        return variable
    return f"{name!r} in {FILE}"


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name}".upper()


def misspelt_variables() -> list[str]:
    """A sentence for each variable of the environment that looks like a setting and is none."""
    known = [variable_of(name) for name in Settings.model_fields]
    strange = sorted(key for key in os.environ if key.upper().startswith(PREFIX) and key.upper() not in known)
    hints = ((key, _similar(key.upper(), known)) for key in strange)
    return [f"Unknown setting {key}.{hint}" for key, hint in hints if hint]


def _similar(name: str, known: Iterable[str], *, cutoff: float = 0.8) -> str:
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f" Did you mean {close[0]}?" if close else ""
