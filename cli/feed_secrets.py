"""What opens a feed, told on the command line: its kind and name there, the secret anywhere but there."""

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from domain.errors import UsageError

if TYPE_CHECKING:
    from scheduler.feed_access import Access

#: Where programs put the secret.
VARIABLE = "TABUH_CREDENTIAL_FEED"

Auth = Annotated[
    str | None,
    typer.Option(
        "--auth",
        metavar="KIND",
        help="What opens it: basic, bearer, header or cookie. The secret is asked for, or read from standard "
        f"input or {VARIABLE}.",
    ),
]
AuthName = Annotated[
    str, typer.Option("--auth-name", metavar="NAME", help="The user of basic, or the name of the header.")
]


def asked_access(kind: str | None, name: str) -> "Access | None":
    """What opens a feed, with its secret from the environment, a person, or standard input.

    Raises:
        UsageError: the kind is unknown, or something is missing.
    """
    from scheduler.feed_access import KINDS, access_of

    if kind is None:
        if name:
            raise UsageError(f"Say with --auth what opens the feed: {', '.join(KINDS)}.")
        return None
    if kind not in KINDS:
        raise UsageError(f"A feed is opened by one of: {', '.join(KINDS)}.")
    return access_of(kind, name=name, secret=_secret(kind))


def _secret(kind: str) -> str:
    told = os.environ.get(VARIABLE)
    if told:
        return told
    if sys.stdin.isatty():
        word = {"basic": "Password", "bearer": "Token", "cookie": "Cookie (name=value)"}.get(kind, "Value")
        answer: str = typer.prompt(word, hide_input=True, err=True)
        return answer
    return sys.stdin.readline().rstrip("\r\n")
