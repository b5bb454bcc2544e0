"""What a person should know before a post goes out as it is; a warning never stops anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.placement import moment
from domain.sentence import Words, number

_WORDS: Mapping[str, Words] = {
    "same": Words(
        "The same text stands on this channel already ({when}, post {post}).",
        "Teks yang sama sudah ada di kanal ini ({when}, pos {post}).",
    ),
    "alike": Words(
        "Nearly the same text stands on this channel already ({percent} % alike, {when}, post {post}).",
        "Teks yang hampir sama sudah ada di kanal ini ({percent} % mirip, {when}, pos {post}).",
    ),
    "near": Words(
        "Another post of this channel goes out {minutes} min away ({when}, post {post}).",
        "Pos lain di kanal ini terbit berselang {minutes} menit ({when}, pos {post}).",
    ),
    "kin": Words(
        "A post of the same campaign or story goes out {when} (post {post}), nearer than the channel's rules "
        "want.",
        "Pos dari kampanye atau cerita yang sama terbit {when} (pos {post}), lebih dekat dari aturan kanal.",
    ),
    "quiet": Words("This hour lies in the channel's quiet hours.", "Jam ini termasuk jam tenang kanal."),
    "blackout": Words("This day is a blackout day of the channel.", "Hari ini adalah hari jeda kanal."),
    "holiday": Words("This day is a holiday of the channel.", "Hari ini adalah hari libur kanal."),
    "cap_day": Words(
        "The channel then has {count} posts on this day; its rules want at most {cap}.",
        "Kanal lalu punya {count} pos pada hari ini; aturannya paling banyak {cap}.",
    ),
    "budget": Words(
        "The channel then has {count} posts on this day; its platform takes {cap}. The rest goes out when "
        "there is room.",
        "Kanal lalu punya {count} pos pada hari ini; platformnya menerima {cap}. Sisanya terbit bila ada "
        "tempat.",
    ),
    "access": Words(
        "The access to this channel ends before ({when}): connect it again until then.",
        "Akses ke kanal ini berakhir sebelum itu ({when}): sambungkan lagi sebelum saat itu.",
    ),
    "cap_week": Words(
        "The channel then has {count} posts in this week; its rules want at most {cap}.",
        "Kanal lalu punya {count} pos pada minggu ini; aturannya paling banyak {cap}.",
    ),
}


@dataclass(frozen=True, slots=True)
class Warning:
    """One thing to look at; ``key`` names the sentence, ``values`` fill it."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def said(self, *, where: ZoneInfo, language: str) -> str:
        """The warning in the reader's language, with times in this zone."""
        told = {}
        for name, value in self.values.items():
            if isinstance(value, datetime):
                told[name] = moment(value, where=where, language=language)
            elif name == "post":
                told[name] = str(value)
            else:
                told[name] = number(value, language)
        return _WORDS[self.key].said(language).format(**told)
