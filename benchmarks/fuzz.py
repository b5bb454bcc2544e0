"""Coverage-guided fuzzing of all that reads what came from outside, with atheris (libFuzzer for Python).

    python -m benchmarks.fuzz [--seconds 60] [--findings FOLDER] [--corpus FOLDER] [TARGET ...]

Targets: fetch, decode, charset, scan, parse, json, opml, page, markup, dates; all of them when none is named.
Each runs in a process of its own, from small documents of our own (and copies of the files of ``--corpus``).
A finding is an exception that nobody expects, a single input that takes more than ten seconds, or more than
1 GiB of memory. Its input is written into ``--findings`` and the exit code is 1; put it into
``tests/feeds/findings/TARGET-*`` and it is tried in each test run from then on.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.fuzz_seeds import SEEDS
from benchmarks.fuzz_targets import TARGETS

ROOT: Final = Path(__file__).resolve().parent.parent
#: Longest time for one input, in seconds; most memory of a target, in MiB; largest input, in bytes.
SLOWEST: Final = 10
MEMORY: Final = 1024
LONGEST: Final = 16 * 1024
#: A child inherits the largest memory that its parent ever had, unless a shell forks once more between.
_FORKED: Final = ("/bin/sh", "-c", '"$@"; exit $?', "sh")
_STATS: Final = ("number_of_executed_units", "slowest_unit_time_sec", "peak_rss_mb")
#: Files of a corpus that are larger slow fuzzing down more than they add.
_LARGEST_SEED: Final = 32 * 1024


def is_available() -> bool:
    """Whether atheris is installed; it has wheels for Linux on x86-64 only."""
    try:
        import atheris  # noqa: F401
    except ImportError:
        return False
    return True


def run(
    target: str, *, seconds: int, findings: Path, corpus: Path | None = None, memory: int = MEMORY
) -> tuple[bool, str]:
    """Fuzz one target.

    Args:
        findings: where the inputs of findings are written.
        corpus: a folder whose files are copied to start from.
        memory: most of it that the process may take, in MiB.

    Returns:
        Whether nothing was found, and a line to print.
    """
    findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for number, seed in enumerate(SEEDS[target]):
            Path(scratch, f"seed{number}").write_bytes(seed)
        small = (path for path in corpus.rglob("*") if path.is_file()) if corpus else ()
        for number, path in enumerate(path for path in small if path.stat().st_size <= _LARGEST_SEED):
            shutil.copyfile(path, Path(scratch, f"file{number}"))
        options = {
            "max_total_time": seconds,
            "timeout": SLOWEST,
            "rss_limit_mb": memory,
            "max_len": LONGEST if corpus is None else _LARGEST_SEED,
            "artifact_prefix": f"{findings}/{target}-",
            "print_final_stats": 1,
        }
        flags = [f"-{name}={value}" for name, value in options.items()]
        done = subprocess.run(
            [*_FORKED, sys.executable, "-m", "benchmarks.fuzz", "--child", target, *flags, scratch],
            cwd=ROOT,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds + 300,
        )
    found = {name: re.search(rf"stat::{name}:\s+(\d+)", done.stderr) for name in _STATS}
    inputs, slowest, peak = (int(match[1]) if match else 0 for match in found.values())
    line = f"{target:>8}: {inputs:>9,} inputs, the slowest {slowest} s, {peak} MiB"
    if done.returncode:
        line += f", FOUND: {_last_words(done.stderr + done.stdout)}"
    return done.returncode == 0, line


def _last_words(output: str) -> str:
    """What Python raised, or what libFuzzer says."""
    told = re.findall(
        r"^(?:\w+\.)*\w*(?:Error|Exception|Exit)\b.*$|^.*ERROR: libFuzzer.*$", output, re.MULTILINE
    )
    written = re.findall(r"Test unit written to (\S+)", output)
    return "; ".join([*told[:2], *written]) or output.strip()[-300:]


def _child(target: str, flags: list[str]) -> None:
    import atheris

    with atheris.instrument_imports(
        include=["feeds", "net", "feedparser", "sgmllib"], enable_loader_override=False
    ):
        _forget("feeds", "net", "feedparser", "benchmarks.fuzz_targets")
        from benchmarks.fuzz_targets import TARGETS as instrumented
    atheris.Setup([sys.argv[0], *flags], instrumented[target])
    atheris.Fuzz()


def _forget(*packages: str) -> None:
    """Import them anew, this time with their branches counted."""
    for name in [name for name in sys.modules if name.partition(".")[0] in packages or name in packages]:
        del sys.modules[name]


def main() -> None:
    """Fuzz the targets one after the other, and say what was found."""
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], sys.argv[3:])
        return
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    options.add_argument("--seconds", type=int, default=60, help="for each target")
    options.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    options.add_argument("--corpus", type=Path, help="a folder of documents to start from; it is only read")
    given = options.parse_args()
    unknown = sorted(set(given.targets) - set(TARGETS))
    if unknown:
        raise SystemExit(f"There is no target {', '.join(unknown)}: choose from {', '.join(TARGETS)}.")
    if not is_available():
        raise SystemExit("atheris is not installed: it has wheels for Linux on x86-64 and Python below 3.14.")
    all_well = True
    for target in given.targets or TARGETS:
        is_well, line = run(
            target, seconds=given.seconds, findings=given.findings.resolve(), corpus=given.corpus
        )
        print(line, flush=True)
        all_well &= is_well
    raise SystemExit(0 if all_well else 1)


if __name__ == "__main__":
    main()
