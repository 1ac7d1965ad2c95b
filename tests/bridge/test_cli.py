"""The `inlay` command, as a person runs it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from support.commands import Commands
from support.pictures import RGB8, changed_outside, disc, picture
from support.worker_models import put

from bridge.files import Picture, read_picture, write_picture
from engine.api import Alpha, Depth, LayerFormat

ROOT = Path(__file__).parent.parent.parent
GREY = LayerFormat(Depth.U8, 1, Alpha.NONE)
RGB16 = LayerFormat(Depth.U16, 3, Alpha.NONE)


def inlay(*arguments: str | Path, data: Path, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), capture_output=True, text=True, timeout=timeout, env=environment(data), check=False
    )


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "bridge", *map(str, arguments)]


def environment(data: Path) -> dict[str, str]:
    return {**os.environ, "INLAY_DATA_FOLDER": str(data), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "120"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], data: Path) -> Commands:
    """Commands in this process."""
    return Commands(capsys, data)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    write_picture(path, Picture(picture(160, 200, RGB16), RGB16, b"a profile, kept byte for byte"))
    write_picture(tmp_path / "mask.png", Picture(disc(160, 200, 80, 100, 25)[..., None], GREY))
    return path


def test_help_names_every_command_in_plain_words(data: Path):
    done = inlay("--help", data=data)
    assert done.returncode == 0
    for name in (
        "demo",
        "edit",
        "plan",
        "history",
        "comments",
        "serve",
        "pair",
        "doctor",
        "bench",
        "train",
        "models",
        "protocol",
    ):
        assert name in done.stdout
    assert not data.exists()


def test_the_command_starts_without_torch_and_without_what_pulls_open_weights():
    code = "import sys, bridge.cli.app; print([name for name in ('torch', 'huggingface_hub') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_is_edited_at_its_own_depth_and_its_history_shown_undone_and_varied(
    photo: Path, here: Commands, data: Path
):
    folder, out = photo.parent, photo.parent / "out.png"
    done = inlay(
        "edit", photo, "remove this", "--mask", folder / "mask.png", "-o", out, "--seed", "7", "--json", data=data
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["ok"] and said["changed_outside"] == 0 and said["seeds"] == [7] and said["own_bridge"]
    before, after = read_picture(photo), read_picture(out)
    assert after.format == RGB16 and after.profile == before.profile
    assert changed_outside(before.pixels, after.pixels, disc(160, 200, 80, 100, 25)) == 0
    assert (before.pixels != after.pixels).any()

    history = here("history", photo)
    assert history.returncode == 0 and "remove this" in history.stdout and said["versions"][0] in history.stdout

    varied = inlay("edit", photo, "two more", "-o", folder / "more.png", "--json", data=data)
    assert varied.returncode == 0, varied.stdout + varied.stderr
    assert [Path(file).name for file in json.loads(varied.stdout)["files"]] == ["more.png", "more-2.png"]

    undone = here("edit", photo, "undo", "-o", folder / "undone.png")
    assert undone.returncode == 0, undone.stderr
    assert np.array_equal(read_picture(folder / "undone.png").pixels, before.pixels)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("edit", "nothing.png", "remove this", "-o", "o.png"), "no file"),
        (("edit", "PHOTO", "remove this", "-o", "o.png"), "--mask FILE"),
        (("edit", "PHOTO", "put image 1 at the top", "-o", "o.png"), "--reference FILE"),
        (("edit", "PHOTO", "make it sing", "-m", "MASK", "-o", "o.png"), "not understood"),
        (("edit", "PHOTO", "remove this", "-m", "MASK", "-o", "o.jpg"), "16 bit"),
        (("edit", "PHOTO", "remove this", "-m", "PHOTO", "-o", "nowhere/o.png"), "folder"),
        (("history", "nothing.png"), "no such"),
        (("bench", "nothing"), "benchmark"),
        (("pair",), "No bridge"),
    ],
)
def test_what_goes_wrong_is_one_clear_line_and_what_to_do(
    photo: Path, here: Commands, arguments: tuple[str, ...], says: str
):
    names = {"PHOTO": str(photo), "MASK": str(photo.parent / "mask.png")}
    done = here(*(names.get(one, str(photo.parent / one) if "." in one else one) for one in arguments))
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (photo.parent / "o.png").exists()


@pytest.mark.parametrize("arguments", [("edit",), ("nothing",), ("edit", "a", "b", "-o", "c", "--seed", "-1")])
def test_wrong_usage_ends_with_2(here: Commands, arguments: tuple[str, ...]):
    assert here(*arguments).returncode == 2


@pytest.fixture
def serving(data: Path) -> Iterator[subprocess.Popen[str]]:
    server = subprocess.Popen(
        command("serve", "--port", "0"),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(data),
    )
    deadline = time.monotonic() + 60
    while not (data / "bridge.json").exists() and time.monotonic() < deadline:
        assert server.poll() is None
        time.sleep(0.05)
    yield server
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
        server.wait(60)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_a_serving_bridge_is_found_paired_with_used_and_ends_on_ctrl_c(
    serving: subprocess.Popen[str], photo: Path, here: Commands, data: Path
):
    shown = here("pair")
    notice = json.loads((data / "bridge.json").read_text("utf-8"))
    assert shown.returncode == 0 and notice["code"] in shown.stdout
    address = f"ws://localhost:{notice['port']}/ws"
    wrong = here("pair", "--connect", address, "AAAA-AAAA")
    assert wrong.returncode == 1 and "code" in wrong.stderr
    right = here("pair", "--connect", address, notice["code"])
    assert right.returncode == 0, right.stderr

    second = inlay("serve", "--port", "0", data=data)
    assert second.returncode == 1 and "runs already" in second.stderr

    arguments = ("edit", photo, "heal this", "-m", photo.parent / "mask.png", "-o", photo.parent / "out.png", "--json")
    edited = inlay(*arguments, data=data)
    assert edited.returncode == 0, edited.stderr
    assert json.loads(edited.stdout)["own_bridge"] is False
    healthy = here("doctor")
    assert "runs at" in healthy.stdout

    workers = psutil.Process(serving.pid).children(recursive=True)
    serving.send_signal(signal.SIGINT)
    assert serving.wait(60) == 130
    assert not (data / "bridge.json").exists()
    _, alive = psutil.wait_procs(workers, 30)
    assert alive == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for another process")
def test_ctrl_c_cancels_the_edit_and_leaves_nothing_half_written(tmp_path: Path, data: Path):
    photo = tmp_path / "large.png"
    write_picture(photo, Picture(picture(900, 900), RGB8))
    write_picture(tmp_path / "mask.png", Picture(disc(900, 900, 450, 450, 300)[..., None], GREY))
    arguments = command("edit", photo, "remove this", "-m", tmp_path / "mask.png", "-o", tmp_path / "out.png")
    process = subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(data)
    )
    while not (data / "history.sqlite3").exists():
        assert process.poll() is None
        time.sleep(0.02)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "large.png", "mask.png"]


def test_the_protocol_can_be_exported(tmp_path: Path, here: Commands):
    done = here("protocol", "export", tmp_path / "protocol")
    assert done.returncode == 0
    assert sorted(path.suffix for path in (tmp_path / "protocol").iterdir()) == [".json", ".json", ".ts"]


def test_benchmarks_are_listed(here: Commands):
    done = here("bench", "--list")
    assert done.returncode == 0
    for name in ("canvas", "exact", "fill", "survives", "soak"):
        assert name in done.stdout


def test_training_says_what_it_needs(tmp_path: Path, data: Path):
    (tmp_path / "none").mkdir()
    run = ("--photos", tmp_path / "none", "--out", tmp_path / "run", "--preset", "toy", "--budget")
    done = inlay("train", "all", *run, "soon", data=data)
    assert done.returncode == 2
    assert "25m" in done.stderr
    done = inlay("train", "everything", *run, "1m", data=data)
    assert done.returncode == 2
    assert "tokenizer" in done.stderr


def test_plan_prints_the_operations_their_sentences_and_what_is_unsure(here: Commands, data: Path):
    done = here("plan", "remove the cup and make the background navy", "--json")
    assert json.loads(done.stdout) == {
        "ops": [
            {"op": "remove", "region": {"named": "cup"}},
            {"op": "background_replace", "prompt": "navy"},
        ],
        "says": ["Remove the cup and continue what surrounds it.", "Replace the background with navy."],
        "unsure": [],
    }
    assert done.returncode == 0 and not data.exists()


def test_plan_knows_of_a_selection_and_of_references(here: Commands):
    asked = json.loads(here("plan", "put image 2 here", "--references", "2", "--json").stdout)
    assert asked["ops"] == [] and "selection" in asked["unsure"][0]
    told = here("plan", "put image 2 here", "--references", "2", "--selection", "--json")
    assert json.loads(told.stdout)["ops"] == [{"op": "place_image", "reference": 2, "place": "selection"}]


def test_plan_says_in_plain_words_what_cannot_be_done_yet_and_what_cannot_be_drawn(here: Commands):
    done = here("plan", "light it from behind, replace the cup with a [dragon] and don't touch the sky")
    assert "lit from behind" in done.stdout and "cannot do it yet" in done.stdout
    drawn = here("plan", "replace the cup with a dragon", "--json")
    assert "cannot draw “dragon” yet" in json.loads(drawn.stdout)["says"][0]


def test_plan_with_a_language_model_elsewhere_is_wrong_usage(here: Commands):
    done = here("plan", "undo", INLAY_LANGUAGE_MODEL="http://example.com/v1")
    assert done.returncode == 2 and "INLAY_LANGUAGE_MODEL" in done.stderr


def test_a_model_is_named_for_an_edit_and_chosen_for_a_document(photo: Path, here: Commands):
    mask, out = photo.with_name("mask.png"), photo.with_name("out.png")
    named = here("edit", photo, "fill with brick wall", "--mask", mask, "--model", "meissonic", "-o", out, "--json")
    told = json.loads(named.stdout)
    assert told["code"] == "no_model" and "inlay models pull meissonic" in told["hint"] and not out.exists()
    built_in = here("edit", photo, "fill with brick wall", "--mask", mask, "--model", "built-in", "-o", out)
    assert built_in.returncode == 0 and out.exists()
    used = here("models", "use", "Meissonic", "--file", photo)
    assert used.returncode == 0 and "Meissonic draws what the built-in models cannot" in used.stderr
    assert "inlay models pull meissonic" in used.stderr
    refused = here("edit", photo, "replace it with a cat", "--mask", mask, "-o", out)
    assert refused.returncode == 1 and "this document's model" in refused.stderr
    assert here("models", "use", "flux", "--file", photo).returncode == 1
    assert "Inlay chooses" in here("models", "use", "auto", "--file", photo).stderr


def test_plan_says_which_model_would_draw_it(here: Commands, data: Path):
    put(data / "models", "meissonic")
    told = json.loads(here("plan", "replace this with a cat", "--selection", "--json").stdout)
    assert told["ops"] == [{"op": "replace", "region": "selection", "prompt": "cat", "model": "meissonic"}]
    assert told["says"] == [
        "Fill the selection with cat, drawn by Meissonic.",
        "Meissonic is the best model here for this.",
    ]
    lacking = here("plan", "make it sing using editmgt", "--selection")
    assert lacking.returncode == 1 and "inlay models pull editmgt" in lacking.stderr
