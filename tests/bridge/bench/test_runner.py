"""Benchmarks: how they are found and what they say; what they measure is theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bridge.bench import exact, runner, words
from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.demo.photos import demo_photos
from bridge.errors import NotFound
from engine.api import Mask, Pixels


class Stub:
    NAME = "stub"
    SUMMARY = "nothing"

    def __init__(self, value: float) -> None:
        self.value = value

    def run(self, options: BenchOptions) -> Figures:
        options.note("working [on it]")
        return Figures({"figure": 2.0}, {"bar": Bar(self.value, 1.0), "least": Bar(3.0, 2.0, at_most=False)})


@pytest.mark.parametrize(("value", "holds"), [(0.5, True), (1.0, True), (1.5, False)])
def test_the_last_line_is_json_and_a_bar_that_does_not_hold_fails_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: float, holds: bool
):
    monkeypatch.setattr(runner, "benchmark", lambda name: Stub(value))
    assert runner.run_benchmark("stub", tmp_path / "out", quick=True, as_json=True) is holds
    printed = capsys.readouterr()
    assert json.loads(printed.out.splitlines()[-1]) == {
        "name": "stub",
        "figures": {"figure": 2.0},
        "bars": {
            "bar": {"value": value, "limit": 1.0, "holds": holds},
            "least": {"value": 3.0, "limit": 2.0, "holds": True},
        },
        "machine": runner.machine(),
    }
    assert "working [on it]" in printed.err


def test_without_json_there_is_a_table(tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "benchmark", lambda name: Stub(2.0))
    assert not runner.run_benchmark("stub", tmp_path, quick=True, as_json=False)
    assert "does not" in capsys.readouterr().out


def test_every_benchmark_has_a_name_and_one_line():
    listed = runner.list_benchmarks()
    assert [name for name, _ in listed] == list(runner.BENCHMARKS)
    assert all(summary and "\n" not in summary for _, summary in listed)
    assert all(name == runner.benchmark(name).NAME for name in runner.BENCHMARKS)


def test_a_benchmark_that_is_not_there_is_said():
    with pytest.raises(NotFound, match="canvas"):
        runner.benchmark("nothing")


def test_bench_exact_runs_the_real_way_and_finds_nothing_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exact, "_pictures", _around_the_masks)
    figures = exact.run(BenchOptions(tmp_path, True, lambda _: None))
    assert figures.figures["edits"] == 18
    assert all(bar.holds for bar in figures.bars.values()), figures


def _around_the_masks() -> Iterator[tuple[str, Pixels, Mask]]:
    """A part of each of the demo's photographs, with an end of its mask in it."""
    for photo in demo_photos():
        top, left = (max(int(where.mean()) - 80, 0) for where in np.nonzero(photo.mask))
        part = np.s_[top : top + 160, left : left + 160]
        assert 0 < np.count_nonzero(photo.mask[part]) < photo.mask[part].size
        yield photo.name, photo.pixels[part], photo.mask[part]


def test_bench_words_reads_its_tables_and_tells_which_operation_was_taken_for_which(tmp_path: Path):
    figures = words.run(BenchOptions(tmp_path, True, lambda _: None))
    assert figures.figures["phrases"] == 100
    assert len(words.phrases()) >= 400 and len(words.refused()) >= 60
    assert figures.bars["asked back on"].holds
    assert "background_replace" in (tmp_path / "words-confusion.txt").read_text(encoding="utf-8")
