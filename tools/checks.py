"""Every check that a change must pass, in order: `./tabuh test`, and so CI, runs exactly these.

./tabuh test                    all checks
./tabuh test --real             and the tests against real servers of others, which are installed first
./tabuh test --slow             those against servers that take minutes to install, and nothing else
./tabuh test tests/store -k x   only pytest, with these arguments
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Seconds after which a check has failed, well inside what CI allows for all of them.
LIMIT = 75 * 60


#: Programs of this very environment, so that nothing on PATH can take their place.
PROGRAMS = Path(sys.executable).parent

#: Each worker of pytest holds a PostgreSQL and a browser of its own; more than these would want memory.
MOST_WORKERS = 8


def workers() -> int:
    """How many processes share the tests: one for each core that we may use.

    pytest-xdist's own `auto` counts cores of the machine, where two that share their circuits are one.
    """
    allowed = getattr(os, "sched_getaffinity", None)
    cores = len(allowed(0)) if allowed else os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


@dataclass(frozen=True)
class Check:
    """A program of the environment with its arguments; it passes when it ends with 0."""

    name: str
    program: str
    arguments: tuple[str, ...]

    @property
    def command(self) -> list[str]:
        """What to run."""
        return [str(PROGRAMS / self.program), *self.arguments]


BROWSER = Check("browser", "python", ("-m", "tests.servers.browser"))
REAL_SERVERS = Check("real servers", "python", ("-m", "tests.servers.install"))
#: The tests in a row are cut into even parts, and whoever is through takes from the end of another's part: so
#: neighbours, which share servers and templates, mostly stay together.
SHARED_OUT = ("-n", str(workers()), "--dist", "worksteal", "--durations", "25")
PYTEST = Check("pytest", "python", ("-m", "pytest", *SHARED_OUT))
PYTEST_REAL = Check("pytest", "python", ("-m", "pytest", "--real", *SHARED_OUT))
#: For a few tests, which are through before a second process has started.
ONE_PROCESS = Check("pytest", "python", ("-m", "pytest"))
WHEEL = Check("wheel", "python", ("-m", "tools.wheel"))

STATIC = (
    Check("ruff format", "ruff", ("format", "--check", ".")),
    Check("ruff check", "ruff", ("check", ".")),
    Check("mypy", "mypy", ()),
    Check("import contracts", "lint-imports", ()),
)
SLOW_SERVERS = Check("slow servers", "python", ("-m", "tests.servers.install", "--slow"))
PYTEST_SLOW = Check("pytest", "python", ("-m", "pytest", "--slow", "-m", "slow"))
CHECKS = (*STATIC, BROWSER, PYTEST, WHEEL)
CHECKS_REAL = (*STATIC, BROWSER, REAL_SERVERS, PYTEST_REAL, WHEEL)
CHECKS_SLOW = (SLOW_SERVERS, PYTEST_SLOW)


@dataclass(frozen=True)
class Result:
    """How one check ended."""

    name: str
    passed: bool
    seconds: float

    def __str__(self) -> str:
        return f"{'passed' if self.passed else 'FAILED'}  {self.name:<18}{self.seconds:7.1f} s"


def main(arguments: Sequence[str]) -> int:
    """Run the checks; 0 when all passed, else 1 (or pytest's own code when only pytest was asked for)."""
    parser = argparse.ArgumentParser(
        prog="./tabuh test",
        description="Run every check of Tabuh: format, lint, types, import contracts, tests, wheel.",
        epilog="Further arguments go to pytest, and then only pytest runs: ./tabuh test tests/store -k claim",
        allow_abbrev=False,
    )
    parser.add_argument("--real", action="store_true", help="also test against real servers, installed first")
    parser.add_argument("--slow", action="store_true", help="test only against servers that install slowly")
    known, rest = parser.parse_known_args(arguments)
    if rest:
        return _only_pytest(rest, real=known.real)
    if known.slow:
        return run(CHECKS_SLOW)
    return run(CHECKS_REAL if known.real else CHECKS)


def run(checks: Sequence[Check], *, limit: float = LIMIT) -> int:
    """Run all of them, also after one that failed, and print how each ended; 0 when all passed, else 1."""
    results = [_run(check, limit=limit) for check in checks]
    print("", *results, sep="\n", flush=True)
    return 0 if all(result.passed for result in results) else 1


def _only_pytest(arguments: Sequence[str], *, real: bool) -> int:
    # Whether the tests asked for need these is not known here; they say so themselves when they do.
    for check in (BROWSER, REAL_SERVERS) if real else (BROWSER,):
        subprocess.run(check.command, check=False, cwd=ROOT, stdout=subprocess.DEVNULL)
    command = [*ONE_PROCESS.command, *(["--real"] if real else []), *arguments]
    return subprocess.run(command, check=False, cwd=ROOT, env=_environment()).returncode


def _run(check: Check, *, limit: float) -> Result:
    print(f"\n── {check.name}", flush=True)
    start = time.monotonic()
    try:
        done = subprocess.run(check.command, check=False, cwd=ROOT, env=_environment(), timeout=limit)
        passed = done.returncode == 0
    except subprocess.TimeoutExpired:
        print(f"{check.name} took longer than {limit:.0f} s and was stopped", flush=True)
        passed = False
    return Result(check.name, passed, time.monotonic() - start)


def _environment() -> Mapping[str, str]:
    """Ours, but compiled modules are kept: the tests start Python many times."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
