"""A backup is written whole or not at all, and says why not."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from domain.errors import TabuhError, UsageError
from store.backup import copy_to
from store.engine import open_engine
from tests.world import NOON


@pytest.fixture
def file_engine(tmp_path: Path) -> Engine:
    return open_engine(f"sqlite:///{tmp_path / 'tabuh.db'}")


def test_a_backup_needs_a_folder_that_is_there(file_engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no folder .*nowhere\. Make it first"):
        copy_to(file_engine, tmp_path / "nowhere" / "old.db", now=NOON)
    file_engine.dispose()


def test_a_backup_that_cannot_be_written_says_so(file_engine: Engine) -> None:
    with pytest.raises(TabuhError, match=r"/proc/old\.db could not be written: "):
        copy_to(file_engine, Path("/proc/old.db"), now=NOON)
    file_engine.dispose()
