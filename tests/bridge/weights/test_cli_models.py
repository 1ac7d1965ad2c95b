"""`inlay models`, as a person types it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.hub import HubStandin, files_of, write_files
from typer.testing import CliRunner, Result

from bridge.cli import models as command
from bridge.cli.app import app
from bridge.weights import Shelf
from bridge.weights.device import Fit
from bridge.weights.errors import BuiltIn, Damaged, HubUnreachable, NotAccepted, NotPulled
from engine.models.catalogue import ENTRIES, Entry, UnknownModel

Inlay = Callable[..., Result]


@pytest.fixture
def inlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inlay:
    monkeypatch.setenv("INLAY_DATA_FOLDER", str(tmp_path / "cli"))
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str | Path, said: str = "") -> Result:
        return CliRunner().invoke(app, ["models", *map(str, arguments)], input=said)

    return run


@pytest.fixture
def mine(tmp_path: Path, entry: Entry) -> Path:
    write_files(tmp_path / "mine", files_of(entry))
    return tmp_path / "mine"


def test_list_names_every_model_with_size_terms_and_state(inlay: Inlay):
    done = inlay("list")
    assert done.exit_code == 0
    assert all(entry.name in done.output for entry in ENTRIES)
    assert "OpenRAIL++-M" in done.output and "CC-BY-4.0 + Gemma" in done.output and "1024 px" in done.output


def test_list_as_json_is_a_model_a_line(inlay: Inlay, mine: Path):
    inlay("pull", "amused-512", "--from", mine, "--accept-licence")
    lines = [json.loads(line) for line in inlay("list", "--json").stdout.splitlines()]
    assert [line["name"] for line in lines] == [entry.name for entry in ENTRIES]
    assert {line["name"]: line["state"] for line in lines}["amused-512"] == "here"


def test_a_pull_shows_the_terms_takes_the_acceptance_and_says_what_is_here(inlay: Inlay, hub: HubStandin):
    done = inlay("pull", "amused-512", "--endpoint", hub.address, "--accept-licence")
    assert done.exit_code == 0, done.output
    assert "OpenRAIL++-M" in done.output and "https://" in done.output
    assert "✓ aMUSEd 512 is here" in done.output
    assert inlay("verify", "amused-512").exit_code == 0


def test_without_a_terminal_and_without_the_option_nothing_is_pulled(inlay: Inlay, hub: HubStandin):
    done = inlay("pull", "amused-512", "--endpoint", hub.address)
    assert isinstance(done.exception, NotAccepted) and "OpenRAIL++-M" in done.output
    assert "--accept-licence" in done.exception.hint and not hub.asked


@pytest.mark.parametrize(("answer", "pulled"), [("y", True), ("n", False), ("", False)])
def test_in_a_terminal_the_terms_are_asked_about(
    inlay: Inlay, mine: Path, answer: str, pulled: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(command, "is_terminal", lambda: True)
    done = inlay("pull", "amused-512", "--from", mine, said=f"{answer}\n")
    assert (done.exit_code == 0) is pulled
    assert pulled or isinstance(done.exception, NotAccepted)


def test_terms_are_accepted_once(inlay: Inlay, mine: Path):
    inlay("pull", "amused-512", "--from", mine, "--accept-licence")
    again = inlay("pull", "amused-512", "--from", mine)
    assert again.exit_code == 0 and re.search(r"accepted on \d{4}-\d\d-\d\d \d\d:\d\d UTC", again.output)


def test_a_mirror_can_be_a_setting(inlay: Inlay, hub: HubStandin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INLAY_MODELS_MIRROR", hub.address)
    assert inlay("pull", "amused-512", "--accept-licence").exit_code == 0
    assert hub.given


def test_offline_can_be_a_setting(inlay: Inlay, hub: HubStandin, mine: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("INLAY_MODELS_OFFLINE", "1")
    done = inlay("pull", "amused-512", "--endpoint", hub.address, "--accept-licence")
    assert isinstance(done.exception, HubUnreachable) and not hub.asked
    assert inlay("pull", "amused-512", "--from", mine).exit_code == 0


def test_an_address_that_is_none_is_said(inlay: Inlay):
    done = inlay("pull", "amused-512", "--endpoint", "ftp://hub", "--accept-licence")
    assert done.exit_code == 2 and "INLAY_MODELS_MIRROR" in done.output


def test_verify_names_the_files_that_changed(inlay: Inlay, mine: Path, tmp_path: Path):
    inlay("pull", "amused-512", "--from", mine, "--accept-licence")
    path = Shelf(tmp_path / "cli" / "models").path("amused-512") / "vqvae" / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    done = inlay("verify", "amused-512")
    assert isinstance(done.exception, Damaged) and "vqvae/weights.safetensors is changed" in done.output


def test_remove_says_what_it_freed(inlay: Inlay, mine: Path):
    inlay("pull", "amused-512", "--from", mine, "--accept-licence")
    assert "freed" in inlay("remove", "amused-512").output
    assert isinstance(inlay("remove", "amused-512").exception, NotPulled)


@pytest.mark.parametrize("verb", ["pull", "remove", "verify"])
def test_what_comes_with_the_program_is_neither_pulled_nor_removed(inlay: Inlay, verb: str):
    assert isinstance(inlay(verb, "nano").exception, BuiltIn)


@pytest.mark.parametrize("verb", ["info", "pull", "remove", "verify"])
def test_an_unknown_name_is_said(inlay: Inlay, verb: str):
    assert isinstance(inlay(verb, "flux").exception, UnknownModel)


def test_info_says_terms_origin_and_which_way_fits_this_device(inlay: Inlay):
    done = inlay("info", "editmgt")
    assert done.exit_code == 0, done.output
    for part in ("CC-BY-4.0", "Gemma Terms of Use", "google/gemma-2-2b-it", "1024 px", "approximate", "13.8 GB"):
        assert part in done.output
    assert re.search(r"bf16 +\d+\.\d GB +(✓ fits|✗ does not fit)", done.output)


def test_info_of_what_is_here_says_its_commit(inlay: Inlay, hub: HubStandin, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(command, "needs_here", lambda *_: ())
    inlay("pull", "amused-512", "--endpoint", hub.address, "--accept-licence")
    assert hub.commit("amused/amused-512") in inlay("info", "amused-512").output


def test_info_of_a_built_in_model_asks_no_device(inlay: Inlay, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delattr(command, "needs_here")
    assert "comes with the program" in inlay("info", "exemplar").output


def test_info_as_json_has_the_memory_of_each_way(inlay: Inlay, monkeypatch: pytest.MonkeyPatch):
    fit = Fit("a GPU", 8_000_000_000, "int8", 6_600_000_000, "weights 3 GB", fits=True)
    monkeypatch.setattr(command, "needs_here", lambda *_: (fit,))
    told = json.loads(inlay("info", "amused-256", "--json").stdout.splitlines()[-1])
    assert told["memory"] == [fit.fields()] and told["native_px"] == 256
