"""Every model that Inlay can draw with: what it can do, where its weights are, on which terms, and which to take.

Data, and one decision (`choose`). The built-in models come with the program and are always there (P6); those with open
weights are pulled by `inlay models pull` (`bridge.weights`). No torch here: the bridge and the command line read it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from engine.errors import BadRequest
from engine.models.entry import Ability, Entry, Family, Fast, Licence, Source

__all__ = [
    "ABILITY_OF",
    "ENTRIES",
    "Ability",
    "Choice",
    "Entry",
    "Family",
    "Fast",
    "Licence",
    "Source",
    "UnknownModel",
    "choose",
    "entry_of",
    "open_entries",
]


class UnknownModel(BadRequest):
    """No model of that name."""

    code = "unknown_model"
    hint = "`inlay models list` names those there are."

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no model called “{name}”.")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which model draws, and why.

    Attributes:
        name: None: none of those that are here can.
        reason: in plain words, whole sentences.
        heeded: False: another one had been asked for; the reason says why it could not be.
    """

    name: str | None
    reason: str
    heeded: bool = True


_APACHE = Licence(
    "Apache-2.0",
    "https://www.apache.org/licenses/LICENSE-2.0",
    "Use, change and pass on freely, with the licence and notices; no warranty, no trademarks.",
)
_OPENRAIL = Licence(
    "OpenRAIL++-M",
    "https://huggingface.co/stabilityai/stable-diffusion-2/blob/main/LICENSE-MODEL",
    "Use and pass on freely, also for money, but not for the uses its attachment A forbids (harm, deceit, breaking the "
    "law, discrimination, medical advice …); whoever you pass it on to must be bound by the same limits.",
)
_CC_BY = Licence(
    "CC-BY-4.0",
    "https://creativecommons.org/licenses/by/4.0/legalcode",
    "Use, change and pass on freely, also for money, if you name its authors and say what you changed.",
)
_GEMMA = Licence(
    "Gemma Terms of Use",
    "https://ai.google.dev/gemma/terms",
    "Use and pass on within Google's prohibited use policy (https://ai.google.dev/gemma/prohibited_use_policy), which "
    "may change; whoever you pass it on to must be bound by the same terms.",
)

# The hub could not be reached where the entries were written, and a commit that nobody has loaded is no better than
# the newest: the first pull keeps the commit that it got, and every later one asks for that.
_UNSEEN = (
    "Its repository could not be read when this list was written, so no commit is vouched for; the one that the first "
    "pull finds is kept, and asked for from then on."
)
_PIPELINE = (
    "model_index.json",
    "scheduler/*.json",
    "text_encoder/*.json",
    "text_encoder/*.safetensors",
    "tokenizer/*",
    "transformer/*.json",
    "transformer/*.safetensors",
    "vqvae/*.json",
    "vqvae/*.safetensors",
)
# The same weights once more in half precision, and adapters for training.
_TWICE = ("*.fp16.safetensors", "*.non_ema.safetensors", "*lora*")
_GEMMA_INSIDE = ("llm_encoder/*.json", "llm_encoder/*.safetensors", "llm_encoder/tokenizer.model")
_PAINTS = frozenset((Ability.REMOVE, Ability.EXTEND, Ability.TEXT))

_BUILT_IN = (
    Entry(
        name="exemplar",
        title="exemplar",
        family=Family.EXEMPLAR,
        about="continues a picture with its own patches; no weights, any size and bit depth",
        abilities=frozenset((Ability.REMOVE, Ability.EXTEND)),
        native_px=0,
        token_px=0,
        fast=Fast.EXACT,
        licences=(_APACHE,),
        bytes=0,
    ),
    Entry(
        name="nano",
        title="nano",
        family=Family.NANO,
        about="plans colours, materials, patterns and simple scenes from words; exemplar and exact renders paint them",
        abilities=frozenset((Ability.TEXT,)),
        native_px=256,
        token_px=8,
        fast=Fast.EXACT,
        licences=(_APACHE,),
        bytes=20_106_900,
    ),
    Entry(
        name="scale",
        title="scale",
        family=Family.SCALE,
        about="enlarges",
        abilities=frozenset(),
        native_px=0,
        token_px=0,
        fast=Fast.EXACT,
        licences=(_APACHE,),
        bytes=333_592,
    ),
    Entry(
        name="figure",
        title="figure",
        family=Family.FIGURE,
        about="finds subjects",
        abilities=frozenset(),
        native_px=0,
        token_px=0,
        fast=Fast.NONE,
        licences=(_APACHE,),
        bytes=2_235_906,
    ),
    Entry(
        name="sight",
        title="sight",
        family=Family.SIGHT,
        about="knows materials",
        abilities=frozenset(),
        native_px=0,
        token_px=0,
        fast=Fast.NONE,
        licences=(_APACHE,),
        bytes=681_960,
    ),
)

# Best first, for whatever several of them can: `choose` takes the first that is here and fits.
_OPEN = (
    Entry(
        name="editmgt",
        title="EditMGT",
        family=Family.MEISSONIC,
        about="Meissonic taught to edit, by a selection or by an instruction (arXiv 2512.11715)",
        abilities=_PAINTS | {Ability.INSTRUCT},
        native_px=1024,
        token_px=16,
        fast=Fast.APPROXIMATE,
        licences=(_CC_BY, _GEMMA),
        bytes=11_267_019_532,
        sources=(
            Source(
                repo="WeiChow/EditMGT",
                patterns=(
                    "editmgt/*.json",
                    "editmgt/*.safetensors",
                    *_GEMMA_INSIDE,
                    "scheduler/*.json",
                    "text_encoder/*.json",
                    "text_encoder/*.safetensors",
                    "tokenizer/*",
                    "vqvae/*.json",
                    "vqvae/*.safetensors",
                ),
                optional=_GEMMA_INSIDE,
                without=_TWICE,
                unpinned=_UNSEEN,
            ),
            # Its published loader reads Gemma from its own repository; where that has none, it comes from its maker.
            Source(
                repo="google/gemma-2-2b-it",
                patterns=("*.json", "*.safetensors", "tokenizer.model"),
                unpinned=_UNSEEN,
                into="llm_encoder",
                unless="llm_encoder/*.safetensors",
                gated=True,
            ),
        ),
        published="1024 px in about 2 s with 13.8 GB; 16 to 36 steps",
    ),
    Entry(
        name="meissonic",
        title="Meissonic",
        family=Family.MEISSONIC,
        about="pictures of 1024 px from words (arXiv 2410.08261)",
        abilities=_PAINTS,
        native_px=1024,
        token_px=16,
        fast=Fast.APPROXIMATE,
        licences=(_APACHE,),
        bytes=6_028_893_420,
        sources=(Source(repo="MeissonFlow/Meissonic", patterns=_PIPELINE, without=_TWICE, unpinned=_UNSEEN),),
        published="64 steps at 1024 px in 12.35 s with 9.5 GB (fp16), 13.32 s with 12 GB (fp32)",
    ),
    Entry(
        name="lumina-dimoo",
        title="Lumina-DiMOO",
        family=Family.DIMOO,
        about="an 8B language model that reads and draws pictures, also by an instruction (arXiv 2510.06308)",
        abilities=_PAINTS | {Ability.REFERENCE, Ability.INSTRUCT},
        native_px=1024,
        token_px=16,
        fast=Fast.APPROXIMATE,
        licences=(_APACHE,),
        bytes=16_748_589_324,
        sources=(
            Source(
                repo="Alpha-VLLM/Lumina-DiMOO",
                patterns=(
                    "config.json",
                    "generation_config.json",
                    "model*.safetensors",
                    "model.safetensors.index.json",
                    "special_tokens_map.json",
                    "added_tokens.json",
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "vqvae/*.json",
                    "vqvae/*.safetensors",
                ),
                unpinned=_UNSEEN,
            ),
        ),
        published="64 steps at 1024 px on an A800 in 58 s with 39 GB; 32 s with its cache",
        # Its image-to-image tasks with somebody else's picture, “subject” and “style”, have one each.
        references=1,
    ),
    Entry(
        name="amused-512",
        title="aMUSEd 512",
        family=Family.AMUSED,
        about="small and quick, pictures of 512 px from words (arXiv 2401.01808)",
        abilities=_PAINTS,
        native_px=512,
        token_px=16,
        fast=Fast.APPROXIMATE,
        licences=(_OPENRAIL,),
        bytes=3_512_611_084,
        sources=(Source(repo="amused/amused-512", patterns=_PIPELINE, without=_TWICE, unpinned=_UNSEEN),),
        published="12 steps",
    ),
    Entry(
        name="amused-256",
        title="aMUSEd 256",
        family=Family.AMUSED,
        about="small and quick, pictures of 256 px from words (arXiv 2401.01808)",
        abilities=_PAINTS,
        native_px=256,
        token_px=16,
        fast=Fast.APPROXIMATE,
        licences=(_OPENRAIL,),
        bytes=3_493_730_572,
        sources=(Source(repo="amused/amused-256", patterns=_PIPELINE, without=_TWICE, unpinned=_UNSEEN),),
        published="12 steps",
    ),
)

ENTRIES: tuple[Entry, ...] = _BUILT_IN + _OPEN
_BY_NAME = {entry.name: entry for entry in ENTRIES}

# What an operation asks of the model that draws it.
ABILITY_OF: dict[str, Ability] = {
    "remove": Ability.REMOVE,
    "extend": Ability.EXTEND,
    "replace": Ability.TEXT,
    "background_replace": Ability.TEXT,
    "instruct": Ability.INSTRUCT,
}
# Nothing is to be seen there that is not seen around it: the picture's own patches do that better, and exactly at its
# own resolution, than a model that draws everything anew. Such a model is taken for these only when it is asked for.
_BY_EXEMPLAR = frozenset((Ability.REMOVE, Ability.EXTEND))


def open_entries() -> tuple[Entry, ...]:
    """Those whose weights are pulled, best first."""
    return _OPEN


def entry_of(name: str) -> Entry:
    """
    Raises:
        UnknownModel: there is none of that name.
    """
    try:
        return _BY_NAME[name]
    except KeyError:
        raise UnknownModel(name) from None


def choose(
    operation: str,
    present: Collection[str],
    pinned: str | None = None,
    why_not: Callable[[Entry], str | None] = lambda _: None,
    *,
    looks: bool = False,
) -> Choice:
    """The best model here for an operation.

    Args:
        operation: its name in a plan, a key of `ABILITY_OF`.
        present: names of open models whose weights are here and whole; the built-in ones are always here.
        pinned: the one that somebody asked for, for this edit or for the document.
        why_not: why a model cannot run on this device (`memory.why_not`), or None where it can.
        looks: pictures came with the words: models that look at them come first.
    """
    ability = ABILITY_OF[operation]
    here = [entry for entry in ENTRIES if entry.is_built_in or entry.name in present]
    refused = ""
    if pinned is not None:
        entry = _BY_NAME.get(pinned)
        refused = _why_refused(pinned, entry, ability, here, why_not)
        if not refused and entry is not None:
            return Choice(entry.name, f"{entry.title} was asked for.")
    choice = _best(ability, here, why_not, looks=looks)
    return Choice(choice.name, f"{refused} {choice.reason}".strip(), heeded=not refused)


def _why_refused(
    name: str, entry: Entry | None, ability: Ability, here: Collection[Entry], why_not: Callable[[Entry], str | None]
) -> str:
    if entry is None:
        return f"There is no model called “{name}”."
    if ability not in entry.abilities:
        return f"{entry.title} {_CANNOT[ability]}."
    if entry not in here:
        return f"{entry.title} is not on this machine (`inlay models pull {entry.name}`)."
    reason = why_not(entry)
    return "" if reason is None else f"{entry.title} does not fit: {reason}"


def _best(ability: Ability, here: Collection[Entry], why_not: Callable[[Entry], str | None], *, looks: bool) -> Choice:
    able = [entry for entry in here if ability in entry.abilities]
    built_in = next((entry for entry in able if entry.is_built_in), None)
    if ability in _BY_EXEMPLAR and built_in is not None:
        return Choice(built_in.name, "The picture's own patches continue it best.")
    passed: list[str] = []
    for entry in sorted(_OPEN, key=lambda entry: looks and not entry.references):
        if entry not in able:
            continue
        reason = why_not(entry)
        if reason is None:
            best = "is the best model here for this" if len(able) > 1 else "is the only model here that can do this"
            best += ", for it looks at the picture with the words" if looks and entry.references else ""
            return Choice(entry.name, " ".join((*passed, f"{entry.title} {best}.")))
        passed.append(f"{entry.title} does not fit: {reason}")
    if built_in is not None:
        reason = "comes with the program; no open model that could do this is here."
        if passed:
            reason = "comes with the program and always fits."
        return Choice(built_in.name, " ".join((*passed, f"{built_in.title} {reason}")))
    able_open = [entry for entry in _OPEN if ability in entry.abilities]
    could = " or ".join(entry.name for entry in able_open if entry not in here)
    rest = f"What could: {could} (`inlay models pull NAME`)." if could else ""
    return Choice(None, " ".join((*passed, "No model here can do this.", rest)).strip())


_CANNOT: dict[Ability, str] = {
    Ability.REMOVE: "cannot remove things",
    Ability.EXTEND: "cannot continue a picture beyond its border",
    Ability.TEXT: "cannot draw from words",
    Ability.REFERENCE: "does not look at other pictures",
    Ability.INSTRUCT: "does not edit by an instruction",
}
