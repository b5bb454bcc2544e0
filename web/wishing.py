"""What a post asks of its slot, as forms ask for it: a priority, and two times in the channel's zone."""

from collections.abc import Mapping

from domain.schedule import wall_time
from domain.schedule import zone as zone_of
from scheduler.wishes import PRIORITIES, Wishes, parse_wishes, priority_word, wishes_of
from store.tables import Post
from web.i18n import Voice
from web.i18n import marked as N_

_WORDS = {"low": N_("low"), "normal": N_("normal"), "high": N_("high"), "urgent": N_("urgent")}
assert list(_WORDS) == list(PRIORITIES)


def options(voice: Voice) -> list[tuple[str, str]]:
    """The priorities to choose from."""
    return [(word, voice.gettext(text)) for word, text in _WORDS.items()]


def words(typed: Mapping[str, str], zone: str) -> dict[str, str]:
    """What a form says, as `parse_wishes` reads it: an empty time is none, others in the channel's zone."""
    times = {
        name: f"{typed[name].replace('T', ' ')} {zone}" if typed.get(name, "").strip() else "none"
        for name in ("earliest", "latest")
    }
    return {"priority": typed.get("priority", ""), **times}


def wished(typed: Mapping[str, str], zone: str) -> Wishes:
    """What a form asks for. Raises `UsageError` as `parse_wishes` does."""
    return parse_wishes(**words(typed, zone), channel_zone=zone)


def fields(post: Post, zone: str) -> dict[str, str]:
    """What a post asks for, as the form shows it."""
    asked = wishes_of(post)
    times = {"earliest": asked.earliest, "latest": asked.latest}
    shown = {
        name: wall_time(at, zone_of(zone)).isoformat(timespec="minutes") if at else ""
        for name, at in times.items()
    }
    return {"priority": priority_word(asked.priority), **shown}
