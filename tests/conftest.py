"""Settings of all tests."""

from hypothesis import HealthCheck, settings

from engine.host import let_threads_sleep

let_threads_sleep()

# Never a timed test, and the same examples in every run: a failing one becomes a named test.
settings.register_profile(
    "inlay", deadline=None, derandomize=True, max_examples=100, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("inlay")
