"""The words that are known: verbs, numbers, politeness; British and American alike."""

from __future__ import annotations

# What people say before and after the words that matter.
POLITE: tuple[str, ...] = (
    "i would like you to",
    "i would like to",
    "i'd like you to",
    "i'd like to",
    "i want you to",
    "i want to",
    "i need you to",
    "would you kindly",
    "could you please",
    "can you please",
    "go ahead and",
    "for me",
    "could you",
    "would you",
    "will you",
    "can you",
    "can we",
    "let us",
    "let's",
    "lets",
    "i'd want",
    "i would want",
    "i want",
    "i need",
    "i'd like",
    "i would like",
    "i'd love",
    "we need",
    "we want",
    "how about",
    "what about",
    "let's try",
    "would it be possible to",
    "is it possible to",
    "it would be nice to have",
    "it would be great to",
    "can we have",
    "can we get",
    "can u",
    "could u",
    "would u",
    "u can",
    "go and",
    "try to",
    "try and",
    "help me",
    "please",
    "pls",
    "plz",
    "kindly",
    "thank you",
    "thanks",
    "just",
    "simply",
    "now",
    "hey",
    "hi",
    "ok",
    "okay",
    "so",
    "and",
    "also",
    "well",
    "then",
    "first",
    "firstly",
    "first of all",
    "second",
    "secondly",
    "third",
    "thirdly",
    "next",
    "finally",
    "lastly",
    "afterwards",
    "after that",
    "at the end",
    "to start",
    "to begin with",
    "inlay",
    "as well",
    "if you can",
    "if possible",
    "instead",
    "right now",
    "with",
    "only",
    "maybe",
    "perhaps",
)

# Verbs that take away what is selected; those of several words come first.
REMOVE: tuple[tuple[str, ...], ...] = (
    ("get", "rid", "of"),
    ("take", "out"),
    ("take", "away"),
    ("clean", "up"),
    ("clear", "up"),
    ("tidy", "up"),
    ("fill", "in"),
    ("fill", "up"),
    ("paint", "out"),
    ("paint", "over"),
    ("edit", "out"),
    ("wipe", "out"),
    ("wipe", "away"),
    ("rub", "out"),
    ("photoshop", "out"),
    ("brush", "out"),
    ("patch", "up"),
    ("remove",),
    ("delete",),
    ("erase",),
    ("eliminate",),
    ("heal",),
    ("retouch",),
    ("inpaint",),
    ("clean",),
    ("clear",),
    ("patch",),
    ("scrub", "out"),
    ("scrub",),
    ("drop",),
    ("lose",),
    ("get", "out"),
    ("content", "aware", "fill"),
    ("object", "removal"),
    ("spot", "heal"),
)
# The same with the thing in the middle: “take this out”, “make it disappear”.
REMOVE_AROUND: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("take",), ("out",)),
    (("take",), ("away",)),
    (("clean",), ("up",)),
    (("clear",), ("up",)),
    (("tidy",), ("up",)),
    (("fill",), ("in",)),
    (("edit",), ("out",)),
    (("paint",), ("out",)),
    (("wipe",), ("out",)),
    (("wipe",), ("away",)),
    (("rub",), ("out",)),
    (("make",), ("disappear",)),
    (("make",), ("vanish",)),
    (("make",), ("go", "away")),
    (("have",), ("removed",)),
    (("get",), ("removed",)),
)

# In what is to be removed these say that something else is meant, so nothing is guessed.
NOT_IN_A_REMOVAL: frozenset[str] = frozenset(
    """
    not don't dont never no without except keep leave but unless instead
    add put place replace change turn swap insert draw write make paint blur sharpen recolour recolor
    brighten darken crop extend move resize rotate flip then undo redo
    """.split()
)

NUMBERS: dict[str, int] = {
    "a": 1, "an": 1, "one": 1, "once": 1, "another": 1, "two": 2, "twice": 2, "couple": 2, "both": 2, "three": 3,
    "thrice": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip


ORDINALS: dict[str, int] = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10, "last": 0,
}  # fmt: skip

# Adjectives → what of the picture they are about, and in which direction.
LIGHT_ADJECTIVES: dict[str, tuple[str, int]] = {
    **dict.fromkeys(
        "bright brighter lighter light luminous sunnier glowing lit illuminated radiant".split(), ("exposure", 1)
    ),
    **dict.fromkeys("dark darker dim dimmer gloomier gloomy underexposed blacker shadier".split(), ("exposure", -1)),
    "overexposed": ("exposure", 1),
    **dict.fromkeys("contrasty punchy punchier contrastier bolder dramatic stronger".split(), ("contrast", 1)),
    **dict.fromkeys("flat flatter hazier".split(), ("contrast", -1)),
    **dict.fromkeys("warm warmer cosier cozier hotter".split(), ("temperature", 1)),
    **dict.fromkeys("cool cooler cold colder icier chillier".split(), ("temperature", -1)),
    **dict.fromkeys(
        "vivid vibrant saturated colourful colorful lively livelier richer poppy poppier brilliant vivider".split(),
        ("vividness", 1),
    ),
    **dict.fromkeys("muted desaturated dull duller faded washed subdued".split(), ("vividness", -1)),
    **dict.fromkeys("sharp sharper crisp crisper focused".split(), ("sharp", 1)),
    **dict.fromkeys(
        "blurry blurrier blurred blurier unsharp unfocused defocused fuzzy fuzzier bokeh".split(), ("sharp", -1)
    ),
    **dict.fromkeys("noisy noisier grainy grainier".split(), ("noise", 1)),
    **dict.fromkeys("denoised noiseless".split(), ("noise", -1)),
}
# Nouns → the same; “more warmth”, “less noise”.
LIGHT_NOUNS: dict[str, tuple[str, int]] = {
    **dict.fromkeys(
        "brightness exposure light lightness luminosity luminance ev illumination lighting".split(), ("exposure", 1)
    ),
    "darkness": ("exposure", -1),
    **dict.fromkeys("contrast punch".split(), ("contrast", 1)),
    **dict.fromkeys("warmth temperature".split(), ("temperature", 1)),
    **dict.fromkeys(("colour temperature", "color temperature", "white balance"), ("temperature", 1)),
    **dict.fromkeys("coolness coldness".split(), ("temperature", -1)),
    **dict.fromkeys(
        "saturation vibrance vividness vibrancy pop colourfulness colorfulness chroma".split(), ("vividness", 1)
    ),
    **dict.fromkeys(("colour intensity", "color intensity"), ("vividness", 1)),
    **dict.fromkeys("sharpness crispness detail".split(), ("sharp", 1)),
    **dict.fromkeys("blur bokeh".split(), ("sharp", -1)),
    **dict.fromkeys(("gaussian blur", "lens blur", "soft blur", "background blur"), ("sharp", -1)),
    **dict.fromkeys("noise grain".split(), ("noise", 1)),
    **dict.fromkeys(("film grain", "image noise", "colour noise", "color noise", "digital noise"), ("noise", 1)),
}
# Verbs that say it themselves.
LIGHT_VERBS: dict[str, tuple[str, int]] = {
    **dict.fromkeys("brighten lighten illuminate lift dodge expose overexpose".split(), ("exposure", 1)),
    **dict.fromkeys(("light up", "brighten up", "lighten up", "bring up"), ("exposure", 1)),
    **dict.fromkeys("darken dim shade burn underexpose".split(), ("exposure", -1)),
    **dict.fromkeys(("tone down", "bring down", "pull down", "dim down", "darken down"), ("exposure", -1)),
    **dict.fromkeys(("warm", "warm up"), ("temperature", 1)),
    **dict.fromkeys(("cool", "cool down", "cool off"), ("temperature", -1)),
    **dict.fromkeys(("saturate", "enliven", "colour boost"), ("vividness", 1)),
    **dict.fromkeys(("desaturate", "mute", "wash out", "fade"), ("vividness", -1)),
    **dict.fromkeys("sharpen".split(), ("sharp", 1)),
    **dict.fromkeys(
        ("sharpen up", "crisp up", "unsharp mask", "sharpening", "unblur", "deblur", "de blur"), ("sharp", 1)
    ),
    **dict.fromkeys("blur defocus soften".split(), ("sharp", -1)),
    **dict.fromkeys(("blur out", "gaussian blur", "throw out of focus", "blurring"), ("sharp", -1)),
    **dict.fromkeys(("denoise", "noise reduction", "de noise", "degrain", "reduce noise"), ("noise", -1)),
}
MORE = (
    "increase|boost|raise|up|bump up|bump|turn up|add some more|add some|add more|add|more|enhance|crank up|"
    "crank|push up"
    "|push|bring up|lift|pump up|apply|apply some|give it more|give it some|higher|extra|some more|strengthen|introduce"
    "|amp up|dial up|put more|put some|use more|greater"
)
LESS = (
    "decrease|reduce|lower|cut down|cut|turn down|drop|less|tone down|take down|bring down|dial down|dial back|"
    "pull down"
    "|remove some|weaken|lessen|get rid of|remove|clean up|smooth out|minimise|minimize|suppress|take out|fix|"
    "eliminate|clean|kill"
)

# Whose cut-out is the removal of the background.
SUBJECTS: frozenset[str] = frozenset(
    "subject person product object model man woman foreground figure people it this her him them me us guy "
    "girl boy item"
    " selection".split()
)

STYLES = (
    "watercolour watercolor sketch drawing cartoon anime comic manga cubist impressionist surreal vintage "
    "retro cinematic"
    " noir cyberpunk steampunk minimalist minimal gothic baroque psychedelic claymation polaroid vaporwave sepia-toned"
    " futuristic grunge lo-fi photorealistic hyperrealistic painterly moody dreamy ethereal festive spooky rustic"
    " isometric woodcut engraving fresco collage origami etching lithograph caricature pastel-drawing hand-drawn"
).split()
# A phrase that ends in one of these is a manner, not a thing: “oil painting”, “pencil sketch”, “3D render”.
STYLE_NOUNS: frozenset[str] = frozenset(
    "painting sketch drawing cartoon anime comic manga render watercolour watercolor illustration poster look style art"
    " engraving woodcut etching claymation caricature mosaic-style film sculpture blueprint collage polaroid"
    " impressionism cubism aquarelle book diagram lithograph fresco print doodle figurine scene poly".split()
)
