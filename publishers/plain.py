"""Whether a text that a platform gives back is the plain text that was sent to it."""

import re
import unicodedata

#: Platforms add or leave out the scheme, and the slash at the end, of an address.
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_LAST_SLASH = re.compile(r"/(?=\s|$)")


def same_words(sent: str, shown: str) -> bool:
    """Whether both say the same, whatever became of spaces, unseen signs, forms of letters and schemes."""
    return skeleton(sent) == skeleton(shown)


def skeleton(text: str) -> str:
    """What of a text every platform keeps."""
    bare = _LAST_SLASH.sub("", _SCHEME.sub("", text))
    folded = unicodedata.normalize("NFKC", bare).casefold()
    return "".join(
        sign for sign in folded if not sign.isspace() and unicodedata.category(sign) not in _UNSEEN
    )


#: Categories of signs that platforms drop: control and format.
_UNSEEN = frozenset({"Cc", "Cf"})
