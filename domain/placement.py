"""Why a post is where automation put it, kept with the choice and said in English or Indonesian."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.sentence import Words, number

#: What stood in the way of a better slot, and how it is said: of one slot, and of several.
BARRIERS: Mapping[str, Words] = {
    "quiet": Words("in quiet hours", "pada jam tenang"),
    "blackout": Words("on a blackout day", "pada hari jeda"),
    "holiday": Words("on a holiday", "pada hari libur"),
    "route": Words("too soon for the route's own pace", "terlalu cepat untuk laju rutenya sendiri"),
    "taken": Words("taken by another post", "sudah ditempati pos lain"),
    "near": Words("too near to another post", "terlalu dekat dengan pos lain"),
    "kin": Words(
        "too near to a post of the same campaign or story",
        "terlalu dekat dengan pos dari kampanye atau cerita yang sama",
    ),
    "day": Words("on a day that has enough posts", "pada hari yang posnya sudah cukup"),
    "week": Words("in a week that has enough posts", "pada minggu yang posnya sudah cukup"),
}
_DAYS = (
    Words("Mon", "Sen"), Words("Tue", "Sel"), Words("Wed", "Rab"), Words("Thu", "Kam"), Words("Fri", "Jum"),
    Words("Sat", "Sab"), Words("Sun", "Min"),
)  # fmt: skip
_MONTHS = (
    Words("Jan", "Jan"), Words("Feb", "Feb"), Words("Mar", "Mar"), Words("Apr", "Apr"), Words("May", "Mei"),
    Words("Jun", "Jun"), Words("Jul", "Jul"), Words("Aug", "Agu"), Words("Sep", "Sep"), Words("Oct", "Okt"),
    Words("Nov", "Nov"), Words("Dec", "Des"),
)  # fmt: skip


_BETTER, _EARLIER = Words("better", "yang lebih baik"), Words("earlier", "yang lebih awal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """The best slot that was not to be had."""

    at: datetime
    value: float
    #: A key of `BARRIERS`.
    barrier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Why one slot was chosen; slots are counted within the post's own earliest and latest time."""

    #: Against an average hour now, which is 1; later hours are worth a little less.
    value: float
    #: 1: no free slot was worth more.
    rank: int
    #: Slots that it could have had, its own included.
    free: int
    #: Of the slots worth more that were not to be had: how many, by what stood in the way.
    barred: Mapping[str, int]
    missed: Missed | None = None
    #: Posts from which the hours' values were learned; 0: all hours counted the same.
    learned_from: int = 0
    #: It took this slot to explore: hours that are little known are tried now and then.
    explored: bool = False

    def as_json(self) -> dict[str, Any]:
        """What a row of the log keeps."""
        missed = self.missed and {
            "at": self.missed.at.isoformat(), "value": self.missed.value, "barrier": self.missed.barrier,
        }  # fmt: skip
        return {
            "value": self.value, "rank": self.rank, "free": self.free, "barred": dict(self.barred),
            "missed": missed, "learned_from": self.learned_from, "explored": self.explored,
        }  # fmt: skip


def placement_from(stored: Mapping[str, Any]) -> Placement:
    """The placement that `Placement.as_json` wrote."""
    missed = stored.get("missed")
    return Placement(
        value=stored["value"],
        rank=stored["rank"],
        free=stored["free"],
        barred=stored["barred"],
        missed=missed
        and Missed(at=datetime.fromisoformat(missed["at"]), value=missed["value"], barrier=missed["barrier"]),
        learned_from=stored.get("learned_from", 0),
        explored=stored.get("explored", False),
    )


def moment(at: datetime, *, where: ZoneInfo, language: str) -> str:
    """A time as people write it: ``Tue 3 Mar 09:00``, ``Sel 3 Mar 09.00``."""
    wall = at.astimezone(UTC).astimezone(where)
    clock = f"{wall:%H.%M}" if Words("en", "id").said(language) == "id" else f"{wall:%H:%M}"
    day, month = _DAYS[wall.weekday()].said(language), _MONTHS[wall.month - 1].said(language)
    return f"{day} {wall.day} {month} {clock}"


def explained(placement: Placement, *, where: ZoneInfo, language: str) -> str:
    """Why the slot was chosen, in two or three sentences."""
    say = _Say(where, language)
    parts = [say.standing(placement)]
    if placement.barred:
        parts.append(say.barred(placement.barred, learned=bool(placement.learned_from)))
    if placement.missed is not None and sum(placement.barred.values()) > 1:
        parts.append(say.missed(placement.missed, learned=bool(placement.learned_from)))
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class _Say:
    where: ZoneInfo
    language: str

    def standing(self, placement: Placement) -> str:
        if placement.explored:
            text = Words(
                "Tried to learn about this hour: number {rank} of {free} free slots, value {value}.",
                "Dicoba untuk mempelajari jam ini: nomor {rank} dari {free} slot kosong, nilai {value}.",
            )
        elif placement.free == 1:
            text = Words("The only free slot (value {value}).", "Satu-satunya slot kosong (nilai {value}).")
        elif placement.rank > 1:
            text = Words(
                "Number {rank} of {free} free slots by value ({value}), so that the posts together do best.",
                "Nomor {rank} dari {free} slot kosong menurut nilai ({value}), agar semua pos bersama-sama "
                "paling baik.",
            )
        elif placement.learned_from:
            text = Words(
                "The best of {free} free slots: value {value}, learned from {posts} posts.",
                "Yang terbaik dari {free} slot kosong: nilai {value}, dipelajari dari {posts} pos.",
            )
        else:
            text = Words(
                "The soonest of {free} free slots (value {value}; no hour is known to be better yet).",
                "Yang tercepat dari {free} slot kosong (nilai {value}; belum ada jam yang diketahui lebih "
                "baik).",
            )
        return text.said(self.language).format(
            rank=self.count(placement.rank),
            free=self.count(placement.free),
            value=self.value(placement.value),
            posts=self.count(placement.learned_from),
        )

    def barred(self, barred: Mapping[str, int], *, learned: bool) -> str:
        total = sum(barred.values())
        better = (_BETTER if learned else _EARLIER).said(self.language)
        if total == 1:
            text = Words(
                "One {better} slot was not to be had: {list}.", "Satu slot {better} tak bisa diambil: {list}."
            )
        else:
            text = Words(
                "{total} {better} slots were not to be had: {list}.",
                "{total} slot {better} tak bisa diambil: {list}.",
            )
        named = [
            f"{self.count(count)} {BARRIERS[key].said(self.language)}"
            if total > 1
            else BARRIERS[key].said(self.language)
            for key, count in barred.items()
            if key in BARRIERS
        ]
        return text.said(self.language).format(total=self.count(total), list=", ".join(named), better=better)

    def missed(self, missed: Missed, *, learned: bool) -> str:
        if learned:
            text = Words(
                "The best of those: {when} (value {value}), {why}.",
                "Yang terbaik di antaranya: {when} (nilai {value}), {why}.",
            )
        else:
            text = Words("The first of those: {when}, {why}.", "Yang pertama di antaranya: {when}, {why}.")
        return text.said(self.language).format(
            when=moment(missed.at, where=self.where, language=self.language),
            value=self.value(missed.value),
            why=BARRIERS[missed.barrier].said(self.language),
        )

    def count(self, value: int) -> str:
        return number(value, self.language)

    def value(self, value: float) -> str:
        return number(round(value, 2), self.language)
