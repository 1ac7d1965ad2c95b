"""Which device the engine uses."""

import pytest
import torch

from engine.devices import available_devices, choose_device, prepare, release_memory
from engine.errors import BadRequest


def test_the_cpu_is_always_there_and_the_last_choice():
    assert available_devices()[-1] == torch.device("cpu")
    assert choose_device() == available_devices()[0]


def test_a_device_can_be_asked_for_by_name():
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["toaster", "meta", ""])
def test_a_device_that_is_not_there_is_refused_with_what_to_use(name: str):
    with pytest.raises(BadRequest) as refused:
        choose_device(name)
    assert refused.value.hint


def test_threads_can_be_set():
    before = torch.get_num_threads()
    try:
        prepare(torch.device("cpu"), 1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    release_memory(torch.device("cpu"))
