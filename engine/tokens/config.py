"""The sizes of the two networks: presets, and plain dictionaries for the checkpoint's header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self, cast

# A token is a square of this many pixels ("f8"). Three halvings, so the decoder has four scales.
TOKEN_PX = 8
SCALES_PX = (8, 4, 2, 1)
# The decoder may look at most this far, in tokens: more, and decoding a small region would cost as much as a large one.
MOST_HALO_TOK = 2

Levels = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class TokenizerConfig:
    """Patches ↔ codes.

    Attributes:
        levels: levels of each FSQ dimension, in groups; a group's ids are one softmax. (8, 8, 8), (8, 8, 8), (5, 5, 5)
            is 512 × 512 × 125, 25 bits for 8×8 pixels: colour and light, the slow waves, finer ones.
        encoder_width, encoder_blocks: the encoder sees one patch, so it is a plain MLP.
        decoder_widths: channels at 8, 4, 2 and 1 pixels a cell.
        decoder_convs: 3×3 convolutions at each of these scales; they alone make the halo.
        decoder_mixes: pointwise blocks at each scale.
    """

    levels: Levels = ((8, 8, 8), (8, 8, 8), (5, 5, 5))
    encoder_width: int = 384
    encoder_blocks: int = 2
    decoder_widths: tuple[int, int, int, int] = (256, 128, 48, 16)
    decoder_convs: tuple[int, int, int, int] = (1, 1, 1, 2)
    decoder_mixes: tuple[int, int, int, int] = (3, 2, 1, 0)

    def __post_init__(self) -> None:
        if not self.levels or any(not group for group in self.levels):
            raise ValueError("a tokenizer needs at least one group of levels")
        if any(level < 2 for group in self.levels for level in group):
            raise ValueError("an FSQ dimension needs at least two levels")
        if min(self.encoder_width, *self.decoder_widths) < 1:
            raise ValueError("a width must be at least 1")
        if min(self.encoder_blocks, *self.decoder_convs, *self.decoder_mixes) < 0:
            raise ValueError("a count cannot be negative")
        if self.halo_px > MOST_HALO_TOK * TOKEN_PX:
            raise ValueError(f"the decoder would look {self.halo_px} px far; {MOST_HALO_TOK * TOKEN_PX} are allowed")

    @property
    def dims(self) -> int:
        """Numbers in a code."""
        return sum(len(group) for group in self.levels)

    @property
    def halo_px(self) -> int:
        """How far outside a pixel the decoder looks."""
        return sum(convs * scale for convs, scale in zip(self.decoder_convs, SCALES_PX, strict=True))

    @property
    def halo_tok(self) -> int:
        """The same in whole tokens, at most 2."""
        return -(-self.halo_px // TOKEN_PX)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, for JSON."""
        return _plain(asdict(self))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`.

        Raises:
            ValueError: a field is missing, unknown or of another type; sizes that no network can have.
        """
        _check(cls, values)
        return cls(**{name: _tuples(value) for name, value in values.items()})


@dataclass(frozen=True, slots=True)
class TransformerConfig:
    """Masked tokens → logits.

    Attributes:
        levels: the tokenizer's.
        width, layers, heads: of the transformer; a head has ``width / heads`` numbers, a multiple of 4.
        text_width, text_layers, text_heads: of the text encoder. A closed vocabulary needs little.
        most_words: longer texts are cut (and the cut is reported, see `text.Vocabulary`).
    """

    levels: Levels = ((8, 8, 8), (8, 8, 8), (5, 5, 5))
    width: int = 256
    layers: int = 6
    heads: int = 4
    text_width: int = 128
    text_layers: int = 2
    text_heads: int = 4
    most_words: int = 15

    def __post_init__(self) -> None:
        if min(self.width, self.layers, self.heads, self.text_width, self.text_heads, self.most_words) < 1:
            raise ValueError("a size must be at least 1")
        if self.text_layers < 0:
            raise ValueError("a count cannot be negative")
        for width, heads in ((self.width, self.heads), (self.text_width, self.text_heads)):
            if width % (4 * heads):
                raise ValueError(f"{width} numbers in {heads} heads: a head's width must be a multiple of 4")
        if not self.levels or any(not group or min(group) < 2 for group in self.levels):
            raise ValueError("a transformer needs the tokenizer's levels")

    @property
    def mlp_width(self) -> int:
        """Hidden numbers of the gated MLP: 8/3 of the width, as in Llama, rounded up to 64 for the matrix units."""
        return -(-self.width * 8 // 3 // 64) * 64

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, for JSON."""
        return _plain(asdict(self))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`.

        Raises:
            ValueError: a field is missing, unknown or of another type; sizes that no network can have.
        """
        _check(cls, values)
        return cls(**{name: _tuples(value) for name, value in values.items()})


@dataclass(frozen=True, slots=True)
class Preset:
    """A tokenizer and the transformer that goes with it."""

    tokenizer: TokenizerConfig
    transformer: TransformerConfig


PRESETS: Mapping[str, Preset] = {
    "cpu": Preset(TokenizerConfig(), TransformerConfig()),
    "gpu": Preset(
        TokenizerConfig(
            encoder_width=512, encoder_blocks=3, decoder_widths=(384, 192, 64, 24), decoder_mixes=(4, 3, 2, 0)
        ),
        TransformerConfig(width=384, layers=8, heads=6, text_width=192, text_heads=6),
    ),
    # For tests: every part is there, nothing is large.
    "toy": Preset(
        TokenizerConfig(
            levels=((4, 3), (3, 2)),
            encoder_width=16,
            encoder_blocks=1,
            decoder_widths=(16, 12, 8, 4),
            decoder_mixes=(1, 1, 0, 0),
        ),
        TransformerConfig(
            levels=((4, 3), (3, 2)),
            width=32,
            layers=2,
            heads=2,
            text_width=16,
            text_layers=1,
            text_heads=2,
            most_words=6,
        ),
    ),
}


def _plain(value: object) -> Any:
    """Tuples become lists, all the way down."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in cast(dict[str, object], value).items()}
    return [_plain(each) for each in cast(tuple[object, ...], value)] if isinstance(value, tuple) else value


def _tuples(value: object) -> Any:
    return tuple(_tuples(each) for each in cast(list[object], value)) if isinstance(value, list | tuple) else value


def _check(kind: type[TokenizerConfig] | type[TransformerConfig], values: Mapping[str, object]) -> None:
    """The header comes from a file: every field is there, nothing else, and shaped as the default is."""
    default = kind()
    names = {field.name for field in fields(kind)}
    if set(values) != names:
        raise ValueError(f"a {kind.__name__} has the fields {sorted(names)}, not {sorted(values)}")
    for name in names:
        _check_shape(name, values[name], getattr(default, name), same_length=name != "levels")


def _check_shape(name: str, value: object, like: object, *, same_length: bool) -> None:
    """Whole numbers where the default has them, lists where it has tuples, as deep."""
    if not isinstance(like, tuple):
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(f"{name} must be a whole number, not {value!r}")
        return
    if not isinstance(value, list | tuple):
        raise ValueError(f"{name} must be a list, not {value!r}")
    held, expected = cast(Sequence[object], value), cast(tuple[object, ...], like)
    if same_length and len(held) != len(expected):
        raise ValueError(f"{name} must have {len(expected)} numbers, not {len(held)}")
    for each in held:
        _check_shape(name, each, expected[0], same_length=same_length)
