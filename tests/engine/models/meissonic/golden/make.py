"""How the golden files beside this were obtained: upstream's own modules and pipelines, tiny and at random weights.

    PYTHONPATH=tests python tests/engine/models/meissonic/golden/make.py MEISSONIC EDITMGT

MEISSONIC, EDITMGT: checkouts of github.com/viiika/Meissonic at aeba85e8db9cc4831f0766d226e82548b6ebe76a and of
github.com/weichow23/EditMGT at 23a98af3201ee0e44882b2a97cbbca829e0278b2; diffusers 0.42.1, torch 2.13, CPU, float32.

What had to be changed for upstream to run, nothing of which touches a number:
- its attentions are given ``head_dim``, which diffusers' newer processor asks for;
- EditMGT's imports of peft, termcolor, torchvision, einops and pyarrow are replaced by stand-ins: LoRA is not used,
  and of einops the two patterns of `upsample_score_map` are written out;
- the picture tokenizer is a stand-in that gives chosen ids and says how many pixels a token has: upstream's places of
  tokens are right only where ``height == 1024``, so 8×8 tokens of 128 px, 64×64 of 16 px; masks are given at the
  tokens' size (and not rounded to multiples of the tokens' pixels, which 8×8 are not). Words are given as embeddings.
"""

from __future__ import annotations

import gzip
import importlib
import json
import sys
import types
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from safetensors.torch import save_file
from support.meissonic_cases import (
    EDIT_TINY,
    FORWARDS,
    LOCAL,
    MEISSONIC_TINY,
    PIPELINES,
    PUBLISHED,
    forward_inputs,
    pipeline_inputs,
)
from support.seeded import fill
from torch import Tensor, nn

HERE = Path(__file__).parent


def main() -> None:
    torch.set_grad_enabled(False)
    meissonic, edit = (Path(folder) for folder in sys.argv[1:3])
    stand_ins()
    forwards: dict[str, Tensor] = {}
    tokens: dict[str, Tensor] = {}
    keys: dict[str, Any] = {}
    for folder, tiny, family in ((meissonic, MEISSONIC_TINY, "meissonic"), (edit, EDIT_TINY, "editmgt")):
        upstream = imported(folder)
        for name, case in FORWARDS.items():
            if case["family"] == family:
                forwards[name] = forward_of(upstream, tiny, case)
        for name, case in PIPELINES.items():
            if case["family"] == family:
                tokens[name] = tokens_of(upstream, tiny, case).to(torch.uint8)
        with torch.device("meta"):
            model = upstream.transformer.Transformer2DModel(**PUBLISHED[family])
        keys[family] = {key: list(value.shape) for key, value in model.state_dict().items()}
    save_file(forwards, str(HERE / "forwards.safetensors"))
    save_file(tokens, str(HERE / "tokens.safetensors"))
    (HERE / "keys.json.gz").write_bytes(gzip.compress(json.dumps(keys, sort_keys=True).encode(), mtime=0))


def imported(folder: Path) -> Any:
    """Upstream's package ``src`` of that checkout."""
    for name in [name for name in sys.modules if name == "src" or name.startswith("src.")]:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    found = types.SimpleNamespace(
        transformer=importlib.import_module("src.transformer"), scheduler=importlib.import_module("src.scheduler")
    )
    if (folder / "src" / "pipeline_inpaint.py").is_file():
        found.pipeline = importlib.import_module("src.pipeline_inpaint").InpaintPipeline
    else:
        module = importlib.import_module("src.pipeline")
        module.process_image = lambda image, size: {"image": torch.zeros(3, size, size)}
        found.pipeline = module.Pipeline
    sys.path.pop(0)
    return found


def model_of(upstream: Any, config: dict[str, Any], seed: int) -> Any:
    attention = importlib.import_module("diffusers.models.attention_processor").Attention
    model = upstream.transformer.Transformer2DModel(**config).eval()
    for module in model.modules():
        if isinstance(module, attention):
            module.head_dim = module.inner_dim // module.heads
    fill(model, seed)
    return model


def forward_of(upstream: Any, tiny: dict[str, Any], case: dict[str, Any]) -> Tensor:
    model = model_of(upstream, tiny | case["config"], case["seed"])
    x = forward_inputs(case)
    side = 2 if model.config.downsample else 1
    rows, columns = case["size"][0] // side, case["size"][1] // side
    places = torch.zeros(rows, columns, 3)
    places[..., 1], places[..., 2] = torch.arange(rows)[:, None], torch.arange(columns)[None]
    more: dict[str, Any] = {}
    if "reference" in x:
        more = {"reference_image_hidden_states": x["reference"], "reference_image_ids": places.reshape(-1, 3)}
        strengthen(model, case["strength"])
    return model(
        x["ids"],
        encoder_hidden_states=x["hidden"],
        pooled_projections=x["pooled"],
        timestep=torch.tensor([case["step"]]),
        img_ids=places.reshape(-1, 3),
        txt_ids=torch.zeros(x["hidden"].shape[1], 3),
        micro_conds=x["micro"],
        **more,
    ).contiguous()


def strengthen(model: nn.Module, strength: float) -> None:
    """As EditMGT's pipeline does it."""
    for name, module in model.named_modules():
        if name.endswith(".attn"):
            module.reference_strength_factor = torch.ones(1, 1) * strength


def tokens_of(upstream: Any, tiny: dict[str, Any], case: dict[str, Any]) -> Tensor:
    """(h, w): what upstream's pipeline draws."""
    model = model_of(upstream, tiny | case["config"], case["seed"])
    x = pipeline_inputs(case)
    vq = Chosen(x["ids"], case["token_px"])
    parts: dict[str, Any] = {"vqvae": vq, "tokenizer": None, "text_encoder": None, "transformer": model}
    parts["scheduler"] = upstream.scheduler.Scheduler(mask_token_id=model.config.vocab_size - 1)
    asked: dict[str, Any] = {}
    if case["family"] == "editmgt":
        parts |= {"tokenizer_t5": None, "text_encoder_t5": None}
        asked = {"height": 1024, "width": 1024, "reference_image": [Image.new("RGB", (1024, 1024))]}
        asked["reference_strength"] = case["strength"]
        if not bool(x["mask"].all()):
            asked["mask_image"] = x["mask"].float()[None, None]
    else:
        asked = {"image": torch.zeros(1, 3, 1024, 1024), "mask_image": x["mask"].float()[None, None]}
    pipeline = upstream.pipeline(**parts)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.mask_processor.register_to_config(vae_scale_factor=1)
    if case.get("local"):
        pipeline.local_guidance, pipeline.attention_enable_blocks = LOCAL
    return pipeline(
        prompt_embeds=x["pooled"][1:],
        encoder_hidden_states=x["hidden"][1:],
        negative_prompt_embeds=x["pooled"][:1],
        negative_encoder_hidden_states=x["hidden"][:1],
        num_inference_steps=case["steps"],
        guidance_scale=case["guidance"],
        temperature=case["temperature"],
        generator=torch.Generator().manual_seed(case["draw"]),
        output_type="latent",
        return_dict=False,
        **asked,
    )[0][0]


class Chosen(nn.Module):
    """In the picture tokenizer's place: the ids that it is given, whatever the picture."""

    def __init__(self, ids: Tensor, token_px: int) -> None:
        super().__init__()
        blocks = [1] * (token_px.bit_length())
        self.ids, self.device, self.dtype = ids, torch.device("cpu"), torch.float32
        self.config = types.SimpleNamespace(block_out_channels=blocks, force_upcast=False, latent_channels=1)

    def encode(self, _: Tensor) -> Any:
        return types.SimpleNamespace(latents=torch.zeros(1, 1, *self.ids.shape))

    def quantize(self, _: Tensor) -> Any:
        return None, None, (None, None, self.ids.flatten().clone())


def stand_ins() -> None:
    for name in (  # before: these look for what is installed, and are not to find the stand-ins
        "diffusers.image_processor",
        "diffusers.loaders.peft",
        "diffusers.loaders.lora_pipeline",
        "diffusers.loaders.single_file_model",
        "diffusers.models.autoencoders.vq_model",
        "diffusers.models.transformers.transformer_flux",
        "diffusers.pipelines.pipeline_utils",
        "transformers.models.clip.modeling_clip",
        "transformers.models.auto.modeling_auto",
    ):
        importlib.import_module(name)

    def module(name: str, **values: Any) -> None:
        made = types.ModuleType(name)
        made.__dict__.update(values)
        sys.modules[name] = made

    class Nothing:
        pass

    def rearrange(x: Tensor, pattern: str, h: int = 0, w: int = 0) -> Tensor:
        return x.reshape(len(x), 1, h, w) if pattern == "b (h w) -> b 1 h w" else x.reshape(len(x), -1)

    module("termcolor", cprint=lambda *_: None)
    module("peft", LoraConfig=Nothing)
    module("peft.tuners")
    module("peft.tuners.tuners_utils", BaseTunerLayer=Nothing)
    module("torchvision", transforms=Nothing())
    module("einops", rearrange=rearrange, repeat=None)
    module("pyarrow")
    module("pyarrow.parquet")
    module("pyarrow.fs")
    sys.modules["pyarrow"].__dict__.update(parquet=sys.modules["pyarrow.parquet"], fs=sys.modules["pyarrow.fs"])
    module("yaml")


if __name__ == "__main__":
    main()
