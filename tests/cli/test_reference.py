"""The reference pages say what the program does: they are made from it."""

import pytest

from tools import reference


@pytest.mark.parametrize("name", ["settings", "commands"])
def test_the_reference_is_what_the_code_says(name: str) -> None:
    written = (reference.FOLDER / f"{name}.md").read_text()

    assert written == getattr(reference, name)(), "run: python -m tools.reference"
