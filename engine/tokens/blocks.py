"""The parts that the networks share: norms, rotary positions, attention in two halves, a gated MLP."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Wavelengths of the rotary positions run from 2π tokens to 2π times this: a window is rarely over 64 tokens wide.
_LONGEST_TURN_TOK = 32.0
# Of a head's pairs of numbers 3/8 turn with the row, 3/8 with the column; the rest hears the same everywhere.
_EIGHTHS_PER_AXIS = 3

Rotation = tuple[Tensor, Tensor]


class Norm(nn.Module):
    """Root mean square over the last axis (Zhang & Sennrich 2019): it never mixes two places."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.gain.to(x.dtype), 1e-6)


class Mlp(nn.Module):
    """SwiGLU (Shazeer 2020)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.rise = nn.Linear(width, 2 * hidden, bias=False)
        self.fall = nn.Linear(hidden, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        gate, value = self.rise(x).chunk(2, -1)
        return self.fall(F.silu(gate) * value)


def rotation(positions: Tensor, head_width: int) -> Rotation:
    """Rotary positions in two dimensions (Su et al. 2021; Heo et al. 2024).

    Args:
        positions: (B, N, 2) float32 tokens, row before column; any origin.

    Returns:
        cosines and sines, (B, 1, N, head_width / 2) float32.
    """
    pairs = head_width // 2
    turning = pairs * _EIGHTHS_PER_AXIS // 8
    rates = _LONGEST_TURN_TOK ** (-torch.arange(turning, device=positions.device) / max(1, turning))
    by_axis = torch.zeros(2, pairs, device=positions.device)
    by_axis[0, :turning] = rates
    by_axis[1, turning : 2 * turning] = rates
    angles = (positions.float() @ by_axis)[:, None]
    return angles.cos(), angles.sin()


def rotate(x: Tensor, by: Rotation) -> Tensor:
    """(B, heads, N, head_width), each pair turned by its angle."""
    cos, sin = by[0].to(x.dtype), by[1].to(x.dtype)
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Block(nn.Module):
    """A transformer block in two halves, so that keys and values may come from elsewhere in between.

    Pre-norm, queries and keys normalised (Henry et al. 2020) so that no logit grows beyond half precision.
    """

    def __init__(self, width: int, heads: int, mlp_width: int) -> None:
        super().__init__()
        self.heads = heads
        self.before_attention = Norm(width)
        self.queries_keys_values = nn.Linear(width, 3 * width, bias=False)
        self.query_norm = Norm(width // heads)
        self.key_norm = Norm(width // heads)
        self.out = nn.Linear(width, width, bias=False)
        self.before_mlp = Norm(width)
        self.mlp = Mlp(width, mlp_width)

    def project(self, x: Tensor, by: Rotation | None) -> tuple[Tensor, Tensor, Tensor]:
        """(B, N, width) to queries, keys and values, each (B, heads, N, head width)."""
        batch, count, width = x.shape
        joined = self.queries_keys_values(self.before_attention(x))
        q, k, v = joined.view(batch, count, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k = self.query_norm(q), self.key_norm(k)
        if by is not None:
            q, k = rotate(q, by), rotate(k, by)
        return q, k, v

    def finish(self, x: Tensor, q: Tensor, k: Tensor, v: Tensor, allowed: Tensor | None = None) -> Tensor:
        """Attention over the given keys and values, then the MLP.

        Args:
            allowed: bool, broadcast to (B, heads, queries, keys); True: may be attended to.
        """
        heard = F.scaled_dot_product_attention(q, k, v, attn_mask=allowed)
        x = x + self.out(heard.transpose(1, 2).flatten(2))
        return x + self.mlp(self.before_mlp(x))


def init_weights(module: nn.Module, layers: int) -> None:
    """Normal weights; what adds to the residual stream starts smaller, the deeper the network (Radford et al. 2019)."""
    for name, weight in module.named_parameters():
        if name.endswith(".bias"):
            nn.init.zeros_(weight)
        elif weight.dim() == 2 and name.endswith(".weight"):
            adds = name.endswith((".out.weight", ".fall.weight"))
            nn.init.normal_(weight, std=0.02 / (2 * layers) ** 0.5 if adds else 0.02)
