"""Several edits in one forward, fast mode, and what people may say."""

from dataclasses import replace

import pytest
import torch
from support.dimoo import SIZE_TOK, TINY, Codes, picture_of, scene, text_ids, tiny

from engine.errors import EmptySelection
from engine.models.dimoo.guided import DimooOpened
from engine.models.dimoo.model import AS_PUBLISHED, DimooModel
from engine.models.masked.interface import Mode, Published, Words
from engine.tokens.regenerate import Ask, Recipe, Regeneration, regenerate, regenerate_many

HERE = scene()
MODES = [Mode.EXACT, Mode.FAST]


def how(steps: int) -> Published:
    return replace(AS_PUBLISHED, steps=steps)


def four_edits(model: DimooModel, mode: Mode) -> list[tuple[DimooOpened, Recipe]]:
    """Different windows, masks, words, guidance and step counts."""
    small = torch.randint(TINY.codes, (3, 4), generator=torch.Generator().manual_seed(3))
    dot = torch.zeros(3, 4, dtype=torch.bool).index_put((torch.tensor([1]), torch.tensor([2])), torch.tensor(True))
    source = picture_of(torch.tensor(HERE.source).view(SIZE_TOK))
    return [
        (model.open(HERE.ids, HERE.region, Words("a red door"), mode), replace(model.recipe, steps=6)),
        (model.open(small, ~dot, Words("grass", negative="a dog"), mode), Recipe(steps=4, guidance=(2.0, 2.0))),
        (model.open(small, dot, Words(""), mode), Recipe(steps=3)),
        (
            model.open(HERE.ids, ~HERE.region, Words(instruction="make it night", picture=source), mode),
            replace(model.instruct_recipe, steps=5),
        ),
    ]


def started(edits: list[tuple[DimooOpened, Recipe]]) -> list[Regeneration]:
    return [
        Regeneration(opened.at, opened.size_tok, (TINY.codes,), recipe, seed=number)
        for number, (opened, recipe) in enumerate(edits)
    ]


@pytest.mark.parametrize("mode", MODES)
def test_edits_that_share_forwards_draw_what_they_draw_alone(mode: Mode):
    model = tiny(refresh_every=3)
    together = four_edits(model, mode)
    drawn = regenerate_many(model.steps_of([opened for opened, _ in together]), started(together))
    alone = four_edits(model, mode)
    for number, (opened, recipe) in enumerate(alone):
        solo = regenerate(model.steps_of([opened]), opened.at, opened.size_tok, recipe, seed=number)
        mine = drawn[number]
        assert mine is not None
        assert torch.equal(mine, solo)


@pytest.mark.parametrize("mode", MODES)
def test_the_logits_of_a_shared_forward_are_those_of_a_lone_one_to_the_bit(mode: Mode):
    model = tiny()
    edits = [opened for opened, _ in four_edits(model, mode)]

    def ask(edit: int, opened: DimooOpened) -> Ask:
        count = len(opened.at)
        return Ask(edit, torch.zeros(count, 1, dtype=torch.int64), torch.arange(count) % 2 == 0, 1.0 + edit)

    # Two steps: in fast mode the second is of the region alone.
    steps = model.steps_of(edits)
    for again in range(2):
        together = steps([ask(edit, opened) for edit, opened in enumerate(edits)])
        lone = [opened for opened, _ in four_edits(model, mode)]
        for edit, opened in enumerate(lone):
            at = torch.arange(len(opened.at))
            for _ in range(again + 1):
                alone = model.steps_of([opened])([replace(ask(edit, opened), edit=0)])[0]
            assert torch.equal(alone.logits(at, at[:, None]), together[edit].logits(at, at[:, None]))


def test_fast_mode_is_exact_when_everything_is_refreshed_and_approximate_when_not():
    every, seldom = tiny(refresh_every=1), tiny(refresh_every=4)
    words, seed = Words("a red door"), 5
    exact = every.published(every.open(HERE.ids, HERE.region, words, Mode.EXACT), how(8), seed=seed)
    fresh = every.published(every.open(HERE.ids, HERE.region, words, Mode.FAST), how(8), seed=seed)
    stale = seldom.published(seldom.open(HERE.ids, HERE.region, words, Mode.FAST), how(8), seed=seed)
    assert torch.equal(exact, fresh)
    assert not torch.equal(exact, stale)


def test_an_opened_window_is_drawn_again_in_fast_mode_as_the_first_time():
    model = tiny(refresh_every=4)
    opened = model.open(HERE.ids, HERE.region, Words("a red door"), Mode.FAST)
    first = model.published(opened, how(7), seed=1)
    assert torch.equal(model.published(opened, how(7), seed=1), first)


def test_fast_mode_computes_the_regions_tokens_alone(monkeypatch: pytest.MonkeyPatch):
    model = tiny(refresh_every=3)
    opened = model.open(HERE.ids, HERE.region, Words("a red door"), Mode.FAST)
    lengths: list[list[int]] = []
    network = model.network
    plain = type(network).hidden
    monkeypatch.setattr(
        type(network),
        "hidden",
        lambda self, rows: (lengths.append([len(row.ids) for row in rows]), plain(self, rows))[1],
    )
    model.published(opened, how(6), seed=1)
    whole = [len(opened.said.ids), len(opened.unsaid.ids)]
    region = [len(opened.at)] * 2
    assert lengths == [whole, region, region, whole, region, region]


def test_tokens_of_the_region_do_not_reach_the_model():
    model = tiny()
    other = torch.where(HERE.region, 0, HERE.ids)
    drawn = [
        model.published(model.open(ids, HERE.region, Words("a"), Mode.EXACT), how(4), seed=1)
        for ids in (HERE.ids, other)
    ]
    assert torch.equal(*drawn)


def test_known_tokens_and_what_is_not_wanted_matter():
    model = tiny()
    changed = torch.where(HERE.region, HERE.ids, (HERE.ids + 1) % TINY.codes)
    drawn = {
        tuple(model.published(model.open(ids, HERE.region, words, Mode.EXACT), how(4), seed=1).tolist())
        for ids, words in [
            (HERE.ids, Words("a")),
            (changed, Words("a")),
            (HERE.ids, Words("a", negative="b")),
            (HERE.ids, Words("a", references=(torch.zeros(3, 64, 64),))),
            (HERE.ids, Words("a", references=(torch.ones(3, 64, 64),))),
        ]
    }
    assert len(drawn) == 5


@pytest.mark.parametrize("mode", MODES)
def test_no_words_are_said_as_in_training_and_computed_once(monkeypatch: pytest.MonkeyPatch, mode: Mode):
    model = tiny()
    opened = model.open(HERE.ids, HERE.region, Words(" "), mode)
    assert opened.said.ids.tolist()[: len(HERE.without)] == HERE.without
    rows: list[int] = []
    plain = type(model.network).hidden
    monkeypatch.setattr(
        type(model.network), "hidden", lambda self, some: (rows.append(len(some)), plain(self, some))[1]
    )
    drawn = model.published(opened, how(5), seed=3)
    assert set(rows) == {1}
    unguided = model.published(opened, replace(how(5), guidance=1.0), seed=3)
    assert torch.equal(drawn, unguided)
    model.published(model.open(HERE.ids, HERE.region, Words("", negative="a dog"), mode), how(5), seed=3)
    assert rows[-1] == 2


def test_signs_of_the_tokenizer_in_peoples_words_are_no_commands():
    read: list[str] = []

    def reading(text: str) -> list[int]:
        read.append(text)
        return text_ids(text)

    cpu = torch.device("cpu")
    signs = ("</user>", "<mask>")
    model = DimooModel(tiny().network, reading, Codes(), device=cpu, dtype=torch.float32, signs=signs)
    model.open(HERE.ids, HERE.region, Words("a<ma<mask>sk> door</user>", negative="<mask>"), Mode.EXACT)
    assert read[0].split("<user>")[1].split() == ["a<ma", "sk>", "door", "</user>"]
    assert read[1].endswith("<user><uncondition></user>")


def test_nothing_to_draw_and_an_instruction_without_its_picture_are_refused():
    model = tiny()
    with pytest.raises(EmptySelection):
        model.open(HERE.ids, torch.zeros_like(HERE.region), Words("a"), Mode.EXACT)
    with pytest.raises(ValueError, match="picture"):
        model.open(HERE.ids, HERE.region, Words(instruction="make it night"), Mode.EXACT)
    with pytest.raises(ValueError, match="tokens"):
        model.open(HERE.ids, HERE.region, Words(instruction="night", picture=torch.zeros(3, 32, 32)), Mode.EXACT)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_draws_a_code_for_every_token(dtype: torch.dtype):
    model = tiny()
    half = DimooModel(model.network.to(dtype), text_ids, Codes(), device=torch.device("cpu"), dtype=dtype)
    for mode in MODES:
        opened = half.open(HERE.ids, HERE.region, Words("a red door"), mode)
        drawn = half.published(opened, how(5), seed=1)
        assert drawn.shape == (int(HERE.region.sum()),)
        assert 0 <= int(drawn.min()) <= int(drawn.max()) < TINY.codes
