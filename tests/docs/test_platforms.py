"""The page about platforms says what their adapters declare."""

from publishers.registry import BUILT_IN, adapter
from tools import platforms


def test_the_page_is_made_from_the_capabilities() -> None:
    assert platforms.FILE.read_text(encoding="utf-8") == platforms.text(), (
        "write it anew: python -m tools.platforms"
    )


def test_each_platform_says_how_it_was_proved_and_what_a_lost_answer_means() -> None:
    told = platforms.FILE.read_text(encoding="utf-8")

    for name in BUILT_IN:
        assert f"| `{name}` | `{adapter(name).capabilities.delivery}` |" in told
        assert told.count(f"`{name}`") >= 5, name
