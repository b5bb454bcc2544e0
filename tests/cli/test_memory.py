"""Large blocks of memory go back to the system, where the C library can be told so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import re, threading
from pathlib import Path
from cli.memory import give_large_blocks_back

def resident():
    return int(re.search(r"VmRSS:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024

give_large_blocks_back()
before, kept = resident(), []

def use():
    bytes(bytearray(b"x" * (12 * 2**20)))  # freed at once, by a thread that stays
    stop.wait()

stop = threading.Event()
for _ in range(12):
    thread = threading.Thread(target=use)
    thread.start()
    kept.append(thread)
    while thread.is_alive() and not stop.wait(0.05):
        break
print(resident() - before)
stop.set()
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell")
def test_threads_that_have_used_large_blocks_keep_none_of_them() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"-?[\d.]+\n", done.stdout)
    assert float(done.stdout) < 30
