"""Blocks of WordPress's editor, so that a post of ours can be edited there like any other.

Source: developer.wordpress.org/block-editor (markup representation of a block; image and gallery).
"""

import html
from collections.abc import Mapping, Sequence
from typing import Any


def block(kind: str, inner: str, about: str = "") -> str:
    """A block of WordPress's editor. What looks like a shortcode in it stays text."""
    return f"<!-- wp:{kind}{about} -->\n{inner.replace('[', '&#91;')}\n<!-- /wp:{kind} -->"


def gallery(media: Sequence[Mapping[str, Any]]) -> str:
    """Pictures of the library, side by side, as the API gives them."""
    shown = [
        block(
            "image",
            f'<figure class="wp-block-image size-large"><img src="{html.escape(str(one["source_url"]))}" '
            f'alt="{html.escape(str(one.get("alt_text", "")))}" class="wp-image-{int(one["id"])}"/></figure>',
            f' {{"id":{int(one["id"])},"sizeSlug":"large","linkDestination":"none"}}',
        )
        for one in media
    ]
    inner = "\n".join(shown)
    figure = '<figure class="wp-block-gallery has-nested-images columns-default is-cropped">'
    return block("gallery", f"{figure}{inner}</figure>", ' {"linkTo":"none"}')
