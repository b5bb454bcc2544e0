"""What servers of the Mastodon API take: their own word for it, else what Mastodon itself takes.

Source: docs.joinmastodon.org/entities/Instance, and V1_Instance of older servers.
"""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from domain.content import Capabilities, PollRules
from domain.media import PictureRules, VideoRules
from publishers.address import server_address
from publishers.base import BaseSettings

#: What Mastodon itself allows, unless its owner changed it.
MAX_CHARACTERS = 500

#: What Mastodon itself takes of pictures, unless its owner changed it.
PICTURES = PictureRules(most=4, max_bytes=16 * 10**6, max_side=5760, max_alt=1500)
VIDEOS = VideoRules(
    most=1,
    max_bytes=99 * 2**20,
    kinds=frozenset({"video/mp4", "video/quicktime", "video/webm"}),
    max_alt=1500,
)
POLLS = PollRules(most=4, max_option=50, min_minutes=5, max_minutes=30 * 24 * 60, multiple=True)
#: A bound of ours: Mastodon has none.
MAX_THREAD = 25


class MastodonSettings(BaseSettings):
    """The server, and what it said of its limits."""

    server: Annotated[str, AfterValidator(server_address)] = Field(
        title="Server", description="Its address, such as https://mastodon.example"
    )
    visibility: Literal["public", "unlisted", "private"] | None = Field(
        default=None, title="Visibility", description="Empty: as the server's own settings say"
    )
    #: Learned by `Mastodon.enrich`, asked of nobody.
    max_characters: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    characters_per_url: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    max_pictures: int | None = Field(default=None, ge=0, json_schema_extra={"learned": True})
    picture_bytes: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    max_alt: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    video_bytes: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    poll_options: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    poll_option_characters: int | None = Field(default=None, ge=1, json_schema_extra={"learned": True})
    #: Whether it shows nothing but pictures and videos, as Pixelfed does.
    needs_media: bool = Field(default=False, json_schema_extra={"learned": True})


def narrowed(capabilities: Capabilities, known: MastodonSettings) -> Capabilities:
    """The capabilities as one server has them."""
    pictures = replace(
        PICTURES,
        most=PICTURES.most if known.max_pictures is None else known.max_pictures,
        max_bytes=known.picture_bytes or PICTURES.max_bytes,
        max_alt=known.max_alt or PICTURES.max_alt,
    )
    videos = replace(
        VIDEOS, max_bytes=known.video_bytes or VIDEOS.max_bytes, max_alt=known.max_alt or VIDEOS.max_alt
    )
    polls = replace(
        POLLS,
        most=known.poll_options or POLLS.most,
        max_option=known.poll_option_characters or POLLS.max_option,
    )
    return replace(
        capabilities,
        max_characters=known.max_characters or MAX_CHARACTERS,
        pictures=pictures if pictures.most else None,
        videos=videos if pictures.most else None,
        polls=polls,
        needs_media=known.needs_media,
    )


def learned(about: dict[str, Any]) -> dict[str, int]:
    """What a server says of its limits, by the names of `MastodonSettings`."""
    told = about.get("configuration") or {}
    limits, of_media = told.get("statuses") or {}, told.get("media_attachments") or {}
    of_polls = told.get("polls") or {}
    said = {
        "max_characters": limits.get("max_characters") or about.get("max_toot_chars"),
        "characters_per_url": limits.get("characters_reserved_per_url"),
        "max_pictures": limits.get("max_media_attachments"),
        "picture_bytes": of_media.get("image_size_limit"),
        "max_alt": of_media.get("description_limit"),
        "video_bytes": of_media.get("video_size_limit"),
        "poll_options": of_polls.get("max_options"),
        "poll_option_characters": of_polls.get("max_characters_per_option"),
    }
    known = {name: value for name, value in said.items() if isinstance(value, int) and value > 0}
    # Such as "3.5.3 (compatible; Pixelfed 0.12.5)": no field says that it takes no text alone.
    return {**known, "needs_media": "pixelfed" in str(about.get("version", "")).lower()}
