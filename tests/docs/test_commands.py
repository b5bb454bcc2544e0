"""Every command that a page shows exists, with the options and arguments that it is shown with."""

import re
import shlex
from collections.abc import Iterator

import pytest
import typer
from typer.main import get_command

from cli.main import app
from tests.docs.markdown import page, pages, shell_lines

#: Languages of blocks that hold commands for a shell, whole or in a setting.
COMMANDS_IN = {"sh", "cron", "ini"}
_JOINED = re.compile(r"\s(?:&&|\|\||\||;)\s|(?<=[)])\s*;\s*")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_HIDDEN = str.maketrans("|&;", "\ue000\ue001\ue002")
_SHOWN = str.maketrans("\ue000\ue001\ue002", "|&;")
_SUBSTITUTED = re.compile(r"\$\((?P<inner>[^()]*)\)")


def shown() -> Iterator[tuple[str, list[str]]]:
    """Where a `tabuh` command stands, and its words after the name."""
    for one in pages():
        for block in one.blocks:
            for line in shell_lines(block.text) if block.language in COMMANDS_IN else ():
                yield from ((f"{one}:{block.line}", words) for words in _tabuh_words(line))


def _tabuh_words(line: str) -> Iterator[list[str]]:
    for inner in _SUBSTITUTED.finditer(line):
        yield from _tabuh_words(inner["inner"])
    # What stands in quotes joins nothing, such as the rules of a route.
    bare = _QUOTED.sub(lambda quoted: quoted[0].translate(_HIDDEN), _SUBSTITUTED.sub("substituted", line))
    for part in _JOINED.split(bare):
        words = [word.translate(_SHOWN) for word in shlex.split(part, comments=True)]
        while words and re.match(r"[A-Z_]+=", words[0]):  # variables before the command
            words.pop(0)
        if words and re.fullmatch(r"(?:ExecStart=)?(?:\S*/)?tabuh", words[0]):
            yield _without_redirections(words[1:])


def _without_redirections(words: list[str]) -> list[str]:
    kept, skipping = [], False
    for word in words:
        if skipping:
            skipping = False
        elif word in {"<", ">", ">>", "2>"}:
            skipping = True
        elif not re.match(r"\d?[<>]", word):
            kept.append(word)
    return kept


def parsed(words: list[str]) -> None:
    """Parse as the program does, and run nothing.

    Raises:
        TyperException: an unknown command or option, or a missing or surplus argument.
    """
    command = get_command(app)
    context = command.make_context("tabuh", list(words))
    while (rest := [*getattr(context, "_protected_args", []), *context.args]) and hasattr(
        command, "resolve_command"
    ):
        name, command, left = command.resolve_command(context, rest)
        context = command.make_context(name, left, parent=context)


COMMANDS = list(shown())


@pytest.mark.parametrize(
    ("where", "words"), COMMANDS, ids=[f"{where} {' '.join(words)}" for where, words in COMMANDS]
)
def test_a_command_on_a_page_is_one_that_the_program_takes(where: str, words: list[str]) -> None:
    if words[:1] == ["test"]:  # of the script, not of the program
        return
    try:
        parsed(words)
    except typer.TyperException as refused:
        pytest.fail(f"{where}: tabuh {' '.join(words)}: {refused.format_message()}")


@pytest.mark.parametrize(
    "words",
    [["feeds"], ["feed", "lst"], ["post", "add"], ["post", "add", "hi", "--soon"], ["post", "show", "x"]],
    ids=" ".join,
)
def test_a_wrong_command_would_be_noticed(words: list[str]) -> None:
    with pytest.raises(typer.TyperException):
        parsed(words)


def test_commands_in_back_quotes_exist_too() -> None:
    wrong = []
    for one in pages():
        for words in re.findall(r"`(?:\./)?tabuh ([a-z][a-z -]*[a-z])(?: [A-Z][^`]*)?`", one.prose):
            said = words.split()
            group = get_command(app)
            while said and hasattr(group, "commands"):
                name = said.pop(0)
                if name not in group.commands and name != "test":
                    wrong.append(f"{one}: tabuh {words}")
                    break
                group = group.commands.get(name, object())

    assert wrong == []


def test_the_two_commands_and_the_one_line_stand_at_the_top_of_the_readme() -> None:
    first, second, *_ = (block for block in page("README.md").blocks if block.language == "sh")
    commands = [line.split("#")[0].split() for line in shell_lines(first.text)]

    assert first.line <= 3
    assert commands == [["./tabuh"], ["./tabuh", "test"]]
    assert second.text.startswith("./tabuh up --feed ")
    assert second.line <= 16
