"""Files of models that are broken are named, and stop no removal."""

from __future__ import annotations

import pytest

from engine.errors import BrokenWeights
from engine.models import nano
from engine.operations import registry


def test_the_files_that_come_with_the_program_can_be_used() -> None:
    assert registry.broken_models("cpu") == []


def test_a_broken_file_is_named_and_the_worker_starts_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_device: str) -> None:
        raise BrokenWeights("nano.safetensors cannot be used")

    monkeypatch.setattr(nano, "load", broken)
    assert "nano.safetensors" in registry.broken_models("cpu")[0]
    registry.warm_up("cpu")
