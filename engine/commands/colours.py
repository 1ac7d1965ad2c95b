"""Colours as people name them: CSS names, the names of paints, fabrics and hair, shades of them, and codes."""

from __future__ import annotations

import colorsys
import re
from functools import lru_cache

from PIL import ImageColor

from engine.materials.words import COLOURS, Rgb

# Names beyond CSS's, as sRGB codes.
_NAMES: dict[str, str] = {
    "amber": "#ffbf00", "apricot": "#fbceb1", "ash blonde": "#c8b891", "auburn": "#71291d", "avocado": "#568203",
    "blonde": "#e6cd8f", "blond": "#e6cd8f", "blush": "#de5d83", "bordeaux": "#5f021f", "brass": "#b5a642",
    "brick red": "#b5402f", "bronze": "#8c6b3f", "brunette": "#4b2e20", "burgundy": "#800020",
    "burnt orange": "#cc5500", "canary yellow": "#ffef00", "caramel": "#c68e4e", "cerise": "#de3163",
    "champagne": "#f1ddb8", "charcoal": "#36454f", "cherry red": "#c2142f", "cobalt": "#0047ab",
    "cobalt blue": "#0047ab", "copper": "#b87333", "cream": "#fffdd0", "denim blue": "#3f5f8a", "eggplant": "#614051",
    "aubergine": "#614051", "eggshell": "#f0ead6", "electric blue": "#2a5cff", "emerald": "#2e9f63",
    "emerald green": "#2e9f63", "ginger": "#b5651d", "golden": "#d4a843", "graphite": "#41424c", "hazel": "#8e7618",
    "hot pink": "#ff69b4", "ice blue": "#d6ecf3", "jade": "#00a86b", "jet black": "#0a0a0a", "khaki green": "#78866b",
    "lemon": "#fff44f", "lemon yellow": "#fff44f", "lilac": "#c8a2c8", "lime green": "#32cd32", "mahogany": "#5a2a1b",
    "mauve": "#b784a7", "mint": "#a8e6c1", "mint green": "#98e6b4", "mocha": "#8b6b5a", "mustard": "#d9a51f",
    "mustard yellow": "#d9a51f", "navy blue": "#131f52", "nude": "#e3bc9a", "ochre": "#c77b2b",
    "off white": "#f6f3ea", "olive green": "#6b7a33", "peach": "#ffd0b0", "petrol": "#005f6a",
    "petrol blue": "#005f6a", "pine green": "#1f5a46", "platinum": "#e0dfdc", "platinum blonde": "#e9e0c7",
    "powder blue": "#b0d5e6", "raspberry": "#d0245b", "rose": "#e8768d", "rose gold": "#b76e79",
    "royal blue": "#2a4fc0", "ruby": "#9b1134", "ruby red": "#9b1134", "rust": "#a8461f", "rust red": "#93371a",
    "sage": "#9caf88", "sage green": "#9caf88", "sand": "#d9c3a0", "sapphire": "#1b4aa8", "scarlet": "#d0202a",
    "sepia": "#8a6642", "sky blue": "#7ec8e8", "slate": "#5b6770", "slate grey": "#5b6770", "taupe": "#8b7d6f",
    "terracotta": "#c8673f", "turquoise blue": "#30c5c9", "ultramarine": "#2a1fa0", "vermilion": "#e0442e",
    "wine red": "#6f1a2b", "strawberry blonde": "#d9a066", "baby blue": "#a6d3ef", "baby pink": "#f4c2c8",
    "forest green": "#22663a", "bottle green": "#0a4a35", "racing green": "#0e3d2b", "british racing green": "#0e3d2b",
    "midnight blue": "#191f52", "steel blue": "#4a7ba6", "ocean blue": "#1f6aa5", "blood red": "#8a0a12",
    "tomato red": "#e2452f", "sunflower yellow": "#f4c223", "army green": "#4b5320", "sea green": "#2e8b6a",
}  # fmt: skip
# What is said of a colour, as changes of lightness and of saturation.
_SHADES: dict[str, tuple[float, float]] = {
    "light": (0.45, 0.0), "lighter": (0.45, 0.0), "pale": (0.6, -0.2), "dark": (-0.45, 0.0), "darker": (-0.45, 0.0),
    "deep": (-0.35, 0.1), "bright": (0.1, 0.4), "vivid": (0.0, 0.4), "pastel": (0.6, -0.15), "neon": (0.1, 1.0),
    "muted": (0.05, -0.45), "dusty": (0.15, -0.45), "soft": (0.3, -0.25), "warm": (0.0, 0.0), "cool": (0.0, 0.0),
    "matte": (0.0, 0.0), "matt": (0.0, 0.0), "glossy": (0.0, 0.0), "shiny": (0.0, 0.0), "metallic": (0.0, 0.0),
    "pure": (0.0, 0.1), "plain": (0.0, 0.0), "solid": (0.0, 0.0), "rich": (-0.1, 0.2), "electric": (0.0, 0.6),
    "hot": (0.0, 0.4), "medium": (0.0, 0.0), "very": (0.0, 0.0), "really": (0.0, 0.0), "royal": (-0.1, 0.2),
    "ash": (0.1, -0.3), "icy": (0.5, -0.2), "burnt": (-0.25, 0.0), "baby": (0.5, 0.0), "jet": (-0.2, 0.0),
}  # fmt: skip
# CSS names that mean a thing before they mean a colour: “into snow” is no colour, “make it salmon” is.
THINGS = frozenset(
    "snow linen wheat chocolate peru seashell sand rust copper bronze brass slate platinum cream".split()
)
_CODE = re.compile(r"#(?:[\da-f]{8}|[\da-f]{6}|[\da-f]{3,4})")
_MOST_WORDS = 4


@lru_cache(maxsize=2048)
def rgb_of(said: str) -> Rgb | None:
    """The colour that these words name, as sRGB 0 … 1; None when they name none.

    Args:
        said: “navy blue”, “Light Grey”, “off-white”, “#f80”, “rgb(20, 40, 200)”.
    """
    low = re.sub(r"[\s-]+", " ", said.casefold()).strip()
    low = re.sub(r"\bgray\b", "grey", re.sub(r"^(?:colou?r )", "", low))
    if _CODE.fullmatch(low) or low.startswith(("rgb", "hsl")):
        return _code(low)
    words = low.split(" ")
    if len(words) > _MOST_WORDS:
        return None
    if (named := _named(low)) is not None:
        return named
    if len(words) > 1 and words[0] in _SHADES and (plain := rgb_of(" ".join(words[1:]))) is not None:
        return _shaded(plain, *_SHADES[words[0]])
    return None


def is_colour(said: str) -> bool:
    """Whether these words name a colour and nothing else."""
    return bool(said) and rgb_of(said) is not None


def _named(low: str) -> Rgb | None:
    if low in COLOURS:
        return COLOURS[low]
    if low in _NAMES:
        return _code(_NAMES[low])
    joined = low.replace(" ", "")
    # Pillow's table holds codes, and numbers for those that anybody asked it for before.
    names = (name for name in (joined, joined.replace("grey", "gray")) if name in ImageColor.colormap)
    return next((_code(name) for name in names), None)


def _code(code: str) -> Rgb | None:
    try:
        red, green, blue = ImageColor.getrgb(code.replace("rgba(", "rgb(") if code.count(",") == 2 else code)[:3]
    except ValueError:
        return None
    if max(red, green, blue) > 255:  # “rgb(300, 0, 0)” is read by Pillow as it stands
        return None
    return red / 255, green / 255, blue / 255


def _shaded(rgb: Rgb, lighter: float, fuller: float) -> Rgb:
    hue, lightness, saturation = colorsys.rgb_to_hls(*rgb)
    lightness += lighter * (1 - lightness if lighter > 0 else lightness)
    saturation = min(max(saturation * (1 + fuller), 0.0), 1.0)
    return colorsys.hls_to_rgb(hue, lightness, saturation)
