"""Secrets reach a channel from a file, standard input, the environment or a question, never from argv."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cli.credentials import collect, secrets_of, split
from domain.errors import UsageError
from publishers.registry import adapter
from tests.cli.driving import done, refused, run
from tests.servers.loopback import Loopback

Read = Callable[[Mapping[str, Any]], str]


def test_secrets_are_told_from_what_is_none() -> None:
    assert secrets_of(adapter("bluesky"))
    assert secrets_of(adapter("page")) == []


def _platform_with_a_secret() -> tuple[str, str]:
    kind = adapter("mastodon")
    return kind.platform, secrets_of(kind)[0]


def test_a_secret_on_the_command_line_is_refused(folder: Path) -> None:
    platform, name = _platform_with_a_secret()

    sentence = refused("channel", "add", platform, "X", "--set", f"{name}=hush-hush")

    assert sentence.startswith(f"2 {name} is a secret, and command lines can be seen by others.")
    assert "hush-hush" not in sentence
    assert refused("channel", "add", platform, "X", "--secret", f"{name}=hush-hush").startswith("2 ")


def test_secrets_come_from_a_file_standard_input_or_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = adapter("mastodon")
    _, name = _platform_with_a_secret()
    (folder / "secrets.toml").write_text(f'{name} = "from-file"\n')
    monkeypatch.setenv(f"TABUH_CREDENTIAL_{name.upper()}", "from-environment")

    assert collect(kind, {}, secret=[], file=None)[name] == "from-environment"
    assert collect(kind, {}, secret=[], file=folder / "secrets.toml")[name] == "from-file"
    monkeypatch.setattr("sys.stdin", io.StringIO("from-input\n"))
    assert collect(kind, {}, secret=[f"{name}=-"], file=folder / "secrets.toml")[name] == "from-input"


@pytest.mark.parametrize("text", ["not toml", "stranger = 'x'\n"])
def test_a_secret_file_that_cannot_be_used_is_a_sentence(folder: Path, text: str) -> None:
    (folder / "secrets.toml").write_text(text)

    with pytest.raises(UsageError):
        collect(adapter("mastodon"), {}, secret=[], file=folder / "secrets.toml")


def test_what_is_neither_setting_nor_credential_is_refused() -> None:
    with pytest.raises(UsageError, match="mastodon has no 'colour'"):
        split(adapter("mastodon"), ["colour=red"])
    with pytest.raises(UsageError, match="Write it as NAME=VALUE"):
        split(adapter("mastodon"), ["colour"])


def test_a_missing_secret_is_asked_for_at_a_terminal_only(folder: Path) -> None:
    platform, name = _platform_with_a_secret()

    sentence = refused("channel", "add", platform, "X", "--set", "server=https://social.test")

    assert sentence.startswith("2 ")
    assert name in sentence


def test_credentials_that_the_platform_refuses_are_stored_nowhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform, name = _platform_with_a_secret()
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong-token\n"))
    with Loopback(lambda _path, _headers: (401, {}, b'{"error": "The access token is invalid"}')) as server:
        setting = next(iter(adapter(platform).Settings.model_fields))
        said = run(
            "channel", "add", platform, "X", "--set", f"{setting}={server.url}", "--secret", f"{name}=-"
        )

    assert said.code == 1
    assert said.err.startswith("error: ")
    assert "wrong-token" not in said.err
    assert [row["name"] for row in done("channel", "list")] == ["Page"]
