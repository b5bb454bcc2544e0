"""The rows of a sheet as posts that are to be made: every cell checked, all that is wrong told at once."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from domain.content import Content
from domain.errors import TabuhError, UsageError
from domain.extras import NO_EXTRAS, Extras, extras, extras_json, parts_in
from domain.labels import NO_LABELS, Labels, labels
from domain.media import Attachment
from domain.post import PostState
from domain.sheet import Problem, Row, Sheet
from domain.sheet_times import DayOrder, Meant, day_order, read_time
from publishers.address import opened_by_browsers
from publishers.base import Publisher
from scheduler.wishes import NO_TIME_BETWEEN, PRIORITIES
from store.tables import ChannelRow

#: Longest text, in characters, longest address, and longest text for an image.
LONGEST_TEXT: Final = 50_000
LONGEST_LINK: Final = 2_048
LONGEST_ALT: Final = 10_000
#: Priorities, as posts have them.
LOWEST, HIGHEST = -2, 3
#: The key of a row that our own export wrote: the number of its post.
OWN_KEY: Final = re.compile(r"tabuh-(\d{1,18})")


class How(StrEnum):
    """How a post gets its hour."""

    AT = "at"
    #: As `AT`, and it holds the slot of that time, where that is free.
    SLOT = "slot"
    NEXT_SLOT = "next-slot"
    AT_ONCE = "now"
    NOWHERE = "draft"


_HOW: Final[Mapping[str, How]] = {
    "": How.AT,
    "at": How.AT, "time": How.AT, "waktu": How.AT,
    "slot": How.SLOT,
    "next-slot": How.NEXT_SLOT, "next slot": How.NEXT_SLOT, "next": How.NEXT_SLOT,
    "slot berikutnya": How.NEXT_SLOT, "berikutnya": How.NEXT_SLOT,
    "now": How.AT_ONCE, "at once": How.AT_ONCE, "sekarang": How.AT_ONCE,
    "draft": How.NOWHERE, "draf": How.NOWHERE,
}  # fmt: skip
_STATES: Final[Mapping[str, PostState]] = {
    "": PostState.QUEUED,
    **{state.value.replace("_", " "): state for state in PostState},
    "scheduled": PostState.QUEUED, "antre": PostState.QUEUED, "terjadwal": PostState.QUEUED,
    "draf": PostState.DRAFT, "menunggu persetujuan": PostState.AWAITING_APPROVAL,
    "terbit": PostState.PUBLISHED,
}  # fmt: skip
_PRIORITIES: Final[Mapping[str, int]] = {
    **PRIORITIES, "rendah": -1, "biasa": 0, "tinggi": 1, "mendesak": 2,
}  # fmt: skip
_YES: Final = frozenset({"yes", "true", "1", "x", "ya"})
_TAKEN: Final = frozenset({PostState.QUEUED, PostState.DRAFT, PostState.AWAITING_APPROVAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One post that a row asks for; a row with several channels asks for several."""

    row: int
    channel: ChannelRow
    content: Content
    labels: Labels
    state: PostState
    how: How
    meant: Meant | None
    #: As `store.tables.posts.Post` keeps them.
    priority: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None
    #: Tells the post apart from all others of the workspace, for good: SHA-256, hex.
    key: str
    #: The number of the post that our own export wrote there; None: another key, or none.
    own_id: int | None


@dataclass
class Checked:
    """What all rows came to."""

    planned: list[Planned] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    #: Rows whose state says that they went out, or shall not.
    left_out: int = 0


@dataclass(frozen=True)
class Place:
    """What rows are checked against."""

    channels: Sequence[ChannelRow]
    #: Where rows go that name no channel; None: they must name one.
    default: ChannelRow | None
    #: The adapter of a channel; raises `TabuhError` where it cannot be opened.
    publisher: Callable[[ChannelRow], Publisher]
    now: datetime
    order: DayOrder | None = None


def check_rows(sheet: Sheet, place: Place) -> Checked:
    """Every row of the sheet as posts to make, or as what is wrong with it."""
    checked = Checked(problems=list(sheet.problems), notes=list(sheet.notes))
    dates = (f"{row['date']} {row['time']}".strip() for row in sheet.rows)
    order = place.order or day_order(dates, separator=sheet.separator)
    seen: dict[tuple[str, int], int] = {}
    for row in sheet.rows:
        state = _STATES.get(" ".join(row["state"].casefold().replace("_", " ").split()))
        if state is not None and state not in _TAKEN:
            checked.left_out += 1
            continue
        reader = _RowReader(row, place, order, state)
        planned = reader.read()
        checked.notes += reader.notes
        checked.problems += reader.problems
        checked.planned += _with_keys(planned, row, seen, checked.problems)
    return checked


class _RowReader:
    """One row; reads on after what is wrong, so that all of it can be told."""

    def __init__(self, row: Row, place: Place, order: DayOrder | None, state: PostState | None) -> None:
        self.row, self.place, self.order, self.state = row, place, order, state
        self.problems: list[Problem] = []
        self.notes: list[Problem] = []

    def read(self) -> list[Planned]:
        row = self.row
        if self.state is None:
            self._wrong(
                "state", f"Unknown state {row['state'][:30]!r}. Known: queued, draft, awaiting approval."
            )
        rows, content, named = self._channels(), self._content(), self._labels()
        how = self._how()
        state = PostState.DRAFT if how is How.NOWHERE else self.state or PostState.QUEUED
        planned = [
            Planned(
                row=row.number, channel=channel, content=self._for(channel, content), labels=named,
                state=state, how=How.AT if meant and how is How.NOWHERE else how, meant=meant,
                priority=self._priority(), earliest=self._limit("earliest", channel),
                latest=self._limit("latest", channel), key="", own_id=None,
            )
            for channel in rows
            for meant in [self._meant(channel, how)]
        ]  # fmt: skip
        if any(one.earliest and one.latest and one.latest <= one.earliest for one in planned):
            self._wrong("latest", NO_TIME_BETWEEN)
        return [] if self.problems else planned

    def _wrong(self, column: str, sentence: str) -> None:
        problem = Problem(self.row.number, column, sentence)
        if problem not in self.problems:
            self.problems.append(problem)

    def _note(self, column: str, sentence: str) -> None:
        note = Problem(self.row.number, column, sentence)
        if note not in self.notes:
            self.notes.append(note)

    def _channels(self) -> list[ChannelRow]:
        names = self.row["channel"]
        if not names:
            if self.place.default is not None:
                return [self.place.default]
            self._wrong("channel", f"Name a channel. Known: {self._known()}.")
            return []
        whole = self._channel(names)
        if whole is not None:
            return [whole]
        found: dict[int, ChannelRow] = {}
        for name in filter(None, (part.strip() for part in re.split(r"[|;\n]", names))):
            for part in [name] if self._channel(name) else [one.strip() for one in name.split(",")]:
                channel = self._channel(part)
                if channel is None:
                    self._wrong("channel", f"There is no channel {part[:80]!r}. Known: {self._known()}.")
                else:
                    found[channel.id] = channel
        return list(found.values())

    def _channel(self, name: str) -> ChannelRow | None:
        rows = self.place.channels
        exact = next((row for row in rows if row.name == name), None)
        return exact or next((row for row in rows if row.name.casefold() == name.casefold()), None)

    def _known(self) -> str:
        return ", ".join(row.name for row in self.place.channels[:20]) or "there is no channel yet"

    def _content(self) -> Content:
        text, link, language = self.row["text"], self.row["link"] or None, self.row["language"] or None
        if len(text) > LONGEST_TEXT:
            self._wrong(
                "text", f"A text has at most {LONGEST_TEXT:,} characters; this one has {len(text):,}."
            )
        if link and (opened_by_browsers(link) is None or len(link) > LONGEST_LINK):
            self._wrong("link", "This is no web address. Write it whole, such as https://example.org/news.")
            link = None
        if language and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", language):
            self._wrong("language", f"Cannot read the language {language[:20]!r}. Write it as en or id.")
            language = None
        if not text and not link and not self.row["image"]:
            self._wrong("text", "The post has neither text nor link.")
        return self._extras().on(Content(text, link=link, language=language, media=self._pictures()))

    def _extras(self) -> Extras:
        """Parts stand in one cell with lines of three hyphens between them, answers with | or one a line."""
        minutes = self.row["poll_minutes"]
        if minutes and not re.fullmatch(r"[0-9]{1,6}", minutes):
            self._wrong("poll_minutes", "The time of a poll is a number of minutes, such as 1440.")
            minutes = ""
        several = self.row["poll_multiple"].casefold() in _YES
        try:
            return extras(
                title=self.row["title"],
                thread=parts_in(self.row["thread"]),
                answers=re.split(r"[|\n]", self.row["poll"]),
                minutes=int(minutes) if minutes else None,
                multiple=several,
                first_comment=self.row["first_comment"],
            )
        except UsageError as error:
            self._wrong("poll" if "poll" in str(error) else "thread", str(error))
            return NO_EXTRAS

    def _pictures(self) -> tuple[Attachment, ...]:
        """Pictures elsewhere, fetched when the post goes out, each with its text in the same place."""
        addresses = self.row["image"].split()
        texts = [text.strip() for text in re.split(r"[|\n]", self.row["alt"])] if self.row["alt"] else []
        if len(texts) > len(addresses):
            self._wrong("alt", "There are more texts for images than images.")
        if any(opened_by_browsers(one) is None or len(one) > LONGEST_LINK for one in addresses):
            self._wrong("image", "An image is a web address, such as https://example.org/kopi.jpg.")
        if any(len(text) > LONGEST_ALT for text in texts):
            self._wrong("alt", f"A text for an image has at most {LONGEST_ALT:,} characters: shorten it.")
        padded = [*texts, *("" for _ in addresses)]
        return tuple(Attachment(url=one, alt=alt) for one, alt in zip(addresses, padded, strict=False))

    def _labels(self) -> Labels:
        try:
            return labels(self.row["campaign"], re.split(r"[,;|\n]", self.row["tags"]))
        except UsageError as error:
            self._wrong("campaign" if "campaign" in str(error) else "tags", str(error))
            return NO_LABELS

    def _how(self) -> How:
        said = " ".join(self.row["slot"].casefold().split())
        how = _HOW.get(said)
        has_time = bool(self.row["date"] or self.row["time"])
        if how is None:
            self._wrong("slot", f"Unknown slot rule {said[:30]!r}. Known: next-slot, time, now, draft.")
            return How.AT
        if has_time and how in (How.NEXT_SLOT, How.AT_ONCE):
            self._wrong("slot", "The row names a time and a slot rule: keep one of them.")
        if not has_time and how is How.SLOT:
            return How.NEXT_SLOT
        if not has_time and how is How.AT:
            if said:
                self._wrong("time", "The row names no time.")
            return How.NEXT_SLOT if self.state is not PostState.DRAFT else How.NOWHERE
        return how

    def _priority(self) -> int:
        text = self.row["priority"].casefold()
        if text in _PRIORITIES:
            return _PRIORITIES[text]
        if re.fullmatch(r"[-+]?[0-9]", text) and LOWEST <= int(text) <= HIGHEST:
            return int(text)
        if text:
            self._wrong("priority", f"Unknown priority {text[:20]!r}. Known: {', '.join(PRIORITIES)}.")
        return 0

    def _limit(self, column: str, channel: ChannelRow) -> datetime | None:
        """A time before or after which automation shall not place the post."""
        try:
            found = read_time(
                "", self.row[column], self.row["zone"], channel_zone=channel.zone, order=self.order
            )
        except UsageError as error:
            self._wrong(column, str(error))
            return None
        return found.at if found else None

    def _meant(self, channel: ChannelRow, how: How) -> Meant | None:
        try:
            meant = read_time(
                self.row["date"],
                self.row["time"],
                self.row["zone"],
                channel_zone=channel.zone,
                order=self.order,
            )
        except UsageError as error:
            self._wrong("zone" if "zone" in str(error).split(".")[0] else "time", str(error))
            return None
        if meant is None:
            return None
        if meant.note:
            self._note("time", meant.note)
        waits = how is How.NOWHERE or self.state in (PostState.DRAFT, PostState.AWAITING_APPROVAL)
        if meant.at < self.place.now and not waits:
            self._wrong(
                "time", f"{meant.wall:%Y-%m-%d %H:%M} {meant.zone} has passed. Name a time in the future."
            )
        return meant

    def _for(self, channel: ChannelRow, content: Content) -> Content:
        """The content in the channel's language; what its platform would refuse is told."""
        if content.language is None and channel.language:
            content = replace(content, language=channel.language)
        if not content.text and not content.link and not content.media:
            return content
        try:
            publisher = self.place.publisher(channel)
        except TabuhError as error:
            self._wrong("channel", str(error))
            return content
        for sentence in publisher.problems(content):
            self._wrong("text", sentence)
        return content


def _with_keys(
    planned: Sequence[Planned], row: Row, seen: dict[tuple[str, int], int], problems: list[Problem]
) -> Iterator[Planned]:
    """The posts of a row with their keys; rows alike to the letter are counted, so that each is one."""
    given = row["key"]
    own = OWN_KEY.fullmatch(given)
    for one in planned:
        basis = given or json.dumps(_identity(one), ensure_ascii=False, sort_keys=True)
        place = (basis, one.channel.id)
        count = seen.setdefault(place, 0 if not given else row.number)
        if given and count != row.number:
            problems.append(Problem(row.number, "key", f"The key {given[:60]!r} is in row {count} already."))
            continue
        if not given:
            seen[place] = count + 1
        name = f"{'key' if given else 'row'}\n{basis}\n{one.channel.id}\n{0 if given else count}"
        key = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        yield replace(one, key=key, own_id=int(own[1]) if own else None)


def _identity(one: Planned) -> dict[str, Any]:
    """What makes two rows without keys the same."""
    hour = one.meant.at.isoformat() if one.meant else one.how.value
    return {
        "text": one.content.text,
        "link": one.content.link,
        "image": [picture.url for picture in one.content.media],
        "hour": hour,
        "campaign": one.labels.campaign,
        # Absent where a row has none, so that rows from before they existed are the same rows.
        **{name: value for name, value in extras_json(one.content).items() if value},
    }
