"""What the machine says of itself: its time zone."""

import os
from pathlib import Path
from zoneinfo import available_timezones

_FOLDER = "/zoneinfo/"


def machine_zone(
    *, environment: str | None = None, link: Path = Path("/etc/localtime"), name: Path = Path("/etc/timezone")
) -> str:
    """The IANA name of the machine's time zone; UTC where it names none.

    Args:
        environment: in place of the variable ``TZ``.
        link: points into the machine's zone files.
        name: holds the name itself, as on Debian.
    """
    told = environment if environment is not None else os.environ.get("TZ", "")
    for candidate in (told.lstrip(":"), _behind(link), _first_line(name)):
        if candidate in available_timezones() and candidate != "localtime":
            return candidate
    return "UTC"


def _behind(link: Path) -> str:
    try:
        return str(link.resolve(strict=True)).rpartition(_FOLDER)[2]
    except OSError:
        return ""


def _first_line(file: Path) -> str:
    try:
        return file.read_text().strip().partition("\n")[0]
    except (OSError, UnicodeDecodeError):
        return ""
