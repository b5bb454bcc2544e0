"""What comes from others: complete, unchanged, licensed, and nothing else."""

import hashlib
import json
from pathlib import Path

from web.render import STATIC

VENDOR = STATIC / "vendor"
SOURCES = Path(__file__).parents[2] / "tools" / "vendor"
MANIFEST = json.loads((VENDOR / "MANIFEST.json").read_text())


def test_every_vendored_file_is_the_one_in_the_manifest() -> None:
    for name, entry in MANIFEST.items():
        content = (VENDOR / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"], name
        assert len(content) == entry["bytes"], name


def test_there_is_no_file_beside_the_manifest() -> None:
    assert {path.name for path in VENDOR.iterdir()} == {*MANIFEST, "MANIFEST.json"}


def test_each_package_brings_its_licence() -> None:
    packages = {entry["package"] for entry in MANIFEST.values()}
    licensed = {entry["package"] for name, entry in MANIFEST.items() if name.endswith("LICENSE.txt")}
    assert packages == licensed
    assert {entry["licence"] for entry in MANIFEST.values()} <= {"0BSD", "MIT", "BSD-3-Clause", "OFL-1.1"}


def test_the_versions_are_those_of_the_lock_file_which_names_no_host() -> None:
    text = (SOURCES / "package-lock.json").read_text()
    locked = json.loads(text)["packages"]
    for entry in MANIFEST.values():
        assert locked[f"node_modules/{entry['package']}"]["version"] == entry["version"]
    assert '"resolved"' not in text


def test_no_page_or_stylesheet_names_another_host() -> None:
    own = [*STATIC.glob("*.css"), *STATIC.glob("js/*.js"), *STATIC.parent.glob("templates/**/*.html")]
    assert len(own) > 10
    for path in own:
        text = path.read_text().replace("http://www.w3.org/", "").replace("https://example.org/", "")
        assert "http://" not in text, path
        assert "https://" not in text, path
        assert 'src="//' not in text, path
