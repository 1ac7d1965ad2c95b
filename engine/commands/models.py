"""Open models by name: “…, using meissonic”, “with amused-512, replace it with a cat”, and how plans speak of them.

The names are those of `engine.models.catalogue`; a test compares them. No torch here.
"""

from __future__ import annotations

import re

from engine.commands.text import Said

# Nothing but what comes with the program.
BUILT_IN = "built-in"
# The catalogue's name → as it is written for people.
TITLES = {
    "amused-256": "aMUSEd 256",
    "amused-512": "aMUSEd 512",
    "meissonic": "Meissonic",
    "editmgt": "EditMGT",
    "lumina-dimoo": "Lumina-DiMOO",
    BUILT_IN: "the built-in model",
}
# As the words come out of `text.read`, which takes hyphens for spaces.
_SPOKEN = {
    "amused 256": "amused-256",
    "amused256": "amused-256",
    "amused 512": "amused-512",
    "amused512": "amused-512",
    "amused": "amused-512",
    "meissonic": "meissonic",
    "editmgt": "editmgt",
    "edit mgt": "editmgt",
    "lumina dimoo": "lumina-dimoo",
    "lumina": "lumina-dimoo",
    "dimoo": "lumina-dimoo",
    "built in": BUILT_IN,
    "built in model": BUILT_IN,
    "builtin": BUILT_IN,
    "builtin model": BUILT_IN,
}
_NAME = rf"(?P<name>{'|'.join(sorted(_SPOKEN, key=len, reverse=True))})"
_BY = r"(?:drawn )?(?:using|with|by|via|through)(?: the)?(?: open)?(?: model)?"
_LAST = re.compile(rf"(?P<rest>.+?)(?: [,;:.])?(?: and)? (?:{_BY}|use|model :) (?:the )?{_NAME}(?: model)?(?: [.,])*")
_FIRST = re.compile(rf"(?:{_BY}|let|have|make|tell) {_NAME}(?: model)?(?: [,:;.])?(?: to)? (?P<rest>.+)")
_FIRST_USED = re.compile(rf"use (?:the )?{_NAME}(?: model)?(?: [,:;.]| to| and)+ (?P<rest>.+)")
_ALONE = re.compile(rf"(?:(?:{_BY}|use) (?:the )?)?{_NAME}(?: model)?(?: [.,])*")
# “Using the model flux”: whoever says so means a model, and should hear that there is none of that name.
_UNKNOWN = re.compile(r".*\b(?:using|with|by|via) (?:the )?model (?P<name>[\w. ]{1,40}?)(?: [.,])*")


def by_model(name: str | None) -> str:
    """What a plan's sentence ends with: “, drawn by Meissonic”; empty where nothing was said or chosen."""
    return "" if name is None else f", drawn by {title_of(name)}"


def title_of(name: str) -> str:
    """The name as it is written for people."""
    return TITLES.get(name, name)


def model_of(said: Said) -> tuple[Said, str | None]:
    """The command without the model that it names, and that model's name; None where it names none."""
    for rule in (_LAST, _FIRST, _FIRST_USED):
        match = rule.fullmatch(said.norm)
        if match is not None:
            return said.group(match, "rest"), _SPOKEN[match["name"]]
    return said, None


def is_only_a_model(said: Said) -> bool:
    """Whether a model is named and nothing that it should do."""
    return _ALONE.fullmatch(said.norm) is not None


def unknown_model(said: Said) -> str | None:
    """A name that was called a model's and is none."""
    match = _UNKNOWN.fullmatch(said.norm)
    return None if match is None else match["name"]
