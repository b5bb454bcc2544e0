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
    }


def preview_text(lines: "Sequence[PreviewLine]", *, zone: str) -> str:
    """Entries and what would become of them, for people."""
    told = []
    for line in lines:
        head = f"● {one_line(line.entry.title or line.entry.text or '(no title)', 90)}"
        dated = when(line.entry.published_at, zone)
        body = line.content.text if line.content else f"not posted: {line.reason}"
        indented = "\n".join(f"    {part}" if part else "" for part in clean(body).splitlines())
        told.append(f"{clean(head)}{f'  ({dated})' if dated else ''}\n{indented}")
    return "\n\n".join(told)
