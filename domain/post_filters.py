"""What published posts can be, for the filters of lists: types and origins with their names."""

from collections.abc import Mapping
from enum import StrEnum

from domain.rules import Kind
from domain.sentence import Words

#: What a post is, for filters: its kind, or a thread of any kind.
THREAD = "thread"
KINDS: Mapping[str, Words] = {
    Kind.TEXT: Words("Text", "Teks"),
    Kind.IMAGE: Words("Picture", "Gambar"),
    Kind.VIDEO: Words("Video", "Video"),
    Kind.LINK: Words("Link", "Tautan"),
    Kind.POLL: Words("Poll", "Jajak pendapat"),
    THREAD: Words("Thread", "Utas"),
}


class Origin(StrEnum):
    """Where a post comes from."""

    #: A route made it of an entry.
    ROUTE = "route"
    #: Somebody wrote it here.
    PERSON = "person"
    #: One cycle of an evergreen.
    EVERGREEN = "evergreen"
    #: Written on the platform itself.
    NATIVE = "native"


#: Sent from here, whoever made it; written on the platform itself.
OURS, NATIVE = "ours", "native"
ORIGINS: Mapping[str, Words] = {
    OURS: Words("Sent from here", "Dikirim dari sini"),
    NATIVE: Words("Written on the platform", "Ditulis di platform"),
    Origin.ROUTE: Words("From a feed, by a route", "Dari feed, lewat rute"),
    Origin.PERSON: Words("Written by hand", "Ditulis tangan"),
    Origin.EVERGREEN: Words("Evergreen", "Pos abadi"),
    Origin.NATIVE: Words("Written on the platform itself", "Ditulis langsung di platform"),
}
#: Longest text that is searched for.
LONGEST_SEARCH = 200
#: A language that nobody stated, as the standards write it.
UNSTATED = "und"
