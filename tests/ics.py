"""A strict reader of iCalendar documents: refuses whatever RFC 5545 forbids."""

import re
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Z0-9-]+")
_UTC = re.compile(r"\d{8}T\d{6}Z")
_TEXTS = {"SUMMARY", "DESCRIPTION", "CATEGORIES", "NAME", "X-WR-CALNAME", "X-WR-TIMEZONE"}
_ONCE = {
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "LAST-MODIFIED",
    "CREATED",
    "URL",
}


@dataclass
class Calendar:
    """What a document says."""

    properties: dict[str, str] = field(default_factory=dict)
    events: list[dict[str, str]] = field(default_factory=list)


def read_calendar(text: str) -> Calendar:
    """The calendar; an AssertionError names what is wrong with it."""
    assert text.endswith("\r\n")
    raw = text[:-2].split("\r\n")
    for line in raw:
        assert not {"\n", "\r"} & set(line), line
        assert len(line.encode()) <= 75, line
    lines: list[str] = []
    for line in raw:
        if line.startswith(" "):
            lines[-1] += line[1:]
        else:
            lines.append(line)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    found = Calendar()
    inside: dict[str, str] | None = None
    for line in lines[1:-1]:
        head, colon, value = line.partition(":")
        name = head.partition(";")[0]
        assert colon, line
        assert _NAME.fullmatch(name), line
        if line == "BEGIN:VEVENT":
            assert inside is None
            inside = {}
        elif line == "END:VEVENT":
            assert inside is not None
            _check_event(inside)
            found.events.append(inside)
            inside = None
        else:
            target = found.properties if inside is None else inside
            assert not (name in target and name in _ONCE), line
            target[name] = _unescaped(value) if name in _TEXTS else value
    assert inside is None
    assert found.properties["VERSION"] == "2.0"
    assert found.properties["PRODID"]
    uids = [event["UID"] for event in found.events]
    assert len(uids) == len(set(uids))
    return found


def _check_event(event: dict[str, str]) -> None:
    for name in ("UID", "DTSTAMP", "DTSTART"):
        assert event.get(name), f"{name} is missing"
    for name in ("DTSTAMP", "DTSTART", "DTEND", "CREATED", "LAST-MODIFIED"):
        assert name not in event or _UTC.fullmatch(event[name]), event[name]
    assert event["SEQUENCE"].isdecimal()
    assert event["STATUS"] in ("TENTATIVE", "CONFIRMED", "CANCELLED")


def _unescaped(value: str) -> str:
    assert re.fullmatch(r"(?:[^\\;\x00-\x08\x0b-\x1f\x7f]|\\[\\;,nN])*", value, re.DOTALL), value
    return re.sub(r"\\([\\;,nN])", lambda found: "\n" if found[1] in "nN" else found[1], value)
