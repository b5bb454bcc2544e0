"""The how-to pages whose commands need nothing but a folder are walked through, too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.markdown import page
from tests.docs.test_tutorial import drum_news
from tests.docs.walking import Walk, command_in, environment
from tests.servers.loopback import Loopback


@pytest.fixture
def site() -> Iterator[Loopback]:
    with Loopback(drum_news) as server:
        yield server


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    command_in(tmp_path)
    around = environment(TABUH_ALLOWED_NETWORKS="127.0.0.0/8", TABUH_ZONE="Asia/Jakarta")
    return Walk(tmp_path, around, meant={}, said={})


@pytest.mark.timeout(900)
def test_a_backup_is_made_put_back_settled_and_rehearsed(walk: Walk, site: Loopback) -> None:
    walk.run("./tabuh tick")  # an installation that has lived
    walk.run(f"./tabuh feed add {site.url}/feed.xml --existing none")
    secret = f"whsec_{'A' * 32}"
    walk.run(f"echo {secret} | ./tabuh channel add webhook Hook --set url={site.url}/hook --secret secret=-")
    walk.run("./tabuh post add Drums --channel Hook --now; ./tabuh post add Gongs --channel Hook --now")

    walked = walk.go(page("docs/how-to/backup-and-restore.md"))

    assert len(walked) == 7
    assert site.count("/hook") == 0


def test_what_cron_runs_can_be_run_and_watched(walk: Walk) -> None:
    walk.run("./tabuh tick --until-idle")
    walk.go(page("docs/how-to/cron.md"))

    cron = page("docs/how-to/cron.md").blocks[0].text
    assert "nothing is overdue" in walk.run(cron.partition("&& ")[2] + "; ./tabuh health")
