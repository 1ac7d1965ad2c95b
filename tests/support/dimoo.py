"""Lumina-DiMOO at a tiny size with random weights, and the small worlds that its golden tensors were made in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from engine.geometry import TokenRect
from engine.models.dimoo.config import Config, Specials
from engine.models.dimoo.model import DimooModel
from engine.models.dimoo.transformer import Dimoo
from engine.models.dimoo.words import GENERATE, UNCONDITION

SPECIALS = Specials(mask=40, newline=41, picture_start=42, picture_end=43, answer_start=44, answer_end=45)
TINY = Config(width=32, heads=4, layers=3, hidden=48, vocabulary=48 + 64, first_code=48, codes=64, specials=SPECIALS)
SIZE_TOK = (5, 6)
# A reference that has one of upstream's sizes already.
REFERENCE_TOK = (22, 46)
# Widths and heights that upstream was asked to cut; golden are those that it cut them to.
CROPPED_PX = [(width, height) for width in range(70, 1500, 130) for height in (90, 300, 512, 777, 1600)]


def random_weights(shapes: Mapping[str, torch.Size], seed: int) -> dict[str, Tensor]:
    """Weights by their names, the same wherever they are drawn; large enough that logits differ by several nats."""
    weights: dict[str, Tensor] = {}
    for number, name in enumerate(sorted(shapes)):
        drawn = torch.randn(shapes[name], generator=torch.Generator().manual_seed(seed * 1000 + number))
        wide = drawn.dim() == 2 and "wte" not in name
        weights[name] = 1.6 * drawn / drawn.shape[-1] ** 0.5 if wide else (drawn if drawn.dim() == 2 else 1 + drawn / 8)
    return weights


def config_json(config: Config) -> dict[str, object]:
    """A config.json as LLaDA's are (GSAI-ML/LLaDA-8B-Base), at these sizes."""
    return {
        "activation_type": "silu",
        "alibi": False,
        "architectures": ["LLaDAForMultiModalGeneration"],
        "attention_dropout": 0.0,
        "attention_layer_norm": False,
        "bias_for_layer_norm": False,
        "block_group_size": 1,
        "block_type": "llama",
        "d_model": config.width,
        "embedding_dropout": 0.0,
        "embedding_size": config.vocabulary,
        "eos_token_id": 1,
        "include_bias": False,
        "include_qkv_bias": False,
        "input_emb_norm": False,
        "layer_norm_type": "rms",
        "layer_norm_with_affine": True,
        "mask_token_id": config.specials.mask,
        "max_sequence_length": 4096,
        "mlp_hidden_size": config.hidden,
        "mlp_ratio": 4,
        "model_type": "llada",
        "n_heads": config.heads,
        "n_kv_heads": config.heads,
        "n_layers": config.layers,
        "pad_token_id": 1,
        "residual_dropout": 0.0,
        "rms_norm_eps": config.rms_eps,
        "rope": True,
        "rope_full_precision": True,
        "rope_theta": config.rope_theta,
        "scale_logits": False,
        "vocab_size": config.vocabulary,
        "weight_tying": False,
    }


def listing(shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Names and shapes of a state dict as lines, for a hash."""
    return "".join(f"{name} {'×'.join(map(str, shapes[name]))}\n" for name in sorted(shapes))


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """One edit: (h, w) codes and region, and what stands before them."""

    ids: Tensor
    region: Tensor
    prompt: list[int]
    without: list[int]
    source: list[int]


def scene(seed: int = 0) -> Scene:
    """A region that is no rectangle: a ring, a line and a dot."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(TINY.codes, SIZE_TOK, generator=generator)
    region = torch.zeros(SIZE_TOK, dtype=torch.bool)
    region[1:4, 1:4] = True
    region[2, 2] = False
    region[:, 5] = True
    region[4, 0] = True
    prompt = torch.randint(1, 40, (9,), generator=generator).tolist()
    without = torch.randint(1, 40, (4,), generator=generator).tolist()
    source = torch.randint(TINY.codes, (SIZE_TOK[0] * SIZE_TOK[1],), generator=generator).tolist()
    return Scene(ids, region, prompt, without, source)


def network(config: Config = TINY, seed: int = 1) -> Dimoo:
    """The network that the golden tensors are of; another seed: another one."""
    model = Dimoo(config)
    model.load_state_dict(random_weights({name: value.shape for name, value in model.state_dict().items()}, seed))
    return model.eval()


class Codes:
    """A tokenizer (`masked.interface.Tokenizer`) that tells the mean of 16 × 16 pixels as one of 64 codes."""

    token_px = 16
    codes = TINY.codes

    def encode(self, picture: Tensor) -> Tensor:
        means = F.avg_pool2d(picture, self.token_px).mean(1)[0]
        return (means * (self.codes - 1)).round().long()

    def decode(self, ids: Tensor) -> Tensor:
        pixels = (ids.float() / (self.codes - 1)).repeat_interleave(self.token_px, 0)
        return pixels.repeat_interleave(self.token_px, 1).expand(1, 3, -1, -1)

    def decode_region(self, ids: Tensor, rect_tok: TokenRect, halo_tok: int | None = None) -> Tensor:
        return self.decode(ids[rect_tok.y0 : rect_tok.y1, rect_tok.x0 : rect_tok.x1])


def text_ids(text: str) -> list[int]:
    """Words as ids: letters count, and the signs stand as they are; `scene`'s words are written as numbers."""
    body = text.split("<user>", 1)[1].removesuffix("</user>")
    if body == UNCONDITION:
        return scene().without
    return [int(number) for number in body.split()] if body[:1].isdigit() else [1 + ord(letter) % 39 for letter in body]


def letters(text: str) -> list[int]:
    """All of a text as ids, its template too."""
    return [1 + ord(letter) % 39 for letter in text]


def reference_codes() -> Tensor:
    return torch.randint(TINY.codes, REFERENCE_TOK, generator=torch.Generator().manual_seed(9))


def tiny(seed: int = 1, config: Config = TINY, **kept: int) -> DimooModel:
    """The whole model at a tiny size, with the golden tensors' weights at seed 1."""
    cpu = torch.device("cpu")
    return DimooModel(network(config, seed), text_ids, Codes(), device=cpu, dtype=torch.float32, **kept)


def words_of(here: Scene) -> str:
    """The scene's prompt as `text_ids` reads it."""
    return " ".join(map(str, here.prompt))


def picture_of(codes: Tensor) -> Tensor:
    """(h, w) codes as a picture that `Codes` reads back."""
    return Codes().decode(codes)[0]


# A text tokenizer of few words: signs first, as id 1 to 5, then words.
SIGNS = ("<system>", "</system>", "<user>", "</user>", "<uncondition>")
WORDS = ("a", "door", "red", *dict.fromkeys(GENERATE.lower().replace(".", " .").split()))


def published_folder(folder: Path, config: Config) -> Path:
    """Config, two shards with their index and a text tokenizer, as on the hub; no ``vqvae``."""
    said = {**config_json(config), "auto_map": {"AutoConfig": "configuration_llada.LLaDAConfig"}}
    (folder / "config.json").write_text(json.dumps(said), encoding="utf-8")
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in Dimoo(config).state_dict().items()}
    weights = random_weights(shapes, seed=1)
    names = sorted(weights)
    files = {
        name: f"model-0000{1 + (2 * number) // len(names)}-of-00002.safetensors" for number, name in enumerate(names)
    }
    for file in set(files.values()):
        save_file({name: weights[name] for name in names if files[name] == file}, folder / file)
    index = {"metadata": {}, "weight_map": files}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    tokenizer = {
        "version": "1.0",
        "added_tokens": [_added(1 + number, sign) for number, sign in enumerate(SIGNS)],
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "Whitespace"},
        "model": {
            "type": "WordLevel",
            "vocab": {"<unk>": 0, **{word: 1 + number for number, word in enumerate((*SIGNS, *WORDS))}},
            "unk_token": "<unk>",
        },
    }
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    said = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(said), encoding="utf-8")
    return folder


def _added(number: int, sign: str) -> dict[str, object]:
    return {"id": number, "content": sign, "special": True, "normalized": False} | dict.fromkeys(
        ("single_word", "lstrip", "rstrip"), False
    )
