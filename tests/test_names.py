"""Our folders are top-level packages, so nothing else that is installed may claim one of their names."""

import importlib
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_BUILD = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["build-backend"]
SHIPPED: list[str] = _BUILD["module-name"]
#: Folders that are imported from the checkout only.
UNSHIPPED = ["tests", "tools", "benchmarks"]


def test_no_dependency_claims_the_name_of_one_of_our_packages() -> None:
    claims = packages_distributions()

    clashes = {name: claims[name] for name in [*SHIPPED, *UNSHIPPED] if set(claims.get(name, [])) - {"tabuh"}}

    assert not clashes, f"these would be imported in place of our own code: {clashes}"


def test_no_package_of_ours_hides_a_standard_module() -> None:
    assert not sys.stdlib_module_names.intersection([*SHIPPED, *UNSHIPPED])


@pytest.mark.parametrize("name", SHIPPED)
def test_our_packages_come_from_this_checkout(name: str) -> None:
    file = importlib.import_module(name).__file__

    assert file is not None
    assert Path(file).parent == ROOT / name


def test_every_package_at_the_root_is_shipped_or_known_not_to_be() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert packages <= {*SHIPPED, *UNSHIPPED}
    assert packages >= set(SHIPPED)
