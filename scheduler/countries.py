"""Countries of addresses, from a file on this machine in MaxMind's format; nothing is asked of anybody.

Format: maxmind.github.io/MaxMind-DB. Free files in it: GeoLite2 Country (maxmind.com) and DB-IP Lite
(db-ip.com).
"""

from collections.abc import Callable
from pathlib import Path

from domain.errors import UsageError


def countries_in(file: Path) -> Callable[[str], str | None]:
    """A function that gives the ISO 3166-1 code of an address's country; None: the file does not tell.

    The file is mapped, not read: replacing it takes a restart.

    Raises:
        UsageError: the file cannot be read, or is no such file.
    """
    import maxminddb

    try:
        reader = maxminddb.open_database(file)
    except (OSError, maxminddb.InvalidDatabaseError, ValueError) as exc:
        told = exc.strerror if isinstance(exc, OSError) and exc.strerror else "it has another format"
        raise UsageError(
            f"TABUH_COUNTRY_FILE names {file}, which cannot be read as a country file (MMDB): {told}. "
            "Name a file such as GeoLite2-Country.mmdb."
        ) from exc

    def country(address: str) -> str | None:
        try:
            found = reader.get(address.partition("%")[0])
        except (ValueError, maxminddb.InvalidDatabaseError):  # no address, or one kind that the file lacks
            return None
        for part in ("country", "registered_country"):
            place = found.get(part) if isinstance(found, dict) else None
            code = place.get("iso_code") if isinstance(place, dict) else None
            if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha():
                return code.upper()
        return None

    return country
