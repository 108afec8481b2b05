"""历史追溯: one door to the trail of every context."""
