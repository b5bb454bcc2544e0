"""`./tabuh` sets a checkout up once, trusts nothing half-made, and runs the command where the caller stands.

A small stand-in for uv makes the environment, so that the script itself is tried in milliseconds and offline.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Notes each call down, makes what the real one would make, and can be told to fail or to hang.
UV = """#!/bin/sh
[ "$1" != --version ] || exit 0
echo "$*" >> "$UV_CALLS"
case "$*" in *"${UV_FAILS_AT:-nothing}"*) echo "no such host" >&2; exit 2;; esac
case "$*" in *"${UV_HANGS_AT:-nothing}"*) sleep 30;; esac
case "$1 $2" in
  "venv -q") for venv; do :; done; mkdir -p "$venv/bin"; ln -s /bin/sh "$venv/bin/python";;
  "pip install") printf '#!/bin/sh\\necho "in $PWD: $*"\\n' > "$VENV/bin/tabuh"; chmod +x "$VENV/bin/tabuh";;
esac
"""


class Checkout:
    """A copy of the files that the script reads, with the stand-in first on PATH."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.calls = programs / "calls"
        self.programs = programs
        folder.mkdir()
        programs.mkdir()
        for name in ("tabuh", "pyproject.toml", *(path.name for path in ROOT.glob("requirements*.lock"))):
            shutil.copy(ROOT / name, folder)
        for program, text in {"uv": UV, "apt-get": "#!/bin/sh\nexit 100\n"}.items():
            (programs / program).write_text(text)
            (programs / program).chmod(0o755)

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        path = f"{self.programs}{os.pathsep}{os.environ['PATH']}"
        own = {"PATH": path, "UV_CALLS": str(self.calls), "VENV": str(self.folder / ".venv")}
        return {**os.environ, **own, **extra}

    def run(
        self, *arguments: str, cwd: Path | None = None, script: Path | None = None, **extra: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [script or self.folder / "tabuh", *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=cwd or self.folder,
            env=self.environment(extra),
            timeout=120,
        )

    def calls_of_uv(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def is_trusted(self) -> bool:
        return (self.folder / ".venv" / ".ready").exists()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "a checkout", tmp_path / "programs")


def test_the_first_start_installs_from_the_lock_with_hashes(checkout: Checkout) -> None:
    done = checkout.run("post", "list")

    assert (done.returncode, done.stdout) == (0, f"in {checkout.folder}: post list\n")
    [venv, sync, install] = checkout.calls_of_uv()
    assert venv.startswith("venv")
    assert sync.endswith(f"--require-hashes {checkout.folder}/requirements.lock")
    assert install.endswith(f"--no-deps -e {checkout.folder}")


def _seconds_of_children() -> float:
    """Seconds that processors worked for programs we started, however long these waited for a turn."""
    times = os.times()
    return times.children_user + times.children_system


def test_later_starts_are_instant_and_install_nothing(checkout: Checkout) -> None:
    checkout.run("--version")
    before = checkout.calls_of_uv()
    start = _seconds_of_children()

    for _ in range(5):
        checkout.run("--version")

    assert (_seconds_of_children() - start) / 5 < 0.1
    assert checkout.calls_of_uv() == before


def test_the_command_runs_where_the_caller_stands_also_through_links(
    checkout: Checkout, tmp_path: Path
) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "near").symlink_to("../a checkout/tabuh")
    (tmp_path / "bin" / "tabuh").symlink_to(tmp_path / "bin" / "near")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    done = checkout.run("up", "--feed", "a b", cwd=elsewhere, script=tmp_path / "bin" / "tabuh")

    assert done.stdout == f"in {elsewhere}: up --feed a b\n"
    assert (checkout.folder / ".venv").is_dir()


def test_a_changed_lock_is_synced_into_the_environment_that_is_there(checkout: Checkout) -> None:
    checkout.run()
    with (checkout.folder / "requirements.lock").open("a") as lock:
        lock.write("# changed\n")

    checkout.run()

    assert [call.split()[0] for call in checkout.calls_of_uv()] == ["venv", "pip", "pip", "pip", "pip"]


@pytest.mark.parametrize("step", ["venv", "pip sync", "pip install"])
def test_a_set_up_that_fails_says_so_and_the_next_one_starts_over(checkout: Checkout, step: str) -> None:
    failed = checkout.run("--version", UV_FAILS_AT=step)

    assert failed.returncode == 1
    assert "no such host" in failed.stderr
    assert "run this again" in failed.stderr.splitlines()[-1]
    assert not checkout.is_trusted()
    (checkout.folder / ".venv" / "half-made").mkdir(parents=True, exist_ok=True)

    assert checkout.run("--version").returncode == 0
    assert not (checkout.folder / ".venv" / "half-made").exists()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_set_up_that_is_cut_short_is_not_trusted(checkout: Checkout, how: signal.Signals) -> None:
    checkout.run()
    (checkout.folder / "pyproject.toml").write_text("changed")
    cut = subprocess.Popen(
        [checkout.folder / "tabuh"],
        env=checkout.environment({"UV_HANGS_AT": "pip sync"}),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert cut.stderr is not None
    while len(checkout.calls_of_uv()) < 4:
        time.sleep(0.01)

    os.killpg(cut.pid, how)  # as a terminal does
    said = cut.communicate(timeout=120)[1]

    assert cut.returncode != 0
    assert how is signal.SIGKILL or "interrupted" in said
    assert not checkout.is_trusted()
    assert checkout.run().returncode == 0
    assert checkout.is_trusted()


def test_a_checkout_that_was_moved_is_set_up_anew(checkout: Checkout, tmp_path: Path) -> None:
    checkout.run()
    (checkout.folder / ".venv" / "old").touch()
    checkout.folder = checkout.folder.rename(tmp_path / "moved")

    assert checkout.run().stdout == f"in {checkout.folder}: \n"
    assert not (checkout.folder / ".venv" / "old").exists()


def test_an_environment_that_lost_its_python_is_made_anew(checkout: Checkout) -> None:
    checkout.run()
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    (checkout.folder / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")

    assert checkout.run().returncode == 0
    assert len(checkout.calls_of_uv()) == 6


@pytest.mark.skipif(shutil.which("flock") is None, reason="one set-up at a time needs flock")
def test_two_starts_at_once_make_one_set_up(checkout: Checkout) -> None:
    environment = checkout.environment({})
    starts = [
        subprocess.Popen([checkout.folder / "tabuh"], env=environment, stderr=subprocess.DEVNULL, stdout=-3)
        for _ in range(4)
    ]

    assert [start.wait(120) for start in starts] == [0, 0, 0, 0]
    assert len(checkout.calls_of_uv()) == 3


def test_a_folder_that_cannot_be_written_gets_a_sentence() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are closed to other users
        Path(folder).chmod(0o755)
        checkout = Checkout(Path(folder) / "checkout", Path(folder) / "programs")
        checkout.folder.chmod(0o555)
        # Root may write everywhere: then it is somebody else who starts the script.
        who = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}

        done = subprocess.run(
            [checkout.folder / "tabuh"],
            check=False, capture_output=True, text=True, cwd=folder, env=checkout.environment({}),
            **who,  # type: ignore[call-overload]
        )  # fmt: skip

        checkout.folder.chmod(0o755)
    assert done.returncode == 1
    assert "cannot write to" in done.stderr


def test_without_uv_and_python_a_sentence_says_what_to_install(checkout: Checkout, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("sh", "dirname", "readlink", "cksum", "cat", "id", "rm"):
        found = shutil.which(name)
        assert found is not None
        (bare / name).symlink_to(found)

    done = checkout.run(PATH=str(bare))

    assert done.returncode == 1
    [sentence] = done.stderr.splitlines()
    assert "needs uv, or Python 3.11 or newer with venv" in sentence
