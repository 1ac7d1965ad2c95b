"""What the network thinks of a picture."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import torch

from engine.models.figure.network import SIDE_PX, FigureNet

Floats = npt.NDArray[np.float32]


def likely_figure(net: FigureNet, rgb: Floats) -> Floats:
    """(H, W) 0 … 1: how likely each pixel is the figure's; coarse, as it is told at 64 × 64.

    The picture and its mirror image are asked about, so the answer for one is the other's mirrored.

    Args:
        rgb: (H, W, 3) float32 sRGB 0 … 1.
    """
    height, width = rgb.shape[:2]
    how = cv2.INTER_AREA if height * width > SIDE_PX**2 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(np.ascontiguousarray(rgb), (SIDE_PX, SIDE_PX), interpolation=how), np.float32)
    seen = torch.from_numpy(small).permute(2, 0, 1)
    with torch.inference_mode():
        told = torch.sigmoid(net(torch.stack([seen, seen.flip(-1)])))
    both = ((told[0] + told[1].flip(-1)) / 2).contiguous().numpy()
    return np.asarray(cv2.resize(both, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
