"""The review benchmark: its document is really made, and what could not be looked at fails its bar."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.bench import review, review_browser
from bridge.bench.base import BenchOptions
from bridge.bench.review_team import Sizes, make_team
from bridge.history.store import History


async def test_the_document_is_a_tree_with_threads_made_by_the_real_rooms(tmp_path: Path):
    team = await make_team(tmp_path, Sizes(side_px=512, versions=30, comments=60), lambda _: None)
    history = await History.open(tmp_path, durable=False)
    try:
        versions = await history.versions.tree(team.layer_id)
        page = await history.versions.page(team.layer_id, 0, 100, from_end=True)
    finally:
        await history.close()
    assert [version.version_id for version in versions if version.kind == "edit"] == list(team.version_ids)
    assert (page.total, page.edits_before) == (31, 0)
    parents = [version.parent_id for version in versions if version.parent_id is not None]
    assert len(parents) > len(set(parents)), "nobody went back and on from there"
    assert team.tile_bytes > 0 and 0 < team.history_bytes < 1.5 * team.changed_bytes


def test_it_measures_and_without_a_browser_says_so_and_does_not_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(review, "_QUICK_SIZES", Sizes(side_px=1024, versions=4, comments=40))
    monkeypatch.setattr(review, "_QUICK_SAID", 4)
    monkeypatch.setattr(review, "_BETWEEN_S", 0.0)
    monkeypatch.setattr(review_browser, "_chromium", lambda: None)
    said: list[str] = []
    figures = review.run(BenchOptions(tmp_path, True, said.append))
    assert figures.bars["comments heard by the others"].value == 4 * 50
    assert figures.figures["tiles asked for"] > 0
    assert not figures.bars["page usable, s"].holds
    assert any("there is no Chromium" in line or "there is no Node" in line for line in said)
    json.dumps(list(figures.bars))
