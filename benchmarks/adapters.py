"""How many lines each platform costs, and what all of them share.

    python -m benchmarks.adapters

Prints, per adapter, the lines of code of its own file, those of the files in publishers/ that it alone uses,
and its test file's; lines that are blank, or words about the code, do not count.
"""

import ast
import re
from collections import Counter
from pathlib import Path

from publishers.registry import BUILT_IN

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT / "publishers"


def code_lines(file: Path) -> int:
    """Lines with code: without blank ones, comments and docstrings."""
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text)
    words: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            first = node.body[0]
            words.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return sum(
        1
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.strip().startswith("#") and number not in words
    )


def uses(file: Path) -> set[str]:
    """The modules of publishers/ that a file imports, by their names."""
    text = file.read_text(encoding="utf-8")
    return set(re.findall(r"^\s*from publishers\.(\w+) import", text, re.MULTILINE))


def needed(file: Path) -> set[str]:
    """Those that it imports, and what these import in turn."""
    found: set[str] = set()
    left = uses(file)
    while left:
        name = left.pop()
        path = SHARED / f"{name}.py"
        if name not in found and path.exists():
            found.add(name)
            left |= uses(path)
    return found


def lines() -> dict[str, tuple[int, int, int]]:
    """Per platform: lines of its own file, of the files that it alone uses, and of its test file."""
    files = {name: ROOT / f"{path.partition(':')[0].replace('.', '/')}.py" for name, path in BUILT_IN.items()}
    by_platform = {name: needed(file) for name, file in files.items()}
    users = Counter(module for modules in by_platform.values() for module in modules)
    found = {}
    for name, file in files.items():
        alone = [SHARED / f"{module}.py" for module in by_platform[name] if users[module] == 1]
        test = ROOT / "tests" / "publishers" / "platforms" / f"test_{name}.py"
        found[name] = code_lines(file), sum(map(code_lines, alone)), code_lines(test)
    return found


def main() -> None:
    """Print the table."""
    found = lines()
    print(f"{'platform':<20}{'adapter':>9}{'its own':>9}{'tests':>8}")
    for name, (own, alone, test) in sorted(found.items(), key=lambda one: one[1]):
        print(f"{name:<20}{own:>9}{alone:>9}{test:>8}")
    shared = sum(map(code_lines, SHARED.glob("*.py")))
    alone = sum(one[1] for one in found.values())
    print(f"{'all':<20}{sum(one[0] for one in found.values()):>9}{alone:>9}")
    print(f"shared by several: {shared - alone:,}")


if __name__ == "__main__":
    main()
