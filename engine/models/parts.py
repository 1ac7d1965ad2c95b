"""How many numbers the networks of open models hold and what they need while they run, from their configurations.

Counted from the architectures as they are published (the classes named below) and held to the real networks by tests.
No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.models.dimoo.config import Config

FLOAT32_BYTES = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A network's weights.

    Attributes:
        matrices: rows and columns of linear layers, and how many there are of each: what 8 bits can hold.
        rest: all other numbers.
        largest: numbers of the largest single layer.
    """

    matrices: tuple[tuple[int, int, int], ...]
    rest: int
    largest: int

    @property
    def numbers(self) -> int:
        return sum(rows * columns * count for rows, columns, count in self.matrices) + self.rest

    def bytes(self, each: int) -> int:
        """In a floating-point type of so many bytes."""
        return self.numbers * each

    def int8_bytes(self, each: int) -> int:
        """With 8 bits for linear layers, a scale for each row, and the rest as it is."""
        matrices = sum((rows * columns + rows * each) * count for rows, columns, count in self.matrices)
        return matrices + self.rest * each


@dataclass(frozen=True, slots=True)
class ClipConfig:
    """transformers' CLIPTextModelWithProjection."""

    width: int
    layers: int
    hidden: int
    projection: int
    vocabulary: int = 49408
    positions: int = 77


@dataclass(frozen=True, slots=True)
class GemmaConfig:
    """transformers' Gemma2ForCausalLM, whose head is its embedding."""

    width: int = 2304
    layers: int = 26
    hidden: int = 9216
    heads: int = 8
    key_heads: int = 4
    head_width: int = 256
    vocabulary: int = 256000


@dataclass(frozen=True, slots=True)
class VqConfig:
    """diffusers' VQModel without attention, as all of these models have it."""

    channels: tuple[int, ...] = (128, 256, 256, 512, 768)
    latent: int = 64
    codes: int = 8192
    layers: int = 2

    @property
    def token_px(self) -> int:
        return 2 ** (len(self.channels) - 1)


@dataclass(frozen=True, slots=True)
class UvitConfig:
    """diffusers' UVit2DModel."""

    width: int = 1024
    layers: int = 22
    hidden: int = 2816
    channels: int = 768
    in_channels: int = 768
    blocks: int = 3
    text_width: int = 768
    pooled_width: int = 768
    micro_width: int = 1280
    vocabulary: int = 8256
    codes: int = 8192
    resamples: bool = True


@dataclass(frozen=True, slots=True)
class MmditConfig:
    """Meissonic's Transformer2DModel: blocks of two streams, blocks of one, tokens convolved to half the side.

    ``connected_width``: of the language model's values that EditMGT's connector takes; 0: it has none.
    """

    width: int = 1024
    head_width: int = 128
    double_layers: int = 14
    single_layers: int = 28
    text_width: int = 1024
    time_width: int = 256
    micro_width: int = 1280
    vocabulary: int = 8256
    codes: int = 8192
    resamples: bool = True
    connected_width: int = 0


@dataclass(frozen=True, slots=True)
class _Counting:
    """Layers as they are counted."""

    matrices: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])
    others: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def linear(self, rows: int, columns: int, count: int = 1, *, bias: bool = False) -> None:
        self.matrices.append((rows, columns, count))
        if bias:
            self.others.append((rows, count))

    def other(self, numbers: int, count: int = 1) -> None:
        self.others.append((numbers, count))

    def part(self) -> Part:
        layers = [rows * columns for rows, columns, _ in self.matrices] + [numbers for numbers, _ in self.others]
        rest = sum(numbers * count for numbers, count in self.others)
        return Part(tuple(self.matrices), rest, max(layers))


def clip_part(config: ClipConfig) -> Part:
    """A CLIP text encoder with its projection."""
    count, width, layers = _Counting(), config.width, config.layers
    count.other(config.vocabulary * width)
    count.other(config.positions * width)
    count.linear(width, width, 4 * layers, bias=True)
    count.linear(config.hidden, width, layers, bias=True)
    count.linear(width, config.hidden, layers, bias=True)
    count.other(2 * width, 2 * layers + 1)
    count.linear(config.projection, width)
    return count.part()


def gemma_part(config: GemmaConfig) -> Part:
    """A Gemma 2."""
    count, width, layers = _Counting(), config.width, config.layers
    count.other(config.vocabulary * width)
    count.linear(config.heads * config.head_width, width, layers)
    count.linear(width, config.heads * config.head_width, layers)
    count.linear(config.key_heads * config.head_width, width, 2 * layers)
    count.linear(config.hidden, width, 2 * layers)
    count.linear(width, config.hidden, layers)
    count.other(width, 4 * layers + 1)
    return count.part()


def vq_part(config: VqConfig) -> Part:
    """Both halves of a picture tokenizer and its codebook; convolutions all."""
    channels, latent, last = config.channels, config.latent, config.channels[-1]
    count = _Counting()
    mid = [_resnet(last, last)] * 2
    outwards = tuple(reversed(channels))
    convs = [_conv(3, channels[0]), *mid, _conv(last, latent), 2 * last]
    convs += [_conv(latent, latent, 1), config.codes * latent, _conv(latent, latent, 1)]
    convs += [_conv(latent, last), *mid, _conv(channels[0], 3), 2 * channels[0]]
    for order, resnets in ((channels, config.layers), (outwards, config.layers + 1)):
        for number, channel in enumerate(order):
            before = order[max(0, number - 1)]
            convs += [_resnet(before, channel), *[_resnet(channel, channel)] * (resnets - 1)]
            if number < len(order) - 1:
                convs.append(_conv(channel, channel))
    for numbers in convs:
        count.other(numbers)
    return count.part()


def uvit_part(config: UvitConfig) -> Part:
    """aMUSEd's transformer."""
    count, width, channels = _Counting(), config.width, config.channels
    count.linear(width, config.text_width)
    count.linear(width, config.pooled_width + config.micro_width)
    count.linear(width, width)
    _token_ends(count, config.vocabulary, config.in_channels, channels, config.codes, width)
    for _ in ("down", "up"):
        if config.resamples:
            count.other(4 * channels * channels + channels)
        count.other(9 * channels + channels + 2 * 4 * channels, config.blocks)
        count.linear(4 * channels, channels, config.blocks)
        count.linear(channels, 4 * channels, config.blocks)
        count.linear(2 * channels, width, config.blocks)
        count.linear(channels, width, config.blocks)
        count.linear(channels, channels, 8 * config.blocks)
        count.other(2 * channels, config.blocks)
    layers = config.layers
    count.linear(2 * width, width, 3 * layers)
    count.linear(width, width, 8 * layers)
    count.linear(2 * config.hidden, width, layers)
    count.linear(width, config.hidden, layers)
    count.other(3 * width, layers)
    return count.part()


def mmdit_part(config: MmditConfig) -> Part:
    """Meissonic's transformer."""
    count, width = _Counting(), config.width
    count.linear(width, config.time_width, bias=True)
    count.linear(width, width, 3, bias=True)
    count.linear(width, config.text_width, bias=True)
    count.linear(width, width + config.micro_width)
    count.linear(width, width)
    _token_ends(count, config.vocabulary, width, width, config.codes, width)
    if config.connected_width:
        count.linear(width, config.connected_width, bias=True)
    if config.resamples:
        count.other(4 * width * width + width, 2)
    double, single = config.double_layers, config.single_layers
    count.linear(6 * width, width, 2 * double, bias=True)
    count.linear(width, width, 8 * double, bias=True)
    count.linear(4 * width, width, 2 * double, bias=True)
    count.linear(width, 4 * width, 2 * double, bias=True)
    count.other(4 * config.head_width, double)
    count.linear(3 * width, width, single, bias=True)
    count.linear(width, width, 3 * single, bias=True)
    count.linear(4 * width, width, single, bias=True)
    count.linear(width, 5 * width, single, bias=True)
    count.other(2 * config.head_width, single)
    return count.part()


def llada_part(config: Config) -> Part:
    """Lumina-DiMOO's transformer."""
    count, width, layers = _Counting(), config.width, config.layers
    count.other(config.vocabulary * width, 2)
    count.linear(width, width, 4 * layers)
    count.linear(config.hidden, width, 2 * layers)
    count.linear(width, config.hidden, layers)
    count.other(width, 2 * layers + 1)
    return count.part()


def vq_activations(config: VqConfig, size_px: tuple[int, int], each: int = FLOAT32_BYTES) -> int:
    """Bytes alive at the peak of encoding or decoding a window, the picture's own included.

    A residual block holds its input, what is added, the sum and the scaled sum, and (where the number of channels
    changes) its input brought to the new number; before that, input, normed and activated. An upsampler holds its
    input, the enlarged one and the convolved one. A level's input is held until the level is done.
    """
    height, width = size_px
    most, scale = 0, height * width
    for number, channel in enumerate(config.channels):
        before = config.channels[max(0, number - 1)]
        most = max(most, scale * _level_alive(before, channel, config.layers))
        scale //= 4
    outwards = tuple(reversed(config.channels))
    scale = height * width // config.token_px**2
    for number, channel in enumerate(outwards):
        before = outwards[max(0, number - 1)]
        most = max(most, scale * _level_alive(before, channel, config.layers + 1))
        if number < len(outwards) - 1:
            most = max(most, scale * (before + channel * (1 + 4 + 4)))
            scale *= 4
    return (most + 3 * height * width) * each


def _level_alive(before: int, after: int, resnets: int) -> int:
    """Channels alive at once in the residual blocks of a level."""
    first = max(3 * before, before + 2 * after, before + 4 * after if before != after else 4 * after)
    return max(first, before + 4 * after) if resnets > 1 else first


def _token_ends(count: _Counting, vocabulary: int, inside: int, channels: int, codes: int, width: int) -> None:
    """Embedding of tokens and head over the codes, with what leads to and from the transformer's width."""
    count.other(vocabulary * inside)
    count.other(channels * inside, 2)
    count.other(codes * inside)
    count.linear(width, channels)
    count.linear(channels, width)
    # Norms: of the embedding, of the head, of the words, on the way in and on the way out.
    count.other(2 * inside + 2 * width + channels)


def _conv(before: int, after: int, side: int = 3) -> int:
    return before * after * side * side + after


def _resnet(before: int, after: int) -> int:
    shortcut = _conv(before, after, 1) if before != after else 0
    return 2 * before + _conv(before, after) + 2 * after + _conv(after, after) + shortcut
