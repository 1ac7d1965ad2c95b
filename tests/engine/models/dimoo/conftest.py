"""What upstream's own code gave for the same weights; see golden/make.py."""

from pathlib import Path

import pytest
from safetensors.torch import load_file
from torch import Tensor

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="session")
def golden() -> dict[str, Tensor]:
    return load_file(GOLDEN / "golden.safetensors")
