"""What a run trains on: nothing that was cut from an original that is held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.training.data import Pictures, photo_crops, worlds
from engine.training.photos import originals_of, photographs
from engine.training.presets import PRESETS


def silent(what: str, done: float) -> None:
    pass


def pictures(origins: list[int]) -> Pictures:
    count = len(origins)
    pixels = torch.arange(count, dtype=torch.uint8)[:, None, None, None].expand(count, 3, 4, 4)
    captions = tuple(str(number) for number in range(count))
    return Pictures(pixels, captions, torch.zeros(count, dtype=torch.bool), torch.tensor(origins))


def test_what_shares_an_original_with_what_is_held_out_is_not_trained_on() -> None:
    trained, held = pictures([0, 1, 2, 1, 3, 2]).split(2)
    assert held.captions == ("4", "5")
    assert trained.captions == ("0", "1", "3")
    assert trained.pixels[:, 0, 0, 0].tolist() == [0, 1, 3]


@pytest.mark.parametrize("origins", [[0], [0, 0, 0], [0, 1]])
def test_too_few_pictures_are_refused_in_plain_words(origins: list[int]) -> None:
    with pytest.raises(ValueError, match="give more photographs"):
        pictures(origins).split(2)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Twelve files of six originals, as the manifest tells; one more that it does not name."""
    draw = np.random.default_rng(1)
    folder = tmp_path / "photos"
    folder.mkdir()
    lines = ["file,source,path,licence"]
    for number in range(12):
        Image.fromarray(draw.integers(0, 256, (50, 60, 3), dtype=np.uint8)).save(folder / f"{number:02}.png")
        lines.append(f'{number:02}.png,somewhere,"folder, with a comma/{number % 6}.jpg",CC0')
    (folder / "manifest.csv").write_text("\n".join(lines), encoding="utf-8")
    Image.fromarray(draw.integers(0, 256, (50, 60, 3), dtype=np.uint8)).save(folder / "other.png")
    return folder


def test_files_of_one_original_have_one_number_and_others_their_own(photos: Path) -> None:
    numbers = originals_of(photos, photographs(photos))
    assert numbers[:6] == numbers[6:12]
    assert len(set(numbers)) == 7


def test_without_a_manifest_every_file_is_its_own_original(photos: Path) -> None:
    (photos / "manifest.csv").unlink()
    assert len(set(originals_of(photos, photographs(photos)))) == 13


def test_crops_of_one_original_never_straddle_the_split(photos: Path, tmp_path: Path) -> None:
    cut = photo_crops(PRESETS["toy"], photos, tmp_path / "data", 1, silent)
    assert len(cut) == 13 * PRESETS["toy"].crops_per_photo
    trained, held = cut.split(PRESETS["toy"].held_out)
    assert len(held) == PRESETS["toy"].held_out
    assert len(trained) > 0
    assert not set(trained.origins.tolist()) & set(held.origins.tolist())
    again = photo_crops(PRESETS["toy"], photos, tmp_path / "data", 1, silent)
    assert torch.equal(again.origins, cut.origins), "as it was kept"


def test_worlds_of_one_seed_are_of_one_origin(tmp_path: Path) -> None:
    drawn = worlds(PRESETS["toy"], tmp_path, 1, silent)
    for origin in drawn.origins.unique():
        mine = (drawn.origins == origin).nonzero()[:, 0]
        assert len({drawn.captions[int(number)] for number in mine}) == 1
    assert len(drawn.origins.unique()) > 1
