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
    "please",
    "kindly",
    "thank you",
    "thanks",
    "just",
    "simply",
    "now",
    "hey",
    "ok",
    "okay",
    "inlay",
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
    ("scrub",),
    ("drop",),
    ("lose",),
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

# Verbs that put something where something is selected, as patterns: what follows is the prompt.
REPLACE: tuple[str, ...] = (
    r"(?:fill|cover|paint)(?: (?:this|it|that|here|(?:the|this) (?:selection|area)))?(?: in| up)? with (?P<p>.+)",
    r"(?:replace|swap|exchange)(?: .+?)? (?:with|for|by) (?P<p>.+)",
    r"(?:change|turn|convert)(?: .+?)? (?:into|to) (?P<p>.+)",
    r"make (?:this|the) (?:wall|floor|ground|background|surface|area|selection)(?: into| out of| of)? (?P<p>.+)",
    r"(?:put|place|draw|paint|add)(?: in)? (?P<p>.+?) (?:here|there|in here|in the selection|over this|over it)",
)
# A prompt of a word that says what to do with it is another kind of wish.
NOT_IN_A_PROMPT: frozenset[str] = frozenset(
    """
    not don't dont never without except keep unless instead then undo redo
    brighter darker lighter bigger smaller larger blurry sharper warmer cooler disappear vanish removed text words logo
    """.split()
)

# In what is to be removed these say that something else is meant, so nothing is guessed.
NOT_IN_A_REMOVAL: frozenset[str] = frozenset(
    """
    not don't dont never no without except keep leave but unless instead
    add put place replace change turn swap insert draw write make paint blur sharpen colour color recolour recolor
    brighten darken crop extend move resize rotate flip
    background backgrounds then undo redo
    """.split()
)

NUMBERS: dict[str, int] = {
    "a": 1, "an": 1, "one": 1, "once": 1, "another": 1, "two": 2, "twice": 2, "couple": 2, "both": 2, "three": 3,
    "thrice": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip

# Words whose small misspellings are understood (`grammar.corrected`).
SPELLED: frozenset[str] = frozenset(
    word
    for word in [
        *(word for verb in REMOVE for word in verb),
        *(word for verb in REMOVE_AROUND for part in verb for word in part),
        *POLITE,
        *NUMBERS,
        *"again repeat another versions variations options alternatives candidates".split(),
        *"different times edits steps forward revert".split(),
        *NOT_IN_A_REMOVAL,
    ]
    if len(word) >= 5 and " " not in word
)

# Words that are right as they are, though one slip away from another.
RIGHT: frozenset[str] = frozenset("edit step time option version variation alternative candidate".split())

SUGGESTIONS = "“remove this”, “fill with brick wall”, “undo” or “another one”"

# A few of the hundred.
DRAWABLE = "brick wall, grass, marble, sunset sea, navy to teal gradient, red and white stripes and a hundred more"
