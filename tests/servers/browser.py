"""The browser of the page tests: the system's Chromium, else the one that Playwright downloads."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.servers import debian

NAMES = ("chromium", "chromium-browser", "google-chrome")

#: No phoning home: the tests fail on requests to other hosts, and the machine may have no network.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)

ABSENT = (
    "no Chromium for the page tests: install the packages chromium and libatomic1,"
    " or run `.venv/bin/playwright install --with-deps chromium`"
)


def find() -> Path | None:
    """The system's Chromium; $CHROMIUM wins."""
    named = os.environ.get("CHROMIUM")
    if named:
        return Path(named)
    paths = filter(None, map(shutil.which, NAMES))
    return next(map(Path, paths), None)


def launch_arguments() -> list[str]:
    """Chromium's sandbox does not work for root, and only there is it switched off."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def provide() -> bool:
    """Make sure that there is a browser and that Playwright can drive it; True when so."""
    if find() and _driver_runs():
        return True
    # Playwright's own Node needs libatomic, which a minimal Debian lacks and Chromium does not pull in.
    if debian.install("chromium", "libatomic1") and find() and _driver_runs():
        return True
    if not _driver_runs():
        return False
    return (
        find() is not None
        or subprocess.run([*_PLAYWRIGHT, "install", "chromium"], check=False).returncode == 0
    )


_PLAYWRIGHT = (sys.executable, "-m", "playwright")


def _driver_runs() -> bool:
    asked = subprocess.run([*_PLAYWRIGHT, "--version"], check=False, capture_output=True)
    return asked.returncode == 0


if __name__ == "__main__":
    if not provide():
        sys.exit(ABSENT)
    print(find() or "Playwright's own Chromium")
