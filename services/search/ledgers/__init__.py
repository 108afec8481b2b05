"""The search service's one read model: the register."""
