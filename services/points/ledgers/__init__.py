"""The points service's read models."""
