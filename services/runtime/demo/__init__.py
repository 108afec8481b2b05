"""The demo: three invented agencies and a year's work, written through the commands, once."""

from services.runtime.demo.lifecycle import load_once, print_welcome, reset
from services.runtime.demo.more import make_more

__all__ = ["load_once", "make_more", "print_welcome", "reset"]
