"""The reference pages say what the program does: they are made from it."""

import pytest

from tools import reference


@pytest.mark.parametrize("page", ["settings", "commands"])
def test_the_reference_is_what_the_code_says(page: str) -> None:
    written = (reference.FOLDER / f"{page}.md").read_text()

    assert written == getattr(reference, page)(), "run: python -m tools.reference"
