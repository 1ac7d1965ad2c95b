"""aMUSEd's architecture with random weights, and diffusers' own pipeline over the very same networks: how long a step
takes and which tokens are drawn does not depend on whether anything was learnt."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from engine.models.amused.model import AmusedModel
from engine.models.amused.network import Network
from engine.models.amused.words import TextEncoder
from engine.models.masked.vq import VqTokenizer
from engine.models.masked.vq_module import vq_module

# Random heads find all codes about as likely, which no trained one does: made surer, so that a draw has a favourite.
_SURER = 8.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """A configuration; the codebook has ``codes`` entries, a window ``side_tok`` tokens a side.

    Attributes:
        hidden, layers, heads, inner: of the transformer. vq: channels of the picture tokenizer's levels.
    """

    codes: int
    side_tok: int
    hidden: int
    layers: int
    heads: int
    inner: int
    vq: tuple[int, ...]
    vq_layers: int
    latent: int


TINY = Sizes(256, 32, 64, 2, 4, 96, (16, 16, 16, 16, 32), 1, 16)
# The picture tokenizer is the published one.
MIDDLE = Sizes(8192, 32, 512, 12, 8, 1408, (128, 256, 256, 512, 768), 2, 64)
_TEXT_WORDS, _TEXT_WIDTH = 77, 768


class MaskProcessor(Protocol):
    def preprocess(self, image: Tensor, height: int, width: int) -> Tensor: ...


class Pipeline(Protocol):
    """diffusers' AmusedInpaintPipeline, as it is asked here."""

    mask_processor: MaskProcessor

    def set_progress_bar_config(self, *, disable: bool) -> None: ...

    def __call__(
        self,
        *,
        image: Tensor,
        mask_image: Tensor,
        prompt_embeds: Tensor,
        encoder_hidden_states: Tensor,
        negative_prompt_embeds: Tensor,
        negative_encoder_hidden_states: Tensor,
        num_inference_steps: int,
        guidance_scale: float,
        generator: torch.Generator,
        output_type: str,
    ) -> Pipeline.Output: ...

    class Output(Protocol):
        images: Tensor


class _Texts:
    """In place of CLIP, whose time is left out on both sides: random vectors, the same for the same text."""

    def __call__(self, text: str) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(len(text))
        hidden = torch.randn(1, _TEXT_WORDS, _TEXT_WIDTH, generator=generator)
        return hidden, torch.randn(1, _TEXT_WIDTH, generator=generator)


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Ours and theirs over the same networks.

    Attributes:
        ours: has no text encoder; texts are random vectors.
    """

    ours: AmusedModel
    theirs: Pipeline

    def published(
        self, picture: Tensor, region: Tensor, steps: int, guidance: float, seed: int, prompt: str, kind: str
    ) -> Tensor:
        """What the pipeline makes of a picture (1, 3, H, W) and a region (h, w) bool, whose pixels are its mask."""
        side = self.ours.tokenizer.token_px
        mask = region.float().repeat_interleave(side, 0).repeat_interleave(side, 1)[None, None]
        hidden, pooled = self.ours.text(prompt)
        unsaid, unsaid_pooled = self.ours.text("")
        return self.theirs(
            image=picture,
            mask_image=mask,
            prompt_embeds=pooled,
            encoder_hidden_states=hidden,
            negative_prompt_embeds=unsaid_pooled,
            negative_encoder_hidden_states=unsaid,
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=torch.Generator().manual_seed(seed),
            output_type=kind,
        ).images

    def their_mask(self, mask: Tensor) -> Tensor:
        """(H, W) bool pixels to the (h, w) bool tokens that the pipeline draws for them."""
        height, width = (length // self.ours.tokenizer.token_px for length in mask.shape)
        return self.theirs.mask_processor.preprocess(mask[None, None].float(), height, width)[0, 0].bool()


def pair(sizes: Sizes, seed: int = 0) -> Pair:
    """Both, in float32 on the CPU."""
    # Seconds of imports.
    from diffusers.models.autoencoders.vq_model import VQModel  # noqa: PLC0415
    from diffusers.models.unets.uvit_2d import UVit2DModel  # noqa: PLC0415
    from diffusers.pipelines.deprecated.amused.pipeline_amused_inpaint import AmusedInpaintPipeline  # noqa: PLC0415
    from diffusers.schedulers.scheduling_amused import AmusedScheduler  # noqa: PLC0415

    torch.manual_seed(seed)
    blocks = len(sizes.vq)
    # diffusers' constructors are typed narrower than what its own configs give them.
    vq = (
        cast("Callable[..., nn.Module]", VQModel)(
            act_fn="silu",
            block_out_channels=list(sizes.vq),
            down_block_types=["DownEncoderBlock2D"] * blocks,
            up_block_types=["UpDecoderBlock2D"] * blocks,
            latent_channels=sizes.latent,
            layers_per_block=sizes.vq_layers,
            norm_num_groups=min(32, sizes.vq[0] // 2),
            num_vq_embeddings=sizes.codes,
            vq_embed_dim=sizes.latent,
            mid_block_add_attention=False,
            lookup_from_codebook=True,
            force_upcast=True,
        )
    ).eval()
    transformer = (
        cast("Callable[..., nn.Module]", UVit2DModel)(
            hidden_size=sizes.hidden,
            cond_embed_dim=_TEXT_WIDTH,
            encoder_hidden_size=_TEXT_WIDTH,
            vocab_size=sizes.codes + 64,
            codebook_size=sizes.codes,
            in_channels=sizes.hidden,
            block_out_channels=sizes.hidden,
            downsample=True,
            upsample=True,
            block_num_heads=sizes.heads,
            num_hidden_layers=sizes.layers,
            num_attention_heads=sizes.heads,
            intermediate_size=sizes.inner,
            sample_size=sizes.side_tok,
        )
    ).eval()
    _widen(vq)
    network = Network(transformer)
    with torch.no_grad():
        for name, value in transformer.named_parameters():
            if name == "mlm_layer.conv2.weight":
                value.mul_(_SURER)
            elif name.endswith(("channelwise_norm.gamma", "channelwise_norm.beta")):
                value.normal_(0, 0.1)
    ours = AmusedModel(network, VqTokenizer(vq), cast(TextEncoder, _Texts()))
    # With weights in memory as diffusers leaves them: ours are set to channels last, which would help theirs too.
    their_vq = deepcopy(vq)
    their_vq.to(memory_format=torch.contiguous_format)  # pyright: ignore[reportCallIssue]
    scheduler = AmusedScheduler(mask_token_id=network.mask_id)
    theirs = cast("Callable[..., Pipeline]", AmusedInpaintPipeline)(their_vq, None, None, transformer, scheduler)
    theirs.set_progress_bar_config(disable=True)
    return Pair(ours, theirs)


@torch.no_grad()
def _widen(vq: nn.Module) -> None:
    """A codebook as wide as what it quantises, which a trained one is: a new one lies so close to 0 that rounding alone
    decides which of its entries is the nearest."""
    parts = vq_module(vq)
    latents = parts.encode(torch.rand(1, 3, 64, 64)).latents
    parts.quantize.embedding.weight.normal_(float(latents.mean()), float(latents.std()))
