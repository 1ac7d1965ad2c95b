"""Benchmarks: how they are found and what they say; what they measure is theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.bench import exact, runner, words
from bridge.bench.base import Bar, BenchOptions, Figures
from bridge.errors import NotFound


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


def test_bench_exact_runs_the_real_way_and_finds_nothing_changed(tmp_path: Path):
    figures = exact.run(BenchOptions(tmp_path, True, lambda _: None))
    assert figures.figures["edits"] == 18
    assert all(bar.holds for bar in figures.bars.values()), figures


def test_bench_words_reads_its_tables_and_tells_which_operation_was_taken_for_which(tmp_path: Path):
    figures = words.run(BenchOptions(tmp_path, True, lambda _: None))
    assert figures.figures["phrases"] == 100
    assert len(words.phrases()) >= 400 and len(words.refused()) >= 60
    assert figures.bars["asked back on"].holds
    assert "background_replace" in (tmp_path / "words-confusion.txt").read_text(encoding="utf-8")
