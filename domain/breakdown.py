"""By what published posts are grouped, and what the groups are called."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from domain.sentence import Words


class By(StrEnum):
    """What the posts of one group have in common."""

    CHANNEL = "channel"
    PLATFORM = "platform"
    ROUTE = "route"
    FEED = "feed"
    #: Text, picture, video, link, poll; a thread belongs to the type of its first part.
    KIND = "kind"
    #: Hour of the week, by the clock of each post's channel.
    SLOT = "slot"
    WEEKDAY = "weekday"
    HOUR = "hour"
    CAMPAIGN = "campaign"
    #: A post with two tags belongs to both groups.
    TAG = "tag"
    AUTHOR = "author"
    #: As stated, without its region: ``id`` also for ``id-ID``.
    LANGUAGE = "language"
    ORIGIN = "origin"


NAMES: Mapping[By, Words] = {
    By.CHANNEL: Words("Channel", "Kanal"),
    By.PLATFORM: Words("Platform", "Platform"),
    By.ROUTE: Words("Route", "Rute"),
    By.FEED: Words("Feed", "Feed"),
    By.KIND: Words("Type", "Jenis"),
    By.SLOT: Words("Slot", "Slot"),
    By.WEEKDAY: Words("Day of the week", "Hari dalam pekan"),
    By.HOUR: Words("Hour", "Jam"),
    By.CAMPAIGN: Words("Campaign", "Kampanye"),
    By.TAG: Words("Tag", "Tagar"),
    By.AUTHOR: Words("Author", "Penulis"),
    By.LANGUAGE: Words("Language", "Bahasa"),
    By.ORIGIN: Words("Comes from", "Berasal dari"),
}
#: What the posts are called that are in no group.
WITHOUT: Mapping[By, Words] = {
    By.ROUTE: Words("Without a route", "Tanpa rute"),
    By.FEED: Words("Not from a feed", "Bukan dari feed"),
    By.CAMPAIGN: Words("Without a campaign", "Tanpa kampanye"),
    By.TAG: Words("Without a tag", "Tanpa tagar"),
    By.AUTHOR: Words("Not written by a person here", "Tidak ditulis orang di sini"),
    By.LANGUAGE: Words("Not stated", "Tidak disebutkan"),
    By.ORIGIN: Words("Not known", "Tidak diketahui"),
}
#: Groupings in which a post may belong to several groups.
OVERLAPPING: Final = frozenset({By.TAG})
#: Groupings whose groups have an order of their own.
ORDERED: Final = frozenset({By.SLOT, By.WEEKDAY, By.HOUR})
#: Groups with fewer posts are marked: chance alone could explain their figures.
ENOUGH: Final = 5
#: What is told of each group when nothing else is asked for, as far as it is there.
FIGURES: Final = (
    "impressions", "engagement", "engagement_per_post", "er_impr", "er_views", "er_followers", "clicks",
    "clicks_per_post", "conversions", "revenue",
)  # fmt: skip
#: Sort keys beside figures.
BY_NAME, BY_POSTS = "name", "posts"
#: What posts brought on the own sites.
BROUGHT: Final = frozenset({"conversions", "revenue"})

_DAYS = (
    Words("Monday", "Senin"), Words("Tuesday", "Selasa"), Words("Wednesday", "Rabu"),
    Words("Thursday", "Kamis"), Words("Friday", "Jumat"), Words("Saturday", "Sabtu"),
    Words("Sunday", "Minggu"),
)  # fmt: skip


def weekday(day: int) -> Words:
    """The name of a day; 0 is Monday."""
    return _DAYS[day]


def hour(number: int) -> Words:
    """How an hour is written: ``09:00``, ``09.00``."""
    return Words(f"{number:02d}:00", f"{number:02d}.00")


def slot(day: int, number: int) -> Words:
    """How an hour of the week is written: ``Monday 09:00``."""
    return Words(f"{_DAYS[day].en} {hour(number).en}", f"{_DAYS[day].id} {hour(number).id}")
