"""What is here: whole, broken, removed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.hub import files_of, write_files

from bridge.weights import Shelf, take_folder
from bridge.weights.errors import BuiltIn, Damaged, NotPulled
from bridge.weights.shelf import Fault
from engine.models.catalogue import Entry, entry_of

LARGE = "transformer/weights.safetensors"


@pytest.fixture
def full(shelf: Shelf, entry: Entry, tmp_path: Path) -> Shelf:
    write_files(tmp_path / "mine", files_of(entry))
    take_folder(entry, tmp_path / "mine", shelf)
    return shelf


def test_a_changed_file_is_found_by_its_checksum(full: Shelf, entry: Entry):
    path = full.path(entry.name) / LARGE
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert full.present() == (entry.name,), "sizes do not tell"
    assert full.verify(entry.name) == (Fault(LARGE, "changed"),)


def test_a_missing_file_makes_a_model_broken(full: Shelf, entry: Entry):
    (full.path(entry.name) / LARGE).unlink()
    assert full.present() == () and full.broken() == (entry.name,)
    assert full.verify(entry.name) == (Fault(LARGE, "missing"),)


def test_a_manifest_that_cannot_be_read_makes_a_model_broken(full: Shelf, entry: Entry):
    (full.path(entry.name) / "manifest.json").write_text("{")
    assert full.present() == () and full.broken() == (entry.name,)
    with pytest.raises(Damaged):
        full.verify(entry.name)


def test_a_model_under_another_name_is_not_that_model(full: Shelf, entry: Entry):
    full.path(entry.name).rename(full.folder / "amused-256")
    assert full.present() == () and full.broken() == ("amused-256",)


def test_removing_frees_its_bytes_and_keeps_the_acceptance(full: Shelf, entry: Entry):
    held = full.manifest(entry.name).bytes
    assert full.remove(entry) >= held
    assert full.present() == () and full.has_accepted(entry) is not None
    with pytest.raises(NotPulled):
        full.remove(entry)


def test_what_a_process_left_that_died_while_it_removed_goes_with_the_next(full: Shelf, entry: Entry):
    left = full.folder / ".removing-0a1b2c3d"
    (left / "vqvae").mkdir(parents=True)
    full.remove(entry)
    assert not left.exists()


def test_what_comes_with_the_program_stays(shelf: Shelf):
    with pytest.raises(BuiltIn):
        shelf.remove(entry_of("exemplar"))


def test_an_unreadable_record_of_acceptances_is_none(shelf: Shelf, entry: Entry):
    (shelf.folder / "accepted.json").write_text("[]")
    assert shelf.has_accepted(entry) is None
