"""Lumina-DiMOO at a tiny size with random weights, and the small worlds that its golden tensors were made in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.models.dimoo.config import Config, Specials
from engine.models.dimoo.transformer import Dimoo

SPECIALS = Specials(mask=40, newline=41, picture_start=42, picture_end=43, answer_start=44, answer_end=45)
TINY = Config(width=32, heads=4, layers=3, hidden=48, vocabulary=48 + 64, codes=64, specials=SPECIALS)
SIZE_TOK = (5, 6)


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
