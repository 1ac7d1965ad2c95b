"""Settings of all tests."""

import os

from hypothesis import HealthCheck, settings

from engine.host import POLITE_THREADS

# Before any test imports torch: tests run beside other programs too.
for _name, _value in POLITE_THREADS.items():
    os.environ.setdefault(_name, _value)

# Never a timed test, and the same examples in every run: a failing one becomes a named test.
settings.register_profile(
    "inlay", deadline=None, derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("inlay")
