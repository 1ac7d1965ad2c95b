"""Pulls from a hub that behaves, breaks off, lies and refuses."""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
from pathlib import Path

import pytest
from support.hub import HubStandin, files_of, safetensors, write_files

from bridge.weights import Hub, Shelf, plan_of, pull, take_folder
from bridge.weights.errors import (
    BuiltIn,
    Damaged,
    ExtraMissing,
    HostileName,
    HubRefused,
    HubUnreachable,
    Incomplete,
    InUse,
    NoRoom,
    NotAccepted,
    NotOnHub,
    OtherModel,
    PickleRefused,
    WeightsError,
    WrongChecksum,
)
from engine.models.catalogue import Entry, entry_of, open_entries

REPO = "amused/amused-512"
LARGE = "transformer/weights.safetensors"
AMUSED_256 = {
    "transformer/config.json": json.dumps({"_class_name": "UVit2DModel", "sample_size": 16}).encode(),
    "vqvae/config.json": json.dumps({"block_out_channels": [128, 256, 256, 512, 768]}).encode(),
}
PICKLE = pickle.dumps({"weight": [1, 2, 3]})


def pulled(entry: Entry, shelf: Shelf, hub: HubStandin, **options: object) -> None:
    mirror = Hub(hub.address)
    pull(plan_of(entry, shelf, mirror), shelf, mirror, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [entry.name for entry in open_entries()])
def test_every_model_of_the_catalogue_is_pulled_with_all_that_it_needs(name: str, hub: HubStandin, shelf: Shelf):
    entry = entry_of(name)
    hub.repos = {source.repo: files_of(entry, number) for number, source in enumerate(entry.sources)}
    shelf.accept(entry)
    pulled(entry, shelf, hub)
    assert shelf.present() == (name,)
    assert shelf.verify(name) == ()
    expected = {path for path in hub.repos[entry.sources[0].repo] if path != "README.md"}
    assert {file.path for file in shelf.manifest(name).files} == expected


def test_a_pull_keeps_checksums_commit_and_time(hub: HubStandin, shelf: Shelf, entry: Entry):
    pulled(entry, shelf, hub)
    manifest = shelf.manifest(entry.name)
    kept = {file.path: file.sha256 for file in manifest.files}
    assert kept[LARGE] == hashlib.sha256(hub.repos[REPO][LARGE]).hexdigest()
    assert manifest.origins[0].commit == hub.commit(REPO)
    assert manifest.pulled_at.utcoffset() is not None and manifest.pulled_at.utcoffset().total_seconds() == 0
    assert (shelf.path(entry.name) / LARGE).read_bytes() == hub.repos[REPO][LARGE]


def test_gemma_comes_from_its_maker_where_the_model_does_not_bring_it(hub: HubStandin, shelf: Shelf):
    entry = entry_of("editmgt")
    own = {path: data for path, data in files_of(entry).items() if not path.startswith("llm_encoder/")}
    hub.repos = {"WeiChow/EditMGT": own, "google/gemma-2-2b-it": files_of(entry, 1)}
    shelf.accept(entry)
    pulled(entry, shelf, hub)
    manifest = shelf.manifest("editmgt")
    assert [origin.repo for origin in manifest.origins] == ["WeiChow/EditMGT", "google/gemma-2-2b-it"]
    assert "llm_encoder/weights.safetensors" in {file.path for file in manifest.files}


def test_nothing_is_pulled_before_its_terms_are_accepted(hub: HubStandin, tmp_path: Path, entry: Entry):
    shelf = Shelf(tmp_path / "models")
    with pytest.raises(NotAccepted, match=r"OpenRAIL"):
        pulled(entry, shelf, hub)
    assert not hub.given


def test_terms_that_were_accepted_for_one_model_are_not_for_another(shelf: Shelf, entry: Entry):
    accepted = shelf.has_accepted(entry)
    assert accepted is not None and accepted.tzinfo is not None
    assert shelf.has_accepted(entry_of("amused-256")) is None


def test_a_connection_that_breaks_off_is_taken_up_within_the_pull(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.breaks[LARGE] = [50_000, 40_000]
    pulled(entry, shelf, hub)
    assert shelf.verify(entry.name) == ()
    assert hub.given[LARGE] == len(hub.repos[REPO][LARGE])


def test_a_pull_that_broke_off_counts_as_absent_and_the_next_one_fetches_the_rest(
    hub: HubStandin, shelf: Shelf, entry: Entry
):
    hub.breaks[LARGE], hub.dead_after_break = [80_000], True
    with pytest.raises(HubUnreachable):
        pulled(entry, shelf, hub)
    assert shelf.present() == () and shelf.broken() == ()
    before, came = hub.given[LARGE], [0]
    assert before == 80_000

    hub.dead = False
    plan = plan_of(entry, shelf, Hub(hub.address))
    assert plan.here >= 80_000
    pull(plan, shelf, Hub(hub.address), advance=lambda count: came.__setitem__(0, came[0] + count))
    assert shelf.verify(entry.name) == ()
    assert hub.given[LARGE] == len(hub.repos[REPO][LARGE]), "no byte was sent twice"
    assert came[0] == plan.bytes - plan.here
    assert any(method == "GET" and asked == "bytes=80000-" for method, _, asked, _ in hub.asked)


def test_a_broken_off_pull_goes_on_with_the_commit_that_it_began(hub: HubStandin, shelf: Shelf, entry: Entry):
    began = hub.commit(REPO)
    hub.breaks[LARGE], hub.dead_after_break = [80_000], True
    with pytest.raises(HubUnreachable):
        pulled(entry, shelf, hub)
    hub.dead = False
    hub.asked.clear()
    pulled(entry, shelf, hub)
    assert any(path.endswith(f"/revision/{began}") for _, path, _, _ in hub.asked)


def test_a_hub_that_ignores_where_to_go_on_still_gives_a_right_file(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.breaks[LARGE], hub.deaf_to_ranges = [80_000], True
    came = [0]
    plan = plan_of(entry, shelf, Hub(hub.address))
    pull(plan, shelf, Hub(hub.address), advance=lambda count: came.__setitem__(0, came[0] + count))
    assert shelf.verify(entry.name) == ()
    assert came[0] == plan.bytes


def test_a_slow_hub_is_waited_for(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.slow_s = 0.005
    pulled(entry, shelf, hub)
    assert shelf.present() == (entry.name,)


@pytest.mark.parametrize("path", [LARGE, "model_index.json"])
def test_a_file_with_a_wrong_checksum_is_thrown_away(hub: HubStandin, shelf: Shelf, entry: Entry, path: str):
    hub.lies.add(path)
    with pytest.raises(WrongChecksum, match=path):
        pulled(entry, shelf, hub)
    assert shelf.present() == ()
    assert not (shelf.pulling(entry.name) / path).exists()
    hub.lies.clear()
    pulled(entry, shelf, hub)
    assert shelf.verify(entry.name) == ()


def test_a_listed_file_that_is_404_is_said(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.lost.add(LARGE)
    with pytest.raises(NotOnHub, match="listed"):
        pulled(entry, shelf, hub)
    assert shelf.present() == ()


def test_a_repository_that_is_not_there_is_said(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.repos.clear()
    with pytest.raises(NotOnHub, match=REPO):
        pulled(entry, shelf, hub)


def test_a_revision_that_is_not_there_is_said(hub: HubStandin, shelf: Shelf, entry: Entry):
    with pytest.raises(NotOnHub, match="revision"):
        plan_of(entry, shelf, Hub(hub.address), revision="f" * 40)


def test_a_gated_repository_is_refused_with_what_to_do(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.gated.add(REPO)
    with pytest.raises(HubRefused) as caught:
        pulled(entry, shelf, hub)
    assert "hf auth login" in caught.value.hint


def test_a_forbidden_repository_is_refused(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.forbidden.add(REPO)
    with pytest.raises(HubRefused, match="403"):
        pulled(entry, shelf, hub)


def test_a_mirror_is_never_given_the_accounts_token(
    hub: HubStandin, shelf: Shelf, entry: Entry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pulled(entry, shelf, hub)
    assert hub.asked and all(authorization == "" for *_, authorization in hub.asked)


def test_the_hub_itself_is_given_the_token_and_where_it_redirects_to_is_not(
    hub: HubStandin, shelf: Shelf, entry: Entry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hub.away, hub.breaks[LARGE] = True, [80_000]
    itself = Hub()
    itself.address = hub.address
    pull(plan_of(entry, shelf, itself), shelf, itself)
    assert shelf.verify(entry.name) == () and hub.given[LARGE] == len(hub.repos[REPO][LARGE])
    given = {(host.split(":")[0], asked[3]) for host, asked in zip(hub.hosts, hub.asked, strict=True)}
    assert given == {("127.0.0.1", "Bearer hf_secret"), ("localhost", "")}


def test_a_hub_that_is_not_there_is_said(shelf: Shelf, entry: Entry):
    with pytest.raises(HubUnreachable, match="cannot be reached"):
        plan_of(entry, shelf, Hub("http://127.0.0.1:9"))


def test_without_the_extra_it_is_said_how_to_install_it(
    hub: HubStandin, shelf: Shelf, entry: Entry, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ExtraMissing) as caught:
        plan_of(entry, shelf, Hub(hub.address))
    assert 'pip install "inlay[open-weights]"' in caught.value.hint


def test_offline_nothing_is_asked(hub: HubStandin, shelf: Shelf, entry: Entry):
    with pytest.raises(HubUnreachable) as caught:
        plan_of(entry, shelf, Hub(hub.address, offline=True))
    assert "INLAY_MODELS_OFFLINE" in caught.value.hint
    assert not hub.asked


def test_a_full_disk_is_said_before_anything_is_fetched(hub: HubStandin, shelf: Shelf, entry: Entry):
    with pytest.raises(NoRoom, match="free"):
        pulled(entry, shelf, hub, free_bytes=lambda _: 1000)
    assert not hub.given


def test_weights_that_are_pickles_only_are_refused_with_the_reason(hub: HubStandin, shelf: Shelf, entry: Entry):
    del hub.repos[REPO]["text_encoder/weights.safetensors"]
    hub.repos[REPO]["text_encoder/pytorch_model.bin"] = PICKLE
    with pytest.raises(PickleRefused, match="runs whatever code"):
        pulled(entry, shelf, hub)
    assert not hub.given


def test_pickles_beside_safetensors_are_left(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.repos[REPO]["text_encoder/pytorch_model.bin"] = PICKLE
    plan = plan_of(entry, shelf, Hub(hub.address))
    assert plan.left == (f"{REPO}/text_encoder/pytorch_model.bin",)
    pull(plan, shelf, Hub(hub.address))
    assert not (shelf.path(entry.name) / "text_encoder/pytorch_model.bin").exists()


def test_a_pickle_that_is_called_safetensors_is_refused(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.repos[REPO][LARGE] = PICKLE * 20
    with pytest.raises(PickleRefused, match="something else"):
        pulled(entry, shelf, hub)
    assert shelf.present() == ()
    assert not (shelf.pulling(entry.name) / LARGE).exists()


def test_safetensors_that_are_cut_off_at_their_origin_are_refused(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.repos[REPO][LARGE] = safetensors(5000)[:-100]
    with pytest.raises(Damaged):
        pulled(entry, shelf, hub)
    assert shelf.present() == ()


def test_half_precision_is_taken_only_where_there_is_nothing_else(hub: HubStandin, shelf: Shelf, entry: Entry):
    files = hub.repos[REPO]
    files["transformer/weights.fp16.safetensors"] = files["vqvae/weights.fp16.safetensors"] = safetensors()
    del files["vqvae/weights.safetensors"]
    pulled(entry, shelf, hub)
    names = {file.path for file in shelf.manifest(entry.name).files}
    assert "transformer/weights.fp16.safetensors" not in names and "vqvae/weights.fp16.safetensors" in names


def test_code_is_never_taken(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.repos[REPO]["tokenizer/tokenizer.py"] = b"import os"
    pulled(entry, shelf, hub)
    assert not list(shelf.path(entry.name).rglob("*.py"))


@pytest.mark.parametrize(
    "path",
    [
        "tokenizer/../../../evil.json",
        "../evil.json",
        "/etc/evil.json",
        "tokenizer\\..\\..\\evil.json",
        "C:/evil.json",
        "tokenizer//evil.json",
        "tokenizer/./evil.json",
        "tokenizer/evil.json ",
        "tokenizer/evil\n.json",
        "tokenizer/" + "e" * 300 + ".json",
        "",
    ],
)
def test_a_hostile_name_refuses_the_whole_repository(hub: HubStandin, shelf: Shelf, entry: Entry, path: str):
    hub.repos[REPO][path] = b"{}"
    with pytest.raises(HostileName):
        pulled(entry, shelf, hub)
    assert not hub.given
    assert not list(shelf.folder.parent.parent.rglob("evil*"))


def test_files_without_checksums_are_not_taken(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.silent_on_checksums = True
    with pytest.raises(Incomplete, match="does not say"):
        pulled(entry, shelf, hub)


def test_an_index_that_names_a_shard_that_is_not_there_is_refused(hub: HubStandin, shelf: Shelf):
    entry = entry_of("lumina-dimoo")
    files = files_of(entry)
    files["model.safetensors.index.json"] = json.dumps(
        {"weight_map": {"a": "model-00002-of-00002.safetensors"}}
    ).encode()
    hub.repos = {entry.sources[0].repo: files}
    shelf.accept(entry)
    with pytest.raises(Incomplete, match="model-00002"):
        pulled(entry, shelf, hub)
    assert shelf.present() == ()


def test_a_second_pull_replaces_the_first_whole(hub: HubStandin, shelf: Shelf, entry: Entry):
    pulled(entry, shelf, hub)
    hub.repos[REPO][LARGE] = safetensors(1000, seed=9)
    pull(plan_of(entry, shelf, Hub(hub.address), revision="main"), shelf, Hub(hub.address))
    assert shelf.verify(entry.name) == ()
    assert (shelf.path(entry.name) / LARGE).read_bytes() == hub.repos[REPO][LARGE]
    assert {path.name for path in shelf.folder.iterdir()} == {entry.name, "accepted.json", ".pulling"}


def test_two_pulls_of_one_model_do_not_meet(hub: HubStandin, shelf: Shelf, entry: Entry):
    with shelf.held(entry.name), pytest.raises(InUse):
        pulled(entry, shelf, hub)


def test_what_comes_with_the_program_is_not_pulled(hub: HubStandin, shelf: Shelf):
    with pytest.raises(BuiltIn):
        plan_of(entry_of("nano"), shelf, Hub(hub.address))


def test_a_folder_of_weights_is_taken_without_any_hub(shelf: Shelf, entry: Entry, tmp_path: Path):
    write_files(tmp_path / "mine", files_of(entry))
    take_folder(entry, tmp_path / "mine", shelf)
    assert shelf.present() == (entry.name,) and shelf.verify(entry.name) == ()


def test_another_models_folder_is_refused_before_anything_is_copied(shelf: Shelf, entry: Entry, tmp_path: Path):
    folder = tmp_path / "mine"
    write_files(folder, files_of(entry) | AMUSED_256)
    with pytest.raises(OtherModel) as caught:
        take_folder(entry, folder, shelf)
    assert f"{folder} holds aMUSEd 256, not aMUSEd 512" in str(caught.value)
    assert f"inlay models pull amused-256 --from {folder}" in caught.value.hint
    assert "`inlay models pull amused-512`" in caught.value.hint
    assert shelf.present() == () and not shelf.pulling(entry.name).exists()


def test_another_model_under_a_repositorys_name_becomes_no_model(hub: HubStandin, shelf: Shelf, entry: Entry):
    hub.repos[REPO] |= AMUSED_256
    with pytest.raises(OtherModel) as caught:
        pulled(entry, shelf, hub)
    assert f"{hub.address} gives aMUSEd 256 as {REPO}, not aMUSEd 512" in str(caught.value)
    assert "mirror" in caught.value.hint
    assert shelf.present() == () and not shelf.pulling(entry.name).exists()
    hub.repos[REPO] |= files_of(entry)
    pulled(entry, shelf, hub)
    assert shelf.present() == (entry.name,)


def test_another_model_does_not_replace_the_one_that_is_here(hub: HubStandin, shelf: Shelf, entry: Entry):
    pulled(entry, shelf, hub)
    hub.repos[REPO] |= AMUSED_256
    mirror = Hub(hub.address)
    with pytest.raises(OtherModel):
        pull(plan_of(entry, shelf, mirror, hub.commit(REPO)), shelf, mirror)
    assert shelf.present() == (entry.name,) and shelf.verify(entry.name) == ()


def test_what_a_folder_lacks_is_said_of_the_folder_not_of_the_hub(shelf: Shelf, entry: Entry, tmp_path: Path):
    files = files_of(entry)
    del files["transformer/weights.safetensors"]
    write_files(tmp_path / "mine", files)
    with pytest.raises(Incomplete) as caught:
        take_folder(entry, tmp_path / "mine", shelf)
    assert f"{tmp_path / 'mine'} has no transformer/*.safetensors" in str(caught.value)
    assert REPO not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize("ends", [KeyboardInterrupt, OSError])
def test_a_copy_that_ends_early_leaves_nothing(shelf: Shelf, entry: Entry, tmp_path: Path, ends: type[BaseException]):
    write_files(tmp_path / "mine", files_of(entry))
    copied: list[int] = []

    def stop(count: int) -> None:
        copied.append(count)
        if len(copied) == 3:
            raise ends

    with pytest.raises(ends):
        take_folder(entry, tmp_path / "mine", shelf, advance=stop)
    assert shelf.present() == () and not shelf.pulling(entry.name).exists()
    take_folder(entry, tmp_path / "mine", shelf)
    assert shelf.present() == (entry.name,)


@pytest.mark.parametrize(
    ("path", "data", "error"),
    [
        (None, b"", Incomplete),
        ("text_encoder/model.bin", PICKLE, PickleRefused),
        ("text_encoder/weights.safetensors", PICKLE * 20, PickleRefused),
    ],
)
def test_a_folder_without_safe_weights_is_refused(
    shelf: Shelf, entry: Entry, tmp_path: Path, path: str | None, data: bytes, error: type[WeightsError]
):
    files = files_of(entry)
    del files["text_encoder/weights.safetensors"]
    write_files(tmp_path / "mine", files | ({} if path is None else {path: data}))
    with pytest.raises(error):
        take_folder(entry, tmp_path / "mine", shelf)
    assert shelf.present() == ()
