"""`inlay doctor`: each finding is ok or says what to do."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
from pathlib import Path

import pytest
from support.hub import files_of, write_files

from bridge import doctor
from bridge.local import hold_data_folder
from bridge.settings import Settings
from bridge.weights import Shelf, take_folder
from engine.models.catalogue import entry_of


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def findings(folder: Path, port: int) -> dict[str, doctor.Finding]:
    found = doctor.examine(Settings(data_folder=folder, port=port))
    assert all(finding.ok or finding.remedy for finding in found)
    return {finding.what: finding for finding in found}


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing torch takes seconds and is looked at once, below."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise subprocess.CalledProcessError(1, "python")

    monkeypatch.setattr(doctor.subprocess, "run", refuse)


def test_a_machine_that_has_all_is_told_so_line_by_line(tmp_path: Path):
    found = findings(tmp_path / "new", free_port())
    assert all(finding.ok for finding in found.values())
    expected = "Python, torch, device, operations, model, port, data folder, disk, history, open models"
    assert set(found) == set(expected.split(", "))


@pytest.mark.usefixtures("no_torch")
def test_a_torch_that_cannot_be_imported_is_said(tmp_path: Path):
    found = findings(tmp_path, free_port())
    assert not found["torch"].ok and "install" in found["torch"].remedy.lower()


@pytest.mark.usefixtures("no_torch")
def test_a_port_that_is_held_is_said_with_who_holds_it(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        found = findings(tmp_path, other.getsockname()[1])
    assert not found["port"].ok and "held by" in found["port"].found


@pytest.mark.usefixtures("no_torch")
def test_a_data_folder_that_cannot_be_one_is_said(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    found = findings(tmp_path / "file" / "data", free_port())
    assert not found["data folder"].ok and "INLAY_DATA_FOLDER" in found["data folder"].remedy


@pytest.mark.usefixtures("no_torch")
def test_a_history_of_another_program_is_said(tmp_path: Path):
    with sqlite3.connect(tmp_path / "history.sqlite3") as database:
        database.execute("CREATE TABLE recipes (name TEXT)")
    found = findings(tmp_path, free_port())
    assert not found["history"].ok and found["history"].remedy


@pytest.mark.usefixtures("no_torch")
def test_the_history_of_a_bridge_that_works_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "history.sqlite3").write_bytes(b"")
    monkeypatch.setattr(doctor.History, "open", None)
    with hold_data_folder(tmp_path):
        found = findings(tmp_path, free_port())
    assert found["history"].ok and "in use" in found["history"].found


@pytest.mark.usefixtures("no_torch")
def test_an_open_model_that_is_not_whole_is_said(tmp_path: Path):
    entry = entry_of("amused-256")
    settings = Settings(data_folder=tmp_path / "data", port=free_port())
    shelf = Shelf(settings.models_folder)
    write_files(tmp_path / "mine", files_of(entry))
    shelf.accept(entry)
    take_folder(entry, tmp_path / "mine", shelf)
    assert findings(settings.data_folder, settings.port)["open models"].found == "amused-256"
    (shelf.path("amused-256") / "transformer/weights.safetensors").unlink()
    found = findings(settings.data_folder, settings.port)["open models"]
    assert not found.ok and "verify amused-256" in found.remedy
