"""Writes docs/reference/settings.md and commands.md from the code; a test keeps them true.

python -m tools.reference
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer.main import get_command

from cli.main import app
from config.settings import Settings, variable_of

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"


_SETTINGS_HEAD = """\
# Settings

Flags win over the environment, the environment over `tabuh.toml` in the folder in which a command is
started, and that over the defaults. In `tabuh.toml` the names stand in lower case without `TABUH_`:
`port = 8420`. An empty variable counts as not set. A wrong or unknown setting is one sentence and exit
code 2.

`tabuh --data-dir` and `--log-level` stand before the command; `tabuh up` takes `--host`, `--port`,
`--public-url`, `--public-host` and `--public-port`. No secret has a flag: others could see it.

| variable | default | meaning |
|---|---|---|
"""

_SETTINGS_FOOT = """

`config/example.env` holds the same list to copy from. Credentials of channels are no settings:
`tabuh channel add` asks for them, or takes them from `--secret NAME=-` (standard input), `--secret-file`
or `TABUH_CREDENTIAL_NAME`.
"""

_COMMANDS_HEAD = """\
# Commands

`tabuh` alone is `tabuh up`. Every command takes `--json`: one JSON document on standard output, ids as
strings, instants in UTC; everything else goes to standard error. Exit codes: 0 done, 1 failed, 2 used
wrongly, 130 interrupted. A failure is one sentence on standard error, and with `--json` also
`{"error": {"kind", "sentence", "exit_code"}}`. `TABUH_LOG_LEVEL=debug` shows where it arose.
`tabuh --install-completion` completes commands in your shell.

"""


def settings() -> str:
    """The page about settings."""
    rows = [
        f"| `{variable_of(name)}` | {_default(field)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return _SETTINGS_HEAD + "\n".join(rows) + _SETTINGS_FOOT


def _default(field: Any) -> str:
    value = None if field.default_factory is not None else field.default
    return "" if value in (None, ()) else f"`{value}`"


def commands() -> str:
    """The page about commands."""
    return _COMMANDS_HEAD + "\n".join(_group(get_command(app), ())).rstrip() + "\n"


def _group(group: Any, path: tuple[str, ...]) -> Iterator[str]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from (f"## {name}", "", command.help, "")
            yield from _group(command, (*path, name))
        else:
            yield from _command(command, (*path, name))


def _command(command: Any, path: tuple[str, ...]) -> Iterator[str]:
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    options = [each for each in command.params if each.param_type_name == "option"]
    usage = " ".join(["tabuh", *path, *(_usage(argument) for argument in arguments)])
    yield from ("#" * (len(path) + 1) + f" `{usage}`", "", _flat(command.help), "")
    rows = [
        *((f"`{_shown(each)}`", each.help or "") for each in arguments),
        *((_spelling(each), each.help or "") for each in options if each.name not in ("as_json", "help")),
    ]
    if rows:
        yield from ("| | |", "|---|---|", *(f"| {left} | {_flat(right)} |" for left, right in rows), "")


def _usage(argument: Any) -> str:
    return _shown(argument) if argument.required else f"[{_shown(argument)}]"


def _shown(argument: Any) -> str:
    return str(argument.metavar or argument.name.upper())


def _spelling(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    return names if option.is_flag else f"{names} {option.metavar or option.name.upper()}"


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text or "").replace("|", "\\|").strip()


def main() -> None:
    """Write both pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "settings.md").write_text(settings())
    (FOLDER / "commands.md").write_text(commands())


if __name__ == "__main__":
    main()
