"""A hub, a shelf, and a small model whose terms are accepted."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub.file_download as library
import pytest
from huggingface_hub import constants
from support.hub import HubStandin, files_of, hub_standin

from bridge.weights import Shelf
from engine.models.catalogue import Entry, entry_of

# Several chunks of what the stand-in sends at once.
WEIGHTS_BYTES = 200_000


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Generator[HubStandin]:
    # The library waits a second before it asks again, and hands bytes on by tens of megabytes.
    monkeypatch.setattr(library, "time", SimpleNamespace(sleep=lambda _: None))
    monkeypatch.setattr(constants, "DOWNLOAD_CHUNK_SIZE", 1000)
    with hub_standin() as standin:
        entry = entry_of("amused-512")
        standin.repos[entry.sources[0].repo] = files_of(entry, size=WEIGHTS_BYTES)
        yield standin


@pytest.fixture
def entry() -> Entry:
    return entry_of("amused-512")


@pytest.fixture
def shelf(tmp_path: Path, entry: Entry) -> Shelf:
    shelf = Shelf(tmp_path / "data" / "models")
    shelf.accept(entry)
    return shelf
