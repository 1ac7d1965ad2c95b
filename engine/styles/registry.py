"""Which function draws which style."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.styles import drawing, glow, grading, painting, pieces, printing
from engine.styles.look import Look
from engine.styles.noise import Floats

# (picture, look) → picture, H×W×3 float32 in the layer's primaries with sRGB's curve, 0 … 1 (clipped by the caller).
Paint = Callable[[Floats, Look], Floats]

PAINTS: Mapping[str, Paint] = MappingProxyType(
    {
        "watercolour": painting.watercolour,
        "gouache": painting.gouache,
        "oil painting": painting.oil,
        "impressionist": painting.impressionist,
        "pointillism": painting.pointillism,
        "pastel": painting.pastel,
        "pencil sketch": drawing.pencil,
        "coloured pencil": drawing.coloured_pencil,
        "charcoal": drawing.charcoal,
        "ink": drawing.ink,
        "line drawing": drawing.line_drawing,
        "hatching": drawing.hatching,
        "engraving": drawing.engraving,
        "woodcut": drawing.woodcut,
        "chalk": drawing.chalk,
        "blueprint": drawing.blueprint,
        "cartoon": printing.cartoon,
        "comic": printing.comic,
        "pop art": printing.pop_art,
        "poster": printing.poster,
        "halftone": printing.halftone,
        "newspaper": printing.newspaper,
        "risograph": printing.risograph,
        "paper cut": printing.paper_cut,
        "pixel art": pieces.pixel_art,
        "mosaic": pieces.mosaic,
        "stained glass": pieces.stained_glass,
        "low poly": pieces.low_poly,
        "neon": glow.neon,
        "sepia": grading.sepia,
        "vintage": grading.vintage,
        "polaroid": grading.polaroid,
        "film noir": grading.noir,
        "cyanotype": grading.cyanotype,
        "cross processed": grading.cross_processed,
        "infrared": grading.infrared,
        "duotone": grading.duotone,
        "cinematic": grading.cinematic,
        "golden hour": grading.golden_hour,
        "blue hour": grading.blue_hour,
        "bleach bypass": grading.bleach_bypass,
        "vaporwave": grading.vaporwave,
        "cyberpunk": grading.cyberpunk,
    }
)
# These change colour and light only: brighter than white stays brighter than white.
GRADES: frozenset[str] = frozenset(
    {"vintage", "polaroid", "infrared", "cinematic", "golden hour", "blue hour", "bleach bypass", "cross processed"}
)
