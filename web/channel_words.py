"""A channel as the pages show it: its state, its schedule in words, its addresses and its next post."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlmodel import Session

from domain.content import DeliveryClass, Proof
from domain.errors import TabuhError, UsageError
from domain.holidays import holiday_set
from domain.rules import Kind
from domain.schedule import DAYS, PostingTime, parse_schedule, schedule_text
from scheduler.context import Context
from store import channels, queue
from store.tables import ChannelRow
from web.i18n import Voice
from web.i18n import marked as N_
from web.post_words import platform_title
from web.said import said

_STATES = {
    "active": (N_("Works"), "good", "good"),
    "paused": (N_("Paused"), "plain", "skipped"),
    "needs_reconnect": (N_("Not connected"), "bad", "bad"),
}


#: What each rule is called; the keys are those of `domain.rules.FIELDS`.
RULE_NAMES = {
    "quiet": N_("Quiet hours"),
    "blackouts": N_("Blackout days"),
    "holidays": N_("Holidays"),
    "cap_day": N_("Posts a day, at most"),
    "cap_week": N_("Posts a week, at most"),
    "gap": N_("Least time between two posts"),
    "kin_gap": N_("Least time between posts of one campaign or story"),
    "mix": N_("Content mix of a week"),
    "late": N_("Posts that are late"),
    "best_times": N_("Best times"),
    "audience": N_("Where its audience lives"),
}
#: What the kinds of content are called.
KIND_NAMES = {
    Kind.VIDEO: N_("video"),
    Kind.IMAGE: N_("image"),
    Kind.LINK: N_("link"),
    Kind.TEXT: N_("text"),
    Kind.POLL: N_("poll"),
}
_RULE_WORDS = {"skip": N_("are skipped"), "ask": N_("are held as drafts"), "yes": N_("chosen by Tabuh")}


#: How it was shown that an adapter does what its platform expects, in one plain sentence.
_PROOFS = {
    Proof.REAL_SERVER: N_("Tried against the platform's own server software."),
    Proof.OFFICIAL_CONTRACT: N_(
        "Checked against the platform's official description, not yet a live server."
    ),
    Proof.STAND_IN: N_("Tried against a server that others made to stand in for the platform's own."),
    Proof.FAKE: N_("Checked only against our imitation of the platform, made from its documentation."),
}


def proof_words(proof: Proof, voice: Voice) -> str:
    """How sure a person can be that this platform works, as the connect page says it."""
    return voice.gettext(_PROOFS[proof])


@dataclass(frozen=True, slots=True)
class Address:
    """Where readers find a channel that Tabuh serves itself."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShown:
    """One channel, ready for a page."""

    row: ChannelRow
    platform: str
    #: State in words, its tone and its sign, as the ``badge`` macro takes them.
    state: tuple[str, str, str]
    #: Why it is in its state, in the reader's language.
    why: str
    schedule: str
    next_at: datetime | None
    addresses: Sequence[Address]
    #: Its rules by what they are called, in the reader's language.
    rules: Sequence[tuple[str, str]]
    #: Whether there is anything to test or to connect again.
    has_credentials: bool


def shown(
    context: Context, session: Session, workspace_id: int, rows: Sequence[ChannelRow], voice: Voice
) -> list[ChannelShown]:
    """These channels of the workspace, in the same order."""
    next_at = queue.next_hours(session, workspace_id) if rows else {}
    return [
        ChannelShown(
            row=row,
            platform=platform_title(context, row.platform, voice),
            state=_state(row, voice),
            why=said(voice, row.state_reason) if row.state_reason else "",
            schedule=schedule_words(channels.schedule(session, row.id), voice),
            next_at=next_at.get(row.id),
            addresses=addresses(context, row, voice),
            rules=rule_words(row.rules, voice),
            has_credentials=row.credentials is not None,
        )
        for row in rows
    ]


def rule_words(rules: Mapping[str, str] | None, voice: Voice) -> list[tuple[str, str]]:
    """Rules as they are kept, each with its name in the reader's language."""
    kept = rules or {}
    found = []
    for name, words in RULE_NAMES.items():
        if name not in kept:
            continue
        text = kept[name]
        if name == "holidays":
            text = ", ".join(holiday_set(key).name.said(voice.language) for key in text.split(", "))
        elif name in ("late", "best_times"):
            text = voice.gettext(_RULE_WORDS[text])
        found.append((voice.gettext(words), text))
    return found


def _state(row: ChannelRow, voice: Voice) -> tuple[str, str, str]:
    words, tone, sign = _STATES[row.state]
    return voice.gettext(words), tone, sign


def addresses(context: Context, row: ChannelRow, voice: Voice) -> list[Address]:
    """The public addresses of a channel: those Tabuh serves, or the platform's own."""
    _ = voice.gettext
    try:
        is_local = context.adapter(row.platform).capabilities.delivery is DeliveryClass.LOCAL
    except TabuhError:
        is_local = False
    if is_local:
        page = f"{context.public_url}/p/{row.slug}"
        return [
            Address(_("Page"), page),
            Address(_("Atom feed"), f"{page}/feed.atom"),
            Address(_("JSON feed"), f"{page}/feed.json"),
        ]
    return [Address(_("On the platform"), row.remote_url)] if row.remote_url else []


_DAY = re.compile(rf"\b({'|'.join(DAYS)}|daily)\b")


def schedule_words(times: Sequence[PostingTime], voice: Voice) -> str:
    """``Mon–Fri 09:00, 12:30; Sat 10:00`` in the reader's language; empty without a schedule."""

    def day(found: re.Match[str]) -> str:
        if found[1] == "daily":
            return voice.gettext("daily")
        return voice.weekday(DAYS.index(found[1]))

    words = _DAY.sub(day, schedule_text(times)).replace(",", ", ").replace("-", "–")
    return re.sub(r"(\d\d):(\d\d)", lambda found: clock(time(int(found[1]), int(found[2])), voice), words)


def clock(wall: time, voice: Voice) -> str:
    """``09:00`` or ``09.00``, as the reader writes it."""
    hour = voice.hour(wall.hour)
    return f"{hour[:-2]}{wall.minute:02d}"


def day_fields(times: Sequence[PostingTime], voice: Voice) -> dict[str, str]:
    """The schedule as one line of times for each day of the week, by the names of the form's fields."""
    return {
        f"day-{number}": ", ".join(clock(one.wall, voice) for one in sorted(times) if one.weekday == number)
        for number in range(7)
    }


def schedule_from(typed: Mapping[str, str], voice: Voice) -> tuple[str, dict[str, str]]:
    """The schedule that the seven lines mean, in the form of `parse_schedule`, and what is wrong by field."""
    parts, wrong = [], {}
    for number in range(7):
        name = f"day-{number}"
        line = " ".join(typed.get(name, "").replace(".", ":").replace(",", " ").replace(";", " ").split())
        if not line:
            continue
        part = f"{DAYS[number]} {line}"
        try:
            parse_schedule(part)
        except UsageError:
            wrong[name] = voice.gettext("Write times such as 09:00, 12:30.")
        parts.append(part)
    return "; ".join(parts), wrong
