"""How entries and what would become of them are shown, for feeds and routes alike."""

from typing import TYPE_CHECKING, Any

from cli.printing import clean, one_line, when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scheduler.previewing import PreviewLine


def preview_document(line: "PreviewLine") -> dict[str, Any]:
    """An entry and what would become of it, as JSON tells it."""
    content = line.content
    return {
        "title": line.entry.title,
        "link": line.entry.link,
        "published_at": line.entry.published_at,
        "fate": line.fate,
        "reason": line.reason,
        "would_post": {"text": content.text, "link": content.link} if content else None,
        "at": line.at,
        "before": _before(line.before) if line.before else None,
    }


def _before(line: "PreviewLine") -> dict[str, Any]:
    """What becomes of it under the rules that hold now."""
    content = line.content
    return {
        "fate": line.fate,
        "reason": line.reason,
        "would_post": {"text": content.text, "link": content.link} if content else None,
        "at": line.at,
    }


def preview_text(lines: "Sequence[PreviewLine]", *, zone: str) -> str:
    """Entries and what would become of them, for people."""
    told = []
    for line in lines:
        head = f"● {one_line(line.entry.title or line.entry.text or '(no title)', 90)}"
        dated = when(line.entry.published_at, zone)
        indented = "\n".join(f"    {part}" if part else "" for part in clean(_told(line)).splitlines())
        told.append(f"{clean(head)}{f'  ({dated})' if dated else ''}\n{indented}")
        if line.before is not None:
            told[-1] += f"\n    before: {clean(one_line(_told(line.before), 90))}"
    return "\n\n".join(told)


def _told(line: "PreviewLine") -> str:
    if line.content is None:
        return f"not posted: {line.reason}"
    return f"held: {line.reason}\n{line.content.text}" if line.reason else line.content.text
