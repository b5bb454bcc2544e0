"""What several adapters need is there once: nothing is written twice in publishers/."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.conftest import ROOT

FILES = sorted((ROOT / "publishers").rglob("*.py"))
ADAPTERS = sorted((ROOT / "publishers" / "platforms").glob("*.py"))
#: What lives in one file only: how it is recognised → where it lives.
HOMES = {
    r"code_challenge|code_verifier|\bS256": {"oauth.py"},
    r"utf-16-le": {"text.py"},
    r"regex\.compile\(r?\"\\\\X": {"text.py"},
    r"httpx\.(Client|AsyncClient)\(|httpx\.(get|post|put|request)\(": set(),
    r"\bPIL\b": {"pictures.py"},
}


@pytest.mark.parametrize("pattern", HOMES)
def test_it_lives_in_one_file(pattern: str) -> None:
    found = {file.name for file in FILES if re.search(pattern, file.read_text(encoding="utf-8"))}

    assert found <= HOMES[pattern], "use what is there, or move it to where all adapters find it"


@pytest.mark.parametrize("file", ADAPTERS, ids=lambda file: file.stem)
def test_no_adapter_reads_files_in_pieces_or_counts_text_by_itself(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    by_range = "Content-Range" in text  # the platform names the bytes that it wants
    assert by_range or not re.search(r"\.part\(", text), "read files with publishers.uploads"
    assert not re.search(r"def (graphemes|count\w*|utf16\w*|weighted\w*)\(", text), (
        "count with publishers.text"
    )
    assert not re.search(r"boundary=|Content-Disposition", text), "httpx writes forms"


def test_no_function_of_some_length_is_there_twice() -> None:
    seen: defaultdict[str, list[str]] = defaultdict(list)
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                told = "\n".join(ast.unparse(one) for one in body)
                if len(told.splitlines()) >= 6:
                    seen[told].append(f"{file.stem}.{node.name}")

    assert {text: places for text, places in seen.items() if len(places) > 1} == {}
