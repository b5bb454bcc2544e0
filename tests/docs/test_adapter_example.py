"""The example of how to write an adapter is shown as it is, and keeps the contract of the built-in ones."""

import ast
import tomllib
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from domain.content import Content
from domain.errors import NeedsReconnect, NotSent, OutcomeUnknown, PostGone, RateLimited, Rejected
from domain.metrics import Metric
from publishers.registry import adapter, platforms
from publishers.text import graphemes
from tests.cli.driving import run
from tests.contract import test_adapters as contract
from tests.docs.fake_mading import TOKEN, FakeMading
from tests.docs.markdown import DOCS, page
from tests.publishers.case import Case
from tests.world import FixedClock

FOLDER = DOCS / "how-to" / "mading"
FAILURES = [
    (httpx.Response(401), NeedsReconnect),
    (httpx.Response(422, json={"error": "too long"}), Rejected),
    (httpx.Response(429, headers={"Retry-After": "30"}), RateLimited),
    (httpx.Response(503), OutcomeUnknown),
    (httpx.ConnectError("refused"), NotSent),
    (httpx.ReadTimeout("slow"), OutcomeUnknown),
]


def _case() -> Case:
    clock = FixedClock()
    settings = {"server": "https://mading.example"}
    return Case(
        "mading",
        FakeMading(clock),
        settings,
        {"token": TOKEN},
        [TOKEN],
        clock,
        length=lambda payload: graphemes(payload["text"]),
    )


@pytest.fixture(autouse=True)
def _installed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example as pip would leave it: the module, and the entry point that its project file names."""
    project = tomllib.loads((FOLDER / "pyproject.toml").read_text())["project"]
    [(group, points)] = project["entry-points"].items()
    about = tmp_path / "site" / "tabuh_mading-0.1.0.dist-info"
    about.mkdir(parents=True)
    named = "\n".join(f"{name} = {value}" for name, value in points.items())
    (about / "entry_points.txt").write_text(f"[{group}]\n{named}\n")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tabuh-mading\nVersion: 0.1.0\n")
    monkeypatch.syspath_prepend(str(about.parent))
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setitem(contract.CASES, "mading", _case)
    yield
    adapter.cache_clear()


def test_the_page_shows_the_file_as_it_is() -> None:
    blocks = page("docs/how-to/write-an-adapter.md").blocks
    [shown] = [block.text for block in blocks if block.language == "python"]

    assert shown + "\n" == (FOLDER / "tabuh_mading.py").read_text()
    [point] = [block.text for block in blocks if "entry-points" in block.text]
    assert point in (FOLDER / "pyproject.toml").read_text()


def test_a_new_platform_takes_at_most_sixty_lines() -> None:
    whole = (FOLDER / "tabuh_mading.py").read_text()
    behind_the_words = ast.parse(whole).body[0].end_lineno

    assert len([line for line in whole.splitlines()[behind_the_words:] if line.strip()]) <= 60


def test_the_entry_point_makes_the_platform_known() -> None:
    assert "mading" in platforms()
    assert adapter("mading").title == "Mading"
    assert "mading" in run("channel", "platforms").out


@pytest.mark.parametrize(
    "rule",
    [
        contract.test_rendering_is_pure_json_and_within_the_limits,
        contract.test_an_empty_post_is_a_problem_in_words,
        contract.test_a_post_that_goes_well_is_there_once,
        contract.test_a_success_that_cannot_be_read_is_an_unknown_outcome,
        contract.test_what_was_published_is_found_and_nothing_else,
        contract.test_after_a_lost_answer_the_post_is_there_once_and_settled_by_its_class,
        contract.test_a_crash_at_any_step_leaves_one_post_or_asks_a_person,
        contract.test_a_platform_that_cannot_be_asked_proves_nothing,
        contract.test_secrets_survive_sealing_and_opening,
        contract.test_only_metrics_that_are_declared_are_supplied,
    ],
    ids=lambda rule: rule.__name__,
)
def test_the_example_keeps_the_contract(rule: Callable[[str], None]) -> None:
    rule("mading")


@pytest.mark.parametrize(("answer", "error"), FAILURES, ids=str)
def test_every_failure_of_the_example_says_what_to_do_next(answer: Any, error: Any) -> None:
    contract.test_every_failure_says_what_to_do_next("mading", answer, error)


def test_no_secret_of_the_example_shows_in_any_text(caplog: pytest.LogCaptureFixture) -> None:
    contract.test_no_secret_shows_in_any_text("mading", caplog)


def test_the_example_measures_and_knows_what_is_gone() -> None:
    case = _case()
    remote = case.publish(Content("Selamat pagi"))
    publisher = case.publisher()

    assert {one.metric: one.value for one in publisher.metrics(remote.id)} == {
        Metric.VIEWS: 12,
        Metric.REACTIONS: 3,
    }
    identity = publisher.identify()
    assert identity is not None
    assert identity.name == "Class 3B"
    with pytest.raises(PostGone):
        publisher.metrics("999")
