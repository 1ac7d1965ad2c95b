"""The picture tokenizer of every masked-token model here: diffusers' VQModel, of which only what is needed is decoded.

A decode costs more than four steps of the transformer (aMUSEd-512: 1909 GFLOP against 455), so an edit decodes its
region only. What makes a region decode differ from a whole one, and what is done about it:

- convolutions: nothing differs, see `halo`.
- attention, and the group norms at token resolution: run on the whole grid, nothing differs.
- the later group norms: they want mean and variance of the whole picture. `Norms` says where these come from.

What is left is measured by `halo_error.error_of_halo`; `paste` takes out what of it is a shift of colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.geometry import TokenRect
from engine.models.masked.halo import Level, grown, halo_tokens, levels_of
from engine.models.masked.vq_module import Resnet, Upsampler, vq_module

# Samples of the grid from which `Norms.SAMPLED` takes its statistics: single tokens, with one token around each that is
# computed but not counted. Where they lie counts for more than how large they are: what is near is alike. Of a 32×32
# grid they are a twelfth of a decode.
_SAMPLE_TOK = 1
_SAMPLE_HALO_TOK = 1
_SAMPLES = 9
# A region that with its margins and samples takes more than this share of the grid is decoded by decoding the grid.
_WHOLE_SHARE = 0.75


class Norms(StrEnum):
    """Where a region decode's later group norms have mean and variance from.

    OWN: of the region and its margins. SAMPLED: of small squares spread over the whole grid. WHOLE: of a whole decode:
    exact, and as dear as one.

    With random weights (narrow, 20×20 tokens), mean difference from the whole decode in 8-bit levels, OWN and SAMPLED:
    where half of the picture is flat 31 and 14, where all of it is alike 29 and 34. Pictures are rather the former.
    Not built: the next level (9 % of a decode) on the whole grid too brings the 14 down to 10.
    """

    OWN = "own"
    SAMPLED = "sampled"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, eq=False)
class NormStatistics:
    """Mean and variance, (groups,) float32 each, of each later group norm, in the order they are met."""

    of_norms: tuple[tuple[Tensor, Tensor], ...]


class VqTokenizer:
    """Pictures ↔ tokens.

    Attributes:
        token_px: pixels a token's side, 16 for every published model. codes: the codebook's size.
        device, dtype: of the weights.
    """

    def __init__(self, model: nn.Module) -> None:
        """
        Args:
            model: diffusers' VQModel, in its dtype on its device; it is set to channels last on a CPU, where its
                convolutions are a seventh faster that way.

        Raises:
            BrokenWeights: it is of a kind no published model uses.
        """
        self._module = vq_module(model)
        config = self._module.config
        weight = self._module.post_quant_conv.weight
        self.device, self.dtype = weight.device, weight.dtype
        if self.device.type == "cpu":
            model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self._blocks = len(config.block_out_channels)
        self._resnets = config.layers_per_block + 1
        self.token_px = 2 ** (self._blocks - 1)
        self.codes = config.num_vq_embeddings
        # Attention after token resolution would need the whole picture; no published model has it.
        self._can_crop = not any(hasattr(block, "attentions") for block in self._module.decoder.up_blocks)

    @property
    def halo_tok(self) -> int:
        """The halo from which on a region decode's convolutions are exact."""
        return halo_tokens(self._blocks, self._resnets)

    @torch.inference_mode()
    def encode(self, picture: Tensor) -> Tensor:
        """
        Args:
            picture: (1, 3, H, W) 0 … 1, H and W multiples of `token_px`.

        Returns:
            (h, w) int64, the ids that the published pipelines get.
        """
        latents = self._module.encode(self._placed(picture)).latents
        weight = self._module.quantize.embedding.weight
        if latents.dtype is not torch.float32:  # neither distances nor their order survive half floats
            latents, weight = latents.float(), weight.float()
        flat = latents.permute(0, 2, 3, 1).contiguous().view(-1, latents.shape[1])
        return torch.cdist(flat, weight).argmin(1).view(latents.shape[2], latents.shape[3])

    @torch.inference_mode()
    def decode(self, ids: Tensor) -> Tensor:
        """(h, w) int64 to (1, 3, H, W) float32, 0 … 1, as the published pipelines decode."""
        height, width = ids.shape
        module = self._module
        shape = (1, height, width, module.config.latent_channels)
        sample = module.decode(ids[None].to(self.device), force_not_quantize=True, return_dict=True, shape=shape).sample
        return sample.float().clamp(0, 1)

    @torch.inference_mode()
    def decode_region(
        self,
        ids: Tensor,
        rect_tok: TokenRect,
        halo_tok: int | None = None,
        *,
        norms: Norms = Norms.SAMPLED,
        statistics: NormStatistics | None = None,
    ) -> Tensor:
        """The pixels of a part of the grid.

        Args:
            ids: (h, w) int64, all of them. rect_tok: inside the grid, not empty.
            halo_tok: tokens around it that layers after token resolution may see; None: as many as convolutions reach.
            statistics: from an earlier `statistics` of nearly the same ids, as for previews; ``norms`` is then unused.

        Returns:
            (1, 3, rect height · token_px, rect width · token_px) float32, 0 … 1.
        """
        size_tok = (ids.shape[0], ids.shape[1])
        sampled = _sampled_tokens(size_tok) if norms is Norms.SAMPLED and statistics is None else 0
        is_dear = rect_tok.grow(1).area + sampled > _WHOLE_SHARE * ids.numel()
        if not self._can_crop or (is_dear and halo_tok is None and norms is not Norms.WHOLE):
            rows, cols = grown(rect_tok, self.token_px, 0, size_tok)
            return self.decode(ids)[:, :, rows, cols]
        values = self._at_token_resolution(ids)
        if statistics is None:
            statistics = self._statistics(values, size_tok, norms)
        scale = _Norm.own() if statistics is None else _Norm.given(statistics)
        return self._rest(values, rect_tok, size_tok, halo_tok, scale).float().clamp(0, 1)

    @torch.inference_mode()
    def statistics(self, ids: Tensor, norms: Norms = Norms.SAMPLED) -> NormStatistics | None:
        """What the later group norms are to use for these ids; None for `Norms.OWN`."""
        return self._statistics(self._at_token_resolution(ids), (ids.shape[0], ids.shape[1]), norms)

    def _placed(self, picture: Tensor) -> Tensor:
        moved = picture.to(self.device, self.dtype)
        return moved.contiguous(memory_format=torch.channels_last) if self.device.type == "cpu" else moved

    def _at_token_resolution(self, ids: Tensor) -> Tensor:
        """(1, C, h, w): the whole grid through all layers before the first upsampling."""
        module = self._module
        codes = module.quantize.embedding(ids.to(self.device)).permute(2, 0, 1)[None]
        values = module.decoder.mid_block(module.decoder.conv_in(module.post_quant_conv(codes)))
        own = _Norm.own()
        for resnet in module.decoder.up_blocks[0].resnets:
            values = _through(resnet, values, own)
        return values

    def _statistics(self, values: Tensor, size_tok: tuple[int, int], norms: Norms) -> NormStatistics | None:
        if norms is Norms.OWN:
            return None
        whole = TokenRect(0, 0, size_tok[1], size_tok[0])
        sampled = _sampled_tokens(size_tok)
        if norms is Norms.WHOLE or not 0 < sampled < whole.area:
            recorder = _Norm.recorder(0)
            self._rest(values, whole, size_tok, None, recorder)
        else:
            recorder = _Norm.recorder(_SAMPLE_HALO_TOK)
            side = _SAMPLE_TOK + 2 * _SAMPLE_HALO_TOK
            batch = torch.cat([values[:, :, y : y + side, x : x + side] for y, x in _squares(size_tok)])
            self._rest(batch, TokenRect(0, 0, side, side), (side, side), None, recorder)
        return NormStatistics(tuple(recorder.recorded))

    def _rest(
        self, values: Tensor, rect_tok: TokenRect, size_tok: tuple[int, int], halo_tok: int | None, norm: _Norm
    ) -> Tensor:
        """What follows token resolution, each layer only where later ones need it."""
        decoder = self._module.decoder
        levels = levels_of(self._blocks, self._resnets)
        crop = _Crop(rect_tok, size_tok, halo_tok)
        values = crop.start(values, levels[0])
        for level, block, before in zip(levels[1:], decoder.up_blocks[1:], decoder.up_blocks, strict=False):
            norm.scale = level.scale
            values = _enlarged(before.upsamplers, values)
            values = crop.to(values, level.scale, level.before[0])
            for number, resnet in enumerate(block.resnets):
                values = _through(resnet, values, norm)
                after = level.before[number + 1] if number + 1 < len(level.before) else level.after
                values = crop.to(values, level.scale, after)
        values = decoder.conv_out(decoder.conv_act(norm(decoder.conv_norm_out, values)))
        return crop.to(values, levels[-1].scale, 0)


class _Crop:
    """Where the values at hand lie in the grid, and how they get smaller."""

    def __init__(self, rect_tok: TokenRect, size_tok: tuple[int, int], halo_tok: int | None) -> None:
        self._rect, self._size, self._halo = rect_tok, size_tok, halo_tok
        self._rows, self._cols, self._scale = slice(0, size_tok[0]), slice(0, size_tok[1]), 1

    def start(self, values: Tensor, level: Level) -> Tensor:
        return self.to(values, level.scale, level.after)

    def to(self, values: Tensor, scale: int, margin: int) -> Tensor:
        """The values, now at ``scale`` pixels a token, without what is farther away than the margin."""
        if scale != self._scale:
            times = scale // self._scale
            self._rows = slice(self._rows.start * times, self._rows.stop * times)
            self._cols = slice(self._cols.start * times, self._cols.stop * times)
            self._scale = scale
        margin = margin if self._halo is None else min(margin, self._halo * scale)
        rows, cols = grown(self._rect, scale, margin, self._size)
        y0, x0 = rows.start - self._rows.start, cols.start - self._cols.start
        part = values[:, :, y0 : y0 + rows.stop - rows.start, x0 : x0 + cols.stop - cols.start]
        self._rows, self._cols = rows, cols
        return part


class _Norm:
    """A group norm with its own statistics, with given ones, or one that writes them down."""

    def __init__(self, given: Sequence[tuple[Tensor, Tensor]] | None, record: bool, margin_tok: int) -> None:
        self._given: Iterator[tuple[Tensor, Tensor]] | None = None if given is None else iter(given)
        self._record, self._margin_tok = record, margin_tok
        self.recorded: list[tuple[Tensor, Tensor]] = []
        self.scale = 1

    @classmethod
    def own(cls) -> _Norm:
        return cls(None, record=False, margin_tok=0)

    @classmethod
    def given(cls, statistics: NormStatistics) -> _Norm:
        return cls(statistics.of_norms, record=False, margin_tok=0)

    @classmethod
    def recorder(cls, margin_tok: int) -> _Norm:
        """
        Args:
            margin_tok: around each picture of the batch, not counted.
        """
        return cls(None, record=True, margin_tok=margin_tok)

    def __call__(self, norm: nn.GroupNorm, values: Tensor) -> Tensor:
        if self._given is not None:
            return _normed(norm, values, *next(self._given))
        if not self._record:
            return norm(values)
        mean, variance = self._of(norm, values)
        self.recorded.append((mean, variance))
        return _normed(norm, values, mean, variance)

    def _of(self, norm: nn.GroupNorm, values: Tensor) -> tuple[Tensor, Tensor]:
        edge = self._margin_tok * self.scale
        inner = values[:, :, edge : values.shape[2] - edge, edge : values.shape[3] - edge].float()
        count, channels, height, width = inner.shape
        grouped = inner.reshape(count, norm.num_groups, channels // norm.num_groups, height, width)
        variance, mean = torch.var_mean(grouped, dim=(0, 2, 3, 4), correction=0)
        return mean, variance


def _normed(norm: nn.GroupNorm, values: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    each = norm.num_channels // norm.num_groups
    scale = (variance + norm.eps).rsqrt().repeat_interleave(each) * norm.weight.float()
    shift = norm.bias.float() - mean.repeat_interleave(each) * scale
    return torch.addcmul(shift.view(1, -1, 1, 1).to(values), values, scale.view(1, -1, 1, 1).to(values))


def _through(resnet: Resnet, values: Tensor, norm: _Norm) -> Tensor:
    """One residual block."""
    inside = resnet.conv1(resnet.nonlinearity(norm(resnet.norm1, values)))
    inside = resnet.conv2(resnet.nonlinearity(norm(resnet.norm2, inside)))
    beside = values if resnet.conv_shortcut is None else resnet.conv_shortcut(values)
    return (beside + inside) / resnet.output_scale_factor


def _enlarged(upsamplers: Sequence[Upsampler] | None, values: Tensor) -> Tensor:
    for upsampler in upsamplers or ():
        values = upsampler.conv(F.interpolate(values, scale_factor=2.0, mode="nearest"))
    return values


def _sampled_tokens(size_tok: tuple[int, int]) -> int:
    """How many are computed for `Norms.SAMPLED`."""
    return len(list(_squares(size_tok))) * (_SAMPLE_TOK + 2 * _SAMPLE_HALO_TOK) ** 2


def _squares(size_tok: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Upper left corners of the sampled squares with their margin, evenly spread and the same for every call."""
    side = _SAMPLE_TOK + 2 * _SAMPLE_HALO_TOK
    if min(size_tok) < side:
        return
    across = max(1, round((_SAMPLES * size_tok[1] / size_tok[0]) ** 0.5))
    down = max(1, round(_SAMPLES / across))
    for row in range(down):
        for col in range(across):
            yield (
                round((size_tok[0] - side) * (row + 0.5) / down),
                round((size_tok[1] - side) * (col + 0.5) / across),
            )
