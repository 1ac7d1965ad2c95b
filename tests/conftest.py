"""Settings of all tests."""

import gc

import pytest
from hypothesis import HealthCheck, settings

from engine.host import let_threads_sleep

let_threads_sleep()

# Never a timed test, and the same examples in every run: a failing one becomes a named test.
settings.register_profile(
    "inlay", deadline=None, derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("inlay")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes for the whole suite, which waits as much as it computes; for named files none but this one."""
    return 0 if all(".py" in each for each in config.args) else 2


def pytest_collection_finish(session: pytest.Session) -> None:
    """Thousands of tests and their modules stay: looking through them for garbage took seconds, again and again."""
    gc.collect()
    gc.freeze()
