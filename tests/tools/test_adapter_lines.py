"""How many lines platforms cost is counted as the benchmark says."""

from pathlib import Path

from benchmarks.adapters import code_lines, lines
from publishers.registry import BUILT_IN


def test_blank_lines_comments_and_docstrings_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(
        '"""Words.\n\nMore.\n"""\n\n# a comment\n'
        'import os\n\n\ndef f() -> None:\n    """Words."""\n    os.sep\n'
    )

    assert code_lines(file) == 3


def test_every_platform_is_counted() -> None:
    found = lines()

    assert set(found) == set(BUILT_IN)
    assert all(own > 0 and tests > 0 for own, _, tests in found.values())
