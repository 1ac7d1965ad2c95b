"""Patches to codes, codes to pixels."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import DTYPES, TOY, box_hole, holes, make_window, toy_tokenizer
from torch import Tensor

from engine.geometry import TokenRect
from engine.tokens.config import PRESETS, TokenizerConfig
from engine.tokens.grid import pixel_rect, token_mask
from engine.tokens.ground import fill_ground
from engine.tokens.tokenizer import Tokenizer


def random_codes(region: Tensor, tokenizer: Tokenizer, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    ids = torch.stack([torch.randint(size, region.shape, generator=generator) for size in tokenizer.fsq.sizes], -1)
    return tokenizer.fsq.codes_of(ids)[None]


@given(holes(), st.data())
@settings(max_examples=60, deadline=None)
def test_a_regions_decode_equals_that_part_of_the_whole_decode(hole: Tensor, data: st.DataObject):
    tokenizer = toy_tokenizer()
    window = make_window(hole)
    rows, columns = window.region.shape
    x0, y0 = data.draw(st.integers(0, columns - 1)), data.draw(st.integers(0, rows - 1))
    rect_tok = TokenRect(x0, y0, data.draw(st.integers(x0 + 1, columns)), data.draw(st.integers(y0 + 1, rows)))
    codes, coded = random_codes(window.region, tokenizer), window.region[None]
    with torch.no_grad():
        full = tokenizer.decode(codes, coded, window.ground, window.known)
        part = tokenizer.decode_region(codes, coded, window.ground, window.known, rect_tok)
    assert torch.allclose(full[..., *pixel_rect(rect_tok).slices()], part, atol=1e-5)


def test_the_presets_region_decode_equals_the_whole_one_in_the_middle_of_a_large_window():
    tokenizer = Tokenizer(PRESETS["cpu"].tokenizer).eval()
    torch.nn.init.normal_(tokenizer.pixel.weight)
    window = make_window(box_hole(96, 112, (20, 30, 80, 70)))
    codes, coded = random_codes(window.region, tokenizer), window.region[None]
    rect_tok = TokenRect(4, 4, 9, 8)
    with torch.no_grad():
        full = tokenizer.decode(codes, coded, window.ground, window.known)
        part = tokenizer.decode_region(codes, coded, window.ground, window.known, rect_tok)
    assert torch.allclose(full[..., *pixel_rect(rect_tok).slices()], part, atol=1e-5)


def test_the_decoder_looks_no_further_than_its_halo():
    tokenizer = toy_tokenizer()
    window = make_window(box_hole(80, 80, (0, 0, 80, 80)))
    codes, coded = random_codes(window.region, tokenizer), window.region[None]
    other = codes.clone()
    other[:, 5, 5] = -other[:, 5, 5]
    with torch.no_grad():
        before = tokenizer.decode(codes, coded, window.ground, window.known)
        after = tokenizer.decode(other, coded, window.ground, window.known)
    changed = (before != after).any(1)[0]
    halo = TOY.tokenizer.halo_tok
    assert bool(changed[40:48, 40:48].any())
    changed[(5 - halo) * 8 : (6 + halo) * 8, (5 - halo) * 8 : (6 + halo) * 8] = False
    assert not bool(changed.any())


@pytest.mark.parametrize("dtype", DTYPES)
def test_known_pixels_come_out_of_the_decoder_as_they_went_in(dtype: torch.dtype):
    tokenizer = toy_tokenizer(dtype)
    window = make_window(box_hole(48, 48, (11, 9, 33, 40)), dilate=1)
    codes = random_codes(window.region, tokenizer)
    with torch.no_grad():
        out = tokenizer.decode(codes, window.region[None], window.ground, window.known)
    known = window.known.expand_as(out)
    assert torch.equal(out[known], window.picture[known])
    assert bool(out.isfinite().all())
    assert not torch.equal(out, window.ground)


@given(st.integers(0, 2), st.integers(0, 3), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_a_tokens_ids_depend_on_its_own_pixels_only(row: int, column: int, seed: int):
    tokenizer = toy_tokenizer()
    window = make_window(torch.ones(24, 32, dtype=torch.bool))
    other = 1 - torch.rand(1, 3, 24, 32, generator=torch.Generator().manual_seed(seed))
    rows, columns = slice(row * 8, row * 8 + 8), slice(column * 8, column * 8 + 8)
    other[..., rows, columns] = window.picture[..., rows, columns]
    with torch.no_grad():
        one = tokenizer.latent(window.picture, window.ground, window.known)
        two = tokenizer.latent(other, window.ground, window.known)
    assert torch.equal(one[:, row, column], two[:, row, column])
    assert not torch.equal(one, two)


def test_an_untrained_tokenizer_already_uses_many_codes_of_every_group_and_draws_the_first_waves():
    torch.manual_seed(0)
    tokenizer = Tokenizer(TokenizerConfig())
    known = torch.zeros(8, 1, 64, 64, dtype=torch.bool)
    tones, waves = torch.rand(8, 3, 1, 1), torch.rand(8, 3, 20, 20)
    picture = tones * 0.5 + torch.nn.functional.interpolate(waves, (64, 64), mode="bicubic") * 0.5
    ids = tokenizer.encode(picture, fill_ground(picture, known), known)
    assert all(ids[..., group].unique().numel() > 30 for group in range(3))
    ground = fill_ground(picture, known)
    with torch.no_grad():
        codes, _ = tokenizer.quantise(tokenizer.latent(picture, ground, known))
        drawn = tokenizer.decode(codes, torch.ones(8, 8, 8, dtype=torch.bool), ground, known)
    missed, of = (drawn - picture).abs().mean(), (0.5 - picture).abs().mean()
    assert missed < 0.85 * of


def test_codes_outside_the_coded_tokens_are_never_read():
    tokenizer = toy_tokenizer()
    window = make_window(box_hole(40, 40, (10, 10, 25, 22)))
    codes = random_codes(window.region, tokenizer)
    nonsense = torch.where(window.region[..., None], codes, float("nan"))
    with torch.no_grad():
        out = [tokenizer.decode(c, window.region[None], window.ground, window.known) for c in (codes, nonsense)]
    assert torch.equal(*out)


@pytest.mark.parametrize("rect", [(0, 0, 0, 1), (0, 0, 6, 5), (-1, 0, 2, 2)])
def test_a_rectangle_outside_the_window_is_refused(rect: tuple[int, int, int, int], tokenizer: Tokenizer):
    window = make_window(box_hole(40, 40, (10, 10, 25, 22)))
    codes = random_codes(window.region, tokenizer)
    with pytest.raises(ValueError, match="no tokens"):
        tokenizer.decode_region(codes, window.region[None], window.ground, window.known, TokenRect(*rect))


def test_it_learns_to_copy_a_few_patches():
    torch.manual_seed(0)
    tokenizer = Tokenizer(TOY.tokenizer)
    known = torch.rand(4, 1, 16, 16) < 0.0
    picture = torch.rand(4, 3, 1, 1).expand(4, 3, 16, 16)
    ground = torch.full_like(picture, 0.5)
    coded = token_mask(~known[:, 0])
    optimiser = torch.optim.Adam(tokenizer.parameters(), 1e-2)
    losses: list[float] = []
    for _ in range(80):
        codes, _ids = tokenizer.quantise(tokenizer.latent(picture, ground, known))
        loss = (tokenizer.decode(codes, coded, ground, known) - picture).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 3
    assert all(weight.grad is not None for weight in tokenizer.parameters())
