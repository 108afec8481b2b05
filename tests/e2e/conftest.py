"""What every test in the browser may ask for."""

from tests.support.browser import browser, person, platform, sessions

__all__ = ["browser", "person", "platform", "sessions"]
