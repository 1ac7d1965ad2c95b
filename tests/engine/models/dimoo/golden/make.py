"""Makes golden.safetensors from the upstream code itself.

    python make.py FOLDER

FOLDER: a checkout of github.com/Alpha-VLLM/Lumina-DiMOO; the tensors here are of commit
81344e60545ae8d70f11039d3450717d974f831b, with torch 2.13 and transformers 5.24 on a CPU, in float32. Config, weights,
ids and masks are those of tests/support/dimoo.py (random, seeded; no published weights). Nothing of upstream is
patched.

Upstream's own functions draw the tokens: `generate_image` (a mask of any form, with the words' guidance, without, and
at temperature 0) and `generate_i2i` (with its guidance by words and by picture): an edit, and the two tasks that take
somebody else's picture, whose words and order are those of its prompt_utils.py and inference_i2i.py. Sizes are what its
`var_center_crop` cuts pictures to.

published.json: the state dict of the published size. The index of the published checkpoint could not be had here, so
this is upstream's own module on the meta device, at the sizes of LLaDA-8B that DiMOO starts from, with the embedding
resized as upstream's train.py does it. Names and shapes together are kept as one SHA-256 and the names of one block.
"""

# ruff: noqa: PLC0415 -- upstream's modules are there once its folder is on the path

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sys
from dataclasses import fields
from pathlib import Path

import torch
from safetensors.torch import save_file

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[3]))
sys.path.insert(0, str(HERE.parents[4]))

from support.dimoo import (  # noqa: E402
    CROPPED_PX,
    REFERENCE_TOK,
    SPECIALS,
    TINY,
    config_json,
    letters,
    listing,
    random_weights,
    reference_codes,
    scene,
)

from engine.models.dimoo.config import Config  # noqa: E402


def upstream_model(folder: Path):
    """Upstream's model, with our random weights."""
    sys.path.insert(0, str(folder))
    from model.configuration_llada import LLaDAConfig
    from model.modeling_xllmx_dimoo import LLaDAForMultiModalGeneration

    with contextlib.redirect_stdout(io.StringIO()):
        model = LLaDAForMultiModalGeneration(LLaDAConfig(**config_json(TINY))).eval()
    shapes = {name: value.shape for name, value in model.state_dict().items()}
    model.load_state_dict(random_weights(shapes, seed=1))
    return model


def published_names(folder: Path) -> dict[str, object]:
    """Upstream's state dict at the published size."""
    from model.configuration_llada import ModelConfig
    from model.modeling_llada import LLaDAModel

    known = {field.name for field in fields(ModelConfig)}
    said = {name: value for name, value in config_json(Config()).items() if name in known}
    model = LLaDAModel(ModelConfig(**{**said, "init_device": "meta"}), init_params=False)
    shapes = {f"model.{name}": tuple(value.shape) for name, value in model.state_dict().items()}
    block = "model.transformer.blocks.0."
    return {
        "names": len(shapes),
        "parameters": sum(value.numel() for value in model.state_dict().values()),
        "sha256": hashlib.sha256(listing(shapes).encode()).hexdigest(),
        "block": sorted(name.removeprefix(block) for name in shapes if name.startswith(block)),
        "others": sorted(name for name in shapes if ".blocks." not in name),
    }


def lines(codes: torch.Tensor, region: torch.Tensor) -> list[int]:
    """A grid of codes as upstream writes it: each row ends with a newline, what is masked is the mask's id."""
    marked = torch.where(region, SPECIALS.mask, codes + TINY.first_code)
    return [number for row in marked.tolist() for number in [*row, SPECIALS.newline]]


def main(folder: Path) -> None:
    model = upstream_model(folder)
    from generators.image_generation_generator import generate_image
    from generators.image_to_image_generator import generate_i2i
    from PIL import Image
    from utils.generation_utils import setup_seed
    from utils.image_utils import generate_crop_size_list, var_center_crop
    from utils.prompt_utils import generate_image_to_image_prompt

    here = scene()
    s = SPECIALS
    target = [s.answer_start, s.picture_start, *lines(here.ids, here.region), s.picture_end, s.answer_end]
    shared = {
        "seq_len": here.ids.numel(),
        "newline_every": here.ids.shape[1],
        "mask_token_id": s.mask,
        "newline_id": s.newline,
        "codebook_size": TINY.codes,
    }
    out: dict[str, torch.Tensor] = {}
    out["forward.ids"] = torch.tensor([here.prompt + target])
    with torch.no_grad():
        out["forward.logits"] = model(out["forward.ids"], infer=True).logits

    def inpaint(guidance: float, temperature: float, steps: int, seed: int, **kept: object) -> torch.Tensor:
        setup_seed(seed)
        return generate_image(
            model,
            torch.tensor([here.prompt + target]),
            timesteps=steps,
            temperature=temperature,
            cfg_scale=guidance,
            uncon_ids=torch.tensor([here.without]),
            code_start=len(here.prompt) + 2,
            **shared,
            **kept,
        )[0]

    out["inpaint.guided"] = inpaint(4.0, 1.0, 8, 7)
    out["inpaint.plain"] = inpaint(0.0, 1.0, 5, 8)
    out["inpaint.greedy"] = inpaint(4.0, 0.0, 6, 9)
    out["inpaint.more_steps_than_tokens"] = inpaint(1.5, 1.0, 40, 10)

    picture = lines(torch.tensor(here.source).view_as(here.ids), torch.zeros_like(here.region))
    before = [*here.prompt[:-1], s.picture_start, *picture, s.picture_end, here.prompt[-1]]
    before_without = [*here.without[:-1], s.picture_start, *picture, s.picture_end, here.without[-1]]
    setup_seed(11)
    out["instruct"] = generate_i2i(
        model,
        torch.tensor([before + target]),
        timesteps=8,
        temperature=1.0,
        cfg_scale=2.5,
        cfg_img=4.0,
        uncon_text=torch.tensor([before_without]),
        uncon_image=torch.tensor([here.prompt]),
        code_start=len(before) + 2,
        **shared,
    )[0]

    reference = lines(reference_codes(), torch.zeros(REFERENCE_TOK, dtype=torch.bool))
    shown = [s.picture_start, *reference, s.picture_end]

    def beside(task: str, said: str, pictures: list[int], region: torch.Tensor, seed: int) -> torch.Tensor:
        """A task of inference_i2i.py, its sequences put together as there."""
        prompt, without = (letters(text) for text in generate_image_to_image_prompt(said, task)[:2])
        before = prompt[:-1] + pictures + prompt[-1:]
        answer = [s.answer_start, s.picture_start, *lines(here.ids, region), s.picture_end, s.answer_end]
        with torch.no_grad():
            logits = model(torch.tensor([before + answer]), infer=True).logits
        masked = torch.tensor(before + answer) == s.mask
        out[f"{task}.logits"] = logits[0, masked, TINY.first_code : TINY.first_code + TINY.codes]
        setup_seed(seed)
        return generate_i2i(
            model,
            torch.tensor([before + answer]),
            timesteps=6,
            temperature=1.0,
            cfg_scale=2.5,
            cfg_img=4.0,
            uncon_text=torch.tensor([without[:-1] + pictures + without[-1:]]),
            uncon_image=torch.tensor([prompt]),
            code_start=len(before) + 2,
            **shared,
        )[0]

    everything = torch.ones_like(here.region)
    pictures = [s.picture_start, *picture, s.picture_end, *shown]
    out["image_ref_transfer"] = beside("image_ref_transfer", "not read", pictures, everything, 12)
    out["subject_driven"] = beside("subject_driven", "a red door", shown, here.region, 13)

    sizes = generate_crop_size_list((512 // 32) ** 2, 32)
    out["crops"] = torch.tensor([var_center_crop(Image.new("RGB", size), sizes).size for size in CROPPED_PX])
    save_file({name: value.contiguous() for name, value in out.items()}, HERE / "golden.safetensors")
    text = json.dumps(published_names(folder), indent=2)
    (HERE / "published.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
