"""Packages of the system that a test run may install: only as root, only where there is apt."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_APT = ("apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300")


def install(*packages: str) -> bool:
    """Install Debian packages; False when this machine or user cannot."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print("installing with apt:", *packages, file=sys.stderr, flush=True)
    _apt("update")  # one that failed may leave good lists behind, so only the install decides
    done = _apt("install", "--no-install-recommends", *packages)
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def download(*packages: str, folder: Path) -> bool:
    """Fetch the files of Debian packages into a folder and install nothing; False when that fails."""
    if shutil.which("apt-get") is None:
        return False
    print("fetching with apt:", *packages, file=sys.stderr, flush=True)
    if os.geteuid() == 0:
        _apt("update")
    done = _apt("download", *packages, folder=folder)
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def _apt(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*_APT, *arguments],
        check=False,
        cwd=folder,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
