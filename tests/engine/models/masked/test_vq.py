from typing import Protocol, cast

import pytest
import torch
from support.tiny_vq import tiny_tokenizer, tiny_vq_model
from torch import Tensor

from engine.geometry import TokenRect
from engine.models.masked.halo import halo_tokens, levels_of, receptive_field_px
from engine.models.masked.halo_error import error_of_halo
from engine.models.masked.vq import Norms, VqTokenizer
from engine.models.masked.vq_module import vq_module

SIDE = 20
RECTS = [TokenRect(8, 8, 12, 11), TokenRect(0, 0, 1, 1), TokenRect(17, 5, 20, 9), TokenRect(10, 19, 11, 20)]


@pytest.fixture(scope="module")
def tokenizer() -> VqTokenizer:
    return tiny_tokenizer()


@pytest.fixture(scope="module")
def ids(tokenizer: VqTokenizer) -> Tensor:
    return torch.randint(tokenizer.codes, (SIDE, SIDE), generator=torch.Generator().manual_seed(1))


@pytest.fixture(scope="module")
def whole(tokenizer: VqTokenizer, ids: Tensor) -> Tensor:
    return tokenizer.decode(ids)


def part(picture: Tensor, rect: TokenRect) -> Tensor:
    return picture[:, :, rect.y0 * 16 : rect.y1 * 16, rect.x0 * 16 : rect.x1 * 16]


def test_the_published_configuration_reaches_282_pixels_but_needs_7_tokens_behind_token_resolution() -> None:
    assert receptive_field_px(5, 3) == 282
    assert halo_tokens(5, 3) == 7
    assert [level.before_up for level in levels_of(5, 3)] == [0, 14, 13, 11, 8]


def test_the_picture_has_contrast(whole: Tensor) -> None:
    assert float(whole.std()) > 0.05


@pytest.mark.parametrize("rect", RECTS)
def test_with_the_whole_pictures_norms_a_region_is_what_a_whole_decode_gives(
    tokenizer: VqTokenizer, ids: Tensor, whole: Tensor, rect: TokenRect
) -> None:
    drawn = tokenizer.decode_region(ids, rect, norms=Norms.WHOLE)
    assert drawn.shape == part(whole, rect).shape
    assert float((drawn - part(whole, rect)).abs().max()) < 1e-4


def test_one_token_of_halo_less_is_not_exact_any_more(tokenizer: VqTokenizer, ids: Tensor, whole: Tensor) -> None:
    statistics = tokenizer.statistics(ids, Norms.WHOLE)
    needed, smaller = (
        float((tokenizer.decode_region(ids, RECTS[0], halo, statistics=statistics) - part(whole, RECTS[0])).abs().max())
        for halo in (tokenizer.halo_tok, tokenizer.halo_tok - 5)
    )
    assert needed < 1e-4 < smaller


def test_sampled_norms_are_nearer_to_the_whole_pictures_than_the_regions_own(
    tokenizer: VqTokenizer, ids: Tensor
) -> None:
    # Half of the picture is flat: a region is not like the rest.
    ids = ids.clone()
    ids[:, : SIDE // 2] = 3
    rect = TokenRect(2, 8, 6, 12)
    whole = part(tokenizer.decode(ids), rect)
    own, sampled = (
        float((tokenizer.decode_region(ids, rect, norms=norms) - whole).abs().mean())
        for norms in (Norms.OWN, Norms.SAMPLED)
    )
    assert sampled < own / 2


def test_attention_at_token_resolution_sees_the_whole_grid(ids: Tensor) -> None:
    tokenizer = tiny_tokenizer(attention=True)
    drawn = tokenizer.decode_region(ids, RECTS[0], norms=Norms.WHOLE)
    assert float((drawn - part(tokenizer.decode(ids), RECTS[0])).abs().max()) < 1e-4


def test_decoding_is_the_same_every_time_and_in_the_pictures_range(tokenizer: VqTokenizer, ids: Tensor) -> None:
    first, second = (tokenizer.decode_region(ids, RECTS[2]) for _ in range(2))
    assert torch.equal(first, second)
    assert first.dtype is torch.float32
    assert 0 <= float(first.min()) <= float(first.max()) <= 1


class _Quantizer(Protocol):
    def quantize(self, latents: Tensor) -> tuple[Tensor, Tensor, tuple[None, None, Tensor]]: ...


def test_ids_and_pictures_are_those_of_the_published_pipelines() -> None:
    model = tiny_vq_model(3)
    tokenizer, module = VqTokenizer(model), vq_module(model)
    picture = torch.rand(1, 3, 96, 128, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        latents = module.encode(picture.contiguous(memory_format=torch.channels_last)).latents
        theirs = cast(_Quantizer, model).quantize(latents)[2][2].reshape(6, 8)
        sample = module.decode(theirs[None], True, True, (1, 6, 8, 8)).sample
    ours = tokenizer.encode(picture)
    assert torch.equal(ours, theirs)
    assert torch.equal(tokenizer.decode(ours), sample.clamp(0, 1))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_floats_decode_and_encode(dtype: torch.dtype, ids: Tensor, whole: Tensor) -> None:
    tokenizer = VqTokenizer(tiny_vq_model().to(dtype))
    drawn = tokenizer.decode_region(ids, RECTS[0], norms=Norms.WHOLE)
    assert float((drawn - part(whole, RECTS[0])).abs().mean()) < 0.02
    assert tokenizer.encode(whole[:, :, :64, :64]).shape == (4, 4)


def test_the_error_of_a_halo_is_stated_in_8_bit_levels(tokenizer: VqTokenizer, ids: Tensor, whole: Tensor) -> None:
    exact = error_of_halo(tokenizer, ids, RECTS[0], None, norms=Norms.WHOLE, whole=whole)
    none = error_of_halo(tokenizer, ids, RECTS[0], 0, norms=Norms.WHOLE, whole=whole)
    assert exact.largest < 0.05
    assert 0.1 < none.mean_unshifted <= none.largest
