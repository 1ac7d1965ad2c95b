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
del_me = bytes(20_000_000)  # glibc takes it as a sign that such sizes are wanted again, and keeps them from now on
del del_me
frames = [bytes([n % 256]) * 1_000_000 for n in range(100)]
keep = [bytes([n]) * 10_000 for n in range(100)] + frames[::20]
full = process.memory_info().rss
del frames
print((full - process.memory_info().rss) / (95 * 1_000_000))
"""


def given_back(how: str) -> float:
    done = subprocess.run([sys.executable, "-c", CODE, how], capture_output=True, text=True, cwd=ROOT, check=True)
    return float(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps it")
def test_frames_between_others_that_are_kept_are_given_back_when_they_are_freed():
    assert given_back("flat") > 0.9
    assert given_back("as it is") < 0.9


def test_it_can_be_called_twice_and_anywhere():
    keep_memory_flat()
    keep_memory_flat()
