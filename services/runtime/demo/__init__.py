"""The demo: three invented agencies and a year's work, written through the commands, once."""

from services.runtime.demo.lifecycle import load_once, print_welcome, reset

__all__ = ["load_once", "print_welcome", "reset"]
