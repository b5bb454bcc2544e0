"""The wheel works without this checkout: built, installed elsewhere, started in an empty folder."""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

#: Seconds that one command may take.
LIMIT = 300


def main() -> int:
    """Try it; 0 when all went well, else 1 with the command that failed."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        print("the wheel is built with uv: run ./tabuh test, which finds or makes one", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="tabuh-wheel-") as name:
        try:
            _try(uv, Path(name))
        except subprocess.SubprocessError as failure:
            print(f"the wheel does not work on its own: {failure}", file=sys.stderr)
            return 1
        except LookupError as failure:
            print(failure, file=sys.stderr)
            return 1
    return 0


def _try(uv: str, folder: Path) -> None:
    _run([uv, "build", "-q", "--wheel", "--out-dir", str(folder / "dist"), str(ROOT)], cwd=folder)
    [wheel] = (folder / "dist").glob("*.whl")
    _check_contents(wheel)
    environment = folder / "environment"
    python = environment / "bin" / "python"
    _run([uv, "venv", "-q", "-p", sys.executable, str(environment)], cwd=folder)
    install = [uv, "pip", "install", "-q", "-p", str(python)]
    _run([*install, "--require-hashes", "-r", str(ROOT / "requirements.lock")], cwd=folder)
    _run([*install, "--no-deps", str(wheel)], cwd=folder)
    empty = folder / "empty"
    empty.mkdir()
    tabuh = str(environment / "bin" / "tabuh")
    _run([tabuh, "--version"], cwd=empty)
    _run([tabuh, "tick", "--until-idle"], cwd=empty)


def _check_contents(wheel: Path) -> None:
    """Templates, styles and migrations must be inside: an installed Tabuh has nothing else.

    Raises:
        LookupError: a file of a shipped package is not in the wheel.
    """
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["build-backend"]
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    missing = sorted(set(_files(build["module-name"])) - inside)
    if missing:
        raise LookupError(f"{wheel.name} lacks {', '.join(missing[:10])}")
    print(f"{wheel.name}: {len(inside)} files, {wheel.stat().st_size // 1024} kB")


def _files(packages: Iterable[str]) -> Iterable[str]:
    for package in packages:
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix()


def _run(command: list[str], *, cwd: Path) -> None:
    """Run one command without anything of this checkout in its environment."""
    shown = " ".join(Path(word).name if word.startswith("/") else word for word in command)
    print(f"$ {shown}", flush=True)
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TABUH_") and name not in {"PYTHONPATH", "VIRTUAL_ENV"}
    }
    subprocess.run(command, check=True, cwd=cwd, env=clean, stdin=subprocess.DEVNULL, timeout=LIMIT)


if __name__ == "__main__":
    sys.exit(main())
