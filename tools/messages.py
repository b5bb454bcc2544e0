"""Bring the catalogues in web/locales up to date with the texts in web/.

    python -m tools.messages           read the sources, write the catalogues, list what needs a translation
    python -m tools.messages --check   write nothing; exit 1 when a catalogue is behind or incomplete

In Python a text is marked by ``_("…")``, ``voice.gettext("…")``, ``ngettext`` or, for a constant,
``N_("…")``; in templates by ``_("…")``, ``ngettext`` and ``{% trans %}``. Translations are
written into the .po files by hand.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
WEB = ROOT / "web"
DOMAIN = "web"
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}}
KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}

#: Header lines that change without a change of any text.
_PASSING = tuple(
    f'"{name}:'.encode()
    for name in (
        "Project-Id-Version",
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)


def main(arguments: list[str]) -> int:
    """Exit code 1 when something has to be done by a person, or with --check, by this script."""
    template = extracted()
    behind = 0
    for path in catalogues():
        text, catalogue = brought_up(path, template)
        stale = text != path.read_bytes()
        if stale and "--check" not in arguments:
            path.write_bytes(text)
        for wanting in untranslated(catalogue):
            print(f"{path.relative_to(ROOT)}: not translated: {wanting!r}")
            behind += 1
        if stale and "--check" in arguments:
            print(f"{path.relative_to(ROOT)}: behind the sources; run: python -m tools.messages")
            behind += 1
    return 1 if behind else 0


def catalogues() -> list[Path]:
    return sorted((WEB / "locales").glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def extracted() -> Catalog:
    """Every text of the pages, with the file it stands in (no line numbers: they change with every edit)."""
    template = Catalog(domain=DOMAIN, project="Tabuh", charset="utf-8", fuzzy=False)
    found = extract_from_dir(str(WEB), METHODS, OPTIONS, KEYWORDS)
    for name, _line, text, comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        place = (f"web/{name}", None)
        template.add(text, locations=[place], auto_comments=comments, context=context)  # type: ignore[list-item]
    return template


def brought_up(path: Path, template: Catalog) -> tuple[bytes, Catalog]:
    """The catalogue with the texts of today: its file's new content, and the catalogue itself."""
    language = path.parent.parent.name
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language, domain=DOMAIN)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=110, sort_output=True)
    lines = written.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_PASSING)), catalogue


def untranslated(catalogue: Catalog) -> list[str]:
    """Source texts without a translation, or with one that somebody still has to confirm."""
    wanting = []
    for text in catalogue:
        if not text.id:
            continue
        strings = text.string if isinstance(text.string, (tuple, list)) else (text.string,)
        if text.fuzzy or not all(strings):
            wanting.append(text.id if isinstance(text.id, str) else text.id[0])
    return wanting


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
