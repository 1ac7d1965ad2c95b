"""The figures of `inlay bench matte` on shapes whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from bridge.bench.matte import edge_difference, iou, iou_off_the_outline, loose_box

TRUTH = np.zeros((100, 120), np.bool_)
TRUTH[30:70, 40:80] = True


def test_the_same_outline_is_one_and_none_in_common_is_nothing():
    assert iou(TRUTH, TRUTH) == 1.0
    assert iou(~TRUTH, TRUTH) == 0.0
    assert iou(np.roll(TRUTH, 20, 1), TRUTH) == pytest.approx(1 / 3)


def test_off_the_outline_a_coarse_mask_costs_nothing_and_a_missing_part_does():
    assert iou(np.roll(TRUTH, 4, 1), TRUTH) < 0.9
    assert iou_off_the_outline(np.roll(TRUTH, 4, 1), TRUTH) == 1.0
    half = TRUTH.copy()
    half[:50] = False
    assert iou_off_the_outline(half, TRUTH) < 0.6


def test_the_box_is_a_tenth_larger_than_the_object_and_stays_in_the_picture():
    box = loose_box(TRUTH) > 0
    assert box.sum() == 44 * 44 and box[TRUTH].all()
    assert loose_box(np.ones((5, 5), np.bool_)).all()


def test_a_sharp_edge_in_its_place_differs_in_nothing_and_a_soft_or_shifted_one_does():
    sharp = TRUTH.astype(np.float32)
    assert edge_difference(sharp, TRUTH) == 0
    soft = (sharp + np.roll(sharp, 2, 0) + np.roll(sharp, -2, 0)) / 3
    assert edge_difference(soft, TRUTH) > 0.01
    assert edge_difference(np.roll(sharp, 3, 1), TRUTH) > 0.01
