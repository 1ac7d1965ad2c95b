"""What is pulled is what the families load: each model in the layout in which it is published, with random weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from support.dimoo import published_folder
from support.hub import HubStandin
from support.meissonic_folder import write_meissonic
from support.open_models import amused_pipeline
from support.tiny_vq import tiny_vq_model

from bridge.weights import Hub, Shelf, plan_of, pull
from engine.models.catalogue import entry_of
from engine.models.dimoo.config import Config
from engine.models.loading import Way, load
from engine.models.masked.interface import OpenModel


def pulled_and_loaded(name: str, published: Path, hub: HubStandin, shelf: Shelf) -> OpenModel:
    entry, mirror = entry_of(name), Hub(hub.address)
    files = {path.relative_to(published).as_posix(): path for path in published.rglob("*") if path.is_file()}
    hub.repos = {entry.sources[0].repo: {name: path.read_bytes() for name, path in files.items()}}
    shelf.accept(entry)
    pull(plan_of(entry, shelf, mirror), shelf, mirror)
    return load(name, shelf.path(name), torch.device("cpu"), Way(torch.float32))


def test_amused_draws_from_what_was_pulled(hub: HubStandin, shelf: Shelf, tmp_path: Path):
    pipeline = amused_pipeline(tmp_path / "words")
    pipeline.save_pretrained(str(tmp_path / "amused"))
    # The same in half precision, as its repository has it.
    pipeline.save_pretrained(str(tmp_path / "amused"), variant="fp16")
    model = pulled_and_loaded("amused-256", tmp_path / "amused", hub, shelf)
    assert model.name == "amused-256"
    assert not list(shelf.path("amused-256").rglob("*fp16*"))


@pytest.mark.parametrize(("name", "edits"), [("meissonic", False), ("editmgt", True)])
def test_meissonic_and_editmgt_draw_from_what_was_pulled(
    name: str, edits: bool, hub: HubStandin, shelf: Shelf, tmp_path: Path
):
    model = pulled_and_loaded(name, write_meissonic(tmp_path / name, edits=edits), hub, shelf)
    assert model.name == name


def test_lumina_dimoo_draws_from_what_was_pulled(hub: HubStandin, shelf: Shelf, tmp_path: Path):
    folder = tmp_path / "dimoo"
    folder.mkdir()
    published_folder(folder, Config(width=8, heads=2, layers=2, hidden=12))
    tiny_vq_model(codes=8192).save_pretrained(folder / "vqvae")
    (folder / "modeling_llada.py").write_text("raise RuntimeError('run')")
    model = pulled_and_loaded("lumina-dimoo", folder, hub, shelf)
    assert model.name == "lumina-dimoo"
    assert not list(shelf.path("lumina-dimoo").rglob("*.py"))
