"""Codes of short links that a person chooses: which will do, and which look alike."""

import re
from typing import Final

from domain.errors import UsageError

SHORTEST: Final = 2
LONGEST: Final = 32
_CODE: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
#: Words that pages of ours or of any server have, or by which a stranger could seem to speak for it.
_WORDS: Final = """
about abuse account accounts admin administrator api app apps assets auth billing calendar channels
click clicks connect contact contacts demo dns docs download downloads favicon feed feeds healthz help
home hooks host hostmaster imprint index info install kpis legal link links login logout mail manage
media metrics news-feed null oauth openapi owner page pages password post postmaster posts prefs privacy
public queue readyz reset robots root routes secret secure security settings setup sign-in sign-out
signin signout signup sitemap sms ssl static statistics status support survey system tabuh test token
track tracking undefined unsubscribe update uploads user users verify web webhook webmaster well-known
wp-admin wp-login www
"""
RESERVED: Final = frozenset(_WORDS.split())
#: Letters and digits that the eye takes for one another.
_ALIKE: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "8": "b", "2": "z", "-": None})


def chosen_code(text: str) -> str:
    """The code as it is kept: lower case. A reader may type it in any case.

    Raises:
        UsageError: it is no code, or a reserved word.
    """
    code = text.strip().lower()
    if not SHORTEST <= len(code) <= LONGEST:
        raise UsageError(f"A code has {SHORTEST} to {LONGEST} characters: choose another.")
    if not _CODE.fullmatch(code):
        raise UsageError(
            "A code has letters a to z, digits, and single hyphens between them, such as summer-sale: "
            "choose another."
        )
    if code in RESERVED or looks_of(code) in _RESERVED_LOOKS:
        raise UsageError(f"The code {code} is reserved: choose another.")
    return code


def looks_of(code: str) -> str:
    """The code as the eye takes it: two codes with the same looks would be mistaken for one another."""
    plain = code.lower().translate(_ALIKE)
    return plain.replace("rn", "m").replace("vv", "w")


_RESERVED_LOOKS: Final = frozenset(looks_of(word) for word in RESERVED)
