"""The lock files pin every dependency by hash and name no host, so that any mirror serves them."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SERVERS = ROOT / "tests" / "servers"
PYTHON_LOCKS = sorted([*ROOT.glob("requirements*.lock"), *SERVERS.glob("*.lock")])
NPM_LOCKS = sorted(SERVERS.rglob("package-lock.json"))


def pinned(lock: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==", (ROOT / lock).read_text(), re.MULTILINE))


def wanted(requirements: list[str]) -> set[str]:
    names = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name.group()).lower() for name in names if name}


@pytest.mark.parametrize("lock", PYTHON_LOCKS, ids=lambda path: path.name)
def test_a_python_lock_has_a_hash_for_everything_and_no_address(lock: Path) -> None:
    text = lock.read_text()
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)

    assert "://" not in text
    assert [
        block.splitlines()[0] for block in blocks if block.strip() and "--hash=sha256:" not in block
    ] == []


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    runtime = wanted(project["project"]["dependencies"])

    assert runtime <= pinned("requirements.lock")
    assert runtime | wanted(project["dependency-groups"]["dev"]) <= pinned("requirements-dev.lock")


def test_the_development_lock_agrees_with_the_one_that_users_get() -> None:
    def versions(lock: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9._-]+(?:\[[^]]*\])?==\S+", (ROOT / lock).read_text(), re.MULTILINE))

    assert versions("requirements.lock") <= versions("requirements-dev.lock")


@pytest.mark.parametrize("lock", NPM_LOCKS, ids=lambda path: path.parent.name)
def test_an_npm_lock_has_hashes_and_names_no_registry(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    installed = {name: about for name, about in packages.items() if name}

    assert [name for name, about in installed.items() if "integrity" not in about] == []
    assert [name for name, about in installed.items() if "resolved" in about] == []
