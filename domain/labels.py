"""What people call a post beside its text: campaign and tags, and what a campaign adds to a link."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from domain.errors import UsageError
from domain.route import with_utm

#: Longest name of a campaign and longest tag, in characters; most tags on one post.
LONGEST_NAME: Final = 80
LONGEST_TAG: Final = 40
MOST_TAGS: Final = 20


@dataclass(frozen=True, slots=True)
class Labels:
    """Campaign and tags of a post, cleaned."""

    campaign: str | None = None
    tags: tuple[str, ...] = ()


NO_LABELS: Final = Labels()


def labels(campaign: str | None, tags: Iterable[str] = ()) -> Labels:
    """The labels as a post keeps them: one space between words, each tag once.

    Raises:
        UsageError: a name is too long, or there are too many tags.
    """
    name = " ".join((campaign or "").split())
    if len(name) > LONGEST_NAME:
        raise UsageError(f"The name of a campaign has at most {LONGEST_NAME} characters: shorten it.")
    kept: dict[str, str] = {}
    for tag in tags:
        trimmed = " ".join(tag.split()).lstrip("#")
        if len(trimmed) > LONGEST_TAG:
            raise UsageError(
                f"The tag {trimmed[:20]!r}… is longer than {LONGEST_TAG} characters: shorten it."
            )
        if trimmed:
            kept.setdefault(trimmed.casefold(), trimmed)
    if len(kept) > MOST_TAGS:
        raise UsageError(f"A post takes at most {MOST_TAGS} tags; got {len(kept)}.")
    return Labels(name or None, tuple(kept.values()))


def campaign_link(link: str, campaign: str, *, platform: str) -> str:
    """The link with the campaign's UTM parameters; those that it has already stay as they are."""
    wanted = {
        "utm_source": platform,
        "utm_medium": "social",
        "utm_campaign": campaign_slug(campaign),
    }
    try:
        query = urlsplit(link).query
    except ValueError:
        return link
    there = {part.partition("=")[0].lower() for part in query.split("&")}
    return with_utm(link, {name: value for name, value in wanted.items() if name not in there})


def campaign_slug(campaign: str) -> str:
    """The campaign as one lower-case word for addresses: ``Ramadan Sale 2027`` → ``ramadan-sale-2027``."""
    plain = unicodedata.normalize("NFKC", campaign).casefold()
    return re.sub(r"[^\w]+", "-", plain).strip("-") or "campaign"
