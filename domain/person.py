"""Roles, what each of them may do, and what a password must be."""

from collections.abc import Mapping
from enum import StrEnum

from domain.errors import UsageError


class Role(StrEnum):
    """What a person is in one workspace."""

    OWNER = "owner"
    EDITOR = "editor"
    APPROVER = "approver"
    READER = "reader"


class Permission(StrEnum):
    """One kind of act; every page and every API call names the one it needs."""

    #: Look at everything but secrets.
    SEE = "see"
    #: Write posts, move and skip them, add feeds, routes and KPIs.
    EDIT = "edit"
    #: Release posts that await approval.
    APPROVE = "approve"
    #: Connect channels and change their credentials.
    CONNECT = "connect"
    #: Change the workspace itself and who belongs to it.
    ADMINISTER = "administer"


P = Permission
#: The one permission table.
GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.EDITOR: frozenset({P.SEE, P.EDIT}),
    Role.APPROVER: frozenset({P.SEE, P.APPROVE}),
    Role.READER: frozenset({P.SEE}),
}


class Scope(StrEnum):
    """How far an API token goes; never further than its owner's role."""

    READ = "read"
    WRITE = "write"


#: Code points. The upper bound keeps one check cheap.
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200


def check_password_choice(password: str, *, name: str) -> None:
    """Raise `UsageError` with what to do unless this may be the password of the person called ``name``."""
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"The password needs at least {SHORTEST_PASSWORD} characters; a few words do well.")
    if len(password) > LONGEST_PASSWORD:
        raise UsageError(f"The password may have at most {LONGEST_PASSWORD} characters.")
    if len(set(password)) < 4:
        raise UsageError("The password repeats too few characters; a few words do well.")
    bare = password.casefold().replace(" ", "")
    if len(name) > 2 and name.casefold().replace(" ", "") in bare:
        raise UsageError("The password must not hold your name.")
