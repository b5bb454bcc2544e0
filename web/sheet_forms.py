"""Forms that take a file: what was sent, and how a page that only looks at it carries it to the next."""

import binascii
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from domain.sheet import MOST_BYTES
from domain.sheet_times import DayOrder
from web.posted import clean

_PART = 24 * 1024 * 1024


@dataclass(frozen=True)
class SheetForm:
    """What was sent: a file or pasted text, or the packed sheet of the page before."""

    raw: bytes = b""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def order(self) -> DayOrder | None:
        """What the person said of 03/04/2026."""
        match self.fields.get("dates"):
            case "day":
                return "day"
            case "month":
                return "month"
        return None

    @property
    def packed(self) -> str:
        """The sheet as a hidden field carries it to the next page."""
        return b64encode(zlib.compress(self.raw, 9)).decode()

    @property
    def is_too_large(self) -> bool:
        """Whether it is more than one sheet may hold."""
        return len(self.raw) > MOST_BYTES


async def _sheet_form(request: Request) -> SheetForm:
    async with request.form(max_files=1, max_fields=30, max_part_size=_PART) as form:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        file = form.get("file")
        raw = await file.read() if isinstance(file, UploadFile) else b""
    packed = texts.pop("packed", "")
    fields = {name: clean(value) for name, value in texts.items()}
    pasted = fields.get("pasted", "").encode()
    return SheetForm(raw or pasted or _unpacked(packed), fields)


def _unpacked(packed: str) -> bytes:
    """What `SheetForm.packed` was made of; nothing, where somebody changed it."""
    try:
        reader = zlib.decompressobj()
        return reader.decompress(b64decode(packed, validate=True), MOST_BYTES + 1)
    except (binascii.Error, zlib.error, ValueError):
        return b""


GivenSheet = Annotated[SheetForm, Depends(_sheet_form)]
