"""The machine's time zone is found where the machine says it."""

from pathlib import Path

import pytest

from config.machine import machine_zone


@pytest.mark.parametrize(
    ("told", "zone"), [("Asia/Makassar", "Asia/Makassar"), (":Europe/Berlin", "Europe/Berlin")]
)
def test_the_environment_comes_first(tmp_path: Path, told: str, zone: str) -> None:
    assert machine_zone(environment=told, link=tmp_path / "no", name=tmp_path / "no") == zone


def test_a_link_into_the_zone_files_names_it(tmp_path: Path) -> None:
    target = tmp_path / "zoneinfo" / "Asia" / "Jakarta"
    target.parent.mkdir(parents=True)
    target.touch()
    link = tmp_path / "localtime"
    link.symlink_to(target)

    assert machine_zone(environment="", link=link, name=tmp_path / "no") == "Asia/Jakarta"


def test_a_file_may_hold_the_name(tmp_path: Path) -> None:
    (tmp_path / "timezone").write_text("Asia/Jayapura\n")

    assert machine_zone(environment="", link=tmp_path / "no", name=tmp_path / "timezone") == "Asia/Jayapura"


@pytest.mark.parametrize("nonsense", ["", "WIB-7", "<+07>-7", "Mars/Olympus"])
def test_anything_else_is_utc(tmp_path: Path, nonsense: str) -> None:
    (tmp_path / "timezone").write_text(nonsense)

    assert machine_zone(environment=nonsense, link=tmp_path / "no", name=tmp_path / "timezone") == "UTC"
