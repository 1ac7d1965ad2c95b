"""Memory that goes back to the system."""

import subprocess
import sys
from pathlib import Path

import pytest

from bridge.memory import keep_memory_flat

ROOT = Path(__file__).parent.parent.parent

CODE = """
import psutil, sys
from bridge.memory import keep_memory_flat
if sys.argv[1] == "flat":
    keep_memory_flat()
process = psutil.Process()
tiles = [bytes([n % 256]) * 49_152 for n in range(2000)]
keep = tiles[::50]
full = process.memory_info().rss
del tiles
print((full - process.memory_info().rss) / (2000 * 49_152))
"""


def given_back(how: str) -> float:
    done = subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, cwd=ROOT, check=True)
    return float(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps it")
def test_tiles_between_others_that_are_kept_are_given_back_when_they_are_freed():
    assert given_back("flat") > 0.9


def test_it_can_be_called_twice_and_anywhere():
    keep_memory_flat()
    keep_memory_flat()
