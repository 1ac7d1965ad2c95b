"""The folder of pulled models, as the worker reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.models.catalogue import Ability
from engine.models.pulled import PulledModels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("amused-256", "editmgt", "stranger"):
        (tmp_path / name).mkdir()
        files = [{"path": "a.safetensors", "size": 1, "sha256": "aa"}, {"path": "a.json", "size": 1, "sha256": "bb"}]
        (tmp_path / name / "manifest.json").write_text(json.dumps({"name": name, "files": files}))
    (tmp_path / "meissonic").mkdir()  # half of one, without its manifest
    return tmp_path


def test_those_with_a_manifest_are_here_best_first(folder: Path):
    models = PulledModels(folder)
    assert models.present() == ("editmgt", "amused-256")
    assert models.able(Ability.INSTRUCT) == ("editmgt",)
    assert models.folder_of("amused-256") == folder / "amused-256"
    assert models.folder_of("meissonic") is None and models.folder_of("stranger") is None
    assert PulledModels(folder / "nowhere").present() == ()


def test_their_hash_is_that_of_their_weights_and_of_nothing_else(folder: Path):
    models = PulledModels(folder)
    assert len(models.hash_of("editmgt")) == 64 and models.hash_of("editmgt") == models.hash_of("amused-256")
    manifest = folder / "editmgt/manifest.json"
    told = json.loads(manifest.read_text())
    told["files"][1]["sha256"] = "cc"
    manifest.write_text(json.dumps(told))
    assert models.hash_of("editmgt") == models.hash_of("amused-256")
    told["files"][0]["sha256"] = "cc"
    manifest.write_text(json.dumps(told))
    assert models.hash_of("editmgt") != models.hash_of("amused-256")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": [1]}', '{"files": []}'])
def test_a_manifest_that_tells_nothing_gives_no_hash(folder: Path, text: str):
    (folder / "editmgt/manifest.json").write_text(text)
    assert PulledModels(folder).hash_of("editmgt") == ""


def test_without_a_manifest_there_is_no_hash(folder: Path):
    assert PulledModels(folder).hash_of("meissonic") == ""
