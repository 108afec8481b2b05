"""Fixtures that every test may use."""

from hypothesis import settings

pytest_plugins = ["tests.support.engine_fixtures", "tests.support.slot_world"]

# The machine is shared and noisy: a slow example is no failure; a failing one prints how to repeat it.
settings.register_profile("shared-machine", deadline=None, print_blob=True)
settings.load_profile("shared-machine")
