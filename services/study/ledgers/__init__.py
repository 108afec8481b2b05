"""The study service's read models."""
