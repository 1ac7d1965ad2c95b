"""The vocabulary of styles: names, synonyms, what is near to names that are not here, and words that say how much.

A synonym is another word for the same thing. Painters and studios are none: whose hand it is cannot be drawn by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Style:
    """One manner.

    Attributes:
        name: lower case, as the plan and the facts say it.
        reach_units: so far around a pixel its look is decided, in thousandths of the layer's side.
        colours: how many colour words it takes.
        has_strokes: whether it has marks that can be larger or finer.
        synonyms: other words for it.
    """

    name: str
    reach_units: float
    colours: int
    has_strokes: bool
    synonyms: tuple[str, ...]


def _style(name: str, reach_units: float, colours: int, has_strokes: bool, synonyms: str) -> Style:
    return Style(name, reach_units, colours, has_strokes, tuple(synonyms.split(", ")))


# fmt: off
ALL = (
    _style("watercolour", 45, 0, True, "aquarelle, watercolours, water colour, wash drawing, watercolour wash"),
    _style("gouache", 60, 0, True, "tempera, poster paint, acrylic, acrylics"),
    _style("oil painting", 65, 0, True,
        "oil, oils, oil paint, painterly, painting, impasto, canvas painting, oil on canvas"
    ),
    _style("impressionist", 65, 0, True, "impressionism, impressionistic, brush strokes, brushstrokes, plein air"),
    _style("pointillism", 25, 0, True, "pointillist, pointilist, pointilism, dots of paint, divisionism"),
    _style("pastel", 65, 0, True, "pastels, pastel drawing, chalk pastel, soft pastel"),
    _style("pencil sketch", 60, 0, True,
        "pencil, sketch, graphite, pencils, sketched, sketchy, hand drawn, pencil shading"
    ),
    _style("coloured pencil", 50, 0, True, "coloured pencils, crayola, colouring pencil"),
    _style("charcoal", 55, 0, True, "coal, conte, charcoal stick"),
    _style("ink", 35, 1, True, "ink drawing, black ink, brush and ink, india ink, indian ink"),
    _style("line drawing", 35, 1, True,
        "line art, lineart, outline, outlines, contour, contours, line, fineliner, colouring book, colouring page"
    ),
    _style("hatching", 65, 1, True,
        "cross hatching, crosshatching, cross hatched, crosshatched, hatched, pen and ink, pen, etching, etched, "
        "biro, ballpoint, ballpoint pen"
    ),
    _style("engraving", 35, 1, True, "engraved, banknote, bank note, copperplate, steel engraving, copper engraving"),
    _style("woodcut", 95, 1, True,
        "linocut, lino cut, lino, wood cut, woodblock, wood block, block print, wood engraving"
    ),
    _style("chalk", 35, 0, True, "chalkboard, blackboard, chalk board, chalk drawing"),
    _style("blueprint", 35, 1, True, "blue print, technical drawing, schematic"),
    _style("cartoon", 40, 0, True, "cel shading, cel shaded, toon, cartoonish, flat illustration"),
    _style("comic", 40, 0, True, "comics, comic book, graphic novel, ben day dots"),
    _style("pop art", 40, 4, True, "popart, silkscreen, silk screen"),
    _style("poster", 45, 0, True,
        "posterised, posterise, posterized, screen print, screenprint, serigraph, travel poster, flat colours"
    ),
    _style("halftone", 6, 0, True, "half tone, cmyk, print dots, halftone dots, magazine print"),
    _style("newspaper", 6, 1, True, "newsprint, news paper, newspaper print"),
    _style("risograph", 8, 2, True, "riso, riso print, risograph print, spot colour"),
    _style("paper cut", 55, 0, True,
        "papercut, cut paper, paper cutout, cut out paper, layered paper, paper layers, paper art"
    ),
    _style("pixel art", 14, 0, True,
        "pixel, pixels, pixelated, pixelised, 8 bit, 8bit, 16 bit, 16bit, retro game, video game"
    ),
    _style("mosaic", 45, 0, True, "mosaics, tesserae, roman mosaic, mosaic tiles"),
    _style("stained glass", 120, 0, True, "church window, leaded glass, tiffany glass, glass window"),
    _style("low poly", 110, 0, True, "lowpoly, polygons, polygonal, polygon, facets, faceted, triangles"),
    _style("neon", 75, 1, True, "neon glow, neon lights, neon light, neon lighting, glowing lines, neon sign"),
    _style("sepia", 4, 0, False, "sepia toned, sepia tone, antique, daguerreotype, old photo, old photograph"),
    _style("vintage", 30, 0, False,
        "faded, faded film, vintage film, retro, film, analogue, analog, analogue film, old film, lo fi, lofi, lomo, "
        "lomography, 70s, 1970s, kodak, seventies"
    ),
    _style("polaroid", 10, 0, False, "instant film, instax, instant camera"),
    _style("film noir", 65, 0, False, "noir, dramatic black and white"),
    _style("cyanotype", 6, 0, False, "prussian blue, sun print"),
    _style("cross processed", 6, 0, False, "cross process, cross processing, slide film, xpro"),
    _style("infrared", 45, 0, False, "infra red, aerochrome, ir"),
    _style("duotone", 4, 2, False, "duo tone, two tone, two tones, two colour, two coloured, gradient map, bichrome"),
    _style("cinematic", 45, 0, False,
        "cinema, movie, teal and orange, orange and teal, film grade, blockbuster, hollywood, movie still, cinematic "
        "lighting, cinematic light"
    ),
    _style("golden hour", 75, 0, False,
        "golden hour lighting, golden hour light, sunset, sunset lighting, evening sun, sunset light, golden light"
    ),
    _style("blue hour", 55, 0, False, "dusk, night, nighttime, night time, moonlight, day for night, moonlit"),
    _style("bleach bypass", 6, 0, False, "skip bleach, gritty, grunge"),
    _style("vaporwave", 45, 0, False,
        "vapourwave, vapor wave, vapour wave, synthwave, outrun, 80s, 1980s, retrowave, eighties, vhs"
    ),
    _style("cyberpunk", 50, 0, False, "cyber punk, neon city"),
)

# Manners that are asked for and are not here, after what comes near to them.
_NEAR = (
    ("impressionist, oil painting, pastel", "gogh vincent monet renoir degas"),
    ("pointillism, impressionist", "seurat signac"),
    ("woodcut, poster, ink", "hokusai hiroshige ukiyo japanese"),
    ("low poly, stained glass, paper cut", "picasso braque cubist cubism origami geometric"),
    ("ink, line drawing, comic", "manga sumi stencil doodle"),
    ("line drawing, poster, paper cut", "minimal minimalist vector"),
    ("pastel, coloured pencil", "crayon crayons"),
    ("oil painting, engraving", "renaissance baroque rococo"),
    ("hatching, charcoal, engraving", "lithograph lithography aquatint"),
    ("paper cut, pop art", "collage cutout"),
    ("cartoon, comic, gouache", "caricature animated illustration"),
    ("cinematic, film noir, bleach bypass", "moody dramatic hitchcock"),
    ("golden hour, cinematic", "sunny sunrise summer summery autumn autumnal"),
    ("blue hour, golden hour", "evening dawn morning"),
    ("cyberpunk, vaporwave, neon", "futuristic sci runner"),
    ("cartoon, comic, poster", "anime ghibli miyazaki disney pixar simpsons"),
    ("cartoon, paper cut, low poly", "claymation clay 3d render lego figurine"),
    ("oil painting, charcoal", "rembrandt vermeer caravaggio leonardo vinci"),
    ("pop art, comic, poster", "warhol lichtenstein basquiat haring"),
    ("mosaic, stained glass", "klimt gaudi byzantine"),
    ("engraving, woodcut, hatching", "durer dürer doré dore"),
    ("cinematic, vintage, polaroid", "anderson wes kubrick tarantino"),
    ("blue hour, bleach bypass, watercolour", "winter snowy snow foggy rainy stormy rain cloudy"),
    ("infrared, vaporwave, pop art", "surreal psychedelic dreamy ethereal"),
    ("sepia, engraving, film noir", "steampunk gothic rustic spooky"),
    ("ink, pop art, comic", "tattoo graffiti"),
    ("cinematic, golden hour", "photorealistic hyperrealistic realistic"),
)
# fmt: on
NEAR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {word: tuple(names.split(", ")) for names, words in _NEAR for word in words.split()}
)
# Single words that mean a style wherever they stand.
SURE: frozenset[str] = frozenset(
    """
    aerochrome aquarelle banknote blackboard cartoonish chalkboard cinematic comics crosshatched crosshatching
    daguerreotype duotone engraved etched etching gritty grunge halftone impressionism impressionistic infrared
    lineart linocut lomo lowpoly newsprint noir painterly papercut pixelated pixelised pointillist polaroid
    popart posterise posterised posterized retro riso screenprint silkscreen synthwave toon vapourwave vintage
    watercolor
    """.split()
)
# What says nothing of the style.
FILLERS: frozenset[str] = frozenset(
    """
    a an the some of with in on and from by for like looking looks look style styles styled stylised kind sort
    more than too so quite rather pretty nicely very really nice beautiful picture image photo photograph
    photographs portrait scene effect filter art artwork drawing drawn drawings painting painted paint print
    printed render rendered rendering illustration illustrated book film films movie movies grade graded grading
    colours colour tone toned tones treatment aesthetic vibe feel mood made piece work paper fine hand old
    classic traditional real realistic lighting light lights shadows highlights inks lines sketch tiles window
    version dots shading design texture
    """.split()
)
# What is black and white anyway may be called so.
MONOCHROME: frozenset[str] = frozenset(
    "chalk, charcoal, engraving, film noir, hatching, ink, line drawing, newspaper, pencil sketch, woodcut".split(", ")
)
BLACK_AND_WHITE: frozenset[str] = frozenset("black white grey monochrome mono bw".split())
# How much of it, and how large its marks are.
STRENGTHS: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys(
            (
                "slight slightly subtle subtly light lightly gentle gently little bit touch hint mild mildly "
                "soft faint delicate"
            ).split(),
            0.5,
        ),
        **dict.fromkeys(
            "strong strongly heavy heavily bold extreme extremely intense lot much super dramatic".split(), 1.3
        ),
    }
)
SIZES: Mapping[str, float] = MappingProxyType(
    {
        **dict.fromkeys("fine finer small smaller tiny detailed delicate thin".split(), 0.65),
        **dict.fromkeys("coarse coarser large larger big bigger broad loose rough chunky thick huge".split(), 1.6),
    }
)
