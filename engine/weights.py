"""Named tensors in files: safetensors, no pickle. The one place where its half-typed functions are met."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import safetensors
import safetensors.torch
from torch import Tensor

_save = cast("Callable[[dict[str, Tensor], Path, dict[str, str] | None], None]", safetensors.torch.save_file)
_open = cast("Callable[[Path, str], Any]", safetensors.safe_open)


def write_tensors(path: Path, tensors: Mapping[str, Tensor], header: Mapping[str, str] | None = None) -> None:
    """One file, whole or as it was before; tensors are copied to the CPU.

    Args:
        header: short texts beside the tensors.
    """
    whole = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    coming = path.with_name(path.name + ".coming")
    _save(whole, coming, None if header is None else dict(header))
    coming.replace(path)


def read_tensors(path: Path, only: Callable[[str], bool] = lambda _: True) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors whose names pass, and the header.

    Raises:
        OSError: it cannot be read. safetensors.SafetensorError: it is no such file, or not whole.
    """
    with _open(path, "pt") as file:
        names = cast(list[str], list(file.keys()))
        tensors = {name: cast(Tensor, file.get_tensor(name)) for name in names if only(name)}
        return tensors, cast("dict[str, str]", file.metadata() or {})


def tensor_shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Names and shapes of a file's tensors, from its header alone.

    Raises:
        OSError: it cannot be read. safetensors.SafetensorError: it is no such file, or not whole.
    """
    with _open(path, "pt") as file:
        names = cast(list[str], list(file.keys()))
        return {name: tuple(cast("list[int]", file.get_slice(name).get_shape())) for name in names}
