"""The reference says what the code says."""

import re
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from config.settings import Settings, variable_of
from domain.definition import OF_LINKS, OF_PAGES
from domain.metrics import CHECKPOINTS
from publishers.registry import BUILT_IN, adapter
from tests.docs import metrics_page
from tests.docs.markdown import ROOT, page, pages
from web.api.base import PREFIX


def test_the_page_of_metrics_is_made_from_the_catalogue() -> None:
    written = metrics_page.FILE.read_text(encoding="utf-8")

    assert written == metrics_page.text(), "write it anew: python -m tests.docs.metrics_page"


def test_the_readme_names_every_platform_with_what_it_supplies() -> None:
    table = page("README.md").text.partition("| platform | what it is |")[2].partition("\n\n")[0]
    told = {
        cells[1].strip(" `"): {name for name in cells[3].strip().split(", ") if name != "nothing"}
        for line in table.splitlines()[2:]
        if (cells := line.split("|"))
    }

    assert set(told) == set(BUILT_IN)
    for name, supplied in told.items():
        able = adapter(name).capabilities
        assert supplied == {str(metric) for metric in able.post_metrics | able.channel_metrics}, name


def test_every_setting_that_a_page_names_exists() -> None:
    known = {variable_of(name) for name in Settings.model_fields}
    named = {(str(one), name) for one in pages() for name in re.findall(r"\bTABUH_[A-Z_]*[A-Z]\b", one.text)}

    assert {
        (where, name)
        for where, name in named
        if name not in known and "TABUH_CREDENTIAL" not in name and "TABUH_APPLICATION" not in name
    } == set()


@pytest.mark.parametrize("one", [one for one in pages() if "```toml" in one.text], ids=str)
def test_every_toml_block_is_a_file_of_settings(one: object) -> None:
    for block in page(str(one)).blocks:
        if block.language == "toml":
            Settings(**tomllib.loads(block.text))


def test_the_readme_says_of_each_folder_what_it_is_built_on() -> None:
    table = page("README.md").text.partition("| folder | holds |")[2].partition("\n\n")[0]
    for line in table.splitlines()[2:]:
        folder, built_on = line.split("|")[1].strip(" `"), line.split("|")[3]
        assert (ROOT / folder).is_dir()
        sources = "".join(path.read_text() for path in Path(ROOT / folder).rglob("*.py"))
        for name in re.findall(r"`(\w+)`", built_on):
            assert re.search(rf"^\s*(?:import|from) {name}\b", sources, re.MULTILINE), f"{folder}: {name}"
            import_module(name)


def test_every_package_of_ours_stands_in_the_table_of_folders() -> None:
    shipped = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tools"}
    table = page("README.md").text.partition("| folder | holds |")[2]

    assert [name for name in sorted(shipped) if f"\n| `{name}/` |" not in table] == []


def test_the_ages_of_measuring_are_eleven_from_15_minutes_to_29_days() -> None:
    assert len(CHECKPOINTS) == 11
    assert (CHECKPOINTS[0].total_seconds(), CHECKPOINTS[-1].days) == (900, 29)
    assert OF_LINKS.isdisjoint(OF_PAGES)


def test_the_api_is_where_its_page_says() -> None:
    assert f"`{PREFIX}/openapi.json`" in page("docs/reference/api.md").text
