"""Sizes, and their way through a checkpoint's header."""

import json
from typing import Any

import pytest

from engine.tokens.config import PRESETS, TokenizerConfig, TransformerConfig


@pytest.mark.parametrize("name", PRESETS)
def test_a_config_survives_json(name: str):
    preset = PRESETS[name]
    assert TokenizerConfig.from_dict(json.loads(json.dumps(preset.tokenizer.to_dict()))) == preset.tokenizer
    assert TransformerConfig.from_dict(json.loads(json.dumps(preset.transformer.to_dict()))) == preset.transformer


@pytest.mark.parametrize("name", PRESETS)
def test_a_presets_two_halves_agree_and_its_halo_is_small(name: str):
    preset = PRESETS[name]
    assert preset.tokenizer.levels == preset.transformer.levels
    assert preset.tokenizer.halo_tok <= 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"encoder_width": "384"},
        {"encoder_width": True},
        {"encoder_width": 0},
        {"encoder_blocks": -1},
        {"levels": []},
        {"levels": [[1, 8]]},
        {"levels": [8, 8]},
        {"decoder_widths": [8, 8]},
        {"decoder_widths": 8},
        {"decoder_convs": [2, 1, 1, 2]},
        {"more": 1},
    ],
)
def test_a_header_that_no_tokenizer_could_have_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ValueError, match=r"."):
        TokenizerConfig.from_dict(TokenizerConfig().to_dict() | wrong)


@pytest.mark.parametrize(
    "wrong", [{"heads": 5}, {"width": 0}, {"layers": None}, {"text_layers": -1}, {"levels": [[]]}, {"width": 1.5}]
)
def test_a_header_that_no_transformer_could_have_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ValueError, match=r"."):
        TransformerConfig.from_dict(TransformerConfig().to_dict() | wrong)


def test_a_missing_field_is_not_guessed():
    values = TransformerConfig().to_dict()
    del values["heads"]
    with pytest.raises(ValueError, match="fields"):
        TransformerConfig.from_dict(values)
