"""The membrane against a dense solve of the same equation."""

import numpy as np
import torch

from engine.imaging.membrane import membrane


def exact_membrane(values: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """Laplace's equation, free at the window's border, by a dense solve."""
    height, width = unknown.shape
    number = {(int(y), int(x)): n for n, (y, x) in enumerate(np.argwhere(unknown))}
    matrix, right = np.zeros((len(number), len(number))), np.zeros(len(number))
    for (y, x), n in number.items():
        for dy, dx in ((0, 1), (1, 0), (0, -1), (-1, 0)):
            beside = (y + dy, x + dx)
            if not (0 <= beside[0] < height and 0 <= beside[1] < width):
                continue
            matrix[n, n] += 1
            if beside in number:
                matrix[n, number[beside]] -= 1
            else:
                right[n] += values[beside]
    out = values.copy()
    solved = np.linalg.solve(matrix, right)
    for (y, x), n in number.items():
        out[y, x] = solved[n]
    return out


def test_it_comes_close_to_the_exact_solution():
    y, x = np.mgrid[:40, :48]
    unknown = (y - 20) ** 2 + (x - 22) ** 2 < 15**2
    values = np.sin(x / 9.0) + 0.5 * np.cos(y / 7.0)
    solved = membrane(torch.tensor(values, dtype=torch.float32)[..., None], torch.tensor(unknown))[..., 0].numpy()
    exact = exact_membrane(np.where(unknown, 0.0, values), unknown)
    assert np.abs(solved - exact)[unknown].max() < 0.03


def test_it_follows_a_ramp_and_keeps_what_is_known():
    ramp = torch.linspace(0, 1, 64).expand(64, 64)[..., None].clone()
    unknown = torch.zeros(64, 64, dtype=torch.bool)
    unknown[16:48, 16:48] = True
    holed = torch.where(unknown[..., None], 9.0, ramp)
    solved = membrane(holed, unknown)
    assert torch.equal(solved[~unknown], ramp[~unknown])
    assert float((solved - ramp).abs().max()) < 0.01


def test_a_flat_border_gives_a_flat_membrane_even_at_the_windows_edge():
    unknown = torch.zeros(30, 31, dtype=torch.bool)
    unknown[:17, :20] = True
    solved = membrane(torch.where(unknown[..., None], 0.0, 0.625), unknown)
    assert float((solved - 0.625).abs().max()) < 1e-4


def test_nothing_known_gives_zero_and_not_a_crash():
    unknown = torch.ones(5, 4, dtype=torch.bool)
    assert float(membrane(torch.ones(5, 4, 2), unknown).abs().max()) == 0.0
