"""Layers of the transformer, with the names under which they are published; how they are walked is in `network`.

The transformer is an MMDiT (Esser et al. 2024, arXiv 2403.03206) as in FLUX: first blocks in which words and picture
have their own weights and attend together, then blocks with the same weights for both, attention and feed-forward in
parallel. Norms are modulated by words and step (AdaLN-Zero, Peebles & Xie 2023).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPS = 1e-6
_FEED_FORWARD = 4


class RmsNorm(nn.Module):
    """Root mean square norm (Zhang & Sennrich 2019); the mean in float32, whatever the dtype."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        scaled = x * torch.rsqrt(x.float().square().mean(-1, keepdim=True) + EPS)
        return scaled.to(self.weight.dtype) * self.weight


class TwoLayers(nn.Module):
    """Linear, SiLU, linear; diffusers' TimestepEmbedding and PixArtAlphaTextProjection."""

    def __init__(self, width_in: int, width: int, *, bias: bool) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(width_in, width, bias=bias)
        self.linear_2 = nn.Linear(width, width, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear_2(F.silu(self.linear_1(x)))


class StepAndWords(nn.Module):
    """What modulates the norms: the step's number and the pooled words."""

    def __init__(self, sines: int, width: int) -> None:
        super().__init__()
        self.timestep_embedder = TwoLayers(sines, width, bias=True)
        self.text_embedder = TwoLayers(width, width, bias=True)


class Modulation(nn.Module):
    """Norm without weights, and what is done around a layer: ``parts`` · C numbers from step and words."""

    def __init__(self, width: int, parts: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, parts * width)

    def forward(self, silu: Tensor) -> Tensor:
        return self.linear(silu)


class GeluProjection(nn.Module):
    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, inner)

    def forward(self, x: Tensor) -> Tensor:
        return F.gelu(self.proj(x), approximate="tanh")


class FeedForward(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        inner = _FEED_FORWARD * width
        # The second is a dropout in the published code, without weights.
        self.net = nn.ModuleList([GeluProjection(width, inner), nn.Identity(), nn.Linear(inner, width)])

    def forward(self, x: Tensor) -> Tensor:
        return self.net[2](self.net[0](x))


class Attention(nn.Module):
    """Projections of one attention; queries and keys are normed a head.

    Attributes:
        to_q, to_k, to_v, norm_q, norm_k: of the picture, in single blocks of all.
        to_out: its result's; none in single blocks.
        add_q_proj, add_k_proj, add_v_proj, norm_added_q, norm_added_k, to_add_out: of the words, in double blocks.
    """

    def __init__(self, width: int, head_dim: int, *, double: bool) -> None:
        super().__init__()
        self.head_dim = head_dim
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width) for _ in range(3))
        self.norm_q, self.norm_k = RmsNorm(head_dim), RmsNorm(head_dim)
        if double:
            self.add_q_proj, self.add_k_proj, self.add_v_proj = (nn.Linear(width, width) for _ in range(3))
            self.norm_added_q, self.norm_added_k = RmsNorm(head_dim), RmsNorm(head_dim)
            self.to_out = nn.ModuleList([nn.Linear(width, width)])
            self.to_add_out = nn.Linear(width, width)

    def picture(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, C) to queries, keys and values, (n, heads, head_dim) each."""
        q, k, v = (self._heads(layer(x)) for layer in (self.to_q, self.to_k, self.to_v))
        return self.norm_q(q), self.norm_k(k), v

    def words(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """As `picture`, with the words' weights."""
        q, k, v = (self._heads(layer(x)) for layer in (self.add_q_proj, self.add_k_proj, self.add_v_proj))
        return self.norm_added_q(q), self.norm_added_k(k), v

    def _heads(self, x: Tensor) -> Tensor:
        return x.reshape(len(x), x.shape[1] // self.head_dim, self.head_dim)


class DoubleBlock(nn.Module):
    """Words and picture with their own weights, attending to both."""

    def __init__(self, width: int, head_dim: int) -> None:
        super().__init__()
        self.norm1, self.norm1_context = Modulation(width, 6), Modulation(width, 6)
        self.attn = Attention(width, head_dim, double=True)
        self.ff, self.ff_context = FeedForward(width), FeedForward(width)


class SingleBlock(nn.Module):
    """Words and picture as one sequence; attention and feed-forward side by side."""

    def __init__(self, width: int, head_dim: int) -> None:
        super().__init__()
        inner = _FEED_FORWARD * width
        self.norm = Modulation(width, 3)
        self.proj_mlp = nn.Linear(width, inner)
        self.proj_out = nn.Linear(width + inner, width)
        self.attn = Attention(width, head_dim, double=False)


class Embedding(nn.Module):
    """Ids to vectors."""

    def __init__(self, vocab: int, width: int) -> None:
        super().__init__()
        self.embeddings = nn.Embedding(vocab, width)
        self.layer_norm = RmsNorm(width)
        self.conv = nn.Conv2d(width, width, 1, bias=False)

    def forward(self, ids: Tensor) -> Tensor:
        """(…) int64 to (…, C)."""
        return one_by_one(self.conv, self.layer_norm(self.embeddings(ids)))


class Head(nn.Module):
    """Vectors to logits; `logits` apart, for the tokens that are asked about."""

    def __init__(self, width: int, codes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 1, bias=False)
        self.layer_norm = RmsNorm(width)
        self.conv2 = nn.Conv2d(width, codes, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(n, C) to (n, C)."""
        return self.layer_norm(one_by_one(self.conv1, x))

    def logits(self, hidden: Tensor) -> Tensor:
        """(n, C) to (n, codes)."""
        return one_by_one(self.conv2, hidden)


class Down(nn.Module):
    """2×2 tokens to a cell."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = RmsNorm(width)
        self.conv = nn.Conv2d(width, width, 2, stride=2, bias=False)

    def forward(self, tokens: Tensor, there: Tensor | None) -> Tensor:
        """
        Args:
            tokens: (cells, 4, C), row by row. there: (cells, 4) bool: which are tokens; None: all.

        Returns:
            (cells, C).
        """
        normed = self.norm(tokens)
        if there is not None:  # the published code pads with zeros after the norm
            normed = normed * there[..., None]
        # A convolution of 2×2 with stride 2 is a matrix over each cell's tokens.
        return F.linear(normed.transpose(1, 2).flatten(1), self.conv.weight.flatten(1))


class Up(nn.Module):
    """A cell to its 2×2 tokens."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = RmsNorm(width)
        self.conv = nn.ConvTranspose2d(width, width, 2, stride=2, bias=False)

    def forward(self, cells: Tensor) -> Tensor:
        """(n, C) to (n, 4, C), row by row."""
        tokens = F.linear(self.norm(cells), self.conv.weight.flatten(1).t())
        return tokens.reshape(len(cells), -1, 4).transpose(1, 2)


class Resample(nn.Module):
    """The published name of `Down` and `Up`'s place."""

    def __init__(self, *, downsample: Down | None = None, upsample: Up | None = None) -> None:
        super().__init__()
        self.downsample, self.upsample = downsample, upsample


class Connector(nn.Module):
    """EditMGT: the language model's hidden values to the transformer's width."""

    def __init__(self, words_dim: int, width: int) -> None:
        super().__init__()
        self.projector = nn.Linear(words_dim, width)

    def forward(self, hidden: Tensor) -> Tensor:
        return self.projector(hidden)


def one_by_one(conv: nn.Conv2d, x: Tensor) -> Tensor:
    """A 1×1 convolution of (…, C), as the matrix that it is."""
    return F.linear(x, conv.weight.flatten(1))
