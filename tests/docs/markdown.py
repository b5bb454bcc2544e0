"""Reading the pages of the documentation: their fenced blocks, links and anchors."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

#: In a list it is indented.
_FENCE = re.compile(r"^ {0,6}(`{3,})([^`]*)$")
_LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`[^`]*`")
_HEADING = re.compile(r"^(#{1,6}) (.+)$")


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    #: The first word after the fence; empty: none.
    language: str
    #: What follows the language.
    about: str
    text: str
    #: Of the opening fence, from 1.
    line: int


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        """Its fenced blocks, in order."""
        found, opened, lines = [], None, list[str]()
        for number, line in enumerate(self.text.splitlines(), start=1):
            fence = _FENCE.match(line)
            if opened is None and fence:
                language, _, about = fence[2].strip().partition(" ")
                opened, lines = (fence[1], language, about, number), []
            elif opened is not None and line.strip() == opened[0]:
                found.append(Block(opened[1], opened[2], dedent("\n".join(lines)), opened[3]))
                opened = None
            elif opened is not None:
                lines.append(line)
        assert opened is None, f"{self}: the block of line {opened and opened[3]} has no end"
        return found

    @property
    def prose(self) -> str:
        """Its lines without fenced blocks."""
        kept, inside = [], False
        for line in self.text.splitlines():
            if _FENCE.match(line):
                inside = not inside
            elif not inside:
                kept.append(line)
        return "\n".join(kept)

    @property
    def headings(self) -> list[str]:
        """Its headings without their signs, in order."""
        return [match[2].strip() for line in self.prose.splitlines() if (match := _HEADING.match(line))]

    @property
    def anchors(self) -> set[str]:
        """What a link to one of its headings names, as GitHub makes it."""
        seen: dict[str, int] = {}
        for heading in self.headings:
            stem = _anchor(heading)
            seen[stem] = seen.get(stem, -1) + 1
        return {
            stem if not again else f"{stem}-{again}"
            for stem, most in seen.items()
            for again in range(most + 1)
        }

    @property
    def links(self) -> list[str]:
        """Where its links and pictures lead."""
        return [match[1] for match in _LINK.finditer(_CODE.sub("", self.prose))]

    def target(self, link: str) -> tuple[Path, str]:
        """The file and the anchor of a link that stays in the project."""
        parts = urlsplit(link)
        file = (self.path.parent / unquote(parts.path)).resolve() if parts.path else self.path
        return file, parts.fragment


def _anchor(heading: str) -> str:
    plain = heading.replace("`", "").lower()
    kept = (sign for sign in plain if sign in " -_" or unicodedata.category(sign)[0] in "LN")
    return "".join(kept).replace(" ", "-")


def pages() -> list[Page]:
    """README, CHANGELOG and all of docs/, in order."""
    return [Page(ROOT / "README.md"), Page(ROOT / "CHANGELOG.md"), *map(Page, sorted(DOCS.rglob("*.md")))]


def page(name: str) -> Page:
    """One page by its path from the root."""
    return Page(ROOT / name)


def shell_lines(text: str) -> Iterator[str]:
    """The command lines of a shell block: continued ones joined, comments left out."""
    for line in text.replace("\\\n", " ").splitlines():
        bare = line.strip()
        if bare and not bare.startswith("#"):
            yield bare
