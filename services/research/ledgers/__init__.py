"""The research service's read models."""
