"""From the events table, which is the outbox, to the context's topic."""
